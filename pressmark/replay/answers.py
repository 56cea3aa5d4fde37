"""Answers of the origin of replay that are ours, and where archived redirects lead."""

from __future__ import annotations

from datetime import datetime
from html import escape

from starlette.responses import HTMLResponse, Response

from archive.snapshot import Snapshot
from extractor.urls import resolve
from pressmark.replay.policy import headers
from pressmark.service import Service


def message(status: int, title: str, sentence: str) -> Response:
    """A page inside the frame that says what is not shown."""
    answer = own_page(status, title, sentence)
    answer.headers.update(headers(None, in_a_page=True))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def own_page(status: int, title: str, sentence: str) -> HTMLResponse:
    """Without a Memento-Datetime, for it is none."""
    style = "font: 1rem/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 40rem; padding: 0 1rem"
    return HTMLResponse(
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f'<body style="{style}"><h1>{escape(title)}</h1><p style="overflow-wrap: anywhere">{escape(sentence)}</p>'
        "</body></html>",
        status,
    )


def no_capture(url: str) -> Response:
    return message(404, "Not archived", f"Nothing is kept of {url}.")


def expired() -> Response:
    return message(403, "This address is no longer good", "Load the page around this frame again.")


def redirect_of(service: Service, found: Snapshot, at: datetime, collection: str | None) -> str | None:
    """Where an archived redirect leads; None when that is itself, as with one to another spelling of its URL."""
    if not 300 <= (found.status or 200) < 400:
        return None
    location = next((value for name, value in found.headers if name.lower() == "location"), "")
    leads = resolve(location, found.capture.url)
    if leads is None:
        return None
    following = service.index.closest(leads, at, collection)
    return None if following and following.record_id == found.capture.record_id else leads
