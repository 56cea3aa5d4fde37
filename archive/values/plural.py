"""Numbers of things, as messages say them."""

from __future__ import annotations


def counted(number: int, noun: str, form: str = "") -> str:
    """``1 page``, ``2 pages``; with the form ``,`` also ``12,000 pages``."""
    return f"{number:{form}} {noun}{'' if number == 1 else 's'}"
