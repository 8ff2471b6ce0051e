"""Pictures of posts in pages: beside their captions, and the addresses under which browsers get them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import flask
from dash import html

from postlens.app.workspace import Workspace

ADDRESS = "/pictures/"


def shown(workspace: Workspace, post: Mapping[str, Any]) -> list[Any]:
    """A post's picture; nothing where the agency put none. The caption beside it says what it is of."""
    name = workspace.pictures.of(post)
    return [html.Img(src=f"{ADDRESS}{quote(name)}", alt="", className="pl-picture")] if name else []


def answer(workspace: Workspace, name: str) -> flask.Response:
    """A picture of the folder; 404 for anything else."""
    found = workspace.pictures.read(name)
    if found is None:
        flask.abort(404)
    content, kind = found
    response = flask.Response(content, mimetype=kind)
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
