"""What a deployment says to a plugin in `[plugins.<id>.options]`, and secrets from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr, ValidationError

from postlens.core.contract import Options, Panel
from postlens.core.contract.problems import Problem, nearest
from postlens.core.host.config import Deployment, complaint
from postlens.core.host.failures import PluginFailed


def secrets_of(options: type[Options]) -> list[str]:
    """The fields that hold a secret."""
    return [name for name, field in options.model_fields.items() if field.annotation in {SecretStr, SecretStr | None}]


def variable(panel: str, field: str) -> str:
    """The environment variable a secret is read from."""
    return f"POSTLENS_{panel}_{field}".upper()


def read_options(
    panel: Panel[Any, Any], deployment: Deployment, environment: Mapping[str, str] = os.environ
) -> Options | None:
    """The options of a panel; None where it has none.

    Raises:
        PluginFailed: an option is unknown, missing or wrong; or a secret stands in the file, which others may read.
    """
    given = deployment.config.plugins.options.get(panel.id, {})
    table = f"plugins.{panel.id}.options"
    if panel.options is None:
        if given:
            _refuse(f"[{table}]: this panel has no options.", deployment.where(table), "")
        return None
    fields, secrets = panel.options.model_fields, secrets_of(panel.options)
    for key in given:
        where = deployment.where(f"{table}.{key}")
        if key not in fields:
            _refuse(f"[{table}] has no option {key}.", where, nearest(key, fields))
        if key in secrets:
            _refuse(
                f"[{table}] {key} is a secret and does not belong into a file.",
                where,
                f"Take it out, and set the environment variable {variable(panel.id, key)}.",
            )
    told = {s: environment[v] for s in secrets if (v := variable(panel.id, s)) in environment}
    try:
        return panel.options.model_validate({**given, **told})
    except ValidationError as error:
        wrong = error.errors(include_input=False)[0]
        key = str(wrong["loc"][0]) if wrong["loc"] else ""
        if key in secrets:
            hint = f"Set the environment variable {variable(panel.id, key)}."
            _refuse(f"The panel {panel.id} needs the secret {key}.", "", hint)
        _refuse(f"[{table}] {key}: {complaint(wrong)}", deployment.where(f"{table}.{key}".rstrip(".")), "")
    return None


def _refuse(what: str, where: str, hint: str) -> None:
    raise PluginFailed("offer", Problem(what=what, where=where, hint=hint))


def options_key(options: Options | None) -> Any:
    """What a deployment says to a panel; never a secret."""
    return None if options is None else options.model_dump(mode="json", exclude=set(secrets_of(type(options))))
