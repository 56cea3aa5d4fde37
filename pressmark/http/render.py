"""Render templates to pages. All filled-in values are escaped; templates contain no script, and no style but ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

import markupsafe
from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import Scope

import pressmark
from archive.values.size import spoken_size
from pressmark.http.catalog import LANGUAGES, language_of, translator
from pressmark.http.marks import strip
from pressmark.http.problems import WITHHELD
from pressmark.http.reader import Reader, capture_word, looks_in, reader, say
from pressmark.http.sentences import translated_sentence
from pressmark.http.sessions import COOKIE
from pressmark.http.static import EDITION, STYLE, STYLE_SOURCE
from pressmark.http.target import address_of
from pressmark.http.times import in_zone, local, moment, published, relative_time, utc
from pressmark.http.words import LOOKS, NAVIGATION
from pressmark.service.access.roles import Caller, Role
from pressmark.views.links import readable
from pressmark.views.source_lines import timetable_words

_HERE = Path(__file__).parent
LOGIN_PAGES = ("/login", "/login/oidc", "/login/oidc/callback", "/login/oidc/ended")
"""The pages for strangers. They have no links to the others."""
_ON_THE_WAY = LOGIN_PAGES[1:3]
"""Who chooses another language there comes to the form: the address has a code that works once."""
_POLICY = {
    "default-src": "'none'",
    "style-src": STYLE_SOURCE,
    "img-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}


class _Translation(NodeTransformer):
    """Replaces the sentences of a template that need no values: to look them up was a third of the work on a page."""

    def __init__(self, language: str) -> None:
        self._translated = translator(language)

    def visit_Call(self, node: nodes.Call, *args: Any, **kwargs: Any) -> nodes.Node:  # noqa: N802 (Jinja's name)
        match node:
            case nodes.Call(
                node=nodes.Name(name="_"),
                args=[nodes.Const(value=str(text))],
                kwargs=[],
                dyn_args=None,
                dyn_kwargs=None,
            ):
                return nodes.Const(self._translated(text), lineno=node.lineno)
        return self.generic_visit(node, *args, **kwargs)


_escaped: Callable[[str], str] = getattr(markupsafe, "_escape_inner", markupsafe.escape)


def _shown(value: object) -> str:
    """Escape a value as `markupsafe.escape` does, without an object for the result: that was a fifth of a page."""
    return _escaped(value) if type(value) is str else markupsafe.escape(value)


class _Environment(Environment):
    """Compiles templates for one language."""

    shown = staticmethod(_shown)

    def __init__(self, language: str, **options: Any) -> None:
        super().__init__(**options)
        self._translation = _Translation(language)

    def compile(self, source: str | nodes.Template, *args: Any, **kwargs: Any) -> Any:
        tree = self.parse(source, *args[:2]) if isinstance(source, str) else source
        return super().compile(self._translation.visit(tree), *args, **kwargs)

    def _generate(self, *args: Any, **kwargs: Any) -> str:
        """Have the compiled template escape with our function: it looks the name up when it renders."""
        return f"{super()._generate(*args, **kwargs)}\nescape = environment.shown\n"


@lru_cache(maxsize=len(LANGUAGES))
def environment(language: str) -> Environment:
    """Return the templates for readers of a language."""
    made = _Environment(
        language,
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (
        spoken_size,
        published,
        number,
        paragraphs,
        excerpt,
        readable,
        local,
        in_zone,
        relative_time,
        translated_sentence,
        utc,
        moment,
        strip,
        timetable_words,
        capture_word,
    )
    made.filters.update({each.__name__: each for each in filters})
    made.globals.update(
        version=pressmark.__version__,
        static=f"/static/{EDITION}",
        style=STYLE,
        navigation_groups=NAVIGATION,
        refresh=None,
        caller=None,
        may=lambda role: (own := reader.get().role) is None or own.includes(Role(role)),
        languages=LANGUAGES,
        list_looks=LOOKS,
        reader_zone=lambda: reader.get().zone,
        _=say,
    )
    return made


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    scripts: Sequence[str] = (),
    frames: str | None = None,
    images: str | None = None,
    media: bool = False,
    language: str | None = None,
    navigated: bool = True,
    **facts: Any,
) -> HTMLResponse:
    """Render a page in the caller's language, unless another is given.

    `scripts` are files of ours that it loads, `frames` is the origin that it may frame, `images` one whose images it
    may show; with `media`, it plays files of ours. One that is not `navigated` has neither the links to all pages nor
    the list that opens by a key.
    """
    language, service = language or language_of(request), request.app.state.service
    caller: Caller | None = request.scope.get("state", {}).get("caller")
    role, here = caller.role if caller else None, request.scope["path"]
    navigated = navigated and here not in LOGIN_PAGES
    if navigated:
        scripts = ("palette.js", *scripts)
    reader.set(Reader(language, service.settings.timezone, service.now(), role))
    html = (
        environment(language)
        .get_template(template)
        .render(
            navigation=_navigation(language, role, _section(here)) if navigated else "",
            whole="/login" if here in _ON_THE_WAY else address_of(request.scope),
            session=COOKIE in request.cookies,
            withheld=_withheld(request.scope),
            caller=caller,
            language=language,
            site_zone=service.settings.timezone,
            scripts=scripts,
            list_look=looks_in(request.cookies),
            **facts,
        )
    )
    answer = HTMLResponse(html, status, headers={"Content-Language": language})
    answer.headers["Content-Security-Policy"] = policy(scripts=bool(scripts), frames=frames, images=images, media=media)
    answer.headers["Vary"] = "Accept-Language, Cookie"
    return answer


def _withheld(scope: Scope) -> str | None:
    """Return why lists on a page are empty, except on the overview, which says so itself, and to strangers."""
    why: str | None = scope.get("state", {}).get(WITHHELD)
    return why if scope["path"] not in ("/", *LOGIN_PAGES) else None


def _section(path: str) -> str:
    """Return the first part of a path, and ``/`` after it if more follows: all that the navigation marks."""
    first, slash, _ = path[1:].partition("/")
    return f"/{first}{slash}"


@lru_cache(maxsize=256)
def _navigation(language: str, role: Role | None, here: str) -> Markup:  # noqa: ARG001 (the reader's: `may`)
    """Render the links to all pages. They differ by these alone, and are a third of the work on a small page."""
    return Markup(environment(language).get_template("navigation.html").render(here=here))  # noqa: S704 (a template of ours)


def policy(*, scripts: bool = False, frames: str | None = None, images: str | None = None, media: bool = False) -> str:
    """Return the policy of our pages: only what they need, and no inline script."""
    rules = dict(_POLICY)
    if scripts:
        rules |= {"script-src": "'self'", "connect-src": "'self'"}
    if frames:
        rules["frame-src"] = frames
    if images:
        rules["img-src"] += f" {images}"
    if media:
        rules["media-src"] = "'self'"
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def problem_page(request: Request, status: int, sentence: str) -> HTMLResponse:
    return page(request, "problem.html", status=status, title=HTTPStatus(status).phrase, detail=sentence)


def number(count: int) -> str:
    """Format ``1,234,567``, as in English and Chinese."""
    return f"{count:,}"


def paragraphs(text: str | None) -> list[str]:
    """Return an extracted text, one paragraph after another."""
    return [part.strip(" \r\n") for part in (text or "").split("\n") if part.strip()]


def excerpt(text: str | None) -> str:
    """Return the beginning of a text in one line."""
    words = " ".join((text or "").split())
    return f"{words[:300]}…" if len(words) > 300 else words
