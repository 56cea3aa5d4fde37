"""Find the language of a code block, from the classes and attributes for syntax highlighters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from selectolax.lexbor import LexborNode

from extractor.html.regions import ancestors

_NAME = r"([a-z][a-z\d+#._-]{0,19})(?![^\s;,])"
_ANYWHERE = re.compile(
    rf"(?<!\S)(?:language-|highlight-source-|hl-|brush:\s*|sourceCode\s+){_NAME}"
    rf"|(?<!\S)highlight-{_NAME}(?=\s+notranslate\b)",
    re.IGNORECASE,
)
"""Classes of highlight.js and Prism, GitHub, notebooks, SyntaxHighlighter, Pandoc and Sphinx, also around the code."""
_ON_CODE = re.compile(rf"(?<!\S)(?:lang-|enlighter-language-){_NAME}", re.IGNORECASE)
"""On other elements, these mean human languages."""
_WHOLE = {
    "figure": re.compile(rf"highlight\s+{_NAME}", re.IGNORECASE),
    "code": re.compile(rf"hljs\s+{_NAME}", re.IGNORECASE),
    "pre": re.compile(rf"highlight\s+{_NAME}|code\s+{_NAME}\s+literal-block", re.IGNORECASE),
}
"""All classes of figures that hexo writes, of code that highlight.js does, and of blocks that Rouge and docutils do."""
_ATTRIBUTES = ("data-lang", "data-language", "data-enlighter-language")
_NONE = frozenset(("none", "default", "text", "txt", "plain", "plaintext", "undefined", "auto", "generic", "raw"))
_AROUND = 5
"""Elements around the code that may name it: hexo's are a cell, its row, the body, the table and the figure."""


def code_language(pre: LexborNode) -> str | None:
    """Return the language in lower case, as in the page: ``python``, ``c++``; None if there is none."""
    name = next(_named(pre), "none").lower()
    return None if name in _NONE else name


def _named(pre: LexborNode) -> Iterator[str]:
    """Yield the named languages, nearest to the code first."""
    for node in (*pre.css("code")[:1], pre):
        attributes = node.attributes
        for written in (attributes.get(name) or "" for name in _ATTRIBUTES):
            if re.fullmatch(_NAME, written, re.IGNORECASE):
                yield written
        if found := _ON_CODE.search(attributes.get("class") or ""):
            yield found[1]
        yield from _in_class(node)
        yield from _by_all(node)
    for node in islice(ancestors(pre), _AROUND):
        yield from _in_class(node)
        yield from _by_all(node)


def _by_all(node: LexborNode) -> Iterator[str]:
    pattern = _WHOLE.get(node.tag or "")
    if pattern is not None and (found := pattern.fullmatch(node.attributes.get("class") or "")):
        yield next(filter(None, found.groups()))


def _in_class(node: LexborNode) -> Iterator[str]:
    if found := _ANYWHERE.search(node.attributes.get("class") or ""):
        yield found[1] or found[2]
