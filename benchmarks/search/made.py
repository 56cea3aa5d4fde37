"""Generate texts and queries: words of two languages with realistic frequencies."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice

from archive.database.engine import Database
from archive.index.index import Index
from archive.texts.search.search import SearchFilters
from archive.texts.texts import TextRow
from archive.values.capture import Capture, Location
from archive.values.digest import sha1_base32, sha256
from archive.values.urlkey import urlkey
from archive.warc.keys import cdxj_key, warc_key
from archive.warc.manifest import Manifest, StoredObject

MORNING = datetime(2026, 1, 1, tzinfo=UTC)
SITES = 200
SOURCES = 40
_VERSIONS = 4
"""Number of texts per page."""
_A_SEGMENT = 1_000
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Tongue:
    """Words from the most to the least frequent, and rules for making texts."""

    language: str
    words: Sequence[str]
    between: str
    a_text: int
    """Number of words of a text, which give 2.7 KB."""
    _weights: Sequence[float] = field(init=False)

    def __post_init__(self) -> None:
        weights = (1 / (rank + 2.7) for rank in range(len(self.words)))  # the Zipf-Mandelbrot law
        object.__setattr__(self, "_weights", list(accumulate(weights)))

    def used(self, chance: random.Random, count: int) -> list[str]:
        """Return `count` words by frequency."""
        return chance.choices(self.words, cum_weights=self._weights, k=count)

    def text(self, chance: random.Random, longer: float = 1) -> str:
        length = round(self.a_text * longer * chance.uniform(0.2, 1.8))
        sentences = [self.between.join(self.used(chance, 15)) for _ in range(length // 15)]
        return ("。" if self.between == "" else ". ").join(sentences)


Tongues = tuple[Tongue, Tongue]


def tongues() -> Tongues:
    chance = random.Random(1)
    return (
        Tongue("en", _words(chance, 50_000, _english), " ", 480),
        Tongue("zh", _words(chance, 30_000, _chinese), "", 480),
    )


def _words(chance: random.Random, count: int, word: object) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        found[word(chance, len(found))] = None  # type: ignore[operator]
    return list(found)


def _english(chance: random.Random, rank: int) -> str:
    """Make a word: more frequent ones are shorter."""
    syllables = 1 if rank < 200 else chance.choice((2, 2, 3)) if rank < 5_000 else chance.choice((2, 3, 4))
    return "".join(chance.choice("bcdfghlmnprstvw") + chance.choice("aeiou") for _ in range(syllables)) + chance.choice(
        ("", "n", "r", "s", "t")
    )


def _chinese(chance: random.Random, rank: int) -> str:
    """Make a word: characters have different frequencies, too."""
    length = 1 if rank < 100 else chance.choice((2, 2, 2, 3))
    return "".join(chr(0x4E00 + int(3_000 * chance.random() ** 2)) for _ in range(length))


def make(database: Database, count: int, longer: float = 1) -> None:
    """Commit segments of `count` captures, each with a text of its own, of 2.7 KB times `longer`."""
    index, chance, spoken = Index(database, now=lambda: MORNING), random.Random(2), tongues()
    pages = (_page(number, chance, spoken, longer) for number in range(count))
    for number in range(-(-count // _A_SEGMENT)):
        name = f"20260101T000000Z-1-{number}-abcd"
        some = list(islice(pages, _A_SEGMENT))
        captures = [each._replace(location=Location(name, 5_000 * at, 3_000)) for at, (each, _) in enumerate(some)]
        index.commit(_manifest(name, len(some)), captures, [replace(text, segment=name) for _, text in some])


def _page(number: int, chance: random.Random, spoken: Tongues, longer: float) -> tuple[Capture, TextRow]:
    tongue = spoken[chance.random() < 0.4]
    page = number // _VERSIONS
    url = f"https://{site_of(page % SITES)}/{page}.html"
    at = MORNING + number * _MINUTE
    title, text = tongue.between.join(tongue.used(chance, 8)), tongue.text(chance, longer)
    digest, record = text.encode(), f"<urn:uuid:{number:032x}>"
    capture = Capture(
        collection="default", urlkey=urlkey(url), url=url, at=at, kind="response", status=200, mime="text/html",
        digest=sha1_base32(digest), sha256=sha256(digest), payload_length=len(digest), location=Location("", 0, 0),
        span=4_000, record_id=record, source=source_of(page % SITES), run="run-1",
    )  # fmt: skip
    facts = {"extractor": "made", "version": "1", "title": title, "language": tongue.language, "text": text}
    facts["markdown"] = f"# {title}\n\n{text}\n"
    return capture, TextRow(record, "", url, at, capture.digest, "done", **facts)  # type: ignore[arg-type]


def site_of(number: int) -> str:
    return f"www.site-{number}.example"


def source_of(site: int) -> str:
    return f"source-{site % SOURCES}"


def _manifest(name: str, captures: int) -> Manifest:
    digest = sha256(name.encode())
    return Manifest(
        segment=name,
        collection="default",
        worker="w",
        epoch=1,
        objects=(
            StoredObject("warc", warc_key("default", MORNING, digest), 1, digest),
            StoredObject("cdxj", cdxj_key("default", MORNING, digest), 1, digest),
        ),
        records=captures,
        captures=captures,
        first_at=MORNING,
        last_at=MORNING,
        merkle_root=digest,
        runs=(),
        software="made",
        previous=None,
    )


@dataclass(frozen=True)
class Question:
    kind: str
    words: str
    narrowed: SearchFilters


def questions(count: int, texts: int) -> Iterator[Question]:
    """Yield queries of all kinds in turn. Words are chosen by frequency: half of them are in most texts."""
    chance, spoken = random.Random(3), tongues()
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        yield Question(kind.name, kind.words(chance, spoken), kind.narrowed(chance, texts))


def _english_words(chance: random.Random, spoken: Tongues) -> str:
    return " ".join(spoken[0].used(chance, chance.randint(1, 4)))


def _rarer_words(chance: random.Random, spoken: Tongues) -> str:
    """Return words beyond the hundred most frequent ones, as people type."""
    return " ".join(chance.sample(spoken[0].words[100:20_000], chance.randint(1, 4)))


def _two_characters(chance: random.Random, spoken: Tongues) -> str:
    words = (word for word in iter(lambda: spoken[1].used(chance, 1)[0], None) if len(word) == 2)
    return next(words)


def _chinese_words(chance: random.Random, spoken: Tongues) -> str:
    return " ".join(spoken[1].used(chance, chance.randint(1, 4)))


def _phrase(chance: random.Random, spoken: Tongues) -> str:
    return f'"{" ".join(spoken[0].used(chance, 2))}"'


def _common_words(chance: random.Random, spoken: Tongues) -> str:
    return " ".join(chance.sample(spoken[0].words[:20], chance.randint(1, 4)))


def _everywhere(_: random.Random, __: int) -> SearchFilters:
    return SearchFilters()


def _site(chance: random.Random, _: int) -> SearchFilters:
    return SearchFilters(site=site_of(chance.randrange(SITES)))


def _source(chance: random.Random, _: int) -> SearchFilters:
    return SearchFilters(source=source_of(chance.randrange(SITES)))


def _language(chance: random.Random, _: int) -> SearchFilters:
    return SearchFilters(language=chance.choice(("en", "zh")))


def _days(chance: random.Random, texts: int) -> SearchFilters:
    since = MORNING + chance.randrange(texts) * _MINUTE
    return SearchFilters(since=since, until=since + timedelta(days=chance.choice((1, 7, 30))))


def _current(_: random.Random, __: int) -> SearchFilters:
    return SearchFilters(current=True)


@dataclass(frozen=True)
class Kind:
    name: str
    words: Callable[[random.Random, Tongues], str]
    narrowed: Callable[[random.Random, int], SearchFilters] = _everywhere


KINDS = (
    Kind("English, 1-4 words as used", _english_words),
    Kind("English, 1-4 rarer words", _rarer_words),
    Kind("English, 1-4 of the 20 commonest", _common_words),
    Kind("English, a phrase of 2", _phrase),
    Kind("Chinese, 2 characters", _two_characters),
    Kind("Chinese, 1-4 words as used", _chinese_words),
    Kind("of a site", _english_words, _site),
    Kind("of a source", _english_words, _source),
    Kind("in a language", _english_words, _language),
    Kind("Chinese, in a language", _two_characters, _language),
    Kind("of some days", _english_words, _days),
    Kind("current texts", _english_words, _current),
)
