"""Write a page for each package: each of its files, what it is for, and the routes, settings and numbers in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
_METHODS = ("get", "post", "put", "patch", "delete", "command")
_NOTHING = ("0", "0.0", "timedelta()")
"""Values that say nothing: where counts begin."""
_WIDE = 110
"""Characters of a docstring of a number: the rest is in the file."""


class Entry(NamedTuple):
    """A file with its purpose, and what is in it that people look for."""

    path: str
    purpose: str
    holds: list[str]


def page(package: str) -> str:
    """Return the page of a package: a section for each room, a row for each file."""
    parts = [
        f"# Files of {package}\n\nEach file with its purpose, and what people look for in it: routes and commands, settings with their"
        " defaults, and numbers. To find the place of a change, search this page for the words of your change.\n"
    ]
    folders = sorted({path.parent for path in (ROOT / package).rglob("*.py")} - _revisions(package))
    for folder in folders:
        entries = [entry for path in sorted(folder.glob("*.py")) if (entry := entry_of(path)).holds or entry.purpose]
        rows = [f"| `{entry.path}` | {_cell(entry.purpose)} | {_cell('; '.join(entry.holds))} |" for entry in entries]
        name = folder.relative_to(ROOT).as_posix()
        parts.append(
            f"## {name}\n\n| file | is for | holds |\n|---|---|---|\n" + "\n".join(rows) + "\n" + _others(folder)
        )
    return "\n".join(parts)


def entry_of(path: Path) -> Entry:
    """Return the row of a module."""
    tree = ast.parse(path.read_text("utf-8"))
    inside = path.relative_to(ROOT).as_posix()
    purpose = _first(ast.get_docstring(tree))
    if path.name == "__init__.py":
        inside = inside.removesuffix("__init__.py")
    holds = [*_routes(tree), *_numbers(tree.body)]
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            holds += _keys().get((inside, node.name), []) or _numbers(node.body)
    return Entry(inside, purpose, [*holds, *_defaults(tree)])


def _routes(tree: ast.Module) -> Iterator[str]:
    prefixes = _prefixes(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for call in node.decorator_list:
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in _METHODS:
                    prefix = prefixes.get(ast.unparse(call.func.value), "")
                    method = call.func.attr.upper()
                    yield from (f"`{method} {prefix}{path}`".replace("COMMAND ", "") for path in _strings(call))


def _prefixes(tree: ast.Module) -> dict[str, str]:
    """Return what begins the paths of each router of a module, by the name of the router."""
    found = {}
    for node in tree.body:
        for name, value in _assigned(node):
            given = {key.arg: key.value for key in value.keywords} if isinstance(value, ast.Call) else {}
            prefix = given.get("prefix")
            if isinstance(prefix, ast.Constant):
                found[name] = str(prefix.value)
    return found


def _strings(call: ast.Call) -> Iterator[str]:
    for argument in call.args[:1]:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


def _numbers(body: list[ast.stmt]) -> Iterator[str]:
    """Yield the constants that are numbers or durations, with their docstrings."""
    for node, after in zip(body, [*body[1:], None], strict=True):
        for name, value in _assigned(node):
            if _is_number(value) and ast.unparse(value) not in _NOTHING:
                said = _docstring(after)
                yield f"`{name}` {ast.unparse(value)}" + (f" ({said})" if said else "")


def _defaults(tree: ast.Module) -> Iterator[str]:
    """Yield the numbers that parameters of public functions have by default."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            given = node.args
            positional = [*given.posonlyargs, *given.args]
            pairs = [*zip(reversed(positional), reversed(given.defaults), strict=False)][::-1]
            pairs += [(name, value) for name, value in zip(given.kwonlyargs, given.kw_defaults, strict=True) if value]
            for name, value in pairs:
                if _is_number(value) and ast.unparse(value) not in (*_NOTHING, "1", "200"):
                    yield f"`{node.name}({name.arg}=)` {ast.unparse(value)}"


@cache
def _keys() -> dict[tuple[str, str], list[str]]:
    """Return the keys of settings and of source files, with their defaults, by the class that has them."""
    from config.settings import Settings
    from config.source import Source

    found: dict[tuple[str, str], list[str]] = {}
    for model in (Settings, Source):
        _gather(model, "", found)
    return found


def _gather(model: Any, before: str, found: dict[tuple[str, str], list[str]]) -> None:
    from pydantic import BaseModel
    from reference import shown

    for name, field in model.model_fields.items():
        key = f"{before}{field.serialization_alias or name}"
        kinds = [a for a in (field.annotation, *getattr(field.annotation, "__args__", ())) if isinstance(a, type)]
        group = next((a for a in kinds if issubclass(a, BaseModel) and a.__name__ != "Secret"), None)
        if group:
            _gather(group, f"{key}.", found)
            continue
        default = "" if field.is_required() or field.default_factory else shown(field.default)
        place = (model.__module__.replace(".", "/") + ".py", model.__name__)
        found.setdefault(place, []).append(f"`{key}`" + (f" {default}" if default not in ("", "`()`", "`{}`") else ""))


def _assigned(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that a statement gives to values."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            yield from ((ast.unparse(name), value) for name, value in zip(names, values, strict=False))
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value


def _is_number(value: ast.expr) -> bool:
    match value:
        case ast.Constant(value=bool()):
            return False
        case ast.Constant(value=int() | float()):
            return True
        case ast.BinOp(left=left, right=right):
            return _is_number(left) and _is_number(right)
        case ast.Call(func=ast.Name(id="timedelta")):
            return True
        case ast.Tuple(elts=values):
            return bool(values) and all(map(_is_number, values))
    return False


def _docstring(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        said = _first(node.value.value).rstrip(".")
        return said if len(said) <= _WIDE else said[:_WIDE].rpartition(" ")[0] + " …"
    return ""


def _first(text: str | None) -> str:
    """Return the first paragraph of a docstring in one line."""
    return " ".join((text or "").partition("\n\n")[0].replace("``", "`").split())


def _others(folder: Path) -> str:
    """Return a line about templates, scripts and styles in a folder of the room, if there are any."""
    found = [
        path.relative_to(ROOT).as_posix()
        for kind in ("templates", "static")
        for path in sorted((folder / kind).rglob("*"))
        if path.suffix in {".html", ".css", ".js", ".xml", ".txt"}
    ]
    return "\nBeside them: " + ", ".join(f"`{path}`" for path in found) + ".\n" if found else ""


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", text)


def _revisions(package: str) -> set[Path]:
    return {path.parent for path in (ROOT / package).glob("database/migrations/versions/*.py")}
