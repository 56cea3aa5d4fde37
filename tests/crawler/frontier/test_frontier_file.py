"""The file of a frontier: what a kill leaves of it is deleted, and nothing of it comes back."""

from __future__ import annotations

from pathlib import Path

from crawler.frontier.frontier import Frontier
from crawler.policy.rows import Link


def page(path: str) -> Link:
    return Link("http://a.example" + path)


def test_a_deleted_frontier_leaves_no_file(tmp_path: Path) -> None:
    frontier = Frontier(tmp_path / "run.db")
    frontier.add([page("/a")])
    frontier.discard()

    assert list(tmp_path.iterdir()) == []


def test_the_log_of_a_deleted_frontier_brings_back_nothing(tmp_path: Path) -> None:
    dead = Frontier(tmp_path / "run.db")
    dead.add([page("/a")])
    dead.path.unlink()  # the deletion was killed here
    dead._db.close()
    assert (tmp_path / "run.db-wal").stat().st_size

    frontier = Frontier(tmp_path / "run.db")
    assert not frontier.waiting()
    frontier.close()


def test_an_unfinished_file_of_a_killed_creation_is_deleted_and_that_of_another_run_is_not(tmp_path: Path) -> None:
    for name in (".run.db.0123abcd.tmp", ".run.db2.0123abcd.tmp"):
        (tmp_path / name).write_bytes(b"unfinished")  # the creation was killed here

    Frontier(tmp_path / "run.db").discard()

    assert [path.name for path in tmp_path.iterdir()] == [".run.db2.0123abcd.tmp"]
