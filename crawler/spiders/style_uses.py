"""Leave out the images of a style sheet that no page uses: a sheet may name emoji by the thousand.

An image is left out while no page of the run has the classes and ids of one of its rules. What counts is any word of a
page or a script, so classes that scripts add are found, too. A word that ends or begins with a hyphen or an underscore
counts for all names that begin or end with it, for a number of images.
"""

from __future__ import annotations

import html
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from crawler.policy.skip_reasons import UNUSED_IMAGE, count_dropped, dropped_name
from crawler.spiders.undecoded import is_html, is_script
from extractor.forums.social.json_pages import is_json
from extractor.html.css_conditions import Condition, image_conditions
from extractor.html.page import Page
from extractor.values.encoding import decode

_LEAST = 200
"""Images with conditions from which on a sheet is looked at: those of smaller ones are all fetched."""
SMALLEST_SHEET = 1_000
"""Bytes of a sheet, perhaps compressed, that can have as many."""
_MOST_EARLIER = 4 << 20
"""Bytes of pages and scripts that are kept until a run meets such a sheet; after more, all images are fetched."""
_MOST_WORDS = 300_000
_MOST_FETCHED = 100_000
_MOST_BY_PART = 500
"""Images that are fetched as a script has only a part of their names."""
_SHORTEST_PART = 2
_WORD = re.compile(rb"[\w-]+")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class StyleUses:
    """The images of style sheets of one run that wait for a page that uses them."""

    def __init__(self, frontier: Path, tally: Counter[str], *, resumed: bool) -> None:
        """Set up; a run that is resumed does not know its earlier pages, and leaves nothing out any more."""
        self._file, self._tally = Path(f"{frontier}-styles"), tally
        self._blind = resumed
        self._earlier: list[bytes] = []
        self._size = self._by_part = 0
        self._watching = False
        """Whether a sheet was met whose images wait."""
        self._words: set[str] = set()
        self._parts: set[str] = set()
        self._waiting: defaultdict[str, list[tuple[str, Condition]]] = defaultdict(list)
        """URLs and conditions, by a word that no page had so far."""
        self._unused: set[str] = set()
        self._received: dict[str, bool] = {}
        self._fetched: set[str] = set()
        """What is not counted as left out, for other rules name it."""

    def restored(self) -> list[str]:
        """Return the images that waited when the run was interrupted: nobody knows which pages used them."""
        if not self._blind or not self._file.exists():
            return []
        self._tally.pop(dropped_name(UNUSED_IMAGE), None)
        return list(dict.fromkeys(self._file.read_text("utf-8").splitlines()))

    def note(self, sheet: str, *, had: bool) -> None:
        """Note the URL of a style sheet that is read as it was received; `had` says whether there is a former capture.

        One without a note is read from its capture, as it is unchanged.
        """
        self._received[sheet] = had

    def of_sheet(self, page: Page, urls: Iterable[str]) -> list[str]:
        """Return what is fetched now, of what a style sheet names.

        Pages that this run does not read may need any image of a sheet that changed. Of an unchanged one, only new
        pages need any.
        """
        found, had = list(urls), self._received.get(page.url)
        is_unchanged = had is None
        if len(found) < _LEAST:
            return self.fetched([] if is_unchanged else found)
        conditions = {} if had else image_conditions(decode(page.body, page.content_type)[0], page.url)
        if self._blind or len(conditions) < _LEAST:
            return self.fetched(found)
        self._watch()
        later = {url for url, all_of in conditions.items() if not self._is_used(url, all_of)}
        if not self._leave_out(later - self._unused - self._fetched):
            return self.fetched(found)
        return self.fetched([url for url in (conditions if is_unchanged else found) if url not in later])

    def fetched(self, urls: Iterable[str]) -> list[str]:
        """Return these URLs; those that wait are fetched now."""
        found = list(urls)
        if not self._blind and len(self._fetched) < _MOST_FETCHED:
            self._fetched.update(found)
        if waited := self._unused.intersection(found):
            self._unused -= waited
            count_dropped(self._tally, UNUSED_IMAGE, -len(waited))
        return found

    def of_page(self, page: Page) -> list[str]:
        """Return the images of style sheets that a page or a script is the first to use."""
        if self._blind or not (is_html(page) or is_script(page) or is_json(page)):
            return []
        if self._watching:
            return list(self._read(page.body))
        self._size += len(page.body)
        self._earlier.append(page.body)
        if self._size > _MOST_EARLIER:
            self._give_up()
        return []

    def _watch(self) -> None:
        """Read the pages before the first such sheet."""
        if not self._watching:
            self._watching = True
            for body in self._earlier:
                list(self._read(body))
            self._earlier.clear()

    def _give_up(self) -> None:
        self._blind = True
        self._earlier.clear()
        self._words.clear()
        self._fetched.clear()

    def _is_used(self, url: str, all_of: Iterable[Condition]) -> bool:
        """Return whether an image is used by a page so far; if not, it waits."""
        missing = []
        for condition in all_of:
            lacks = next((word for word in condition if not self._has(word)), None)
            if lacks is None:
                return True
            missing.append((lacks, condition))
        for word, condition in missing:
            self._waiting[word].append((url, condition))
        return False

    def _has(self, word: str) -> bool:
        if word in self._words:
            return True
        if self._by_part < _MOST_BY_PART and _is_made_of(self._parts, word):
            self._by_part += 1
            return True
        return False

    def _read(self, body: bytes) -> Iterator[str]:
        """Learn the words of a page or a script, and yield the images that it is the first to use."""
        words = {word.decode() for word in _WORD.findall(_plain(body))} - self._words
        self._words |= words
        parts = {word for word in words if len(word) >= _SHORTEST_PART and (word[-1] in "-_" or word[0] in "-_")}
        self._parts |= parts
        if parts:
            words |= {name for name in self._waiting if _is_made_of(parts, name)}
        for word in words & self._waiting.keys():
            for url, condition in self._waiting.pop(word):
                if url in self._unused and self._is_used(url, [condition]):
                    yield from self.fetched([url])
        if len(self._words) > _MOST_WORDS:
            yield from self._all()

    def _all(self) -> list[str]:
        """Give up: return all images that wait."""
        self._give_up()
        self._waiting.clear()
        return self.fetched(sorted(self._unused))

    def _leave_out(self, urls: set[str]) -> bool:
        """Note images that wait, also in a file for a run that resumes this one; return whether that was possible."""
        try:
            with self._file.open("a", encoding="utf-8") as file:
                file.writelines(f"{url}\n" for url in sorted(urls))
        except OSError:
            return False
        self._unused.update(urls)
        count_dropped(self._tally, UNUSED_IMAGE, len(urls))
        return True


def _plain(body: bytes) -> bytes:
    """Return a text in lower case, without references to characters."""
    if body[:2] in _UTF_16:
        body = body.replace(b"\0", b"")
    if b"&#" in body:
        body = html.unescape(body.decode("latin-1")).encode("ascii", "replace")
    return body.lower()


def _is_made_of(parts: set[str], word: str) -> bool:
    """Return whether a script may make a word of one of these parts, such as ``emoji-`` or ``-small``."""
    signs = (place for place, sign in enumerate(word) if sign in "-_")
    return any(word[: place + 1] in parts or word[place:] in parts for place in signs)
