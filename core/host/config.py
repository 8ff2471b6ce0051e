"""The deployment's `config.toml`: its models, and its mistakes with the line they are on."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from postlens.core.contract import formula
from postlens.core.contract.problems import PostlensError, Problem, fail, nearest
from postlens.core.data.convert.zones import zone_hint

PANELS = ("eda", "change", "drivers", "content", "timing", "clustering", "elbow", "hypothesis", "benchmark", "planner")
BUILT_IN = (*PANELS, "tier")
ALWAYS = ("tables",)  # Without a reader of files there is nothing to look at.
SAMPLE = "sample"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Brand(_Section):
    """How the app presents itself."""

    name: str = Field("Postlens", max_length=60, description="Name in the header and the browser tab.")
    logo: str = Field("", description="Image file beside config.toml (SVG, PNG or JPEG).")
    color: str = Field("indigo", description="A Mantine colour name for buttons and links.")

    @field_validator("color")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in COLORS:
            raise ValueError(f"is not one of the colours {', '.join(COLORS)}")
        return value


MeasureName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
COLORS = (
    "blue",
    "cyan",
    "grape",
    "gray",
    "green",
    "indigo",
    "lime",
    "orange",
    "pink",
    "red",
    "teal",
    "violet",
    "yellow",
    "dark",
)


class Data(_Section):
    """Which posts, and how to read them."""

    source: str = Field(
        SAMPLE,
        description='"sample", "library" (what was imported), a file, a folder, a glob such as "exports/*.csv", an '
        'address such as "s3://bucket/exports/" or "https://host/posts.parquet", or that of a database.',
    )
    query: str = Field("", description="What to read from a database. User and password stand in the environment.")
    name: str = Field("", description="What to call the data set; the file name otherwise.")
    client: str = Field("", description="The client the posts belong to; shown in the header.")
    timezone: str = Field("UTC", description="The client's time zone, for weekdays, hours and days.")
    source_timezone: str = Field(
        "", description="The clock of times in the file that name none. Empty: that of the export's network, else UTC."
    )
    date_order: Literal["", "mdy", "dmy"] = Field("", description="Where a column does not decide: month or day first.")
    platform: str = Field("", description="The network, where the file has no column for it.")
    categories: list[str] = Field([], description="Columns with numbers that are names of groups.")
    columns: dict[str, str] = Field({}, description="Role to header, for headers Postlens does not know.")
    pictures: str = Field(
        "",
        description="Folder beside config.toml with pictures of posts (JPEG, PNG, GIF or WebP), each called as the post's id or the one in its link.",
    )
    upload_mb: int = Field(
        100, ge=0, le=2000, description="Largest file the Import page takes, in MB; 0 hides the page."
    )
    read_memory_mb: int = Field(6000, ge=1000, description="Memory that reading one imported file may take, in MB.")
    read_seconds: int = Field(
        900,
        ge=0,
        description="How long reading one imported file may take at most, two minutes and five seconds a MB if that is less; 0 reads it in the server's own process.",
    )
    fetch_mb: int = Field(5000, ge=1, description="How much may be copied from such an address, in MB.")
    store: str = Field(".postlens", description="Folder for converted posts and results, beside config.toml.")
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Seed of everything random.")

    @field_validator("timezone", "source_timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value and (hint := zone_hint(value)) is not None:
            raise ValueError(f"is not a time zone. {hint}")
        return value


class Server(_Section):
    """How the app is served."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8050, ge=0, le=65535, description="Port; 0 takes any free one.")
    hosts: list[str] = Field(
        [], description="Names under which browsers reach it, beside those of this machine; needed for other addresses."
    )
    token: bool = Field(
        True, description="Ask for the token of the start-up link where other machines reach it; off behind a login."
    )
    threads: int = Field(16, ge=2, le=64, description="Requests answered at the same time.")
    seconds: int = Field(900, ge=1, description="How long one answer or download may take before it is stopped.")


class Plugins(BaseModel):
    """Which panels, in which order. Further tables are the house defaults of a panel: `[plugins.clustering]`."""

    model_config = ConfigDict(frozen=True, extra="allow")
    enabled: list[str] = Field(list(BUILT_IN), description="Panels by plugin name, in the order of the navigation.")
    files: list[str] = Field([], description="Local plugin files beside config.toml.")
    strict: bool = Field(False, description="Refuse to start when a plugin fails.")
    isolate: list[str] = Field(
        [],
        description="Panels, by id, each computed in a process of its own: slower, and no compute takes the server with it. Their `view` runs in the server.",
    )
    isolate_memory_mb: int = Field(4000, ge=1500, description="Memory that such a process may take.")

    @property
    def deployment_defaults(self) -> dict[str, dict[str, Any]]:
        """Panel id to settings that replace the panel's own defaults."""
        tables = {k: v for k, v in (self.model_extra or {}).items() if isinstance(v, dict)}
        return {k: {n: x for n, x in v.items() if n != "options"} for k, v in tables.items()}

    @property
    def options(self) -> dict[str, dict[str, Any]]:
        """Panel id to what stands in `[plugins.<id>.options]`."""
        tables = {k: v for k, v in (self.model_extra or {}).items() if isinstance(v, dict)}
        return {k: v["options"] for k, v in tables.items() if isinstance(v.get("options"), dict)}


class EngineSettings(_Section):
    """Where questions about the posts are computed."""

    kind: Literal["local", "dask"] = Field(
        "local", description='"local": in the server. "dask": by the workers of a Dask cluster; needs `postlens[dask]`.'
    )
    scheduler: str = Field(
        "process",
        description='"process": a cluster on this machine, started with the server; or the address of one, "tls://host:8786".',
    )
    workers: int = Field(2, ge=1, le=64, description="Workers of such a cluster on this machine.")
    memory_mb: int = Field(4000, ge=1500, description="Memory that one of them may take.")

    @field_validator("scheduler")
    @classmethod
    def _address(cls, value: str) -> str:
        if value != "process" and not re.fullmatch(r"(?:tcp|tls)://[^\s/]+:\d+", value):
            raise ValueError('is neither "process" nor an address such as tls://10.0.0.5:8786')
        return value


class MeasureSettings(_Section):
    """A number the agency names once, and every panel can pick: `name = "formula"`, or a table `[measures.name]`."""

    formula: str = Field(description='Column names, numbers, + - * / and brackets: "(reactions + comments) / reach".')
    label: str = Field("", max_length=60, description="What people call it; its name otherwise.")
    unit: str = Field("", max_length=20, description="Its unit, for axis titles.")
    format: Literal["number", "percent"] = Field("number", description="How it is written.")

    @field_validator("formula")
    @classmethod
    def _readable(cls, value: str) -> str:
        try:
            formula.parse(value)
        except PostlensError as error:
            raise ValueError(f"{error}") from error
        return value


class Config(_Section):
    """A whole deployment."""

    brand: Brand = Brand()
    data: Data = Data()
    server: Server = Server()
    plugins: Plugins = Plugins()
    engine: EngineSettings = EngineSettings()
    measures: dict[MeasureName, MeasureSettings] = {}

    @field_validator("measures", mode="before")
    @classmethod
    def _formulas(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {k: {"formula": v} if isinstance(v, str) else v for k, v in value.items()}


@dataclass(frozen=True)
class Deployment:
    """A config with where it came from.

    Attributes:
        config: the settings.
        folder: what relative paths are relative to.
        path: the file, or None for the built-in defaults.
        lines: place in the file, `plugins.enabled` to its line number.
        problems: what was wrong in the file and left out.
    """

    config: Config
    folder: Path
    path: Path | None = None
    lines: dict[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def store(self) -> Path:
        """The folder for converted posts and results."""
        if self.path is None and "store" not in self.config.data.model_fields_set:
            base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
            return Path(base) / "postlens"
        return self.folder / self.config.data.store

    @property
    def timezone(self) -> ZoneInfo:
        """The client's time zone."""
        return ZoneInfo(self.config.data.timezone)

    def where(self, key: str) -> str:
        """The place of a setting, for an error."""
        if self.path is None:
            return "settings"
        while key and key not in self.lines:
            key = key.rpartition(".")[0]
        return f"{self.path.name} line {self.lines[key]}" if key else self.path.name


def load(path: Path | None, *, lenient: bool = False) -> Deployment:
    """Read and check a config.

    Args:
        path: the file; None takes `config.toml` here if there is one, else the built-in defaults.
        lenient: leave out what is wrong and keep it as `problems` of the deployment, so that an app still starts.

    Raises:
        PostlensError: there is no such file, it is not TOML, or, unless lenient, with every problem at once.
    """
    if path is None:
        path = Path("config.toml")
        if not path.is_file():
            return Deployment(Config(), Path.cwd())
    if not path.is_file():
        raise fail(f'There is no config file "{path}".', hint="Check the name, or copy the config.toml of the demo.")
    text = path.read_text("utf-8-sig")
    try:
        table = _plain(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        hint = "Text needs quotes; lists need [ ]."
        raise fail("This is not valid TOML.", where=path.name, why=f"{error}.", hint=hint) from error
    except RecursionError:
        raise fail("This config is nested too deeply.", where=path.name, hint="Tables in tables are enough.") from None
    draft = Deployment(Config(), path.parent.resolve(), path, line_numbers(text))
    config, problems = _validated(table, draft)
    if problems and not lenient:
        raise PostlensError(*problems)
    return replace(draft, config=config, problems=tuple(problems))


def _validated(table: dict[str, Any], draft: Deployment) -> tuple[Config, list[Problem]]:
    """The config without what is wrong in it, and what that is."""
    problems: list[Problem] = []
    plugins = table.get("plugins", {})
    if isinstance(plugins, dict):
        strays = [k for k, v in plugins.items() if k not in Plugins.model_fields and not isinstance(v, dict)]
        for key in strays:
            where = draft.where(f"plugins.{key}")
            problems.append(
                Problem(what=f"plugins.{key} is not a setting.", where=where, hint=nearest(key, Plugins.model_fields))
            )
            del plugins[key]
    while True:
        try:
            return Config.model_validate(table), problems
        except ValidationError as error:
            for wrong in error.errors():
                problems.append(_problem(wrong, draft))
                _remove(table, [part for part in wrong["loc"] if isinstance(part, str)])


def _remove(table: dict[str, Any], keys: list[str]) -> None:
    """Take out what is wrong; where the key is not there to be removed, the table that lacks it."""
    for key in keys[:-1]:
        inner = table.get(key)
        if not isinstance(inner, dict) or (key == keys[-2] and keys[-1] not in inner):
            table.pop(key, None)
            return
        table = inner
    table.pop(keys[-1], None)


def _problem(error: Any, deployment: Deployment) -> Problem:
    key = ".".join(str(part) for part in error["loc"] if isinstance(part, str))
    where = deployment.where(key)
    if error["type"] == "extra_forbidden":
        *parents, last = key.split(".")
        return Problem(what=f"{key} is not a setting.", where=where, hint=nearest(last, _keys_at(parents)))
    return Problem(what=f"{key} = {_quoted(error['input'])}: {complaint(error)}", where=where)


def complaint(error: Any) -> str:
    """What pydantic found wrong with a value, as a sentence."""
    if error["type"].startswith("date"):
        return "should be a day, as 2026-01-31."
    said = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    return said.rstrip(".") + "." if "?" not in said[-2:] else said


def _quoted(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)[:80]


def _keys_at(parents: list[str]) -> list[str]:
    model: type[BaseModel] = Config
    for part in parents:
        annotation = model.model_fields[part].annotation if part in model.model_fields else None
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return []
        model = annotation
    return list(model.model_fields)


_DEEPEST = 20


def _plain(table: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    """TOML dates as text: a setting is JSON, so that a link can carry it.

    Raises:
        RecursionError: tables in tables beyond reason, whatever the interpreter itself would bear.
    """
    if depth > _DEEPEST:
        raise RecursionError
    return {
        k: _plain(v, depth + 1) if isinstance(v, dict) else str(v) if isinstance(v, date) else v
        for k, v in table.items()
    }


_TABLE = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?")
_KEY = re.compile(r"""^\s*("[^"]+"|'[^']+'|[\w.-]+)\s*=""")


def line_numbers(text: str) -> dict[str, int]:
    """The line of every table and key of a TOML text, by dotted name."""
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _TABLE.match(line):
            table = _dotted(header[1])
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault(f"{table}.{_dotted(key[1])}".lstrip("."), number)
    return found


def _dotted(name: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in name.split("."))
