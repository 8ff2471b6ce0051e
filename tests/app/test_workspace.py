"""Workspaces: which posts are opened, and what is there before any are."""

from __future__ import annotations

from pathlib import Path

import pytest

from postlens.app.clients import Clients
from postlens.app.imports.actions import Desk
from postlens.app.imports.import_page import import_page
from postlens.app.web.brief.page import brief_page
from postlens.app.workspace import open_workspace
from postlens.core.contract.problems import PostlensError
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.store import library

POSTS = "Post ID,Account ID,Account username,Publish time,Likes\n" + "".join(
    f"{i},9,demo,03/{i:02d}/2026 10:00,{i}\n" for i in range(1, 28)
)


def config(folder: Path, more: str = "") -> Path:
    path = folder / "config.toml"
    path.write_text(f'[data]\nsource = "library"\n{more}', "utf-8")
    return path


def test_an_empty_library_opens_the_import_page_until_something_is_imported(tmp_path: Path) -> None:
    workspace = open_workspace(config(tmp_path), served=True)
    assert workspace.waiting
    assert brief_page(workspace, {}).pathname == "/import"
    assert "Nothing was imported yet" in str(import_page(workspace))
    (tmp_path / "march.csv").write_text(POSTS, "utf-8")
    made = library.add(tmp_path / ".postlens" / library.NAME, tmp_path / "march.csv", ReadSettings())
    clients = Clients(workspace)
    clients.show_library()
    assert not clients.workspace().waiting
    assert clients.workspace().dataset.posts == 27
    assert "Nothing was imported yet" not in str(import_page(clients.workspace()))
    assert "set source" not in str(Desk(clients)._shown("Done."))
    library.undo(tmp_path / ".postlens" / library.NAME, made.id)
    clients.show_source()
    assert clients.workspace().waiting


def test_a_library_asked_for_at_the_start_is_shown_whatever_the_config_names(tmp_path: Path) -> None:
    """The page said "with --data library it shows these" to who had said --data library, and showed the sample on."""
    path = tmp_path / "config.toml"
    path.write_text('[data]\nsource = "posts.csv"\n', "utf-8")
    clients = Clients(open_workspace(path, data="library", served=True))
    assert clients.workspace().waiting
    (tmp_path / "march.csv").write_text(POSTS, "utf-8")
    made = library.add(tmp_path / ".postlens" / library.NAME, tmp_path / "march.csv", ReadSettings())
    Desk(clients)._shown("Done.")
    assert clients.workspace().dataset.posts == 27
    library.undo(tmp_path / ".postlens" / library.NAME, made.id)
    clients.show_source()
    assert clients.workspace().waiting


@pytest.mark.parametrize(("more", "served"), [("", False), ("upload_mb = 0\n", True)])
def test_without_a_page_to_import_on_an_empty_library_is_an_error(tmp_path: Path, more: str, *, served: bool) -> None:
    with pytest.raises(PostlensError, match="Nothing was imported yet"):
        open_workspace(config(tmp_path, more), served=served)
