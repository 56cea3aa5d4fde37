"""`make test-mutants`: change the modules that keep the promises, one place at a time, and see that a test fails.

    python -m mutants [--count 300] [--seed 1] [--jobs 2] [--nice 10] [--again] [--quick] [MODULE ...]

Draw a sample of the mutants of all modules in `promises.py` and try them, or those of the modules that are named: first
with the tests that are listed there, then with all others that execute the changed line, as far as `mutants.covering`
has measured them, and with those that read the text of modules. A run that was stopped resumes where it was; `--again`
tries those alive once more, `--quick` leaves out the listed tests that take long. The report is in `build/mutants/`.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import tee
from pathlib import Path
from types import FrameType
from typing import NoReturn

from mutants.attempt import ALL_PASSED, CPU, SOME_FAILED, Attempt, Limits, Stage
from mutants.covering import Covering, stages_covering, text_of
from mutants.mutations import Mutant, mutated, sample
from mutants.promises import DEAR, READING, TESTS
from mutants.report import ALIVE, BY_LISTED, BY_OTHERS, KILLED, Report, Trial, changed_lines, figure
from mutants.trials import copied, load, start

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "build" / "mutants" / "report.json"


def listed_stages(module: str, quick: bool, kills: Counter[str]) -> list[tuple[str, ...]]:
    """Return the files that test `module`, in the order in which they are run: first those with most `kills`."""
    tests = sorted(dict.fromkeys(TESTS[module]), key=lambda test: -kills[test.partition("::")[0]])
    cheap, dear = tuple(t for t in tests if t not in DEAR), tuple(t for t in tests if t in DEAR and not quick)
    return [stage for stage in (cheap[:1], cheap[1:3], cheap[3:], dear) if stage]


def trial(done: Attempt) -> Trial:
    """Judge an attempt that has ended."""
    outcome = done.outcome
    assert outcome is not None
    before, after = (ROOT / done.mutant.module).read_text(), mutated(ROOT, done.mutant) or ""
    verdict = ALIVE if outcome.code == ALL_PASSED else KILLED
    how = "" if verdict == ALIVE else next(iter(outcome.failed), f"ended with {outcome.code}")
    where, by = done.mutant, "" if verdict == ALIVE else done.by
    return Trial(
        *(where.module, where.line, where.operator, where.occurrence, text_of(ROOT / where.module)),
        *(*changed_lines(before, after), verdict, how, round(done.cpu, 1), by),
    )


class Bench:
    """The copies in which mutants are tried, and the arguments of all their tests."""

    def __init__(self, copies: list[Path], marks: str, quick: bool, report: Report) -> None:
        self._copies, self._free, self._quick, self._report = copies, list(copies), quick, report
        self._marks, self._left_out = marks, set[str]()
        self._covering = Covering(ROOT)

    def tried(self, mutants: Iterable[Mutant]) -> Iterator[Trial]:
        """Try `mutants`, one in each copy at a time."""
        due, busy = iter(mutants), list[Attempt]()
        try:
            while True:
                while self._free and (mutant := next(due, None)) is not None:
                    busy.append(self._attempt(mutant))
                if not busy:
                    return
                time.sleep(0.05)
                for each in [each for each in busy if each.ended() is not None]:
                    busy.remove(each)
                    self._free.append(each.copy)
                    yield trial(each)
        finally:
            for each in busy:
                each.abandon()

    def _attempt(self, mutant: Mutant) -> Attempt:
        text = mutated(ROOT, mutant)
        assert text is not None
        return Attempt(mutant, text, self._free.pop(), self._stages(mutant), Limits())

    def _stages(self, mutant: Mutant) -> list[Stage]:
        """Return the listed tests, then all others that execute the changed line, then those that read the text."""
        files = listed_stages(mutant.module, self._quick, self._report.kills(mutant.module))
        done = self._left_out.union(*files)
        others = [*stages_covering(self._covering, mutant.module, mutant.line, done, CPU / 2), READING]
        without = [argument for test in sorted(self._left_out) for argument in ("--deselect", test)]
        return [
            *(Stage(("-m", self._marks, *without, *stage), BY_LISTED) for stage in files),
            *(Stage((*without, *stage), BY_OTHERS) for stage in others),
        ]

    def left_out(self, tests: Sequence[str]) -> set[str]:
        """Run `tests` without any mutant, return those that fail, and leave them out from here on."""
        failed = {test for few in _some(tests) for test in self._failing(few)}
        for test in failed:
            print(f"left out, for it fails without any mutant: {test}", flush=True)
            self._left_out.add(test)
        return failed

    def _failing(self, tests: Sequence[str]) -> set[str]:
        running = start(self._copies[0], ["--maxfail=0", *tests], CPU)
        while (outcome := running.ended()) is None:
            time.sleep(0.05)
        if outcome.code < 0 and len(tests) == 1:
            return set(tests)
        if outcome.code in {ALL_PASSED, SOME_FAILED} or len(tests) == 1:
            return set(outcome.failed) & set(tests)
        return {test for one in tests for test in self._failing([one])}


def _some(tests: Sequence[str]) -> list[Sequence[str]]:
    return [tests[first : first + 25] for first in range(0, len(tests), 25)]


def wished() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("modules", nargs="*", default=list(TESTS), metavar="MODULE")
    parser.add_argument("--count", type=int, default=300, help="how many mutants (300)")
    parser.add_argument("--seed", type=int, default=1, help="of the sample (1)")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once (2)")
    parser.add_argument("--nice", type=int, default=10, help="how much they give way to other processes (10)")
    parser.add_argument("--again", action="store_true", help="try those alive once more")
    parser.add_argument("--quick", action="store_true", help="without the tests that take long")
    parser.add_argument(
        "--only", default="not slow and not postgresql", metavar="MARKS", help="pytest -m (%(default)s)"
    )
    return parser.parse_args()


def _end(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


def main() -> None:
    wish = wished()
    signal.signal(signal.SIGTERM, _end)
    os.nice(wish.nice)
    report = Report(REPORT)
    with tempfile.TemporaryDirectory(prefix="pressmark-mutants-") as directory:
        os.environ["TMPDIR"] = tempfile.tempdir = directory
        copies = [copied(ROOT, Path(directory) / f"copy-{nth}") for nth in range(wish.jobs)]
        load(copies[0], sorted({test for module in wish.modules for test in TESTS[module] if test not in DEAR}))
        bench, of_all = Bench(copies, wish.only, wish.quick, report), sample(ROOT, list(TESTS), wish.count, wish.seed)
        first, drawn = tee(each for each in of_all if each.module in wish.modules)
        _try((each for each in first if _due(report, each, wish.again)), bench, report)
        chosen = list(drawn)
        while doubtful := bench.left_out(sorted({each.how for each in _kept(report, chosen) if "::" in each.how})):
            _try([each for each in chosen if _killer(report, each) in doubtful], bench, report)
    trials = _kept(report, chosen)
    report.write_table(trials)
    print(figure(trials))
    sys.exit(0 if all(each.verdict == KILLED for each in trials) else 1)


def _try(mutants: Iterable[Mutant], bench: Bench, report: Report) -> None:
    for each in bench.tried(mutants):
        report.add(each)
        where, change = f"{each.module}:{each.line}", f"{each.before} -> {each.after}"
        print(f"{each.verdict} {where} {change} [{each.how}]", flush=True)


def _killer(report: Report, mutant: Mutant) -> str:
    kept = report.of(mutant, text_of(ROOT / mutant.module))
    return kept.how if kept else ""


def _kept(report: Report, mutants: list[Mutant]) -> list[Trial]:
    return [kept for each in mutants if (kept := report.of(each, text_of(ROOT / each.module)))]


def _due(report: Report, mutant: Mutant, again: bool) -> bool:
    known = report.of(mutant, text_of(ROOT / mutant.module))
    return known is None or (again and known.verdict == ALIVE)


if __name__ == "__main__":
    main()
