"""One mutant in a copy of the repository: its tests run in stages until one fails."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from mutants.mutations import Mutant
from mutants.trials import WALL, Outcome, changed, start

ALL_PASSED, SOME_FAILED = 0, 1  # exit codes of pytest
CANNOT_RUN = {3, 4, 5}  # an error of pytest itself, wrong arguments, no test found
CPU = 120  # seconds for each process of a trial; the dearest file of tests takes a third


@dataclass(frozen=True)
class Stage:
    """Arguments of pytest, and why these tests are run."""

    arguments: tuple[str, ...]
    by: str


@dataclass(frozen=True)
class Limits:
    """What a stage may take, in seconds: the CPU time of each of its processes, and the time until it ends."""

    cpu: int = CPU
    wall: float = WALL

    def halved(self) -> Limits:
        """Return the limits without a mutant: one that exceeds the whole ones then takes at least twice as long."""
        return Limits(self.cpu // 2, self.wall / 2)


class Attempt:
    """A mutant in a copy, and the stages still to run: the first file alone, which kills most, then the others.

    A stage may end without the name of a test that failed, by a signal or a limit. It counts only if the same stage
    passes without the mutant, in half the limits. Otherwise it says nothing, and the next stage decides.
    """

    def __init__(self, mutant: Mutant, text: str, copy: Path, stages: Sequence[Stage], limits: Limits) -> None:
        """Start the tests of `mutant`, which gives its module this `text`."""
        self.mutant, self.copy = mutant, copy
        self.cpu = 0.0
        self.outcome: Outcome | None = None
        self._text, self._left, self._limits = text, list(stages), limits
        self._placed = ExitStack()
        self._doubted: Outcome | None = None
        self._begin()

    def _begin(self) -> None:
        self._stage = self._left.pop(0)
        self._placed.enter_context(changed(self.copy / self.mutant.module, self._text))
        self._running = start(self.copy, self._stage.arguments, self._limits.cpu, wall=self._limits.wall)

    @property
    def by(self) -> str:
        """Why the tests of the last stage were run."""
        return self._stage.by

    def ended(self) -> Outcome | None:
        """Return how the tests ended, None while some run."""
        outcome = self._running.ended()
        if outcome is None:
            return None
        self._placed.close()
        self.cpu += outcome.cpu
        if self._doubted is not None:
            outcome, self._doubted = self._confirmed(self._doubted, outcome), None
        elif _names_no_test(outcome):
            self._doubted, half = outcome, self._limits.halved()
            self._running = start(self.copy, self._stage.arguments, half.cpu, wall=half.wall)
            return None
        if outcome.code == ALL_PASSED and self._left:
            self._begin()
            return None
        self.outcome = outcome
        return outcome

    def _confirmed(self, doubted: Outcome, without: Outcome) -> Outcome:
        """Return the outcome that counts of a stage: `doubted` with the mutant, `without` the other one."""
        if without.code in CANNOT_RUN:
            sys.exit(f"The tests of {self.mutant.module} can't be run ({without.code}):\n{without.output[-2000:]}")
        if without.code == ALL_PASSED:
            return doubted
        tests = " ".join(self._stage.arguments)
        print(f"no verdict ({doubted.code}), for it ends with {without.code} without the mutant: {tests}", flush=True)
        return replace(without, code=ALL_PASSED, failed=[])

    def abandon(self) -> None:
        """Stop the tests, and put the module back."""
        if self.outcome is None:
            self._running.stop()
            self._placed.close()


def _names_no_test(outcome: Outcome) -> bool:
    return outcome.code < 0 or (outcome.code != ALL_PASSED and not outcome.failed)
