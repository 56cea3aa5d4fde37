"""Find phrases in what was added to a page: never in what was there before."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from archive.retrieval.difference.lines import compare
from config.groups.watches import DISTANCE, NEAR, Watch

_LONGEST = 1_000
"""Characters of a sentence that are shown."""
_SENTENCE = re.compile(r"[^.!?。！？…]*(?:[.!?…](?![\s\"'”’»)\]]|$)[^.!?。！？…]*)*[.!?。！？…]*[\"'”’»）)\]」』]*")
"""Up to an end of a sentence. A full stop inside a number or a name, as in 3.5, ends none."""
_CJK = re.compile(r"[㐀-䶿一-鿿豈-﫿぀-ヿ가-힯]")
"""Scripts without spaces between words."""
_UNIT = rf"(?>{_CJK.pattern}|(?:(?!{_CJK.pattern})\w)++)"
"""A word, or a character of these scripts: matched as a whole, so that no text takes long."""


@dataclass(frozen=True, slots=True)
class Match:
    """A sentence that was added to a page, and the phrase in it."""

    phrase: str
    sentence: str


def matches(watch: Watch, before: str | None, now: str) -> list[Match]:
    """Return the sentences that are in a text now, were not in it before, and contain a phrase of the watch.

    `before` is the previous text of the page; None for a new page. Noise, such as counters, is never added. A sentence
    that only moved was there before, and so was one in whose line only other words were edited.

    A sentence never spans lines: each line of a text is split into sentences by itself, so a phrase across a line
    break is not found.
    """
    pattern = _pattern(watch.phrases)
    was_there = _sentences(before or "")
    gone = was_there - _sentences(now)
    found: list[Match] = []
    for line, old in _added(before, now):
        spare, stayed = _of_what_is_gone(pattern, old, gone)
        sentences = [(one, _phrases(pattern, one)) for one in split(line)]
        for sentence, phrases in sentences:
            if plain(sentence) in was_there and plain(sentence) not in stayed:
                spare.subtract(phrases)
        for sentence, phrases in sentences:
            if plain(sentence) in was_there:
                continue
            fresh = [one for one in phrases if not _spent(spare, one)]
            if fresh and _is_wanted(watch, sentence):
                found.append(Match(_as_written(watch, fresh[0]), _around(sentence, pattern)))
    return found


def _is_wanted(watch: Watch, sentence: str) -> bool:
    """Return whether a sentence has what it must have beside a phrase, and not what it must not have."""
    normal = _normal(sentence)
    if finds(watch.without, normal):
        return False
    return not watch.only or finds(watch.only, normal)


def _sentences(text: str) -> Counter[str]:
    """Return how often each sentence is in a text, whatever its writing."""
    return Counter(plain(one) for line in text.split("\n") for one in split(line))


def _of_what_is_gone(pattern: re.Pattern[str], old: str, gone: Counter[str]) -> tuple[Counter[str], frozenset[str]]:
    """Return the phrases of a line that was replaced, and its sentences that are still in the text.

    Those are not edited, wherever they are now: their phrases say nothing of the line that is in their place. `gone`
    has the sentences of the text that are in it no more; those of the line are taken out.
    """
    spare, stayed = Counter(_phrases(pattern, old)), set[str]()
    for sentence in split(old):
        if gone[plain(sentence)] > 0:
            gone[plain(sentence)] -= 1
        else:
            spare.subtract(_phrases(pattern, sentence))
            stayed.add(plain(sentence))
    return spare, frozenset(stayed)


def _phrases(pattern: re.Pattern[str], text: str) -> list[str]:
    """Return the phrases in a text by the names that they have in the pattern."""
    return [found.lastgroup or "" for found in pattern.finditer(_normal(text))]


def _around(sentence: str, pattern: re.Pattern[str]) -> str:
    """Return a sentence as it is written; of a very long one, the part around the first phrase."""
    if len(sentence) <= _LONGEST:
        return sentence
    at = pattern.search(sentence) or pattern.search(_normal(sentence))
    start = max((at.start() if at else 0) - _LONGEST // 2, 0)
    return sentence[start : start + _LONGEST]


def _spent(spare: Counter[str], phrase: str) -> bool:
    """Take one occurrence of a phrase from those that the line had before; return whether there was one."""
    spare[phrase] -= 1
    return spare[phrase] >= 0


def _added(before: str | None, now: str) -> Iterator[tuple[str, str]]:
    """Yield each line that is new or changed, with the line that it replaces: empty for a new one."""
    if before is None:
        yield from ((line, "") for line in now.split("\n"))
        return
    for row in compare(before, now):
        if row.kind in ("inserted", "changed") and row.new is not None:
            yield row.new, row.old or ""


def added_text(before: str | None, now: str) -> str:
    """Return the lines of a text that are new or changed; `before` is the previous text, None for a new page."""
    return "\n".join(line for line, _ in _added(before, now)).strip()


def split(line: str) -> Iterator[str]:
    """Yield the sentences of a line, as they are written."""
    for found in _SENTENCE.findall(line):
        if sentence := found.strip():
            yield sentence


@lru_cache(maxsize=256)
def _pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern of any of these phrases, longer ones first; of nothing, a pattern that never matches."""
    parts = (f"(?P<p{number}>{_near(_normal(phrase))})" for number, phrase in enumerate(_longest_first(phrases)))
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)


def _longest_first(phrases: Iterable[str]) -> list[str]:
    return sorted(phrases, key=len, reverse=True)


def _near(phrase: str) -> str:
    """Return a pattern of a phrase, or of two that stand near each other, in any order."""
    first, *near = NEAR.split(phrase)
    if not near:
        return _part(first)
    one, other = _part(first), _part(near[1])
    between = rf"\W*+(?:{_UNIT}\W*+){{0,{near[0] or DISTANCE}}}?"
    return f"{one}{between}{other}|{other}{between}{one}"


def _part(phrase: str) -> str:
    """Return a pattern of one phrase: of whole words where words have spaces between them."""
    words = r"\s+".join(map(re.escape, phrase.split()))
    start = r"(?<!\w)" if phrase[0].isalnum() and not _CJK.match(phrase[0]) else ""
    end = r"(?!\w)" if phrase[-1].isalnum() and not _CJK.match(phrase[-1]) else ""
    if _CJK.search(phrase) is None:  # "AI" stands beside Chinese characters without a space
        start, end = start and rf"(?:(?<!\w)|(?<={_CJK.pattern}))", end and rf"(?:(?!\w)|(?={_CJK.pattern}))"
    return f"{start}{words}{end}"


def finds(phrases: tuple[str, ...], text: str) -> bool:
    """Return whether a text contains one of these phrases."""
    return _pattern(phrases).search(_normal(text)) is not None


def _as_written(watch: Watch, found: str) -> str:
    return _longest_first(watch.phrases)[int(found.removeprefix("p"))]


def _normal(text: str) -> str:
    """Return a text in Unicode's form NFKC: full-width letters become ordinary ones (UAX #15)."""
    return unicodedata.normalize("NFKC", text)


def plain(text: str) -> str:
    """Return what texts have in common that differ in nothing but their writing."""
    return " ".join(_normal(text).casefold().split())
