"""Measures that the config names."""

from __future__ import annotations

from collections.abc import Iterable

from postlens.core.contract import API, Measure, formula
from postlens.core.contract.problems import Problem
from postlens.core.data.convert.custom_columns import MADE
from postlens.core.data.vocabulary.roles import roles
from postlens.core.host.config import Deployment


def from_config(deployment: Deployment, taken: Iterable[str]) -> tuple[list[Measure], list[Problem]]:
    """The measures of `[measures]`; one whose name stands for something else is left out and said."""
    made, problems = [], []
    for name, given in deployment.config.measures.items():
        if name in known_names() or name in set(taken):
            problems.append(
                Problem(
                    what=f'The measure "{name}" has the name of something else.',
                    where=deployment.where(f"measures.{name}"),
                    hint="Choose another name.",
                )
            )
            continue
        read = formula.parse(given.formula)
        made.append(
            Measure(
                api=API,
                id=name,
                label=given.label or name.replace("_", " ").capitalize(),
                value=read.value,
                denominator=read.denominator,
                unit=given.unit,
                format=given.format,
                formula=given.formula,
            )
        )
    return made, problems


def known_names() -> set[str]:
    """Names that already stand for something in the data or in links."""
    return {*roles(), *MADE, "set", "is"}
