"""What is done to a page before its document is taken: short scripts of our own, each with a budget.

Each script is one expression. It does one thing and returns the rule by which it did it, or null if there is nothing
left to do. None logs in, buys, posts or votes. They run in a world of their own: no script of the page sees or changes
what they use.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

_HOST = re.compile(r"[a-z0-9][a-z0-9.-]*")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A script, and how often it may act on one page."""

    name: str
    budget: int
    text: str | None = None
    """The script, of a file that the operator wrote; by default the one of this package with that name."""

    @property
    def script(self) -> str:
        return script(self.name) if self.text is None else self.text


CONSENT = Behaviour("consent", 2)
SCROLL = Behaviour("scroll", 40)
MORE = Behaviour("more", 30)
EXPAND = Behaviour("expand", 20)
SRCSET = Behaviour("srcset", 1)
TURN = Behaviour("turn", 20)


def of_site(directory: str, host: str) -> Behaviour | None:
    """Return the behaviour for a host: the file ``HOST.js`` of a directory, or that of the nearest domain above.

    None without one, or if it can't be read.
    """
    labels = host.split(".") if directory and _HOST.fullmatch(host) else []
    for begin in range(max(len(labels) - 1, 0)):
        name = ".".join(labels[begin:])
        with suppress(OSError, UnicodeDecodeError):
            return Behaviour(f"{name}.js", 20, (Path(directory) / f"{name}.js").read_text("utf-8"))
    return None


@cache
def script(name: str) -> str:
    """Return a script of this package, by the name of its file."""
    return files(__name__).joinpath(f"{name}.js").read_text("utf-8")


KEEP = f"({script('keep')})(() => {script('document')})"
"""Defines what MORE, EXPAND and TURN call before each press: it keeps the document."""
LEFT = "globalThis.left?.()"
"""Returns the document as it was before the last press if that led to another page; nothing otherwise."""
