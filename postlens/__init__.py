"""The one import for plugin authors: everything a panel needs, and nothing of the host.

from postlens import Panel, Params, hookimpl

Names are loaded when they are first asked for, so that importing a part of Postlens costs that part only.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from postlens.core import charts, stats
    from postlens.core.contract import (
        API,
        Context,
        CustomPage,
        DerivedColumn,
        FileStart,
        FittedColumn,
        Measure,
        Needs,
        Options,
        PageFrame,
        Panel,
        Params,
        Pick,
        PostColumns,
        Reader,
        Run,
        StructureTest,
        formula,
        hookimpl,
        wording,
    )
    from postlens.core.contract.blocks import (
        Block,
        Chart,
        Details,
        Grid,
        Link,
        Notice,
        Plan,
        Row,
        Stat,
        Table,
        Text,
        Verdict,
    )
    from postlens.core.contract.problems import Cancelled, CannotCompute, PostlensError, Problem, fail
    from postlens.core.contract.raw_table import RawTable, raw_table
    from postlens.core.contract.schema import Column, Schema
    from postlens.core.contract.verdict import Settle
    from postlens.core.data.files import readers
    from postlens.core.data.vocabulary.captions import CaptionFeature, caption_features
    from postlens.core.host.column_page import column_page

_HOMES = {
    "postlens.core": ("charts", "stats"),
    "postlens.core.contract": (
        "API",
        "Context",
        "CustomPage",
        "DerivedColumn",
        "FileStart",
        "FittedColumn",
        "Measure",
        "Needs",
        "PageFrame",
        "Panel",
        "Options",
        "Params",
        "Pick",
        "PostColumns",
        "Reader",
        "Run",
        "StructureTest",
        "formula",
        "hookimpl",
        "wording",
    ),
    "postlens.core.contract.blocks": (
        "Block",
        "Chart",
        "Details",
        "Grid",
        "Link",
        "Notice",
        "Plan",
        "Row",
        "Stat",
        "Table",
        "Text",
        "Verdict",
    ),
    "postlens.core.contract.problems": ("Cancelled", "CannotCompute", "PostlensError", "Problem", "fail"),
    "postlens.core.contract.raw_table": ("RawTable", "raw_table"),
    "postlens.core.contract.schema": ("Column", "Schema"),
    "postlens.core.contract.verdict": ("Settle",),
    "postlens.core.data.files": ("readers",),
    "postlens.core.data.vocabulary.captions": ("CaptionFeature", "caption_features"),
    "postlens.core.host.column_page": ("column_page",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f'postlens has no "{name}"')
    home = import_module(_HOME_OF[name])
    try:
        found = getattr(home, name)
    except AttributeError:  # A module that nobody imported yet.
        found = import_module(f"{home.__name__}.{name}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*__all__, *globals()])


__all__ = [
    "API",
    "Block",
    "Cancelled",
    "CannotCompute",
    "CaptionFeature",
    "Chart",
    "Column",
    "Context",
    "CustomPage",
    "DerivedColumn",
    "Details",
    "FileStart",
    "FittedColumn",
    "Grid",
    "Link",
    "Measure",
    "Needs",
    "Notice",
    "Options",
    "PageFrame",
    "Panel",
    "Params",
    "Pick",
    "Plan",
    "PostColumns",
    "PostlensError",
    "Problem",
    "RawTable",
    "Reader",
    "Row",
    "Run",
    "Schema",
    "Settle",
    "Stat",
    "StructureTest",
    "Table",
    "Text",
    "Verdict",
    "caption_features",
    "charts",
    "column_page",
    "fail",
    "formula",
    "hookimpl",
    "raw_table",
    "readers",
    "stats",
    "wording",
]
