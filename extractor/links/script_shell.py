"""Recognize pages whose text scripts create: the server sends only a shell. Pure functions.

The check is cheap enough for every page: for most pages, their bytes exclude it without parsing.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.html.lines import in_one_line
from extractor.html.page import Page

_ROOTS = (
    "root", "app", "__next", "__nuxt", "___gatsby", "svelte", "q-app", "main-app", "react-root", "app-root",
    "application", "mount", "app-mount", "ember-app", "app-container",
)  # fmt: skip
"""Ids of the element that scripts fill, in frameworks and their guides."""
_ROOT = re.compile(
    rb"<(?:app-root|app-component|my-app|ng-view)\b|\bid\s*=\s*[\"']?(?:%s)[\"'\s>]" % "|".join(_ROOTS).encode()
)
_QUERY = ",".join([*(f"#{name}" for name in _ROOTS), "app-root", "app-component", "my-app", "ng-view", "[ng-view]"])
_MARKS = (
    b"data-reactroot", b"ng-version=", b"ng-app", b"__next_data__", b"__nuxt__", b"__initial_state__", b"webpackjsonp",
    b"webpackchunk", b"data-ember-", b"data-svelte", b"__remixcontext", b"/_next/static/", b"/_nuxt/",
)  # fmt: skip
_ON = "enable|require|need|turn on|activate|without|aktivier|activer|habilit|启用|開啟|开启"
_SAYS_SO = re.compile(
    rf"(?:{_ON})[^.]{{0,80}}java-?script|java-?script[^.]{{0,80}}(?:disabled|禁用|{_ON})", re.IGNORECASE
)
_CONTENT = tuple(
    b"<" + tag
    for tag in (
        b"p>", b"p ", b"h1", b"h2", b"h3", b"li", b"td", b"a ", b"img", b"iframe", b"frame", b"video", b"audio",
        b"object", b"embed", b"form", b"input", b"svg", b"pre", b"article", b"blockquote",
    )
)  # fmt: skip
"""Elements with visible content without scripts. A page without these may be empty."""
_REFRESH = b'http-equiv="refresh"'
_LONG = 12
"""Number of paragraphs or line breaks from which on a page has content."""
_LARGEST = 4 << 20
MOST_SAID, _HARDLY_ANY = 300, 60
"""Maximum characters of text in a shell: with an empty root element, and with weaker evidence."""
_MOST_NOTICE = 400
_A_SENTENCE = 60
"""Characters above which an article or a main part says something."""


def is_shell(page: Page) -> str | None:
    """Return the sign that scripts create the page: ``the empty element "root"``; None for any other page."""
    body = page.body
    if len(body) > _LARGEST or _has_many(body, b"<p") or _has_many(body, b"<br"):
        return None
    lowered = body.lower()
    if b"<script" not in lowered or b"articlebody" in lowered:
        return None
    notice = b"<noscript" in lowered and b"javascript" in lowered
    mark = next((mark for mark in _MARKS if mark in lowered), None)
    bare = not any(tag in lowered for tag in _CONTENT) and _REFRESH not in lowered
    if not (notice or mark or bare or _ROOT.search(lowered)):
        return None
    return _notice(page, mark)


def _notice(page: Page, mark: bytes | None) -> str | None:
    tree = page.tree.clone()
    tree.strip_tags(["script", "style", "template", "svg"])
    notice = _remove_notice(tree)
    said = len("".join(in_one_line(tree.body).split())) if tree.body is not None else 0
    if said > MOST_SAID:
        return None
    root = next((node for node in tree.css(_QUERY) if _is_empty(node)), None)
    if root is not None and not _has_article(tree):
        return f'the empty element "{root.id or root.tag}"'
    if said > _HARDLY_ANY or tree.css_first("img,iframe,frame,video,audio,object,embed,form,pre") is not None:
        return None
    if notice:
        return f'the words "{notice[:80]}"'
    if mark:
        return f'the mark "{mark.decode()}"'
    return "an empty body beside scripts" if said == 0 else None


def _has_article(tree: LexborHTMLParser) -> bool:
    """Return whether the page has a text of its own: an empty element beside it is a place for a widget."""
    return any(len(in_one_line(node)) > _A_SENTENCE for node in tree.css("article, main"))


def _remove_notice(tree: LexborHTMLParser) -> str | None:
    """Remove the notice that scripts are needed, and return it; real content for readers without scripts stays."""
    found = None
    for node in tree.css("noscript"):
        said = in_one_line(node)
        if len(said) <= _MOST_NOTICE and _SAYS_SO.search(said):
            found = found or said
            node.decompose()
    return found


def _is_empty(node: LexborNode) -> bool:
    """Return whether an element is empty, or only has a placeholder until scripts run."""
    said = in_one_line(node).lower().rstrip(".… ")
    return (
        said in ("", "loading", "please wait", "加载中", "正在加载") and node.css_first("img,iframe,form,video") is None
    )


def _has_many(body: bytes, tag: bytes) -> bool:
    at = -1
    return all((at := body.find(tag, at + 1)) >= 0 for _ in range(_LONG))
