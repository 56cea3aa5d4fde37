"""Several children that read pages side by side; the answers come in the order of the questions."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from archive.texts.reading_process import ReadingFailed, ReadingProcess, wait_for
from archive.values.errors import ReaderClosed

_AHEAD = 2
"""Requests that a child has at once: it continues with the next one while its response is processed."""
_AHEAD_BYTES = 1 << 20
"""Larger ones wait until the child has nothing else."""
WORTH_A_CHILD = 100
"""Pages of one reading after which another child is started, and again: to start one costs as much."""
_HELD = 16
"""Answers for each child that may wait for an earlier one."""


class Question(NamedTuple):
    number: int
    facts: bytes
    payload: bytes


Answer = bytes | ReadingFailed


class ReadingPool:
    """The children of a reader. Only one thread at a time may call it, except for `kill`; children start on demand."""

    def __init__(
        self,
        *,
        most: int,
        memory: int,
        cpu_seconds: int,
        wall_seconds: float,
        pages_a_child: int,
        worth_a_child: int = WORTH_A_CHILD,
    ) -> None:
        self._worth_a_child = worth_a_child
        self._most, self._pages_a_child = most, pages_a_child
        self._limits = (memory, cpu_seconds, wall_seconds)
        self._children: dict[ReadingProcess, deque[Question]] = {}
        self._closed = threading.Event()

    @property
    def pids(self) -> list[int]:
        return [child.pid for child in list(self._children)]

    def answers(self, questions: Iterable[tuple[bytes, bytes]]) -> Iterator[Answer]:
        """Yield an answer for each question, in their order, or why there is none. Raises ReaderClosed.

        Questions are taken as children get free, so that few of them, and of the answers, are held at once.
        """
        reading = _PendingAnswers(questions)
        try:
            while (answer := reading.next()) is not None or not reading.is_over:
                if answer is not None:
                    since = time.monotonic()
                    yield answer
                    self._excuse(time.monotonic() - since)
                    continue
                self._feed(reading)
                self._collect(reading)
        finally:
            self._rest()

    def kill(self) -> None:
        """End all children from any thread, and start no more. Current and later calls raise ReaderClosed."""
        self._closed.set()
        for child in list(self._children):
            child.kill()

    def drop(self) -> None:
        """End all children, and leave nothing behind."""
        while self._children:
            child, _ = self._children.popitem()
            child.close()

    def _feed(self, reading: _PendingAnswers) -> None:
        """Give each child something to do, as far as there are questions."""
        while reading.may_ask(_HELD * self._most) and (child := self._free(reading)):
            question = reading.ask()
            if question is None:
                return
            self._children[child].append(question)
            try:
                child.ask(question.facts, question.payload)
            except ValueError as error:
                self._children[child].pop()
                reading.answer(question, ReadingFailed(f"the page can't be handed over: {error}"))

    def _free(self, reading: _PendingAnswers) -> ReadingProcess | None:
        """Return the child that has least to do, or a new one; None when all are busy."""
        self._check_open()
        self._retire()
        size = reading.size_of_next()
        if size is None:
            return None
        child = min(self._children, key=lambda one: one.waiting, default=None)
        idle = child is not None and not child.waiting
        if idle or len(self._children) >= min(self._most, 1 + reading.asked // self._worth_a_child):
            ahead = _AHEAD if size <= _AHEAD_BYTES else 1
            return child if child and child.waiting < ahead and child.asked < self._pages_a_child else None
        return self._start(reading)

    def _start(self, reading: _PendingAnswers) -> ReadingProcess | None:
        try:
            child = ReadingProcess(*self._limits)
        except OSError as error:
            if not self._children and (question := reading.ask()):
                why = f"the extractor process could not be started: {error}"
                reading.answer(question, ReadingFailed(why))
            return None
        self._children[child] = deque()
        if self._closed.is_set():  # `kill` did not see it
            child.kill()
        return child

    def _retire(self) -> None:
        """End the children that have done their share, and those that died idle."""
        for child in [one for one in self._children if not one.waiting]:
            if child.asked >= self._pages_a_child or not child.is_alive:
                del self._children[child]
                child.close()

    def _collect(self, reading: _PendingAnswers) -> None:
        """Wait for answers, and take them up."""
        busy = [child for child in self._children if child.waiting]
        if busy:
            wait_for(busy)
        for child in busy:
            try:
                for answer in child.step():
                    reading.answer(self._children[child].popleft(), answer)
                if child.overdue():
                    raise child.give_up()
            except ReadingFailed as failure:
                self._failed(child, failure, reading)

    def _failed(self, child: ReadingProcess, failure: ReadingFailed, reading: _PendingAnswers) -> None:
        """The page that a child was at is failed; those behind it are for others."""
        first, *rest = self._children.pop(child)
        if self._closed.is_set():
            raise ReaderClosed("the reader was closed while reading") from failure
        reading.answer(first, failure)
        reading.put_back(rest)

    def _excuse(self, seconds: float) -> None:
        for child in self._children:
            child.excuse(seconds)

    def _rest(self) -> None:
        """Keep one child for what comes next, and none that is in the middle of something."""
        for child in list(self._children):
            if child.waiting or len(self._children) > 1:
                del self._children[child]
                child.close()

    def _check_open(self) -> None:
        if self._closed.is_set():
            raise ReaderClosed("the reader is closed")


class _PendingAnswers:
    """The questions of one reading, and the answers that wait for an earlier one."""

    def __init__(self, questions: Iterable[tuple[bytes, bytes]]) -> None:
        self._questions = enumerate(questions)
        self._waiting: deque[Question] = deque()
        self._answers: dict[int, Answer] = {}
        self._yielded = self.asked = 0
        self._ended = False

    @property
    def is_over(self) -> bool:
        return self._ended and self.asked == self._yielded

    def may_ask(self, most: int) -> bool:
        """Return whether another question may be asked: so many may be without a taken answer, and those put back."""
        again = bool(self._waiting) and self._waiting[0].number < self.asked
        return again or self.asked - self._yielded < most

    def size_of_next(self) -> int | None:
        """Return the bytes of the next question; None when there is none."""
        if not self._waiting and not self._ended:
            found = next(self._questions, None)
            if found is None:
                self._ended = True
            else:
                number, (facts, payload) = found
                self._waiting.append(Question(number, facts, payload))
        return len(self._waiting[0].payload) if self._waiting else None

    def ask(self) -> Question | None:
        """Take the next question."""
        if self.size_of_next() is None:
            return None
        question = self._waiting.popleft()
        self.asked = max(self.asked, question.number + 1)
        return question

    def put_back(self, questions: Iterable[Question]) -> None:
        self._waiting.extendleft(reversed(list(questions)))

    def answer(self, question: Question, answer: Answer) -> None:
        self._answers[question.number] = answer

    def next(self) -> Answer | None:
        """Take the answer whose turn it is; None while it is not there."""
        answer = self._answers.pop(self._yielded, None)
        self._yielded += answer is not None
        return answer
