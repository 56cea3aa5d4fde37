"""The views of a memento by their modifier: what stands after the timestamp in its URL."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from archive.snapshot import Snapshot
from pressmark.retrieval import raw
from pressmark.retrieval.answer import Answer
from pressmark.retrieval.asked import Asked
from pressmark.retrieval.view import Place

MODIFIERS = frozenset({"", "id_", "mp_", "if_", "fr_", "js_", "cs_", "im_", "oe_", "bn_", "wkr_", "sw_"})
"""All that the field knows."""

View = Callable[[Asked, Snapshot, Place], Answer]
"""Makes an answer of a snapshot, and closes it."""

VIEWS: Mapping[str, View] = {"id_": raw.answer}
"""The views that there are: another one is entered here."""

PREFERENCES: Mapping[str, str] = {"raw": "id_", "rewritten": "mp_", "banner-only": "bn_"}
"""What a client may ask for by Prefer, and the view that it gets."""


class NoSuchView(Exception):
    def __init__(self, modifier: str) -> None:
        super().__init__(f"there is no view {modifier} here; there are {', '.join(sorted(VIEWS))}")


def default_view() -> str:
    """The view of a memento that names none: the page made fit to be read here, or else the page as it was."""
    return "mp_" if "mp_" in VIEWS else "id_"


def check_view(modifier: str) -> str:
    """The view that a modifier means. Raises NoSuchView."""
    wanted = modifier or default_view()
    if wanted not in VIEWS:
        raise NoSuchView(modifier)
    return wanted


def serve(modifier: str, found: Snapshot, asked: Asked, place: Place) -> Answer:
    """A snapshot in the view that a modifier means. Raises NoSuchView."""
    return VIEWS[check_view(modifier)](asked, found, place)
