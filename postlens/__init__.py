"""The one import for plugin authors: everything a panel needs, and nothing of the host.

from postlens import Panel, Params, hookimpl
"""

from core import charts, formula, stats, words
from core.blocks import Block, Chart, Details, Grid, Link, Notice, Row, Stat, Table, Text, Verdict
from core.contract import (
    API,
    Context,
    CustomPage,
    DerivedColumn,
    FileStart,
    FittedColumn,
    Measure,
    Needs,
    PageFrame,
    Panel,
    Params,
    Pick,
    PostColumns,
    Reader,
    Run,
    hookimpl,
)
from core.data import readers
from core.data.raw import RawTable, raw_table
from core.problems import Cancelled, CannotCompute, PostlensError, Problem, fail
from core.schema import Column, Schema

__all__ = [
    "API",
    "Block",
    "Cancelled",
    "CannotCompute",
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
    "PageFrame",
    "Panel",
    "Params",
    "Pick",
    "PostColumns",
    "PostlensError",
    "Problem",
    "RawTable",
    "Reader",
    "Row",
    "Run",
    "Schema",
    "Stat",
    "Table",
    "Text",
    "Verdict",
    "charts",
    "fail",
    "formula",
    "hookimpl",
    "raw_table",
    "readers",
    "stats",
    "words",
]
