"""For plugin authors: a new plugin that runs at once, and a check of every promise with the fix for each that fails."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from postlens.core.contract.problems import fail
from postlens.core.host.config import Config, Deployment, Plugins
from postlens.core.host.registry import PluginRecord, build
from postlens.core.host.validation import PAGES, Offer
from postlens.testing import Promise, check_column, check_measure, check_panel, check_reader

HEAVY = ("dash", "sklearn", "scipy", "plotly.express", "pandas", "torch")
BUDGET_MS = 500
_NAME = re.compile(r"^[a-z][a-z0-9_]*$")

_PLUGIN = '''"""{title}: the average of a metric by type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import polars as pl

from postlens import Chart, Context, Needs, Panel, Params, Pick, Table, charts, hookimpl, wording


class Settings(Params):
    """What the form asks for. Every field has a default."""

    metric: Annotated[str, Pick(kind="metric", prefer=("engagements", "reactions"))] = ""


@dataclass(frozen=True)
class Result:
    """What the page shows: tables and plain values."""

    types: pl.DataFrame


def compute(posts: pl.LazyFrame, params: Settings, ctx: Context) -> Result:
    """Posts in, small result out. Sort, so that the order of the file does not matter."""
    by_type = posts.group_by("post_type").agg(posts=pl.len().cast(pl.Int64), median=pl.col(params.metric).median())
    return Result(types=by_type.drop_nulls().sort("median", "post_type", descending=[True, False]).collect())


def view(result: Result, params: Settings) -> list[Chart]:
    """Result in, blocks out."""
    if result.types.is_empty():
        return []
    best = result.types.row(0, named=True)
    return [
        Chart(
            figure=charts.bars(result.types, label="post_type", value="median", axis="Median"),
            title="Median by type",
            takeaway=f"{{best['post_type']}} has the highest median, {{wording.number(best['median'])}} (n = {{best['posts']:,}}).",
            table=Table(title="Median by type", rows=result.types, name="types"),
        )
    ]


PANEL = Panel(
    api=2,
    id="{name}",
    title="{title}",
    summary="The average of a metric by type.",
    params=Settings,
    compute=compute,
    view=view,
    needs=Needs(columns=("post_type",)),
)


@hookimpl
def postlens_panels() -> list[Panel[Settings, Result]]:
    """The panels of this plugin."""
    return [PANEL]
'''
_TEST = '''"""The panel keeps what the host expects of it."""

from {module} import PANEL
from postlens.testing import assert_panel


def test_the_panel_keeps_its_promises() -> None:
    assert_panel(PANEL)
'''
_PYPROJECT = """[build-system]
requires = ["setuptools>=80"]
build-backend = "setuptools.build_meta"

[project]
name = "{dist}"
version = "0.1.0"
description = "A Postlens panel."
requires-python = ">=3.11"
dependencies = ["postlens"]

[project.entry-points."postlens.plugins"]
{name} = "{module}"

[tool.setuptools]
py-modules = ["{module}"]
"""
_README = """# {title}

A panel for Postlens.

```sh
pip install -e .
postlens plugins check {name}
pytest
```

Enable it in `config.toml`:

```toml
[plugins]
enabled = ["eda", "{name}"]
```
"""


def _taken() -> set[str]:
    """Ids of what comes with Postlens: plugins, panels, columns."""
    registry = build(Deployment(Config(), Path.cwd()))
    built_in = [record for record in registry.records if record.source == "built-in"]
    return {*PAGES} | {record.name for record in built_in} | {name for record in built_in for name in record.offer.ids}


def new_plugin(name: str, folder: Path, *, package: bool) -> list[Path]:
    """Write a plugin that runs at once.

    Args:
        name: its id.
        folder: where to.
        package: an installable package with entry point, tests and README, instead of one file.

    Raises:
        PostlensError: the name is no id, or something is there already.
    """
    if not _NAME.match(name):
        raise fail(
            f'"{name}" cannot be the name of a plugin.', hint="Use lower-case letters, digits and _, a letter first."
        )
    if name in _taken():
        raise fail(f'"{name}" is the name of a plugin that comes with Postlens.', hint="Choose another name.")
    title = name.replace("_", " ").capitalize()
    module = f"postlens_{name}" if package else name
    words = {"name": name, "title": title, "module": module, "dist": f"postlens-{name.replace('_', '-')}"}
    files = {f"{module}.py": _PLUGIN}
    if package:
        files |= {"pyproject.toml": _PYPROJECT, "README.md": _README, f"tests/test_{name}.py": _TEST}
        folder = folder / words["dist"]
    written = [folder / path for path in files]
    if taken := next((p for p in written if p.exists()), None):
        raise fail(f'"{taken}" is there already.', hint="Choose another name or folder.")
    for path, text in zip(written, files.values(), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(**words), "utf-8")
    return written


def check_plugin(target: str) -> Iterator[Promise]:
    """Every promise of a plugin: it loads, it loads fast, and each of its panels does what the host expects.

    Args:
        target: a Python file, or the name of an installed plugin.
    """
    record = _load(target)
    failure = record.failure
    yield Promise(
        name=f"{record.name} loads",
        kept=failure is None,
        why=str(failure.problem) if failure else "",
        fix=f"It failed at the stage: {failure.stage}." if failure else "",
    )
    if failure:
        return
    clash = sorted(record.offer.ids & (_taken() - {record.name})) if record.source != "built-in" else []
    yield Promise(
        name="its ids are free",
        kept=not clash,
        why=f"Postlens has {', '.join(clash)} itself." if clash else "",
        fix="Choose another id." if clash else "",
    )
    yield _import_budget(target)
    for panel in record.offer.panels:
        if panel.page is not None:
            yield _own_page(target, panel.id)
    for owner, promise in _promises(record.offer):
        yield Promise(name=f"{owner}: {promise.name}", kept=promise.kept, why=promise.why, fix=promise.fix)


def _own_page(target: str, panel: str) -> Promise:
    """The components of a custom page are drawn, and its callbacks connect, in an app on the sample."""
    import tempfile

    from postlens.app.clients import Clients
    from postlens.app.web.server import opens
    from postlens.app.workspace import open_workspace

    local = target.endswith(".py")
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.toml"
        named = json.dumps([str(Path(target).resolve())] if local else [target])
        config.write_text(
            f"[plugins]\nenabled = {'[]' if local else named}\nfiles = {named if local else '[]'}\n", "utf-8"
        )
        kept = opens(Clients(open_workspace(config)), panel)
    why = "" if kept else "Its page shows a problem in place of its components."
    fix = "" if kept else "`postlens serve --dev` shows the traceback on the page."
    return Promise(name=f"{panel}: its own page opens", kept=kept, why=why, fix=fix)


def _promises(offer: Offer) -> Iterator[tuple[str, Promise]]:
    for panel in offer.panels:
        yield from ((panel.id, promise) for promise in check_panel(panel, offer.columns))
    for column in offer.columns:
        yield from ((column.id, promise) for promise in check_column(column))
    for measure in offer.measures:
        yield from ((measure.id, promise) for promise in check_measure(measure))
    for reader in offer.readers:
        yield from ((reader.id, promise) for promise in check_reader(reader))


def _load(target: str) -> PluginRecord:
    local = target.endswith(".py")
    plugins = Plugins(enabled=[] if local else [target], files=[target] if local else [])
    registry = build(Deployment(Config(plugins=plugins), Path.cwd()))
    return next(r for r in registry.records if r.name == (Path(target).stem if local else target))


_IMPORT = """
import importlib, importlib.util, json, pathlib, sys, time
import postlens
target, heavy = sys.argv[1], json.loads(sys.argv[2])
before, began = set(sys.modules), time.perf_counter()
if target.endswith(".py"):
    sys.path.append(str(pathlib.Path(target).resolve().parent))
    spec = importlib.util.spec_from_file_location("_checked", target)
    module = importlib.util.module_from_spec(spec)
    sys.modules["_checked"] = module
    spec.loader.exec_module(module)
else:
    from importlib.metadata import entry_points
    (point,) = entry_points(group="postlens.plugins", name=target)
    importlib.import_module(point.module)
print(json.dumps([round((time.perf_counter() - began) * 1000), [m for m in heavy if m in sys.modules and m not in before]]))
"""


def _imported(target: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", _IMPORT, target, json.dumps(HEAVY)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603 - our own script


def _said(done: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(done.stdout.strip().splitlines()[-1])  # A plugin may print while it is imported.


def _milliseconds(done: subprocess.CompletedProcess[str]) -> int:
    return int(_said(done)[0])


def _import_budget(target: str) -> Promise:
    """Import the plugin alone, and see what comes with it."""
    tries = (_imported(target) for _ in range(3))  # A busy machine is slow once or twice, a slow plugin always.
    done = next(tries)
    while not done.returncode and _milliseconds(done) > 4 * BUDGET_MS and (again := next(tries, None)):
        done = min(done, again, key=_milliseconds) if not again.returncode else again
    name = f"imports within {BUDGET_MS} ms and without {', '.join(HEAVY)}"
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return Promise(
            name=name,
            kept=False,
            why=said,
            fix=f"See where: python {target}" if target.endswith(".py") else f"See where: python -c 'import {target}'",
        )
    spent, found = _said(done)
    if found:
        return Promise(
            name=name, kept=False, why=f"It imports {', '.join(found)}.", fix="Import heavy packages inside functions."
        )
    # Time is noisy, so only a gross excess counts.
    return Promise(
        name=name,
        kept=spent <= 4 * BUDGET_MS,
        why="" if spent <= 4 * BUDGET_MS else f"It takes {spent} ms.",
        fix="Do less at import.",
    )
