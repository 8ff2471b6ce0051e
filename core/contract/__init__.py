"""The contract between the host and a plugin: what a plugin contributes and what it is given.

Contract number 2. It grows by attributes of `Context` and by optional hooks, never by arguments.
"""

from postlens.core.contract.columns import DerivedColumn, FittedColumn, PostColumns, StructureTest
from postlens.core.contract.context import Context
from postlens.core.contract.hooks import API, PROJECT, Hooks, Run, hookimpl, hookspec
from postlens.core.contract.measures import Measure
from postlens.core.contract.panel import CustomPage, Needs, PageFrame, Panel
from postlens.core.contract.reader import FileStart, Reader
from postlens.core.contract.settings import Options, Params, Pick

__all__ = [
    "API",
    "PROJECT",
    "Context",
    "CustomPage",
    "DerivedColumn",
    "FileStart",
    "FittedColumn",
    "Hooks",
    "Measure",
    "Needs",
    "Options",
    "PageFrame",
    "Panel",
    "Params",
    "Pick",
    "PostColumns",
    "Reader",
    "Run",
    "StructureTest",
    "hookimpl",
    "hookspec",
]
