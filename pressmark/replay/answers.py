"""Our own answers at the origin of replay, in the reader's language, and the targets of archived redirects."""

from __future__ import annotations

from markupsafe import escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from pressmark.http.catalog import accepted, translator
from pressmark.http.sentences import plain
from pressmark.http.words import N_
from pressmark.replay.policy import headers
from pressmark.service.access.take_downs import ActiveTakeDowns, Withheld, tombstone


def message(language: str, status: int, title: str, sentence: str, *, script: str = "", **values: str) -> Response:
    """Return a page inside the frame that says what is not shown.

    Title and sentence are marked by `N_` where they stand.

    `script` is our own element, which a policy must allow.
    """
    answer = own_page(language, status, title, sentence, script=script, **values)
    answer.headers.update(headers(None, in_a_page=True))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def own_page(language: str, status: int, title: str, sentence: str, *, script: str = "", **values: str) -> HTMLResponse:
    """Return a page without a Memento-Datetime, because it is not a memento. `values` are filled into the sentence."""
    say = translator(language)
    style = "font: 1rem/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 40rem; padding: 0 1rem"
    return HTMLResponse(
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(say(title))}</title>'
        f"{script}</head>"
        f'<body style="{style}"><h1>{escape(say(title))}</h1>'
        f'<p style="overflow-wrap: anywhere">{escape(say(sentence, **values))}</p></body></html>',
        status,
        headers={"Content-Language": language},
    )


def no_capture(take_downs: ActiveTakeDowns, language: str, url: str, *, script: str = "") -> Response:
    """Return the page that stands where there is no capture, or where it was taken down."""
    if one := take_downs.instead_of(url):
        why = plain(tombstone(one), language)
        if isinstance(one, Withheld):
            return unreadable(language, why, script=script)
        return message(language, 451, N_("Taken down"), "%(why)s", script=script, why=why)
    return message(
        language,
        404,
        N_("Not archived"),
        N_("The archive has no captures (archived versions) of %(url)s."),
        script=script,
        url=url,
    )


def unreadable(language: str, why: str, *, script: str = "") -> Response:
    title, sentence = N_("The capture can't be read at the moment"), N_("The archive gave this reason: %(why)s.")
    return message(language, 502, title, sentence, script=script, why=why)


def expired(request: Request) -> Response:
    """Answer a caller without a grant, in the language that the browser asks for."""
    title, sentence = (
        N_("This address has expired"),
        N_("To see this content again, reload the whole page in your browser."),
    )
    return message(spoken(request), 403, title, sentence)


def spoken(request: Request) -> str:
    """Return the language of a caller without a grant."""
    return accepted(request.headers.get("accept-language", ""))
