"""Find the spider that a source names, in the child: user code is imported nowhere else."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from scrapy import Spider

GROUP = "pressmark.spiders"
_OURS = ("pressmark", "scheduler", "crawler", "archive", "extractor", "config")


class SpiderNotUsable(Exception):
    """A spider that can't be run; the message says why."""


def load_spider(named: str, directory: Path) -> type[Spider]:
    """Load the class of ``file.py:Class`` below a directory, of ``package.module:Class``, or of an entry point.

    Raises SpiderNotUsable, and whatever the import raises.
    """
    _check_names(directory)
    if str(directory) not in sys.path:
        sys.path.append(str(directory))
    try:
        found = _named(named, directory)
    except (ImportError, AttributeError, SpiderNotUsable) as error:
        if (hidden := _hidden(directory, _meant(error))) is not None:
            raise SpiderNotUsable(f"{hidden} has the name of an installed module; rename it ({error})") from error
        raise
    if not (isinstance(found, type) and issubclass(found, Spider)):
        raise SpiderNotUsable(f"{named} is not a class that inherits from scrapy.Spider")
    return found


def _named(named: str, directory: Path) -> object:
    place, colon, name = named.partition(":")
    if not colon:
        return _entry_point(named)
    if place.endswith(".py"):
        return _of(_module_of_file(directory / place), name, named)
    return _of(importlib.import_module(place), name, named)


def _meant(error: BaseException) -> str:
    """Return the module that could not be imported, or lacks a name; an empty text if the error is of another kind."""
    match error:
        case SpiderNotUsable(__context__=AttributeError() as missing):
            return _meant(missing)
        case ImportError():
            return error.name or ""
        case AttributeError(obj=ModuleType() as module):
            return module.__name__
    return ""


def _hidden(directory: Path, module: str) -> Path | None:
    """Return the file or package of the directory that has the name of a module installed elsewhere."""
    top = module.partition(".")[0]
    meant = (directory / f"{top}.py", directory / top / "__init__.py", directory / top)
    there = next((one for one in meant if top and one.exists()), None)
    known = importlib.util.find_spec(top) if there is not None else None
    if known is None or known.origin is None or Path(known.origin) in meant:
        return None
    return there


def _check_names(directory: Path) -> None:
    for name in _OURS:
        for file in (directory / f"{name}.py", directory / name / "__init__.py"):
            if file.is_file():
                raise SpiderNotUsable(f"{file} has the name of a package of Pressmark; rename it")


def _entry_point(name: str) -> object:
    there = entry_points(group=GROUP)
    for one in there:
        if one.name == name:
            return one.load()
    known = ", ".join(sorted(one.name for one in there)) or "none is installed"
    raise SpiderNotUsable(f"no entry point of the group {GROUP} is named {name!r} ({known}); or write file.py:Class")


def _module_of_file(file: Path) -> ModuleType:
    if not file.is_file():
        raise SpiderNotUsable(f"file not found: {file}")
    name = _module_name(file)
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise SpiderNotUsable(f"{file} can't be imported")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _module_name(file: Path) -> str:
    """Return the name of a file as a module: another one if a module that is installed has it."""
    known = importlib.util.find_spec(file.stem.partition(".")[0])
    return file.stem if known is None or known.origin == str(file) else f"{file.stem}_spider"


def _of(module: ModuleType, name: str, named: str) -> object:
    try:
        return getattr(module, name)
    except AttributeError:
        spiders = [key for key, one in vars(module).items() if isinstance(one, type) and issubclass(one, Spider)]
        there = ", ".join(spiders) or "no spider"
        raise SpiderNotUsable(f"{named}: {module.__name__} has no {name}; it has {there}") from None
