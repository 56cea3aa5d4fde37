"""What can be seen of a process and of all below it: their arguments, by every user, and their environments."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_EVERY = 0.02
"""Seconds."""


@contextmanager
def looking_at(root: int) -> Iterator[dict[str, str]]:
    """Look at these processes all the time. Yield what was seen until now, by "arguments of" and "environment of"."""
    seen, over = dict[str, str](), threading.Event()

    def look() -> None:
        while not over.wait(_EVERY):
            for pid in _below(root):
                with suppress(OSError):
                    _look(pid, seen)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def _look(pid: int, seen: dict[str, str]) -> None:
    arguments = _read(pid, "cmdline")
    words = arguments.split("\0")
    program = words[words.index("-m") + 1] if "-m" in words[:-1] else Path(words[0]).name
    environment = _read(pid, "environ")
    if _read(pid, "cmdline") == arguments:  # it is still the same program
        seen[f"arguments of {program}"] = seen.get(f"arguments of {program}", "") + arguments
        seen[f"environment of {program}"] = environment


def _read(pid: int, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_bytes().decode("latin-1")


def _below(pid: int) -> Iterator[int]:
    yield pid
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in file.read_text().split():
                yield from _below(int(child))
