"""Posts in object storage, kept by a server that speaks S3, and at a web address."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from postlens.app.workspace import open_workspace
from postlens.core.contract.problems import PostlensError
from postlens.core.data.sources import objects

ENDINGS = (".csv", ".parquet", ".json")


def table(first: int, likes: int) -> str:
    rows = [
        f"{9_000_000_000 + i},https://www.facebook.com/us/posts/{9_000_000_000 + i},2026-0{1 + i % 6}-1{i % 9} 10:0{i % 9}:00Z,Photo,Something for everybody {i},{likes + i},{i}"
        for i in range(first, first + 12)
    ]
    return "\n".join(["Post ID,Permalink,Published,Type,Caption,Likes,Comments", *rows])


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A bucket called `agency`; the environment says where it is and who may read it."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT": f"http://{host}:{port}",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "someone",
        "AWS_SECRET_ACCESS_KEY": "secret-of-someone",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST")).close()
    import boto3

    client = boto3.client("s3")
    client.create_bucket(Bucket="agency")
    yield client
    server.stop()


def put(bucket: Any, key: str, text: str) -> None:
    bucket.put_object(Bucket="agency", Key=key, Body=text.encode())


def fetched(source: str, folder: Path, most_mb: int = 100) -> tuple[list[str], list[str]]:
    """What was read of each copy, and what had to be copied."""
    said: list[str] = []
    home = objects.fetch(source, folder, ENDINGS, most_mb, lambda _done, label: said.append(label))
    names = sorted(f.name for f in home.iterdir() if not f.name.startswith("."))
    return names, said


def test_files_of_a_bucket_are_copied_once_and_again_when_they_change(bucket: Any, tmp_path: Path) -> None:
    put(bucket, "exports/one.csv", table(0, 5))
    put(bucket, "exports/two.csv", table(20, 5))
    put(bucket, "exports/readme.txt.bak", "no posts")
    put(bucket, "other/three.csv", table(40, 5))
    assert fetched("s3://agency/exports/", tmp_path) == (["one.csv", "two.csv"], ["Copying one.csv", "Copying two.csv"])
    assert fetched("s3://agency/exports/", tmp_path) == (["one.csv", "two.csv"], [])
    put(bucket, "exports/two.csv", table(20, 6))
    bucket.delete_object(Bucket="agency", Key="exports/one.csv")
    assert fetched("s3://agency/exports/", tmp_path) == (["two.csv"], ["Copying two.csv"])
    assert fetched("s3://agency/*/t*.csv", tmp_path)[0] == ["three.csv", "two.csv"]
    assert fetched("s3://agency/other/three.csv", tmp_path)[0] == ["three.csv"]
    assert fetched("s3://agency/other", tmp_path)[0] == ["three.csv"]


def test_names_of_objects_are_no_places_on_the_disk(bucket: Any, tmp_path: Path) -> None:
    for key in ("exports/.hidden.csv", "exports/a\u202eb<c>:.csv", "exports/x/same.csv", "exports/y/same.csv"):
        put(bucket, key, table(0, 5))
    folder = tmp_path / "store"
    home = objects.fetch("s3://agency/exports/", folder, ENDINGS, 100, lambda _d, _l: None)
    copies = [f for f in home.iterdir() if f.suffix == ".csv"]
    assert len(copies) == 4
    assert all(f.name.replace("-", "").replace("_", "").replace(".", "").isalnum() for f in copies)
    assert set(tmp_path.rglob("*.csv")) == set(copies)


def test_a_deployment_reads_its_bucket(bucket: Any, tmp_path: Path) -> None:
    put(bucket, "exports/one.csv", table(0, 5))
    put(bucket, "exports/two.csv", table(6, 50))
    (tmp_path / "config.toml").write_text('[data]\nsource = "s3://agency/exports/"\n')
    workspace = open_workspace(tmp_path / "config.toml", here=True)
    assert workspace.dataset.posts == 18
    assert workspace.dataset.name == "exports"
    assert "secret-of-someone" not in "".join(
        f.read_text("utf-8", "replace") for f in tmp_path.rglob("*.json") if f.is_file()
    )


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("s3://agency/none/", "has no file that Postlens reads"),
        ("s3://no-such-bucket/x/", "did not answer"),
        ("s3://someone:secret@agency/x/", "does not belong into the config"),
        ("https://example.org/posts.csv?X-Amz-Signature=abc", "does not belong into the config"),
        ("s3://agency/posts.csv?X-Amz-Signature=abc", "does not belong into the config"),
        ("az://agency/posts.csv?sv=1&sig=abc", "does not belong into the config"),
        ("https://example.org/posts.csv#sig=abc", "does not belong into the config"),
        ("http://127.0.0.1:9/posts.csv", "did not answer"),
        ("http://127.0.0.1:9/*.csv", "has to be that of one file"),
    ],
)
def test_what_cannot_be_had_is_a_sentence_without_a_secret(bucket: Any, tmp_path: Path, source: str, said: str) -> None:
    with pytest.raises(PostlensError) as told:
        fetched(source, tmp_path)
    assert said in str(told.value)
    assert "secret" not in str(told.value)
    assert "abc" not in str(told.value)


def test_a_name_that_cannot_be_read_is_named_and_keeps_no_other_file_back(bucket: Any, tmp_path: Path) -> None:
    put(bucket, "exports/one.csv", table(0, 5))
    put(bucket, "exports//two.csv", table(0, 5))
    with pytest.raises(PostlensError, match=r'an object with a name that cannot be read: "exports//two.csv"'):
        fetched("s3://agency/exports/", tmp_path)
    assert fetched("s3://agency/exports/one.csv", tmp_path)[0] == ["one.csv"]


def test_what_was_copied_serves_while_the_storage_does_not_answer(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bucket, "exports/one.csv", table(0, 5))
    put(bucket, "exports/empty.csv", "")
    (tmp_path / "config.toml").write_text('[data]\nsource = "s3://agency/exports/"\n')
    assert open_workspace(tmp_path / "config.toml", here=True).problems == ()
    monkeypatch.setenv("AWS_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    workspace = open_workspace(tmp_path / "config.toml", here=True)
    assert workspace.dataset.posts == 12
    assert "their source could not be read at this start" in str(workspace.problems[0])


def test_what_grows_while_it_is_copied_is_not_taken(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bucket, "exports/one.csv", table(0, 5))
    listed = objects._listed

    def before(*args: Any) -> Any:
        found = listed(*args)
        put(bucket, "exports/one.csv", table(0, 5) * 3)
        return found

    monkeypatch.setattr(objects, "_listed", before)
    with pytest.raises(PostlensError, match="changed while it was copied"):
        fetched("s3://agency/exports/", tmp_path)
    assert not list(tmp_path.rglob("[!.]*.csv"))


def test_a_start_that_fails_half_way_changes_no_copy(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bucket, "exports/one.csv", table(0, 5))
    put(bucket, "exports/two.csv", table(20, 5))
    home = objects.fetch("s3://agency/exports/", tmp_path, ENDINGS, 100, lambda _d, _l: None)
    before = {f.name: f.read_text() for f in home.glob("*.csv")}
    put(bucket, "exports/one.csv", table(0, 7))
    put(bucket, "exports/two.csv", table(20, 7))
    listed = objects._listed

    def grown(*args: Any) -> Any:
        found = listed(*args)
        put(bucket, "exports/two.csv", table(20, 7) * 2)
        return found

    monkeypatch.setattr(objects, "_listed", grown)
    objects.fetch("s3://agency/exports/", tmp_path, ENDINGS, 100, lambda _d, _l: None)
    assert {f.name: f.read_text() for f in home.glob("[!.]*.csv")} == before
    assert objects.stale("s3://agency/exports/", tmp_path) is not None


def test_more_than_was_allowed_is_not_copied(bucket: Any, tmp_path: Path) -> None:
    put(bucket, "exports/one.csv", table(0, 5) + "\n" * 2_000_000)
    with pytest.raises(PostlensError, match="At most 10,000 files and 1 MB"):
        fetched("s3://agency/exports/", tmp_path, most_mb=1)
    assert not list(tmp_path.rglob("*.csv"))


def test_a_file_at_a_web_address(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    for name in ("posts.csv", "of may.csv"):
        (tmp_path / "web" / name).write_text(table(0, 5))
    quiet = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(quiet, directory=str(tmp_path / "web")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/posts.csv"
        assert fetched(address, tmp_path / "store")[0] == ["posts.csv"]
        assert fetched(address, tmp_path / "store")[1] == []
        spaced = address.replace("posts.csv", "of%20may.csv")
        assert fetched(spaced, tmp_path / "store")[0] == ["of may.csv"]
    finally:
        server.shutdown()
        server.server_close()
