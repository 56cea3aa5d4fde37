"""The differences between two captures of a URL, side by side or one below the other."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from archive.retrieval.difference.captures import Difference
from archive.retrieval.difference.lines import Row
from archive.retrieval.difference.posts import PostChange
from archive.retrieval.rendered import rendered
from archive.values.errors import NothingBefore
from pressmark.http.dependencies import Desk, Part
from pressmark.http.render import page
from pressmark.http.target import url_after
from pressmark.http.words import N_
from pressmark.service.service import Service
from pressmark.views.capture_choice import LATEST
from pressmark.views.describe_captures import page_link
from pressmark.views.diff import PREVIOUS, Compared, Stretch, compared, diff_link, in_order, stretches
from pressmark.views.links import link

router = Part(include_in_schema=False)

Shown = Literal["words", "side", "lines", "words-all", "side-all", "lines-all"]
"""The modes of the page; `all` shows noise, too."""

LOOKS = {"words": N_("By word"), "side": N_("Side by side"), "lines": N_("By line")}
"""`words`: each line once, its words marked; `side`: two columns; `lines`: removed lines above added ones."""
NAMES = (
    N_("title"),
    N_("author"),
    N_("date"),
    N_("language"),
    N_("modified"),
    N_("section"),
    N_("tags"),
    N_("description"),
    N_("image"),
    N_("caption"),
    N_("site"),
    N_("source"),
    N_("canonical"),
    N_("free"),
    N_("added"),
    N_("edited"),
    N_("removed"),
)
"""Names of facts and of changes of posts, as the template shows them by `_(name)`."""


@router.get("/diff")
def choose(service: Desk, url: str, start: str = PREVIOUS, end: str = LATEST) -> RedirectResponse:
    """Redirect from two captures chosen in a list, in any order."""
    if start != PREVIOUS and LATEST not in (start, end):
        start, end = in_order(service, url, start, end)
    return RedirectResponse(diff_link(url, start, end), 303)


@router.get("/diff/{start}/{end}/{rest:path}")
def diff(request: Request, start: str, end: str, service: Desk) -> HTMLResponse:
    """Show the differences. The query belongs to the URL of the page, so the mode is part of `/compare/…`."""
    return _diff(request, service, url_after(request, 3), (start, end), "words", noise=False)


@router.get("/compare/{shown}/{start}/{end}/{rest:path}")
def compare(request: Request, shown: Shown, start: str, end: str, service: Desk) -> HTMLResponse:
    look, _, everything = shown.partition("-")
    return _diff(request, service, url_after(request, 4), (start, end), look, noise=bool(everything))


def _diff(
    request: Request, service: Service, url: str, times: tuple[str, str], look: str, *, noise: bool
) -> HTMLResponse:
    try:
        with compared(service, url, *times) as found:
            facts = _facts(found, look, noise=noise, pictures=_pictures(service, found))
    except NothingBefore as first:
        return page(request, "diff-first.html", url=first.url, sentence=str(first))
    return page(request, "diff.html", scripts=("diff.js",), **facts)


def _pictures(service: Service, found: Compared) -> dict[str, Any] | None:
    """Return where the pictures of both captures are, and whether they are equal; None unless both have one."""
    old, new = (rendered(service.index, one.capture).screenshot for one in (found.old, found.new))
    if old is None or new is None:
        return None
    tails = [f"{stamp}/{link(found.new.capture.url)}" for stamp in found.stamps]
    return {"tails": tails, "equal": old.sha256 == new.sha256}


def _facts(found: Compared, look: str, *, noise: bool, pictures: dict[str, Any] | None) -> dict[str, Any]:
    old, new, difference, stamps = found
    address = "/".join((*stamps, link(new.capture.url)))
    title = new.text.title if new.text else None
    return {
        "url": new.capture.url,
        "thread": link(new.capture.url),
        "title": title or new.capture.url,
        "has_title": title is not None,
        "old": old.capture,
        "new": new.capture,
        "pictures": pictures,
        "old_page": page_link(old.capture.url, stamps[0]),
        "new_page": page_link(new.capture.url, stamps[1]),
        "earlier": diff_link(old.capture.url, PREVIOUS, stamps[0]),
        "language_of_text": new.text.language if new.text else None,
        "old_instead": old.instead,
        "new_instead": new.instead,
        "difference": difference,
        "fields": [field for field in difference.fields if noise or not field.noise],
        "quiet_fields": any(field.noise for field in difference.fields),
        "text": None if difference.posts_only else stretches(difference.rows, noise=noise),
        "posts": _posts(difference, noise=noise),
        "look": look,
        "looks": {
            name: (f"/compare/{name}{'-all' if noise else ''}/{address}", label) for name, label in LOOKS.items()
        },
        "noise": noise,
        "other_noise": f"/compare/{look}{'' if noise else '-all'}/{address}",
    }


def _posts(difference: Difference, *, noise: bool) -> list[tuple[PostChange, list[Stretch]]]:
    """Return each post that changed, with its lines."""
    return [
        (change, stretches(change.rows or _whole(change.kind, change.post.text), noise=noise))
        for change in difference.posts or ()
    ]


def _whole(kind: str, text: str) -> tuple[Row, ...]:
    if kind == "added":
        return tuple(Row("inserted", None, line) for line in text.split("\n"))
    return tuple(Row("deleted", line, None) for line in text.split("\n"))
