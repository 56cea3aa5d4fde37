"""The rules of the rooms inside the packages (docs/decisions/0016-rooms.md), and a package that breaks each of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("config", "extractor", "archive", "crawler", "scheduler", "pressmark")
MOST_ENTRIES = 12
MOST_FILES = 26
MOST_LINES = 300
NO_ENTRY = {"__init__.py", "__main__.py", "addon", "client"}
"""`pressmark.addon` and `pressmark.client` are names that users write into programs of their own."""
ARCHITECTURE = ROOT / "docs" / "architecture.md"


def entries(package: Path) -> list[str]:
    files = [path.name for path in package.glob("*.py") if path.name not in NO_ENTRY]
    folders = [path.name for path in package.iterdir() if any(path.rglob("*.py")) and path.name not in NO_ENTRY]
    return sorted([*files, *folders])


def rooms(package: Path) -> Iterator[Path]:
    """Yield the directories of a package that hold modules, and their directories."""
    for directory in sorted(package.rglob("*")):
        if directory.is_dir() and "migrations" not in directory.parts and any(directory.glob("*.py")):
            yield directory


def crowded(package: Path) -> list[str]:
    return [room.name for room in rooms(package) if len(list(room.glob("*.py"))) - 1 > MOST_FILES]


def long_modules(package: Path) -> list[str]:
    return [path.name for path in sorted(package.rglob("*.py")) if len(path.read_bytes().splitlines()) > MOST_LINES]


def unsaid(package: Path) -> list[str]:
    """Return the rooms without a docstring about their purpose."""
    missing = []
    for room in rooms(package):
        said = ast.get_docstring(ast.parse((room / "__init__.py").read_text("utf-8"))) or ""
        if not said:
            missing.append(room.name)
    return missing


def imports(root: Path, packages: tuple[str, ...]) -> dict[str, set[str]]:
    """Return each module with the modules that it imports, including imports for the type checker only."""
    modules = {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
        for package in packages
        for path in (root / package).rglob("*.py")
    }
    return {name: set(_imported(name, path, modules)) for name, path in modules.items()}


def _imported(name: str, path: Path, modules: dict[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                found = f"{node.module}.{alias.name}"
                target = found if found in modules else node.module
                if target in modules and target != name:
                    yield target


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """Return the strongly connected components of more than one module (Tarjan, 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            circle = set(stack[at:])
            del stack[at:]
            if len(circle) > 1:
                found.append(circle)

    for node in graph:
        if node not in index:
            visit(node)
    return found


def strangers(root: Path) -> list[str]:
    """Return directories of tests of a package that mirror no room of it."""
    data = {"cases", "boards", "golden", "segments", "harms", "site"}
    return [
        str(directory.relative_to(root / "tests"))
        for package in PACKAGES
        for directory in (root / "tests" / package).rglob("*")
        if directory.is_dir()
        and any(directory.glob("test_*.py"))
        and not data & set(directory.parts)
        and not (root / directory.relative_to(root / "tests")).is_dir()
    ]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_has_at_most_a_dozen_entries_at_its_top(package: str) -> None:
    assert len(entries(ROOT / package)) <= MOST_ENTRIES, entries(ROOT / package)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_room_is_crowded_and_each_states_its_purpose(package: str) -> None:
    assert crowded(ROOT / package) == []
    assert unsaid(ROOT / package) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_is_longer_than_three_hundred_lines(package: str) -> None:
    assert long_modules(ROOT / package) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles(imports(ROOT, PACKAGES)) == []


def test_tests_mirror_the_rooms() -> None:
    assert strangers(ROOT) == []


def test_the_architecture_names_every_room_and_no_other() -> None:
    page = ARCHITECTURE.read_text("utf-8")
    said = {
        line.split("`")[1] for line in page.splitlines() if line.startswith(tuple(f"| `{name}/" for name in PACKAGES))
    }

    assert said == {
        f"{package}/{room.name}/" for package in PACKAGES for room in (ROOT / package).iterdir() if _is_room(room)
    }


def _is_room(path: Path) -> bool:
    return path.is_dir() and any(path.glob("*.py"))


def test_the_path_of_a_page_names_existing_files() -> None:
    way = ARCHITECTURE.read_text("utf-8").partition("## The way of a page")[2].partition("\n## ")[0]
    files = [word for word in way.split("`")[1::2] if word.endswith(".py")]

    assert len(files) > 15
    assert [file for file in files if not (ROOT / file).is_file()] == []


def missing_files(page: str) -> list[str]:
    """Return the files and folders that "Where a change goes" names and that do not exist; `x` stands for any name."""
    table = page.partition("## Where a change goes")[2]
    named = [
        word for word in table.split("`")[1::2] if word.startswith(tuple(f"{top}/" for top in (*PACKAGES, "tests")))
    ]
    return [word for word in named if not re.search(r"\bx\.|_x\.", word) and not (ROOT / word).exists()]


def test_where_a_change_goes_names_existing_files() -> None:
    page = ARCHITECTURE.read_text("utf-8")

    assert missing_files(page) == []
    assert missing_files(page + "| a change | `archive/nowhere.py` |") == ["archive/nowhere.py"]


def test_a_package_that_breaks_a_rule_is_detected(tmp_path: Path) -> None:
    package = tmp_path / "archive"
    room = package / "room"
    room.mkdir(parents=True)
    for number in range(MOST_FILES + 1):
        (room / f"m{number}.py").touch()
    (room / "__init__.py").touch()
    (package / "__init__.py").touch()
    for number in range(MOST_ENTRIES):
        (package / f"e{number}.py").touch()
    (package / "one.py").write_text("from archive.two import x\n")
    (package / "two.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from archive.one import y\n"
    )
    (room / "long.py").write_text("x = 1\n" * (MOST_LINES + 1))
    (room / "full.py").write_text("x = 1\n" * MOST_LINES)
    (tmp_path / "tests" / "archive" / "nowhere").mkdir(parents=True)
    (tmp_path / "tests" / "archive" / "nowhere" / "test_x.py").touch()

    assert len(entries(package)) > MOST_ENTRIES
    assert crowded(package) == ["room"]
    assert unsaid(package) == ["room"]
    assert long_modules(package) == ["long.py"]
    assert circles(imports(tmp_path, ("archive",))) == [{"archive.one", "archive.two"}]
    assert strangers(tmp_path) == ["archive/nowhere"]
