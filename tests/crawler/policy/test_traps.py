"""A resumed run continues to count what looks endless, from the few counts that were saved."""

from __future__ import annotations

from collections import Counter

import pytest

from crawler.policy.traps import Traps


def read(traps: Traps, *signatures: str, path: str = "a") -> None:
    for n, signature in enumerate(signatures):
        traps.read(f"https://x.example/{path}?s=x{n}", signature)


def is_endless(traps: Traps, path: str = "a") -> bool:
    return traps.check(f"https://x.example/{path}?s=new") is not None


@pytest.mark.parametrize(("before", "between", "after", "endless"), [(20, 0, 9, 0), (20, 0, 10, 1), (29, 1, 29, 0)])
def test_consecutive_pages_include_those_before_an_interruption(
    before: int, between: int, after: int, endless: bool
) -> None:
    tally: Counter[str] = Counter()
    read(Traps(tally), *["old"] * before, *["other"] * between)
    resumed = Traps(tally)
    read(resumed, *["old"] * after)

    assert is_endless(resumed) is bool(endless)


def test_a_resumed_run_has_forgotten_what_it_forgot_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.policy.traps._MOST_PATHS", 3)
    tally: Counter[str] = Counter()
    traps = Traps(tally)
    read(traps, *["old"] * 29)
    for path in ("b", "c", "d"):
        read(traps, "old", path=path)
    read(traps, "other 1", "other 2", "other 3")

    for each in (Traps(tally.copy()), traps):
        read(each, "old")
        assert not is_endless(each)


def test_few_counts_are_saved() -> None:
    tally: Counter[str] = Counter()
    traps = Traps(tally)
    for n in range(1_000):
        read(traps, "same", "same", path=f"pair/{n}")
    assert not tally

    for n in range(100):
        read(traps, *[f"same {n}"] * 20)
    assert len(tally) == 1

    read(traps, *["without end"] * 50)
    assert is_endless(traps)
    assert len(tally) == 1
