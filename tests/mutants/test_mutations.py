"""Mutants change what a test can hold, each in one place, and the same seed draws the same ones."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("cosmic_ray")
from mutants.mutations import mutants, mutated, sample
from mutants.promises import DEAR, TESTS
from mutants.report import changed_lines

ROOT = Path(__file__).parents[2]
MODULE = '''"""A module."""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Count", "State", "keep"]

logger = logging.getLogger(__name__)
State = Literal["kept", "lost"]
T = TypeVar("T")
_BATCH, _PAGE = 1 << 10, 500
_BATCH = 1 << 10


@dataclass(frozen=True)
class Count:
    of: int | None = None


def keep(path: str | None, *, size: int = 3) -> str:
    """Keep it."""
    logger.info("kept 1")
    sync(path)
    if path is None:
        return False
    if size < 2:
        raise ValueError(f"{path[:80]} is too small")
    return "kept"
'''
EXPECTED = {
    ("sync(path)", "pass"),
    ('return "kept"', "return None"),
    ('return "kept"', "return 'mutated'"),
    ('raise ValueError(f"{path[:80]} is too small")', "raise ZeroDivisionError"),
    ("if size < 2:", "if size <= 2:"),
    ("if size < 2:", "if size < 1:"),
    ("if size < 2:", "if not size < 2:"),
}
UNTOUCHED = (
    '"""',
    "logger.",
    "import",
    "from",
    "class",
    "@dataclass",
    "of:",
    "if TYPE_CHECKING",
    "__all__",
    "State",
    "T =",
    "_BATCH =",
)


def changes(root: Path) -> set[tuple[str, str]]:
    found = [(mutant, mutated(root, mutant)) for mutant in mutants(root, "module.py")]
    return {changed_lines(MODULE, text) for _, text in found if text is not None}


def test_a_mutant_changes_only_what_a_test_can_detect(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(MODULE)

    found = changes(tmp_path)

    assert found >= EXPECTED
    assert [before for before, _ in found if before.startswith(UNTOUCHED)] == []
    assert ("_BATCH, _PAGE = 1 << 10, 500", "_BATCH, _PAGE = 1 << 10, 501") in found, "no name of a size"
    assert ("if path is None:", "if path is not None:") in found
    assert ("if path is None:", "if path == None:") not in found
    assert {after for before, after in found if before == "return False"} == {"return True"}
    assert [after for before, after in found if before.startswith("raise")] == ["raise ZeroDivisionError"]
    assert {after for before, after in found if before.startswith("def")} == {
        f"def keep(path: str | None, *, size: int = {size}) -> str:" for size in (2, 4)
    }


def test_the_same_seed_draws_the_same_mutants(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(MODULE)

    drawn = list(sample(tmp_path, ["module.py"], 6, seed=7))

    assert list(sample(tmp_path, ["module.py"], 6, seed=7)) == drawn
    assert len({(mutant.line, mutant.column) for mutant in drawn}) == len(drawn) == 6


def test_every_module_and_every_test_of_the_table_exists() -> None:
    named = {*TESTS, *DEAR, *(test for tests in TESTS.values() for test in tests)}

    assert [name for name in sorted(named) if not (ROOT / name.partition("::")[0]).exists()] == []
