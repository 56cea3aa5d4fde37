"""Several children read side by side; the answers come in the order of the questions, whatever becomes of a child."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator

import pytest
from specimens.ferry import HTML

from archive.texts.reading_pool import Answer, ReadingPool
from archive.texts.reading_process import ReadingFailed

PAGES = 60


@pytest.fixture(scope="module")
def pool() -> Iterator[ReadingPool]:
    pool = ReadingPool(most=2, memory=1 << 30, cpu_seconds=30, wall_seconds=60, pages_a_child=5_000, worth_a_child=1)
    yield pool
    pool.drop()


def question(number: int) -> tuple[bytes, bytes]:
    facts = {"url": f"https://e.org/{number}", "content_type": "text/html", "content_encoding": None, "at": None}
    return json.dumps(facts).encode(), HTML.replace(b"<body", b"<!-- %d --><body" % number)


def state_of(answer: Answer) -> str:
    return str(answer) if isinstance(answer, ReadingFailed) else str(json.loads(answer)["state"])


def test_the_answers_come_in_order_and_few_are_held(pool: ReadingPool) -> None:
    taken, most = 0, 0
    children: set[int] = set()

    def questions() -> Iterator[tuple[bytes, bytes]]:
        nonlocal taken
        for number in range(PAGES):
            taken += 1
            body = b"<title>%d</title><body><p>A text.</p></body>" % number
            yield question(number)[0], body

    titles = []
    for answer in pool.answers(questions()):
        assert isinstance(answer, bytes)
        titles.append(json.loads(answer)["text"]["title"])
        children.update(pool.pids)
        most = max(most, taken - len(titles))

    assert titles == [str(number) for number in range(PAGES)]
    assert len(children) == 2
    assert len(pool.pids) == 1
    assert most <= 2 * 16 + 1


def test_a_child_that_dies_costs_one_page_and_those_that_wait_behind_it_are_read_by_another(pool: ReadingPool) -> None:
    states = []
    for answer in pool.answers(map(question, range(40))):
        states.append(state_of(answer))
        if len(states) == 10:
            os.kill(pool.pids[0], signal.SIGKILL)

    assert states.count("done") >= 39
    assert set(states) - {"done"} <= {"the extractor process was terminated by SIGKILL"}
    assert len(states) == 40


def test_a_page_that_is_too_long_for_the_pipe_is_failed_and_the_next_one_is_read(pool: ReadingPool) -> None:
    facts, body = question(0)

    failed, read = pool.answers([(facts, b"x" * ((64 << 20) + 1)), (facts, body)])

    assert "can't be handed over" in state_of(failed)
    assert state_of(read) == "done"
