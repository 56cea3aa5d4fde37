"""Find a date that has its year, in languages that `extractor.values.dates` doesn't know, with dateparser.

Times such as "3 weeks ago" are not read here, but by `extractor/values/relative.py`.

dateparser takes 0.1 s to import, up to 0.1 s for the first text of a language, and 1 ms for each further one. So it is
the last resort: it reads the few elements marked as dates, on a page that declares such a language and has no date that
`extractor.values.dates` reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from extractor.html.article_region import ArticleRegion
from extractor.html.lines import in_one_line
from extractor.html.page import Page
from extractor.metadata.datelines import Found, OtherArticles, is_possible, marked_dates
from extractor.values.language import primary_subtag
from extractor.values.numerals import plain_numbers

if TYPE_CHECKING:
    from dateparser.date import DateDataParser

_READ_BEFORE = frozenset(["de", "en", "es", "fr", "it", "ja", "ko", "ru", "zh"])
"""Languages whose months `extractor.values.dates` knows."""
_MOST_PARTS = 8
_LONGEST = 80
_YEAR = re.compile(r"\d{4}")
_LABEL = re.compile(r"^\D+")
_SETTINGS = {
    "STRICT_PARSING": True,
    "REQUIRE_PARTS": ["day", "month", "year"],
    "RETURN_TIME_AS_PERIOD": True,
}


def foreign_date(page: Page, claims: Sequence[str], language: str) -> Found | None:
    """Return the date of publication; `claims` is the page's metadata, `language` is a BCP 47 tag."""
    tag = primary_subtag(language)
    if tag is None or tag in _READ_BEFORE:
        return None
    claimed = ((claim, "published") for claim in claims)
    for text, origin in (*claimed, *((text, "date line") for text in _shown(page))):
        written = date_in_language(text, tag)
        if written and is_possible(written, page.at):
            return written, origin
    return None


def _shown(page: Page) -> Iterator[str]:
    """Yield the texts of the elements marked as dates."""
    ours, others = ArticleRegion(page), OtherArticles(page)
    for node in islice(marked_dates(page), _MOST_PARTS):
        if not others.dates(node) and not ours.is_outside(node):
            yield in_one_line(node)


def date_in_language(text: str, language: str) -> str | None:
    """Return the date in a short text, in ISO 8601; None without day, month and year.

    Words before the first digit may be a label. `language` is an ISO 639 code.
    """
    text = plain_numbers(text).strip()
    if len(text) > _LONGEST or not _YEAR.search(text):
        return None
    return _parsed(text, language) or _parsed(_LABEL.sub("", text), language)


def _parsed(text: str, language: str) -> str | None:
    try:
        found = _parser(language).get_date_data(text)
    except ValueError:  # a language that it doesn't know
        return None
    date: datetime | None = found.date_obj
    if date is None:
        return None
    if found.period != "time":
        return date.date().isoformat()
    return date.isoformat(timespec="seconds" if date.second else "minutes")


@lru_cache(maxsize=8)
def _parser(language: str) -> DateDataParser:
    from dateparser.date import DateDataParser

    return DateDataParser(languages=[language], settings=_SETTINGS, try_previous_locales=False)
