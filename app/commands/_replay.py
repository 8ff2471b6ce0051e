"""Computing again what a receipt says, and saying what is the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from postlens.app.commands._ask import Progress
from postlens.app.workspace import Workspace, open_workspace
from postlens.core.ask.outcome import Crashed, Done, Receipt, Refused
from postlens.core.ask.request import Request, read_request
from postlens.core.ask.settings import renamed
from postlens.core.contract.problems import CannotCompute, PostlensError, fail


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What came of computing again.

    Attributes:
        changed: what is not as the receipt says, a sentence each; empty if everything is identical.
        tables: how many tables and values were compared.
    """

    changed: tuple[str, ...]
    tables: int


def replay(path: Path, *, data: str | None, config: Path | None, progress: Progress) -> Replayed:
    """Compute the question of a receipt again.

    Raises:
        PostlensError: the file is no receipt, or its panel or posts are not here.
        CannotCompute: the posts no longer answer the question.
    """
    receipt = _read(path)
    workspace = open_workspace(config, data=data, progress=progress)
    outcome = workspace.engine.answer(_request(receipt, workspace), progress=progress)
    if isinstance(outcome, Refused):
        raise CannotCompute(outcome.reason, outcome.hint)
    if isinstance(outcome, Crashed):
        raise PostlensError(outcome.problem)
    return Replayed(changed=tuple(_differences(receipt, outcome)), tables=len(receipt.digests))


def _read(path: Path) -> Receipt:
    if not path.is_file():
        raise fail(
            f'There is no file "{path}".', hint="Give the receipt.json of a download or of `postlens run --out`."
        )
    try:
        found = json.loads(path.read_text("utf-8"))
        return Receipt(**found)
    except (ValueError, TypeError, UnicodeDecodeError) as error:
        raise fail(
            f'"{path.name}" is not a receipt of this Postlens.',
            why=f"{str(error).splitlines()[0][:200]}.",
            hint="Give the receipt.json of a download or of `postlens run --out`.",
        ) from error


def _request(receipt: Receipt, workspace: Workspace) -> Request:
    engine = workspace.engine
    panel = engine.registry.panel(receipt.panel)
    pairs = [
        (f"{column}.{key}", str(item))
        for column, values in receipt.columns.items()
        for key, value in values.items()
        for item in (value if isinstance(value, list) else [value])
    ]
    pairs += [(str(k), str(v)) for k, v in receipt.filters]
    asked, problems = read_request(engine, panel, pairs, "receipt", strict=True)
    if problems:
        raise PostlensError(*problems)
    moved = renamed(panel.params)
    params: Any = panel.params.model_validate({moved.get(name, name): v for name, v in receipt.params.items()})
    return replace(asked, params=params, seed=receipt.seed)


def _differences(before: Receipt, done: Done) -> Iterator[str]:
    now = done.receipt
    if before.fingerprint != now.fingerprint:
        yield f"The posts have changed: {before.fingerprint} then, {now.fingerprint} now."
    for name, then, today in (
        ("Postlens", before.postlens, now.postlens),
        (f"The panel {now.panel}", before.panel_version, now.panel_version),
        ("The time zone", before.timezone, now.timezone),
    ):
        if then != today:
            yield f"{name} has changed: {then} then, {today} now."
    for key, count in before.rows.items():
        if count != now.rows.get(key):
            yield f"Rows {key}: {count:,} then, {now.rows.get(key, 0):,} now."
    for key in sorted({*before.params, *now.params}):
        if before.params.get(key) != now.params.get(key):
            yield f"The setting {key} is {now.params.get(key)}, not {before.params.get(key)}."
    for name in sorted({*before.digests, *now.digests}):
        if before.digests.get(name) != now.digests.get(name):
            yield f'"{name}" has other values.'
