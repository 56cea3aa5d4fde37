"""Templates to pages. Everything that is filled in is escaped; no template holds a script or a style."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

import pressmark
from config.duration import format_size
from pressmark.api.sessions import COOKIE
from pressmark.web.catalog import LANGUAGES, language_of, translator

_HERE = Path(__file__).parent
_POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}


_language: ContextVar[str] = ContextVar("language", default="en")
"""In which the page is that is being made: templates say `_("…")` wherever they are, macros among them."""


def _say(text: str, **values: Any) -> Any:
    return translator(_language.get())(text, **values)


@lru_cache(maxsize=1)
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["octets"] = octets
    made.filters["paragraphs"] = paragraphs
    made.filters["excerpt"] = excerpt
    made.filters["local"] = local
    made.globals.update(version=pressmark.__version__, refresh=None, languages=LANGUAGES, _=_say)
    return made


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    scripts: Sequence[str] = (),
    frames: str | None = None,
    language: str | None = None,
    **facts: Any,
) -> HTMLResponse:
    """A page for whoever asked, in their language, unless another is given.

    `scripts` are files of ours that it loads, `frames` is the origin that it may frame.
    """
    language = language or language_of(request)
    _language.set(language)
    html = (
        environment()
        .get_template(template)
        .render(
            here=request.url.path,
            whole=f"{request.url.path}?{request.url.query}".rstrip("?"),
            session=COOKIE in request.cookies,
            language=language,
            scripts=scripts,
            **facts,
        )
    )
    answer = HTMLResponse(html, status, headers={"Content-Language": language})
    answer.headers["Content-Security-Policy"] = policy(scripts=bool(scripts), frames=frames)
    answer.headers["Vary"] = "Accept-Language, Cookie"
    return answer


def policy(*, scripts: bool = False, frames: str | None = None) -> str:
    """What a page of ours may do: nothing but what it needs, and no script that stands in the page itself."""
    rules = dict(_POLICY)
    if scripts:
        rules |= {"script-src": "'self'", "connect-src": "'self'"}
    if frames:
        rules["frame-src"] = frames
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def home_of(request: Request) -> str:
    """Our own origin, as who asks calls us."""
    return str(request.base_url).rstrip("/")


def problem_page(request: Request, status: int, sentence: str) -> HTMLResponse:
    return page(request, "problem.html", status=status, title=HTTPStatus(status).phrase, detail=sentence)


def octets(count: int) -> str:
    """``1.4 MiB``: three digits are enough for people."""
    size = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.3g} {unit}"
        size /= 1024
    return format_size(count) if count % (1 << 40) == 0 else f"{size:.3g} TiB"


def paragraphs(text: str | None) -> list[str]:
    """A text as it was read, one paragraph after another."""
    return [part.strip() for part in (text or "").split("\n") if part.strip()]


def excerpt(text: str | None) -> str:
    """The beginning of a text in one line."""
    words = " ".join((text or "").split())
    return f"{words[:300]}…" if len(words) > 300 else words


def local(at: datetime, zone: str) -> str:
    """A moment as the clocks of a zone show it: ``06:00 +08:00``."""
    return at.astimezone(ZoneInfo(zone)).isoformat(" ", "minutes")
