"""``mp_`` and its like: redirect to the origin of replay, which shows a rewritten memento.

Never here: no page of the archive is rendered at the origin of the API.
"""

from __future__ import annotations

from collections.abc import Mapping

from archive.retrieval.snapshot import Snapshot
from archive.values.timestamps import timestamp14
from pressmark.http.catalog import accepted
from pressmark.http.link_header import related
from pressmark.http.place import Place
from pressmark.http.stage.addresses import Modifier
from pressmark.http.stage.stage import Stage
from pressmark.wayback.answer import Answer, redirect
from pressmark.wayback.request_context import RequestContext

SHOWN: Mapping[str, Modifier] = {
    "mp_": "mp_", "if_": "if_", "fr_": "if_", "cs_": "cs_", "im_": "im_", "js_": "js_", "oe_": "oe_",
}  # fmt: skip
"""The names of the programs' modifiers at the origin of replay."""


def answer(stage: Stage, modifier: str, asked: RequestContext, found: Snapshot, place: Place) -> Answer:
    """Redirect; the target is the memento. Closes the snapshot."""
    capture = found.capture
    found.close()
    language = accepted(asked.headers.get("accept-language", ""))
    shown = SHOWN[modifier]
    where = stage.address(asked.base, capture.url, timestamp14(capture.at), shown, place=place.name, language=language)
    links = ", ".join(related(place.base, place.name, capture.url))
    return redirect(where, headers={"Link": links, "Cache-Control": "no-store"})
