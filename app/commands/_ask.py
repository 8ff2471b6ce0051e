"""A panel without a browser: the same compute step, for scripts and for checking numbers."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, assert_never

import polars as pl
from rich.console import Console
from rich.table import Table as RichTable

from postlens.app.export.formats import FORMATS
from postlens.app.workspace import Workspace, open_workspace
from postlens.core.ask import results
from postlens.core.ask.outcome import Crashed, Done, Refused
from postlens.core.ask.request import SETTING, Request, read_request, read_selection
from postlens.core.contract import blocks, sentences, verdict
from postlens.core.contract.problems import CannotCompute, PostlensError, Problem, nearest

Progress = Callable[[float, str], None]
_OBSERVERS_SECONDS = 5


@dataclass(frozen=True)
class Answer:
    """A question and its result."""

    workspace: Workspace
    request: Request
    done: Done

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """The tables of the result."""
        return results.tables(self.done.result)

    @property
    def posts(self) -> pl.LazyFrame | None:
        """Every post with what the result says of it."""
        return self.workspace.engine.posts_table(self.request, self.done)


def run(
    panel: str,
    source: str,
    chosen: Sequence[tuple[str, str]],
    wanted: Sequence[tuple[str, str]],
    config: Path | None,
    progress: Progress,
) -> Answer:
    """Compute a panel.

    Raises:
        PostlensError: a setting, filter, panel or source is wrong.
        CannotCompute: the posts cannot answer the question.
    """
    workspace = open_workspace(config, data=source, progress=progress)
    request = make_request(workspace, panel, chosen, wanted)
    outcome = workspace.engine.answer(request, progress=progress)
    workspace.engine.observers.finish(_OBSERVERS_SECONDS)
    if isinstance(outcome, Refused):
        raise CannotCompute(outcome.reason, outcome.hint)
    if isinstance(outcome, Crashed):
        raise PostlensError(outcome.problem)
    return Answer(workspace, request, outcome)


def make_request(
    workspace: Workspace, panel: str, chosen: Sequence[tuple[str, str]], wanted: Sequence[tuple[str, str]]
) -> Request:
    """A request from the words of the command line, every one of which must be right.

    Raises:
        PostlensError: with every problem at once.
    """
    engine = workspace.engine
    pairs = [(k if "." in k else f"{SETTING}{k}", v) for k, v in chosen]
    unknown = [k.partition(".")[0] for k, _ in pairs if k.partition(".")[0] not in {"set", *engine.derived()}]
    problems = [
        Problem(what=f'There is no derived column "{name}".', where="--set", hint=nearest(name, engine.derived()))
        for name in unknown
    ]
    own = [(k, v) for k, v in pairs if k.partition(".")[0] not in unknown]
    request, wrong = read_request(engine, engine.registry.panel(panel), own, "--set", strict=True)
    selection, bad = read_selection(engine, [*own_columns(own), *wanted], "--filter", strict=True)
    problems += wrong + bad
    if problems:
        raise PostlensError(*problems)
    return replace(request, filters=selection.filters)


def own_columns(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The settings of derived columns, by which their values can be filtered."""
    return [(k, v) for k, v in pairs if not k.startswith(SETTING)]


def write_tables(answer: Answer, folder: Path, ending: str, progress: Progress) -> dict[str, Path]:
    """Every table of the result, all posts where it labels them, and the receipt."""
    import json

    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for name, table in answer.tables.items():
        written[name] = folder / f"{name}.{ending}"
        FORMATS[ending].save(_flat(table).lazy(), name, written[name])
    if (posts := answer.posts) is not None:
        progress(0.9, "Writing the posts")
        written["posts"] = folder / f"posts.{ending}"
        FORMATS[ending].save(posts.lazy(), "Posts", written["posts"])
    written["receipt"] = folder / "receipt.json"
    written["receipt"].write_text(json.dumps(as_json(answer)["receipt"], indent=1, ensure_ascii=False), "utf-8")
    return written


def _flat(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(pl.col(pl.Boolean).replace_strict({True: "yes", False: ""}, return_dtype=pl.String))


def as_json(answer: Answer) -> dict[str, Any]:
    """One object: panel, params, receipt, scalars, tables (name to rows and columns)."""
    tables = {name: {"rows": t.height, "columns": t.columns} for name, t in answer.tables.items()}
    if (posts := answer.posts) is not None:
        count = answer.done.receipt.rows["matched"]
        tables["posts"] = {"rows": count, "columns": posts.collect_schema().names()}
    return {
        "verdicts": [verdict.as_json(v) for v in verdicts(answer)],
        "panel": answer.request.panel,
        "params": answer.done.params.model_dump(mode="json"),
        "receipt": dataclasses.asdict(answer.done.receipt),
        "scalars": {k: _plain(v) for k, v in results.scalars(answer.done.result).items()},
        "tables": tables,
    }


def verdicts(answer: Answer) -> list[blocks.Verdict]:
    """The verdicts of the page: its headline first, those of its charts last, each once."""
    engine = answer.workspace.engine
    page = engine.blocks(engine.registry.panel(answer.request.panel), answer.done)
    if isinstance(page, Crashed):
        raise PostlensError(page.problem)
    shown = blocks.walk(page)
    found = [b for b in shown if isinstance(b, blocks.Verdict)]
    found += [b.verdict for b in shown if isinstance(b, blocks.Chart) and b.verdict is not None]
    return list(dict.fromkeys(found))


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, tuple | list) else value


def show(answer: Answer, console: Console) -> None:
    """The page as text: verdicts, numbers and tables."""
    engine = answer.workspace.engine
    panel = engine.registry.panel(answer.request.panel)
    page = engine.blocks(panel, answer.done)
    if isinstance(page, Crashed):
        raise PostlensError(page.problem)
    rows = answer.done.receipt.rows
    console.rule(panel.title)
    console.print(f"{rows['used']:,} of {rows['read']:,} rows used", markup=False, highlight=False)
    for drop in answer.done.receipt.dropped:
        console.print(f"  {drop['rows']:,} left out: {drop['reason']}", markup=False, highlight=False)
    for sentence in _reading(answer):
        console.print(f"  {sentence}", markup=False, highlight=False, soft_wrap=True)
    for block in blocks.walk(page):
        _print_block(block, console)


def _reading(answer: Answer) -> list[str]:
    """What an analyst should know of how the files were read."""
    quality = answer.workspace.dataset.quality
    said = list(quality.notes)
    for file in quality.files:
        for column in file.columns:
            if column.bad:
                said.append(
                    f"{file.file} column {column.column} ({column.header}): {column.bad:,} value(s) could not be read"
                )
            if "assumed" in column.reading:
                said.append(f"{file.file} column {column.column} ({column.header}): {column.reading}")
    return said


def _print_block(block: blocks.Block, console: Console) -> None:
    def say(text: str, style: str = "") -> None:
        console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)

    match block:
        case blocks.Verdict():
            say(f"{block.claim} [{block.state}]", "bold")
            numbers = (sentences.effect_words(block), sentences.interval_words(block), sentences.n_words(block))
            facts = [f"95 % interval {part}" if i == 1 else part for i, part in enumerate(numbers) if part]
            say(
                "  "
                + ". ".join(
                    part for part in (", ".join(facts), block.detail, sentences.settle_words(block.settle)) if part
                )
            )
        case blocks.Stat():
            say(f"{block.label}: {block.value}" + (f" ({block.note})" if block.note else ""))
        case blocks.Text():
            say(": ".join(part for part in (block.title, block.body) if part))
        case blocks.Notice():
            say(f"! {block.title}: {block.text}" if block.title else f"! {block.text}", "yellow")
        case blocks.Chart():
            say(f"{block.title}: {block.takeaway}")
        case blocks.Plan():
            say(f"Plan {block.mark}: {block.title}")
        case blocks.Table():
            _print_table(block, console)
        case blocks.Details() | blocks.Row() | blocks.Grid() | blocks.Link():
            pass  # What they hold is printed by itself; a link leads to a page.
        case _ as never:
            assert_never(never)


def _print_table(block: blocks.Table, console: Console) -> None:
    from postlens.app.blocks.cells import cell

    table = RichTable(title=block.title, title_justify="left")
    for name in block.rows.columns:
        table.add_column(
            block.labels.get(name, name), justify="right" if block.rows[name].dtype.is_numeric() else "left"
        )
    for row in block.rows.head(25).iter_rows():
        table.add_row(*(cell(v, block.formats.get(n)) for n, v in zip(block.rows.columns, row, strict=True)))
    console.print(table, markup=False)
    if block.rows.height > 25:
        console.print(
            f"... and {block.rows.height - 25:,} more rows; --out writes them all.", markup=False, highlight=False
        )
