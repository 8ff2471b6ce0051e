"""Where plugins come from: installed packages by entry point, and files named in the config. Nothing is imported here."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Literal

from postlens.core.contract.problems import PostlensError, Problem, fail, nearest
from postlens.core.host.config import ALWAYS, BUILT_IN, Deployment

GROUP = "postlens.plugins"


class NotFound(PostlensError):
    """A plugin that the config names is not there."""


@dataclass(frozen=True)
class Found:
    """A plugin, not imported yet."""

    name: str
    source: Literal["built-in", "package", "file"]
    load: Callable[[], ModuleType]
    package: str = ""
    version: str = ""
    path: Path | None = None
    module: str = ""


def wanted(deployment: Deployment) -> list[Found]:
    """The plugins to load: those that read files, those the config enables, in its order, and its local files."""
    offered = _offered()
    enabled = list(dict.fromkeys([*ALWAYS, *deployment.config.plugins.enabled]))
    found = [_from_entry_point(name, offered.get(name), deployment, offered) for name in enabled]
    return found + _apart([_from_file(name, deployment) for name in deployment.config.plugins.files])


def _apart(files: list[Found]) -> list[Found]:
    """Files of one name in several folders under the names of their folders, too."""
    stems = [f.name for f in files]
    return [
        replace(f, name=f"{f.path.parent.name}/{f.name}") if f.path is not None and stems.count(f.name) > 1 else f
        for f in files
    ]


def mark(found: Found) -> str:
    """What changes with a plugin's code: the content of a file, the version of a package."""
    if found.path is not None:
        content = hashlib.blake2b(found.path.read_bytes(), digest_size=6)
        for name in _siblings(found.path):
            content.update(Path(name).read_bytes())
        return content.hexdigest()
    if found.source == "built-in" or not found.module:
        return found.version
    spec = importlib.util.find_spec(found.module)  # Installed to be edited, it changes without a new version.
    if spec is None or not spec.origin:
        return found.version
    origin = Path(spec.origin)
    files = sorted(origin.parent.rglob("*.py")) if origin.name == "__init__.py" else [origin]
    content = hashlib.blake2b(digest_size=6)
    for file in files:
        content.update(file.read_bytes())
    return f"{found.version} {content.hexdigest()}"


def _siblings(path: Path) -> list[str]:
    """The modules beside a plugin file that were imported."""
    loaded = {getattr(module, "__file__", None) or "" for module in list(sys.modules.values())}
    return sorted(
        name for name in loaded if name.endswith(".py") and Path(name).parent == path.parent and Path(name) != path
    )


def _offered() -> dict[str, EntryPoint]:
    """Installed plugins by name, without importing one."""
    return {point.name: point for point in entry_points(group=GROUP)}


def _clash(name: str) -> str:
    """The packages that offer a plugin of one name, where it is more than one."""
    packages = {point.dist.name for point in entry_points(group=GROUP) if point.name == name and point.dist}
    return " and ".join(f'"{package}"' for package in sorted(packages)) if len(packages) > 1 else ""


def _refused(name: str, packages: str) -> ModuleType:
    raise fail(
        f'Two packages offer a plugin "{name}": {packages}.',
        why="Postlens cannot know which of them is meant.",
        hint="Uninstall one of them, or ask its author for another name.",
    )


def not_enabled(deployment: Deployment) -> list[Found]:
    """Installed plugins that the config does not enable."""
    offered = _offered()
    names = [n for n in offered if n not in {*ALWAYS, *deployment.config.plugins.enabled}]
    return [_from_entry_point(name, offered[name], deployment, offered) for name in sorted(names)]


def _from_entry_point(name: str, point: EntryPoint | None, deployment: Deployment, offered: Iterable[str]) -> Found:
    if point is None:
        return Found(name, "package", lambda: _missing(name, deployment, offered))
    if packages := _clash(name):
        return Found(name, "package", lambda: _refused(name, packages))
    package = point.dist.name if point.dist else ""
    version = point.dist.version if point.dist else ""
    source: Literal["built-in", "package"] = (
        "built-in" if name in {*ALWAYS, *BUILT_IN} and package == "postlens" else "package"
    )
    return Found(name, source, lambda: importlib.import_module(point.module), package, version, module=point.module)


def _missing(name: str, deployment: Deployment, offered: Iterable[str]) -> ModuleType:
    raise NotFound(
        Problem(
            what=f'There is no plugin "{name}".',
            where=deployment.where("plugins.enabled"),
            why="No installed package offers one of that name.",
            hint=nearest(name, offered),
        )
    )


def _from_file(name: str, deployment: Deployment) -> Found:
    path = (deployment.folder / name).resolve()
    return Found(path.stem, "file", lambda: _import_file(path, name, deployment), path=path)


def _import_file(path: Path, name: str, deployment: Deployment) -> ModuleType:
    if path.is_dir():
        raise NotFound(
            Problem(
                what=f'"{name}" is a folder.',
                where=deployment.where("plugins.files"),
                why="A plugin is one Python file, which may import others beside it.",
                hint=f'Name the file, such as "{name.rstrip("/")}/plugin.py".',
            )
        )
    if not path.is_file():
        raise NotFound(
            Problem(
                what=f'There is no plugin file "{name}".',
                where=deployment.where("plugins.files"),
                why=f"Postlens looked in {path.parent}.",
                hint="Paths are relative to the config file.",
            )
        )
    # Two files of one name in two folders are two modules.
    module_name = f"_postlens_local_{path.stem}_{hashlib.blake2b(str(path).encode(), digest_size=4).hexdigest()}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise NotFound(Problem(what=f'"{name}" is not a Python file.', hint="Its name should end in .py."))
    module = importlib.util.module_from_spec(spec)
    if str(path.parent) not in sys.path:  # At the end, so that a file beside it hides no package.
        sys.path.append(str(path.parent))
    sys.modules[module_name] = module  # Dataclasses and pydantic look their module up by name.
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(module_name, None)
        raise
    return module
