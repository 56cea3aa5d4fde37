"""Exchanges without a response are counted by run, wherever their segment lies in the spool."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from specimens.exchanges import context, numbered
from specimens.spools import crashed, recovered_later

from archive.spool.unanswered import unanswered_in


def test_exchanges_without_a_response_are_counted_before_and_after_recovery(tmp_path: Path) -> None:
    silent = [replace(numbered(number), response=None) for number in (1, 2)]
    captures, _ = crashed(tmp_path, [*silent, numbered(3)])
    run = context().run

    assert [capture.kind for capture in captures] == ["failed", "failed", "response"]
    assert (unanswered_in(tmp_path, run), unanswered_in(tmp_path, "another")) == (2, 0)
    recovered_later(tmp_path)
    assert (unanswered_in(tmp_path, run), unanswered_in(tmp_path, "another")) == (2, 0)


def test_a_spool_that_does_not_exist_has_none(tmp_path: Path) -> None:
    assert unanswered_in(tmp_path / "spool", "run") == 0
