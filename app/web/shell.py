"""The frame around every page: header, navigation, theme."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import dash
import dash_mantine_components as dmc
from dash import dcc, html

from postlens.app.blocks.aria import aria, data
from postlens.app.web.glossary import GLOSSARY
from postlens.app.workspace import Workspace
from postlens.core.ask.request import data_mark
from postlens.core.contract import Panel
from postlens.core.host.registry import PluginRecord

HOME, POSTS, DATA, IMPORT = "/", "/posts", "/data", "/import"


def path_of(panel_id: str) -> str:
    """The path of a panel's page."""
    return f"/{panel_id}"


def shell(workspace: Workspace, *over: Any) -> dmc.MantineProvider:
    """The whole layout; pages go into its middle, `over` lies above them."""
    brand = workspace.deployment.config.brand
    return dmc.MantineProvider(
        id="theme",
        defaultColorScheme="auto",
        theme={
            "primaryColor": brand.color,
            "fontFamily": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
            "defaultRadius": "sm",
            "primaryShade": {"light": 8, "dark": 8},
        },
        children=[
            html.A("Skip to the content", href="#content", className="pl-skip"),
            html.Div(**data(mark=data_mark(workspace.engine)), hidden=True),
            dcc.Store(id="query", data=""),
            dcc.Store(id="shared", data=""),
            dcc.Store(id="watcher", storage_type="session"),
            dcc.Store(id="scheme", storage_type="local", data="auto"),
            dmc.AppShell(
                [
                    dmc.AppShellHeader(_header(workspace)),
                    dmc.AppShellNavbar(_navigation(workspace), p="sm", **aria(label="Pages")),
                    dmc.AppShellMain(html.Div(dash.page_container, id="content", tabIndex="-1", role="presentation")),
                ],
                id="shell",
                header={"height": 56},
                navbar={"width": 232, "breakpoint": "sm", "collapsed": {"mobile": True}},
                padding="md",
            ),
            *over,
        ],
    )


def _header(workspace: Workspace) -> Any:
    config = workspace.deployment.config
    logo = [html.Img(src="/brand-logo", alt="", height=28)] if config.brand.logo else []
    client = [html.Span(config.data.client, className="pl-client")] if config.data.client else []
    sample = [html.Span("Sample data", className="pl-state pl-state-orange")] if workspace.dataset.sample else []
    return dmc.Group(
        [
            dmc.Group(
                [
                    dmc.Burger(
                        id="burger",
                        opened=False,
                        hiddenFrom="sm",
                        size="sm",
                        **aria(label="Show or hide the pages"),
                    ),
                    dcc.Link([*logo, html.Span(config.brand.name)], href=HOME, className="pl-brand"),
                    html.Div(
                        [*client, html.Span(workspace.dataset.name, className="pl-dataset"), *sample],
                        className="pl-source",
                    ),
                ],
                gap="sm",
                wrap="nowrap",
                className="pl-header-left",
            ),
            html.Button(
                [html.Span("Jump to"), dmc.Kbd("/", size="xs")],
                type="button",
                className="pl-button pl-jump-open",
                **data(jump="yes"),
                **aria(label="Jump to a page, a filter or a post", keyshortcuts="/ Control+K"),
            ),
            dmc.SegmentedControl(
                id="scheme-choice",
                value="auto",
                size="xs",
                data=[{"value": v, "label": v.capitalize()} for v in ("auto", "light", "dark")],
                **aria(label="Colours"),
            ),
        ],
        justify="space-between",
        wrap="nowrap",
        h="100%",
        px="md",
    )


def _navigation(workspace: Workspace) -> list[Any]:
    """Enabled panels by group, in the order of the config; a failed plugin keeps its place."""
    entries: list[tuple[str, Any]] = []
    for record in workspace.registry.records:
        if record.state == "failed":
            entries.append(("Not available", _failed_link(record)))
        entries += [(panel.group, _panel_link(panel)) for panel in record.offer.panels]
    order = list(dict.fromkeys(group for group, _ in entries))
    entries.sort(key=lambda entry: order.index(entry[0]))
    links: list[Any] = [
        dmc.NavLink(label="Brief", href=HOME, id="nav-home", active="exact"),
        dmc.NavLink(label="Posts", href=POSTS, id="nav-posts", active="exact"),
        dmc.NavLink(label="Data", href=DATA, id="nav-data", active="exact"),
    ]
    if workspace.deployment.config.data.upload_mb:
        links.append(dmc.NavLink(label="Import", href=IMPORT, id="nav-import", active="exact"))
    for group, members in groupby(entries, key=lambda entry: entry[0]):
        links += [html.Div(group, className="pl-nav-group"), *(link for _, link in members)]
    links.append(
        dmc.NavLink(label="Glossary", href=GLOSSARY, id="nav-glossary", active="exact", className="pl-nav-last")
    )
    return links


def _panel_link(panel: Panel[Any, Any]) -> Any:
    return dmc.NavLink(label=panel.title, href=path_of(panel.id), id=f"nav-{panel.id}", active="exact")


def _failed_link(record: PluginRecord) -> Any:
    return dmc.NavLink(
        label=record.name,
        description="did not load",
        href=path_of(record.name),
        id=f"nav-failed-{record.name}",
        c="dimmed",
        active="exact",
    )
