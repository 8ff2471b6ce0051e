"""The one import for plugin authors: everything a panel needs, and nothing of the host.

from postlens import Panel, Params, hookimpl
"""

from core import charts, stats, words
from core.blocks import Block, Chart, Details, Grid, Notice, Row, Stat, Table, Text, Verdict
from core.contract import (
    API,
    Context,
    DerivedColumn,
    FittedColumn,
    Needs,
    Panel,
    Params,
    Pick,
    PostColumns,
    hookimpl,
)
from core.problems import Cancelled, CannotCompute
from core.schema import Column, Schema

__all__ = [
    "API",
    "Block",
    "Cancelled",
    "CannotCompute",
    "Chart",
    "Column",
    "Context",
    "DerivedColumn",
    "Details",
    "FittedColumn",
    "Grid",
    "Needs",
    "Notice",
    "Panel",
    "Params",
    "Pick",
    "PostColumns",
    "Row",
    "Schema",
    "Stat",
    "Table",
    "Text",
    "Verdict",
    "charts",
    "hookimpl",
    "stats",
    "words",
]
