"""What the ledger says of each source, remembered until another run of it is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

Said = TypeVar("Said")


class Remembered(Generic[Said]):
    """Answers about sources that depend on their runs that are over alone: those never change, and none goes.

    `ask` is asked for the sources of which another number is over than at the last time. Any thread may call.
    """

    def __init__(self, ask: Callable[[Sequence[str]], Mapping[str, Said]]) -> None:
        self._ask = ask
        self._said: dict[str, tuple[int, Said | None]] = {}

    def of(self, sources: Iterable[str], over: Mapping[str, int]) -> dict[str, Said]:
        """What is said of each of them, if anything. `over` was counted before: an answer may be newer, never older."""
        names = [name for name in sources if name in over]
        missing = [name for name in names if self._said.get(name, (0, None))[0] != over[name]]
        if missing:
            answers = self._ask(missing)
            self._said |= {name: (over[name], answers.get(name)) for name in missing}
        return {name: said for name in names if (said := self._said[name][1]) is not None}
