"""Templates to pages. Everything that is filled in is escaped; no template holds a script."""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

import pressmark
from config.duration import format_size
from pressmark.api.sessions import COOKIE

_HERE = Path(__file__).parent


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
    made.globals.update(version=pressmark.__version__, refresh=None)
    return made


def page(request: Request, template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
    """A page for whoever asked."""
    session = COOKIE in request.cookies
    html = environment().get_template(template).render(here=request.url.path, session=session, **facts)
    return HTMLResponse(html, status)


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
