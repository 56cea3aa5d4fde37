"""What is done to a page before its document is taken: short scripts of our own, each with a budget.

Each script is one expression. It does one thing and returns the rule by which it did it, or null if there is nothing
left to do. None logs in, buys, posts or votes. They run in a world of their own: no script of the page sees or changes
what they use.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A script, and how often it may act on one page."""

    name: str
    budget: int

    @property
    def script(self) -> str:
        return script(self.name)


CONSENT = Behaviour("consent", 2)
SCROLL = Behaviour("scroll", 40)
MORE = Behaviour("more", 30)
EXPAND = Behaviour("expand", 20)
SRCSET = Behaviour("srcset", 1)
TURN = Behaviour("turn", 20)


@cache
def script(name: str) -> str:
    """Return a script of this package, by the name of its file."""
    return files(__name__).joinpath(f"{name}.js").read_text("utf-8")


KEEP = f"({script('keep')})(() => {script('document')})"
"""Defines what MORE, EXPAND and TURN call before each press: it keeps the document."""
LEFT = "globalThis.left?.()"
"""Returns the document as it was before the last press if that led to another page; nothing otherwise."""
