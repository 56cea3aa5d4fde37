"""What the ledger says of each source, cached until another run of it is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from archive.database.closed_collections import closed_collections

Said = TypeVar("Said")


class RunAnswerCache(Generic[Said]):
    """Caches answers that depend on the finished runs of a source alone: these never change, and none is deleted.

    `ask` is called with the sources whose number of finished runs has changed since the last call. Any thread may call.
    """

    def __init__(self, ask: Callable[[Sequence[str]], Mapping[str, Said]]) -> None:
        self._ask = ask
        self._said: dict[str, tuple[int, Said | None]] = {}

    def of(self, sources: Iterable[str], over: Mapping[str, int]) -> dict[str, Said]:
        """Return the answer for each source that has one.

        `over` was counted before: an answer may be newer, never older.
        """
        names = [name for name in sources if name in over]
        if closed_collections():  # the answers for this reader are no one else's
            return dict(self._ask(names))
        missing = [name for name in names if self._said.get(name, (0, None))[0] != over[name]]
        if missing:
            answers = self._ask(missing)
            self._said |= {name: (over[name], answers.get(name)) for name in missing}
        return {name: said for name in names if (said := self._said[name][1]) is not None}
