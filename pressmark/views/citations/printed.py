"""Citations of a snapshot in the styles that people print, written by citeproc-py: APA, MLA, Chicago, GB/T 7714.

Each style is a file of the Citation Style Language (CSL 1.0.1) in `csl/`. Ours are for archived web pages: the styles
of the CSL project have no place for an original address beside that of its archived copy.
"""

from __future__ import annotations

import re
import threading
from functools import cache
from pathlib import Path
from typing import Any

from pressmark.views.citations.records import csl_item
from pressmark.views.citations.work import Work

_END = re.compile(r"[.?!。？！…][\"'”’»)]*\Z")
_HAN = re.compile(r"[\u3400-\u9fff]")
_STYLES = Path(__file__).parent / "csl"

_ONE_AT_A_TIME = threading.Lock()
"""A style of the library keeps state while it writes."""


def apa(work: Work) -> str:
    """Return the form of APA 7 for archived web pages (section 10.16)."""
    return _print("apa", "en-US", work)


def mla(work: Work) -> str:
    """Return the form of MLA 9 (sections 5.84 to 5.99), with the archived copy at the end."""
    return _print("mla", "en-US", work)


def chicago(work: Work) -> str:
    """Return the bibliography form of the Chicago Manual of Style 17 (section 14.207)."""
    return _print("chicago", "en-US", work)


def gbt7714(work: Work) -> str:
    """Return the form of GB/T 7714—2015 for electronic resources (section 4.6): [EB/OL].

    The date of the visit is the date of the capture, and the way of access is the permanent link. Of more than three
    authors it names three, and says "et al." in the language of the page. Family names of persons are in capitals.
    """
    written = f"{work.name}{''.join(work.creators)}"
    chinese = work.language.startswith("zh") if work.language else _HAN.search(written) is not None
    item = csl_item(work)
    for name in item.get("author", ()):
        if "family" in name:
            name["family"] = name["family"].upper()
    return _print("gbt7714", "zh-CN" if chinese else "en-US", work, item)


def _print(style: str, locale: str, work: Work, item: dict[str, Any] | None = None) -> str:
    from citeproc import Citation, CitationItem, CitationStylesBibliography, formatter
    from citeproc.source.json import CiteProcJSON

    item = item or csl_item(work)
    verbatim = {mark: work.name if field == "title" else item[field] for field, mark in _MARKS.items()}
    item |= {"id": "page", **_MARKS}
    with _ONE_AT_A_TIME:
        bibliography = CitationStylesBibliography(_style(style, locale), CiteProcJSON([item]), formatter.plain)
        bibliography.register(Citation([CitationItem("page")]))
        [entry] = bibliography.bibliography()
        printed = str(entry)
    if _END.search(work.name):
        printed = printed.replace(f"{_MARKS['title']}.", _MARKS["title"])
    return _MARK.sub(lambda found: verbatim[found[0]], printed)


_MARKS = {"title": "\ue000", "container-title": "\ue001", "URL": "\ue002", "archive_location": "\ue003"}
"""Characters without a meaning (private use) in place of what is printed as it is.

The library reads markup in titles and addresses, and writes "Why?." where a title ends its own sentence.
"""

_MARK = re.compile(f"[{''.join(_MARKS.values())}]")


@cache
def _style(name: str, locale: str) -> Any:
    from citeproc import CitationStylesStyle

    return CitationStylesStyle(str(_STYLES / f"{name}.csl"), locale=locale, validate=False)
