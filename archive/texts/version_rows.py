"""Store the text versions of pages, whatever the order in which the texts of captures arrive.

A text version (a row of `wordings`) is one text of one URL in one source. Its row is a function of the records with
this text and of the other versions of the URL, so a rebuilt index has the same rows as one that grew day by day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, delete, insert, select, update

from archive.database.schema import captures, segments, texts, worded, wordings
from archive.database.statements import batches
from archive.texts.prepared_texts import Prepared, Ready, found_in, key_of, prepared
from archive.texts.search.sketch_rows import index_sketches, unindex_sketch
from archive.texts.search.word_rows import index_words, unindex_words
from archive.texts.text_version import NEWS, Change, Page, TextVersion, arrange
from archive.texts.texts import TEXT_COLUMNS, TextRow, whole_text
from extractor.values.verdict import kind_among

_BATCH = 500
_UPDATED = update(wordings).where(wordings.c.id == bindparam("here"))
_STORED = (
    "collection", "source", "urlkey", "key", "gist", "reader", "url", "record_id", "language",
    "first_at", "last_at", "superseded_at", "novelty", "verdict",
)  # fmt: skip


def add_texts(
    connection: Connection,
    segment: str,
    ready: Ready,
    some: Mapping[str, int] | None = None,
    given: Iterable[TextRow] = (),
) -> list[Change]:
    """Add the texts of a segment that are not added yet. Return the changes among them, by time.

    `ready` has the prepared data of the texts. `some` limits this to some records, as in `waiting_ids`; None means all.
    `given` are texts of the segment as they were just inserted, which are not read again.
    """
    waiting = _waiting_among(connection, segment, given, some) if given else waiting_texts(connection, segment, some)
    if not waiting:
        return []
    whose = _captured(connection, segment, some)
    there = [text for text in waiting if text.record_id in whose]
    shelf = _PageVersions(connection, {whose[text.record_id][0] for text in there}, ready)
    fresh = [(wording, text) for text in there if (wording := shelf.note(text, whose[text.record_id][0]))]
    shelf.write(fresh)
    _link(connection, there, shelf, {text.record_id: whose[text.record_id][0] for text in there})
    return [_change(wording, text, whose[text.record_id][1]) for wording, text in fresh if wording.novelty in NEWS]


def forget_texts(connection: Connection, record_ids: Iterable[str], ready: Ready) -> None:
    """Remove the texts of records, before `texts` gets new ones. `ready` has the prepared data of the texts."""
    for record_id in record_ids:
        query = (
            select(wordings.c.id, wordings.c.collection, wordings.c.source, wordings.c.urlkey)
            .join(worded, worded.c.wording_id == wordings.c.id)
            .where(worded.c.record_id == record_id)
        )
        if wording := connection.execute(query).one_or_none():
            _forget(connection, record_id, wording.id, ready)
            _PageVersions(connection, {Page(wording.collection, wording.source, wording.urlkey)}, ready).write(())


def keep_texts(connection: Connection, rows: Iterable[TextRow], gists: Mapping[str, str]) -> None:
    """Update the versions of texts whose title and text stay, after `texts` got new rows of them.

    `gists` has their texts without noise, by record id, as the extractor finds them now.
    """
    fresh = {row.record_id: row for row in rows}
    shelf = _PageVersions(connection, _pages_of(connection, fresh), {})
    shelf.refresh(fresh, gists)
    shelf.write(())


def _pages_of(connection: Connection, record_ids: Iterable[str]) -> Iterator[Page]:
    query = select(wordings.c.collection, wordings.c.source, wordings.c.urlkey)
    query = query.join(worded, worded.c.wording_id == wordings.c.id)
    for batch in batches(record_ids, _BATCH):
        yield from (Page(*row) for row in connection.execute(query.where(worded.c.record_id.in_(batch))))


def _forget(connection: Connection, record_id: str, wording: int, ready: Ready) -> None:
    """Remove a record from its text version, and the version if no record has it any more."""
    text = whole_text(connection.execute(select(*TEXT_COLUMNS).where(texts.c.record_id == record_id)).one())
    connection.execute(delete(worded).where(worded.c.record_id == record_id))
    same = select(*TEXT_COLUMNS).join(worded, worded.c.record_id == texts.c.record_id)
    query = same.where(worded.c.wording_id == wording).order_by(texts.c.at, texts.c.record_id)
    left = list(filter(None, map(whole_text, connection.execute(query))))
    here = wordings.c.id == wording
    if left:
        connection.execute(update(wordings).where(here).values(**_first(left[0]), last_at=left[-1].at))
    elif text is not None:  # without the text, its words can't be removed; read again, it is mostly the same
        words = found_in(ready, connection.dialect.name, text.title, text.text or "").words
        unindex_words(connection, wording, words)
        unindex_sketch(connection, wording)
        connection.execute(delete(wordings).where(here))


class _PageVersions:
    """The text versions of some pages, while they change."""

    def __init__(self, connection: Connection, pages: Iterable[Page], ready: Ready) -> None:
        self._connection, self._ready = connection, ready
        self._keys: dict[str, str] = {}
        self._pages: dict[Page, dict[str, TextVersion]] = {page: {} for page in pages}
        self._before: dict[int, tuple[Any, ...]] = {}
        for row in _rows(connection, {page.urlkey for page in self._pages}):
            page = Page(row.collection, row.source, row.urlkey)
            if page in self._pages:
                self._pages[page][row.key] = wording = TextVersion(page=page, **_facts(row))
                self._before[row.id] = _values(wording)

    def of(self, page: Page, text: TextRow) -> TextVersion:
        return self._pages[page][self._key(text)]

    def note(self, text: TextRow, page: Page) -> TextVersion | None:
        """Add the text of a capture. Return the text version if it is new for the page."""
        there, key = self._pages[page], self._key(text)
        if known := there.get(key):
            known.last_at = max(known.last_at, text.at)
            if (text.at, text.record_id) < (known.first_at, known.record_id):
                for name, value in _first(text).items():
                    setattr(known, name, value)
            return None
        facts: dict[str, Any] = {"key": key, "gist": self._prepared(text).gist, "last_at": text.at}
        there[key] = TextVersion(page=page, **facts, **_first(text))
        return there[key]

    def refresh(self, fresh: Mapping[str, TextRow], gists: Mapping[str, str]) -> None:
        """Set what text versions have from their first records."""
        for page in self._pages.values():
            for version in page.values():
                if row := fresh.get(version.record_id):
                    version.gist = gists[version.record_id]
                    for name, value in _first(row).items():
                        setattr(version, name, value)

    def _prepared(self, text: TextRow) -> Prepared:
        found = self._ready.get(self._key(text))
        return found or prepared(self._connection.dialect.name, text.title, text.text or "")

    def _key(self, text: TextRow) -> str:
        """Return the key of a text, which takes a digest of all of it, once."""
        key = self._keys.get(text.record_id)
        if key is None:
            key = self._keys[text.record_id] = key_of(text.title, text.text or "")
        return key

    def write(self, fresh: Sequence[tuple[TextVersion, TextRow]]) -> None:
        """Write all changes to the tables, including new text versions."""
        for page in self._pages.values():
            arrange(list(page.values()))
        if fresh:
            added = insert(wordings).returning(wordings.c.id, sort_by_parameter_order=True)
            values = [dict(zip(_STORED, _values(wording), strict=True)) for wording, _ in fresh]
            for (wording, _), number in zip(fresh, self._connection.execute(added, values).scalars(), strict=True):
                wording.id = number
            there = [(wording.id or 0, self._prepared(text)) for wording, text in fresh]
            index_words(self._connection, [(number, text.words) for number, text in there])
            index_sketches(self._connection, [(number, text.sketch) for number, text in there])
        known = (wording for page in self._pages.values() for wording in page.values() if wording.id in self._before)
        changed = [(wording.id, _values(wording)) for wording in known]
        rows = [
            {"here": number, **dict(zip(_STORED, values, strict=True))}
            for number, values in changed
            if number is not None and self._before[number] != values
        ]
        if rows:
            self._connection.execute(_UPDATED, rows)


def waiting_ids(connection: Connection, segment: str) -> dict[str, int]:
    """Return the record ids of the texts of a segment that are not added yet, by time, each with the id of its capture.

    Texts whose captures are not in the index are left out.
    """
    waiting = dict.fromkeys(connection.execute(_waiting(texts.c.segment == segment, texts.c.record_id)).scalars(), 0)
    if waiting:
        for record_id, number in _ids_of(connection, segment):
            if record_id in waiting:
                waiting[record_id] = number
    return {record_id: number for record_id, number in waiting.items() if number}


def _ids_of(connection: Connection, segment: str) -> Iterator[tuple[str, int]]:
    """Yield the record ids of the captures of a segment, with those of their rows. Few are in memory at once: a segment
    may have many captures without a text, and rows have no index by record id.
    """
    columns = (captures.c.record_id, captures.c.id, captures.c.offset)
    query = select(*columns).join(segments, captures.c.segment_id == segments.c.id).where(segments.c.name == segment)
    query, after = query.order_by(captures.c.offset).limit(_BATCH), -1
    while rows := connection.execute(query.where(captures.c.offset > after)).all():
        yield from ((row.record_id, row.id) for row in rows)
        after = rows[-1].offset


def added_among(connection: Connection, record_ids: Iterable[str]) -> frozenset[str]:
    """Return those of some record ids whose texts are added."""
    found: set[str] = set()
    for batch in batches(record_ids, _BATCH):
        found.update(connection.execute(select(worded.c.record_id).where(worded.c.record_id.in_(batch))).scalars())
    return frozenset(found)


def waiting_texts(connection: Connection, segment: str, record_ids: Iterable[str] | None = None) -> list[TextRow]:
    """Return the texts of a segment that are not added yet, by time; `record_ids` limits this to some records."""
    # By the ids alone: SQLite would read all texts of the segment.
    of_it = texts.c.segment == segment if record_ids is None else texts.c.record_id.in_(record_ids)
    query = _waiting(of_it, *TEXT_COLUMNS)
    return [text for row in connection.execute(query) if (text := whole_text(row)) and text.text is not None]


def _waiting_among(
    connection: Connection, segment: str, given: Iterable[TextRow], some: Mapping[str, int] | None
) -> list[TextRow]:
    """Return what `waiting_texts` does, and read only those that are not given."""
    there = {text.record_id: text for text in given if text.text is not None}
    of_it = texts.c.segment == segment if some is None else texts.c.record_id.in_(some)
    waiting = list(connection.execute(_waiting(of_it, texts.c.record_id)).scalars())
    for others in batches((record_id for record_id in waiting if record_id not in there), _BATCH):
        there |= {text.record_id: text for text in waiting_texts(connection, segment, others)}
    return [there[record_id] for record_id in waiting if record_id in there]


def _waiting(of_it: ColumnElement[bool], *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .outerjoin(worded, worded.c.record_id == texts.c.record_id)
        .where(of_it, texts.c.state == "done")
        .where(worded.c.record_id.is_(None))
        .order_by(texts.c.at, texts.c.record_id)
    )


def _captured(connection: Connection, segment: str, some: Mapping[str, int] | None) -> dict[str, tuple[Page, str]]:
    """Return the page and the run of each record of a segment, or of some, whose text is that of its page.

    A page that a browser drew has the text of what was drawn, not that of the answer.
    """
    drawn = captures.alias()
    twin = select(drawn.c.id).where(
        drawn.c.urlkey == captures.c.urlkey,
        drawn.c.at == captures.c.at,
        drawn.c.url == captures.c.url,
        drawn.c.collection == captures.c.collection,
        drawn.c.kind == "conversion",
        drawn.c.mime == "text/html",
        captures.c.kind != "conversion",
    )
    query = select(
        captures.c.record_id, captures.c.collection, captures.c.source, captures.c.urlkey, captures.c.run
    ).where(~twin.exists())
    if some is not None:
        query = query.where(captures.c.id.in_(some.values()))
    else:
        query = query.join(segments, captures.c.segment_id == segments.c.id).where(segments.c.name == segment)
    rows = connection.execute(query)
    return {record_id: (Page(collection, source, key), run) for record_id, collection, source, key, run in rows}


def _rows(connection: Connection, urlkeys: Iterable[str]) -> Iterator[Row[Any]]:
    for batch in batches(sorted(urlkeys), _BATCH):
        yield from connection.execute(select(wordings).where(wordings.c.urlkey.in_(batch)))


def _link(connection: Connection, there: Sequence[TextRow], shelf: _PageVersions, pages: dict[str, Page]) -> None:
    values = [
        {"record_id": text.record_id, "wording_id": shelf.of(pages[text.record_id], text).id, "at": text.at}
        for text in there
    ]
    if values:
        connection.execute(insert(worded), values)


def _first(text: TextRow) -> dict[str, Any]:
    """Return the fields of a text version that come from its first record."""
    reader = f"{text.extractor or ''} {text.version or ''}"
    facts = {"record_id": text.record_id, "url": text.url, "language": text.language}
    return {**facts, "reader": reader, "first_at": text.at, "verdict": kind_among(text.fields)}


def _facts(row: Row[Any]) -> dict[str, Any]:
    return {"id": row.id, **{name: getattr(row, name) for name in _STORED[3:]}}


def _values(wording: TextVersion) -> tuple[Any, ...]:
    page = wording.page
    return (page.collection, page.source, page.urlkey, *(getattr(wording, name) for name in _STORED[3:]))


def _change(wording: TextVersion, text: TextRow, run: str) -> Change:
    return Change(wording.novelty, wording.page, run, text.url, text.at, text.record_id, text.title, text.language)
