"""The parts of the documentation that the code knows best: settings, public names, and examples cut from real packages.

`python -m scripts.docs` writes them; the tests compare.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo

import postlens
from postlens import charts, stats, testing, wording
from postlens.core.ask.request import MAX_PAIRS, MAX_VALUE
from postlens.core.ask.returned import MAX_PAGE_BYTES
from postlens.core.contract import Hooks, Pick
from postlens.core.contract.blocks import FORMATS
from postlens.core.contract.limits import START_SECONDS
from postlens.core.contract.schema import MAX_LEVELS, Kind
from postlens.core.contract.verdict import STATES, Scale
from postlens.core.data.dataset import MATURITY
from postlens.core.data.vocabulary.roles import roles
from postlens.core.host.config import Config, MeasureSettings
from postlens.core.host.validation import PAGES

ROOT = Path(__file__).parents[1]
GENERATED = "<!-- Written by `make docs` from the code. Change the code. -->"
_CUT = re.compile(r"(<!-- cut: (\S+) (\w+) -->\n```python\n).*?(```)", re.DOTALL)


def pages() -> dict[Path, str]:
    """Every page with something of the code in it, as it should be."""
    made = {
        ROOT / "docs/configuration.md": configuration(),
        ROOT / "docs/plugins/reference.md": reference(),
    }
    for path in sorted((ROOT / "docs").rglob("*.md")):
        text = path.read_text("utf-8")
        if path not in made and _CUT.search(text):
            made[path] = _CUT.sub(lambda m: f"{m[1]}{excerpt(m[2], m[3])}{m[4]}", text)
    return made


def excerpt(path: str, name: str) -> str:
    """What stands between `# -- start name --` and `# -- end name --` of a file."""
    text = (ROOT / path).read_text("utf-8")
    found = re.search(rf"# -- start {name} --\n(.*?)\n*# -- end {name} --", text, re.DOTALL)
    if found is None:
        raise ValueError(f"{path} has no part {name}")
    return re.sub(r"\n{4,}", "\n\n\n", found[1]).strip() + "\n"


def configuration() -> str:
    """The reference of config.toml."""
    lines = [
        "# Settings of config.toml",
        GENERATED,
        "After this page you can set up a deployment. `postlens config check` tells every mistake at once, with its line.",
    ]
    for name, field in Config.model_fields.items():
        model = MeasureSettings if name == "measures" else field.annotation
        assert isinstance(model, type)
        assert issubclass(model, BaseModel)
        title = "[measures.NAME]" if name == "measures" else f"[{name}]"
        lines += [f"## {title}", inspect.getdoc(model) or "", _table(model)]
        if name == "plugins":
            lines.append(
                "`[plugins.ID]` holds the house's defaults of a panel or of a derived column: the settings of its form. "
                "`[plugins.ID.options]` holds what a panel takes from nobody else, such as an address; secrets come from "
                "environment variables, `POSTLENS_ID_NAME`."
            )
    return "\n\n".join(lines) + "\n"


def _table(model: type[BaseModel]) -> str:
    rows = ["| setting | kind | default | meaning |", "|---|---|---|---|"]
    for name, field in model.model_fields.items():
        default = "required" if field.is_required() else f"`{_toml(field.get_default())}`"
        rows.append(f"| `{name}` | {_kind(field)} | {default} | {_escaped(field.description or '')} |")
    return "\n".join(rows)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def _kind(field: FieldInfo) -> str:
    annotation = field.annotation
    simple = {str: "text", int: "whole number", bool: "true or false"}
    if annotation in simple:
        bounds = [
            str(bound)
            for item in field.metadata
            for bound in (getattr(item, "ge", None), getattr(item, "le", None))
            if bound is not None
        ]
        return simple[annotation] + (f", {' to '.join(bounds)}" if len(bounds) == 2 else "")
    if get_origin(annotation) is list:
        return "list of text"
    if get_origin(annotation) is dict:
        return "table"
    return " or ".join(f"`{_toml(value)}`" for value in get_args(annotation))


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(_toml(v) for v in value)}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def reference() -> str:
    """Hooks and public names."""
    parts = [
        "# Reference for plugin authors",
        GENERATED,
        "Everything a plugin needs is imported from `postlens`; the kit for its tests from `postlens.testing`.",
        "## Hooks",
        "| hook | what it is |\n|---|---|\n" + "\n".join(_hooks()),
        "## `postlens`",
        _names(postlens, postlens.__all__),
    ]
    parts += _details(postlens, postlens.__all__)
    for name, module in (("charts", charts), ("stats", stats), ("wording", wording)):
        parts += [f"## `postlens.{name}`", inspect.getdoc(module) or "", _names(module, module.__all__)]
        parts += _details(module, module.__all__)
    parts += ["## `postlens.testing`", _names(testing, testing.__all__), *_details(testing, testing.__all__)]
    return "\n\n".join([*parts, *_columns(), *_words(), *_limits()]) + "\n"


_MADE = {
    "date": "day in the client's zone",
    "weekday": "category, Mon to Sun",
    "hour": "category, 00 to 23; null for posts of which only the day is known",
    "month": "category, 2026-01",
    "maturity": f"category: {' or '.join(MATURITY)}",
    "engagements": "metric: the sum of what is known of reactions, comments, shares and saves",
    "post_key": "what tells posts apart over files",
    "source_row": "the row in its file",
}


def _columns() -> list[str]:
    """The columns that posts have where the files say so, and those that the host makes."""
    rows = [
        f"| `{r.name}` | {r.label} | {r.type}{f', {r.unit}' if r.unit not in {'', r.type} else ''} |"
        for r in roles().values()
    ]
    rows += [f"| `{name}` | | {what} |" for name, what in _MADE.items()]
    head = (
        "A post has those that its file gives; all others of the file are there, too, under names of their own. Ask `Needs` "
        "for what `compute` uses. Metrics are integers or floats, categories texts or enumerations, `published` is a moment in UTC; "
        "missing is null."
    )
    return ["## Columns of the posts", head, "| name | label | kind |\n|---|---|---|\n" + "\n".join(rows)]


def _words() -> list[str]:
    """The closed sets of words that fields take."""
    sets = {
        "`Table.formats`": FORMATS,
        "`Verdict.state`": STATES,
        "`Verdict.scale`": get_args(Scale),
        "`Column.kind`": get_args(Kind),
        "`Pick.kind`": get_args(get_type_hints(Pick)["kind"]),
        "ids that no panel may have": sorted(PAGES),
    }
    rows = [f"| {what} | {', '.join(f'`{word}`' for word in words)} |" for what, words in sets.items()]
    return ["## Words that fields take", "| field | words |\n|---|---|\n" + "\n".join(rows)]


def _limits() -> list[str]:
    rows = [
        (f"{MAX_PAGE_BYTES / 1e6:.0f} MB", "of JSON of all figures of a page; what is larger becomes a card"),
        (f"{MAX_LEVELS:,}", "values of a category that are listed; the rarer ones are in the data"),
        (f"{MAX_PAIRS} and {MAX_VALUE:,}", "settings and filters in a link, and letters of each"),
        (f"{START_SECONDS:.0f} s", "for importing a plugin and for each of its hooks"),
        ("`[server] seconds`", "for an answer or a download; a page that was closed stops its own"),
    ]
    table = "| limit | of what |\n|---|---|\n" + "\n".join(f"| {limit} | {what} |" for limit, what in rows)
    return ["## Limits", table]


def _details(module: Any, names: list[str]) -> Iterator[str]:
    """Signature and whole docstring of every class and function."""
    for name in names:
        item = getattr(module, name)
        if inspect.isclass(item) or inspect.isfunction(item):
            text = (inspect.getdoc(item) or "").replace("```", "")
            yield f"### `{name}`\n\n```text\n{name}{_signature(item)}\n\n{text}\n{_members(item)}```"


def _members(item: Any) -> str:
    """What an instance of a class can be asked: its own properties and methods, a line each."""
    if not inspect.isclass(item) or issubclass(item, BaseModel | BaseException):
        return ""
    lines = []
    for name, member in vars(item).items():
        asked = member.fget if isinstance(member, property) else member
        own = name in _SPECIAL or not name.startswith("_")
        if not inspect.isfunction(asked) or not own or name in getattr(item, "__dataclass_fields__", {}):
            continue
        call = (
            ""
            if isinstance(member, property)
            else str(inspect.signature(asked)).replace("(self, ", "(").replace("(self)", "()")
        )
        lines.append(f"    {_SPECIAL.get(name, f'.{name}{_readable(call)}')}: {_plain_first(asked)}\n")
    return "\nAsk it:\n" + "".join(lines) if lines else ""


_SPECIAL = {"__getitem__": "[name]", "__contains__": "name in it", "__iter__": "for one in it", "__len__": "len(it)"}


def _plain_first(item: Any) -> str:
    return (inspect.getdoc(item) or "").split("\n\n")[0].replace("\n", " ")


def _signature(item: Any) -> str:
    """The arguments, as they are written; for a class, its fields. Many stand one below the other."""
    if getattr(item, "_is_protocol", False):
        return ""
    try:
        found = inspect.signature(item)
    except (TypeError, ValueError):
        return ""
    arguments = [_readable(str(argument)) for argument in found.parameters.values()]
    if inspect.isclass(item) and is_dataclass(item):
        named = [f for f in fields(item) if f.init and f.kw_only]
        arguments = [
            *(_field(f) for f in fields(item) if not f.kw_only),
            *(["*"] if named else []),
            *map(_field, named),
        ]
    line = f"({', '.join(arguments)})"
    if len(line) > 90:
        line = "(\n" + "".join(f"    {argument},\n" for argument in arguments) + ")"
    returned = found.return_annotation
    shown = "" if inspect.isclass(item) or returned is inspect.Signature.empty else f" -> {_readable(str(returned))}"
    return f"{line}{shown}"


def _field(field: Field[Any]) -> str:
    kind = field.type if isinstance(field.type, str) else getattr(field.type, "__name__", str(field.type))
    if field.default is not MISSING and not callable(field.default) and not isinstance(field.default, FieldInfo):
        return _readable(f"{field.name}: {kind} = {field.default!r}")
    optional = field.default is not MISSING or field.default_factory is not MISSING
    return _readable(f"{field.name}: {kind}{' = ...' if optional else ''}")


def _readable(text: str) -> str:
    """An argument without the host's rooms, quotes around types and addresses of functions."""
    text = re.sub(r"postlens(?:\.\w+)+\.(\w+)", r"\1", text).replace("typing.", "").replace("collections.abc.", "")
    text = re.sub(r"<factory>|<function \S+ at 0x[0-9a-f]+>|<\S* object at 0x[0-9a-f]+>", "...", text)
    return re.sub(r"(: |-> |^)'([^']*)'", r"\1\2", text)


def _hooks() -> Iterator[str]:
    for name, hook in inspect.getmembers(Hooks, inspect.isfunction):
        arguments = ", ".join(p for p in inspect.signature(hook).parameters if p != "self")
        yield f"| `{name}({arguments})` | {_first(hook)} |"


def _names(module: Any, names: list[str]) -> str:
    rows = ["| name | what it is |", "|---|---|"]
    for name in names:
        item = getattr(module, name)
        documented = inspect.isclass(item) or inspect.isfunction(item) or inspect.ismodule(item)
        rows.append(f"| `{name}` | {_first(item) if documented else _escaped(f'`{_short(item)}`')} |")
    return "\n".join(rows)


def _short(item: Any) -> str:
    """A value in a few words: the members of a union, the keys of a table, the value itself."""
    if isinstance(item, dict):
        return ", ".join(map(str, item))
    parts = [getattr(part, "__name__", repr(part)) for part in get_args(item)]
    text = " | ".join(parts) if parts else str(item)
    return "a mark for functions" if " object at 0x" in text else text


def _first(item: Any) -> str:
    return _escaped((inspect.getdoc(item) or "").split("\n\n")[0].replace("\n", " "))


def main() -> None:
    """Write the pages that changed."""
    for path, text in pages().items():
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
