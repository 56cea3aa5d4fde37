"""A page made for a benchmark, and the prose around what it tests."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MadePage:
    """A page, its formulas (TeX, and whether on a line of its own), and its code blocks (text and language)."""

    name: str
    html: str
    formulas: list[tuple[str, bool]] = field(default_factory=list)
    code: list[tuple[str, str]] = field(default_factory=list)
    never: tuple[str, ...] = ()
    """Lines that must not be in the text."""


PROSE = (
    "The tide gauges of the harbour send a reading every six minutes, and the office keeps each of them for good.",
    "A reading that differs from its neighbours by more than a hand is compared with the gauge across the water.",
    "Most of the errors were found by a keeper who drew the curves by hand, long before a program looked at them.",
    "The constants were fitted again in spring, since the dredging of the channel had changed the shape of the bay.",
    "What follows was written for new keepers; the older ones know it, or say that they have always known it.",
)


def made_page(name: str, body: str, head: str = "") -> str:
    title = f"Readings, {name}"
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{title}</title>{head}</head><body>"
        "<header><nav><ul><li><a href='/'>Home</a></li><li><a href='/docs'>Docs</a></li></ul></nav></header>"
        f"<main><article class='post'><h1>{title}</h1>{body}</article></main>"
        "<footer><p>© 2024 The harbour office</p></footer></body></html>"
    )
