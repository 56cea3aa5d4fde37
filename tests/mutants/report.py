"""The results of all trials, saved after each, so that a stopped run can be resumed."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from mutants.mutations import Mutant

KILLED, ALIVE = "killed", "alive"
BY_LISTED, BY_OTHERS = "listed", "others"  # the tests of the module, or those that execute the line or read it


@dataclass(frozen=True)
class Trial:
    """One mutant, tried. `text` is the SHA-256 of its module, `how` the test that failed, `cpu` in seconds."""

    module: str
    line: int
    operator: str
    occurrence: int
    text: str
    before: str
    after: str
    verdict: str
    how: str
    cpu: float
    by: str = BY_LISTED


def changed_lines(before: str, after: str) -> tuple[str, str]:
    """Return the lines that differ, before and after."""
    lines = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[:2] in {"- ", "+ "}]
    was, now = (" ".join(line[2:].strip() for line in lines if line[0] == sign) for sign in "-+")
    return was, now


class Report:
    """The trials of all runs, in a JSON file, and a table of them beside it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._trials = {_key(trial): trial for trial in self._kept()}

    def _kept(self) -> list[Trial]:
        return [Trial(**each) for each in json.loads(self.path.read_text())] if self.path.exists() else []

    def of(self, mutant: Mutant, text: str) -> Trial | None:
        """Return the trial of this mutant of this text of its module."""
        return self._trials.get((mutant.module, mutant.operator, mutant.occurrence, text))

    def kills(self, module: str) -> Counter[str]:
        """Return how many mutants of `module` each file of tests has killed."""
        return Counter(each.how.partition("::")[0] for each in self._trials.values() if each.module == module)

    def add(self, trial: Trial) -> None:
        """Keep one more trial."""
        self._trials[_key(trial)] = trial
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps([asdict(each) for each in self._trials.values()], indent=1))
        beside.rename(self.path)

    def write_table(self, trials: list[Trial]) -> None:
        """Write a table of `trials`: each module's figures, then those alive."""
        self.path.with_suffix(".md").write_text(table(trials))


def _key(trial: Trial) -> tuple[str, str, int, str]:
    return trial.module, trial.operator, trial.occurrence, trial.text


def figure(trials: list[Trial]) -> str:
    """Return how many were killed, in a sentence."""
    killed = sum(trial.verdict == KILLED for trial in trials)
    share, cpu = killed / max(len(trials), 1), sum(trial.cpu for trial in trials)
    others = sum(trial.verdict == KILLED and trial.by == BY_OTHERS for trial in trials)
    return (
        f"{len(trials)} mutants, {killed} killed ({share:.1%}), {others} of them only by tests that are not listed, "
        f"{cpu:.0f} s of CPU"
    )


def table(trials: list[Trial]) -> str:
    """Return the report as Markdown."""
    all_of, killed = Counter(t.module for t in trials), Counter(t.module for t in trials if t.verdict == KILLED)
    lines = [figure(trials), "", "| module | mutants | killed |", "|---|---|---|"]
    lines += [f"| `{module}` | {all_of[module]} | {killed[module]} |" for module in sorted(all_of)]
    lines += ["", "| alive in | line | was | became |", "|---|---|---|---|"]
    alive = sorted((t for t in trials if t.verdict == ALIVE), key=lambda t: (t.module, t.line))
    lines += [f"| `{t.module}` | {t.line} | `{_cell(t.before)}` | `{_cell(t.after)}` |" for t in alive]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("`", "'")
