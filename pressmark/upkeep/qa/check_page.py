"""Show a page of a run from the archive alone, and compare what the browser shows with the capture."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator

from archive.index.run_captures import captures_of_run
from archive.retrieval.rendered import rendered
from archive.values.capture import Capture
from archive.values.errors import ArchiveError
from crawler.browser.browser import Browser
from crawler.browser.compare_pictures import PictureUnreadable
from crawler.browser.messages import Drawn, PageFailed
from extractor.html.lines import in_one_line
from extractor.html.page import Page
from pressmark.service.service import Service
from pressmark.upkeep.qa.archived_answers import ArchivedAnswers
from pressmark.views.review.replay_checks import MOST_NAMED, ReplayCheck

_SLICE = 200
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_]+")
"""A character of a script without spaces, or a word."""
_HTML = ("text/html", "application/xhtml+xml")


def pages_of(service: Service, run: str) -> Iterator[Capture]:
    """Yield the captures of a run that are pages: HTML with status 200, or unchanged since another capture."""
    after: int | None = 0
    while after is not None:
        found, after = captures_of_run(service.database, run, after=after, limit=_SLICE)
        yield from (capture for capture in found if _is_page(service, capture))


def _is_page(service: Service, capture: Capture) -> bool:
    if capture.kind == "not-modified":
        original = service.index.original_of(capture)
        return original is not None and (original.mime or "") in _HTML
    return capture.kind in ("response", "revisit") and capture.status == 200 and (capture.mime or "") in _HTML


async def check_page(service: Service, browser: Browser, capture: Capture) -> ReplayCheck:
    """Show a page from the archive alone, and compare it with its capture. Raises BrowserMissing."""
    answers = ArchivedAnswers(service, capture)
    check = ReplayCheck(
        url=capture.url, at=capture.at, record_id=capture.record_id, checked_at=service.now(), missing_urls=[]
    )
    try:
        drawn = await browser.draw(capture.url, await asyncio.to_thread(answers.page), answers)
    except (PageFailed, ArchiveError) as error:
        return check.model_copy(update={"problem": str(error)})
    missing = list(dict.fromkeys(answers.missing))
    return check.model_copy(
        update={
            "requests": drawn.requests,
            "missing": len(missing),
            "missing_urls": missing[:MOST_NAMED],
            "text_distance": await asyncio.to_thread(_text_distance, service, capture, drawn),
            **await _compared_pictures(service, browser, capture, drawn),
        }
    )


def _text_distance(service: Service, capture: Capture, drawn: Drawn) -> float | None:
    known = service.archive.text_of(capture)
    if known is None or not known.text:
        return None
    page = Page(capture.url, drawn.html.encode("utf-8", "replace"), "text/html;charset=utf-8")
    page.tree.strip_tags(["script", "style", "template"])
    return missing_share(known.text, in_one_line(page.tree.body) if page.tree.body is not None else "")


def missing_share(archived: str, shown: str) -> float | None:
    """Return the share of the words of a text that another does not have, from 0 to 1; None for one without words."""
    wanted = Counter(_WORD.findall(archived.lower()))
    if not wanted:
        return None
    return (wanted - Counter(_WORD.findall(shown.lower()))).total() / wanted.total()


async def _compared_pictures(
    service: Service, browser: Browser, capture: Capture, drawn: Drawn
) -> dict[str, float | bool | None]:
    """Return what a check says of the picture at the capture."""
    try:
        before = await asyncio.to_thread(_picture_of, service, capture)
        distance = await browser.distance(before, drawn.picture) if before and drawn.picture else None
    except (ArchiveError, PictureUnreadable):  # the browser made the other picture itself
        return {"picture_unread": True}
    return {"picture_distance": distance}


def _picture_of(service: Service, capture: Capture) -> bytes | None:
    """Return the picture at the capture; None without one. Raises ArchiveError."""
    known = rendered(service.index, capture).screenshot
    if known is None:
        return None
    with service.archive.open(known) as found:
        return found.payload().body
