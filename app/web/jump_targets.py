"""Where one can jump to with a key: pages, and filters by a value."""

from __future__ import annotations

from typing import Any

from postlens.app.web.glossary import GLOSSARY
from postlens.app.web.shell import DATA, HOME, IMPORT, POSTS, path_of
from postlens.app.workspace import Workspace
from postlens.core.ask import filters

_MAX_LEVELS = 200


def places(workspace: Workspace) -> dict[str, Any]:
    """Pages by title and address; filter values by label and the pair that a link has for them; all keys of filters."""
    engine = workspace.engine
    pages = [
        {"label": "Brief", "href": HOME, "also": "home"},
        {"label": "Posts", "href": POSTS},
        {"label": "Data", "href": DATA, "also": "how the files were read, coverage"},
        {"label": "Glossary", "href": GLOSSARY, "also": "what metrics and words mean"},
    ]
    if workspace.deployment.config.data.upload_mb:
        pages.append({"label": "Import", "href": IMPORT})
    pages += [
        {"label": p.title, "href": path_of(p.id), "also": f"{p.id} {p.summary}"}
        for p in engine.registry.panels.values()
    ]
    found = []
    for column in engine.schema().categories:
        for level in column.levels[:_MAX_LEVELS]:
            key = filters.key_of(column.name)
            found.append({"label": f"{column.label}: {level}", "key": key, "value": level})
    columns = (*engine.schema().categories, *engine.schema().metrics)
    keys = ["from", "to", "text", *(filters.key_of(c.name) for c in columns)]
    keys += [f"{name}.{field}" for name, c in engine.derived().items() for field in c.params.model_fields]
    return {"pages": pages, "filters": found, "keys": keys, "search": POSTS if _searchable(workspace) else ""}


def _searchable(workspace: Workspace) -> bool:
    return any(name in workspace.dataset.schema for name in filters.SEARCHED)
