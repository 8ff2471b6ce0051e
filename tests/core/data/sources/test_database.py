"""Posts from a database: a real PostgreSQL that the test starts, and SQLite beside it."""

from __future__ import annotations

import getpass
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from postlens.core.contract.problems import PostlensError
from postlens.core.data.convert.read_settings import ReadSettings
from postlens.core.data.dataset import open_dataset
from postlens.core.data.sources import database

QUERY = "select id, account, published, reactions, comments from posts order by id"
ROWS = [
    (f"p{7 * i}", "Alder" if i % 2 else "Finch", f"2026-03-{i + 1:02d} 10:00:00", i, None if i == 3 else i % 4)
    for i in range(20)
]


def quiet(_done: float, _label: str) -> None:
    """Tell nobody."""


def opened(source: str, folder: Path, query: str = QUERY) -> dict[str, object]:
    file = database.fetch(source, query, folder / "database", quiet)
    dataset = open_dataset(str(file), store=folder / "store", settings=ReadSettings())
    posts = dataset.scan().sort("post_id").collect()
    return {c: posts[c].to_list() for c in ("post_id", "account_name", "reactions", "comments")} | {
        "kind": dataset.schema["published"].kind
    }


WANTED = {
    "post_id": sorted(r[0] for r in ROWS),
    "account_name": [r[1] for r in sorted(ROWS)],
    "reactions": [r[3] for r in sorted(ROWS)],
    "comments": [r[4] for r in sorted(ROWS)],
    "kind": "time",
}


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of our own, on a socket in a temporary folder."""
    if shutil.which("initdb") is None or shutil.which("pg_ctl") is None:
        pytest.skip("PostgreSQL is not installed (initdb and pg_ctl). On Debian: apt-get install postgresql")
    folder = tmp_path_factory.mktemp("postgres")
    as_user: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root.
        if shutil.which("runuser") is None:
            pytest.skip("PostgreSQL does not run as root, and there is no runuser")
        as_user = ["runuser", "-u", "postgres", "--"]
        for place in (folder, *folder.parents):
            if str(place).startswith(str(Path("/tmp/pytest-of-root"))):
                place.chmod(0o755)
        shutil.chown(folder, "postgres")
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run([*as_user, *command], check=True, capture_output=True, timeout=60, cwd="/")

    started = False
    try:
        run("initdb", "-D", str(data), "--auth=scram-sha-256", f"--pwfile={_password(folder)}", "-U", "reader")
        run(
            "pg_ctl",
            "-D",
            str(data),
            "-w",
            "-l",
            str(folder / "log"),
            "-o",
            f"-k {folder} -c listen_addresses=''",
            "start",
        )
        started = True
        yield f"postgresql:///postgres?host={folder}"
    except subprocess.CalledProcessError as error:
        pytest.skip(f"PostgreSQL does not start here: {error.stderr.decode()[-300:]}")
    finally:
        if started:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")


def _password(folder: Path) -> Path:
    place = folder / "password"
    place.write_text("secret-word", "utf-8")
    if os.geteuid() == 0:
        shutil.chown(place, "postgres")
    return place


@pytest.mark.slow
def test_a_query_of_a_real_postgresql(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import psycopg

    monkeypatch.setenv(database.USER, "reader")
    monkeypatch.setenv(database.PASSWORD, "secret-word")
    host = postgres.partition("host=")[2]
    with psycopg.connect(host=host, dbname="postgres", user="reader", password="secret-word") as connection:
        connection.execute(
            "create table posts (id text, account text, published timestamp, reactions int, comments int)"
        )
        with connection.cursor() as cursor:
            cursor.executemany("insert into posts values (%s, %s, %s, %s, %s)", ROWS)
    monkeypatch.setattr(database, "BATCH", 7)
    assert opened(postgres, tmp_path) == WANTED
    for harm in ("delete from posts returning id, reactions", "select setval('s', 1)", "drop table posts"):
        with pytest.raises(PostlensError, match="did not answer the query"):
            database.fetch(postgres, harm, tmp_path, quiet)
    assert opened(postgres, tmp_path) == WANTED, "nothing was changed"
    monkeypatch.setenv(database.PASSWORD, "wrong-word")
    with pytest.raises(PostlensError) as refused:
        database.fetch(postgres, QUERY, tmp_path, quiet)
    assert "wrong-word" not in str(refused.value)


def test_a_query_of_sqlite(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "posts.db") as connection:
        connection.execute("create table posts (id, account, published, reactions, comments)")
        connection.executemany("insert into posts values (?, ?, ?, ?, ?)", ROWS)
    connection.close()
    assert opened(f"sqlite:///{tmp_path}/posts.db", tmp_path) == WANTED


def test_what_a_database_needs_is_said(tmp_path: Path) -> None:
    with pytest.raises(PostlensError, match="needs a query"):
        database.fetch("sqlite://", " ", tmp_path, quiet)
    with pytest.raises(PostlensError, match="A password does not belong into the config"):
        database.fetch("postgresql://me:hidden@host/posts", QUERY, tmp_path, quiet)
    with pytest.raises(PostlensError, match="did not answer") as failed:
        database.fetch("sqlite://", "select * from absent", tmp_path, quiet)
    assert "no such table" in str(failed.value)
    with sqlite3.connect(tmp_path / "e.db") as connection:
        connection.execute("create table posts (id, reactions)")
    with pytest.raises(PostlensError, match="no rows"):
        database.fetch(f"sqlite:///{tmp_path}/e.db", "select * from posts", tmp_path, quiet)
    assert not list(tmp_path.glob(".query-*"))


def test_a_database_has_its_own_name(tmp_path: Path) -> None:
    from postlens.app.workspace import open_workspace

    with sqlite3.connect(tmp_path / "agency.db") as connection:
        connection.execute("create table posts (id, account, published, reactions, comments)")
        connection.executemany("insert into posts values (?, ?, ?, ?, ?)", ROWS)
    connection.close()
    config = f'[data]\nsource = "sqlite:///{tmp_path}/agency.db"\nquery = "{QUERY}"\n[plugins]\nenabled = ["eda"]\n'
    (tmp_path / "config.toml").write_text(config, "utf-8")
    workspace = open_workspace(tmp_path / "config.toml")
    assert (workspace.dataset.name, workspace.dataset.posts) == ("agency.db", 20)
    assert database.name_of("postgresql://me@host:5432/agency?sslmode=require") == "agency"


def test_files_are_no_addresses() -> None:
    assert database.is_url("postgresql://host/name")
    assert not any(map(database.is_url, ("C:\\posts\\a.csv", "exports/*.csv", "/tmp/a.parquet", "library")))
    assert getpass.getuser()


@pytest.mark.parametrize(
    "source",
    [
        "postgresql://127.0.0.1/db?password=SECRETPW&user=bob",
        "PostgreSQL://bob:SECRETPW@127.0.0.1/db",
        "postgresql://bob:SECRETPW@127.0.0.1:abc/db",
    ],
)
def test_no_password_of_an_address_is_shown(tmp_path: Path, source: str) -> None:
    assert database.is_url(source)
    with pytest.raises(PostlensError) as said:
        database.fetch(source, "select 1", tmp_path, lambda _done, _step: None)
    assert "SECRETPW" not in str(said.value)
