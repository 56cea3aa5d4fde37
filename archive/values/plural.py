"""Format counted things for messages."""

from __future__ import annotations


def counted(number: int, noun: str, form: str = "") -> str:
    """Return ``1 page`` or ``2 pages``; with the format ``,`` also ``12,000 pages``."""
    return f"{number:{form}} {noun}{'' if number == 1 else 's'}"
