"""The views of a memento by their modifier, which follows the timestamp in its URL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from archive.retrieval.snapshot import Snapshot
from pressmark.http.place import Place
from pressmark.http.stage.stage import Stage
from pressmark.wayback import raw, rewritten
from pressmark.wayback.answer import Answer
from pressmark.wayback.request_context import RequestContext

MODIFIERS = frozenset({"", "id_", "mp_", "if_", "fr_", "js_", "cs_", "im_", "oe_", "bn_", "wkr_", "sw_"})
"""All that archive clients know."""

View = Callable[[RequestContext, Snapshot, Place], Answer]
"""Makes an answer of a snapshot, and closes it."""

PREFERENCES: Mapping[str, str] = {"raw": "id_", "rewritten": "mp_"}
"""What a client may ask for by Prefer, and the resulting view."""


class NoSuchView(Exception):
    def __init__(self, modifier: str, views: Iterable[str], why: str = "") -> None:
        super().__init__(f"unknown view {modifier}{why}; use {', '.join(sorted(views))}")


class Views:
    def __init__(self, stage: Stage | None) -> None:
        """Set up the views. Without a stage no origin can show a page, and only the raw page is served."""
        self._views: dict[str, View] = {"id_": raw.answer}
        if stage is not None:
            self._views |= {modifier: partial(rewritten.answer, stage, modifier) for modifier in rewritten.SHOWN}

    def check(self, modifier: str) -> str:
        """Return the view for a modifier: an empty one means the rewritten page if available. Raises NoSuchView."""
        wanted = modifier or ("mp_" if "mp_" in self._views else "id_")
        if wanted in self._views:
            return wanted
        why = "" if "mp_" in self._views else "; pages are shown at a separate origin only, and none is served"
        raise NoSuchView(modifier, self._views, why)

    def serve(self, modifier: str, found: Snapshot, asked: RequestContext, place: Place) -> Answer:
        """Serve a snapshot in the view of a modifier. Raises NoSuchView."""
        return self._views[self.check(modifier)](asked, found, place)
