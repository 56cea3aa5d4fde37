"""Copies of a text are found in any order of indexing, as long as they are stored."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
from services.databases import SQLITE_ONLY
from services.steps import traced
from specimens.archives import FORUM, NEWS, TEXTS, small_archive
from specimens.captures import NOON, capture_of, reference_to
from specimens.library import Library, said
from specimens.plans import checked_out, plan
from specimens.reprints import AGENCY, EVENT, EVENT_ZH, OTHER, OTHER_ZH, REPRINTS, REPRINTS_ZH
from sqlalchemy import text as sql

from archive.database.closed_collections import closing_collections
from archive.database.engine import Database, open_database
from archive.index.index import Index
from archive.intake.rebuild import Rebuild
from archive.texts.search.similar import REACH, Copies
from archive.texts.search.sketch import BANDS
from archive.texts.search.sketch_rows import unindex_sketch
from archive.texts.text_replacement import replace_texts, texts_of_segment
from archive.values.errors import CaptureNotFound

LATER = NOON.replace(year=NOON.year + 1)


def copies(shelf: Library, url: str, **asked: float) -> Copies:
    found = shelf.archive.similar(url, LATER, **asked)  # type: ignore[arg-type]
    assert found is not None
    return found


def urls(shelf: Library, url: str) -> set[str]:
    return {one.url for one in copies(shelf, url).items}


def rows(database: Database, table: str) -> int:
    with database.reading() as connection:
        return int(connection.execute(sql(f"SELECT count(*) FROM {table}")).scalar_one())


def kept(database: Database) -> set[tuple[object, ...]]:
    """Return sketches and bands by content, without ids."""
    query = """SELECT w.url, w.key, s.version, s.sketch, b.band, b.key FROM wordings w
               JOIN sketches s ON s.wording_id = w.id JOIN bands b ON b.wording_id = w.id"""
    with database.reading() as connection:
        return {tuple(row) for row in connection.execute(sql(query))}


def test_reprints_with_other_headlines_are_one_group_without_other_reports(shelf: Library) -> None:
    addresses = {f"https://paper-{n}.example/{n}": text for n, text in enumerate(REPRINTS.values())}
    addresses |= {f"https://bao-{n}.example/{n}": text for n, text in enumerate(REPRINTS_ZH.values())}
    for n, (url, text) in enumerate(addresses.items()):
        shelf.page(text, url, minute=n, title=f"Headline {n}")
    for n, text in enumerate((EVENT, OTHER, EVENT_ZH, OTHER_ZH)):
        shelf.page(text, f"https://other-{n}.example/")

    for site in ("paper", "bao"):
        group = {url for url in addresses if site in url}
        assert all(urls(shelf, url) == group - {url} for url in group)
    assert [urls(shelf, f"https://other-{n}.example/") for n in range(4)] == [set()] * 4


def test_a_group_does_not_depend_on_the_order_of_indexing(tmp_path: Path) -> None:
    texts = [*list(REPRINTS.values())[:3], EVENT]
    groups = set()
    for n, order in enumerate(permutations(range(4))):
        database = open_database(f"sqlite:///{tmp_path / str(n)}.db")
        shelf = Library(database)
        for at in order:
            shelf.page(texts[at], f"https://p{at}.example/", minute=at)
        found = [copies(shelf, f"https://p{at}.example/").items for at in range(4)]
        groups.add(tuple(tuple((one.url, one.at, one.likeness) for one in group) for group in found))
        database.close()

    [[first, *_, last]] = groups
    assert (len(first), len(last)) == (2, 0)


def test_the_most_similar_copies_come_first_without_texts_of_the_same_address(shelf: Library) -> None:
    shelf.page(REPRINTS["as it was sent"], "https://a.example/")
    shelf.page(REPRINTS["with the line of the agency"], "https://www.a.example/", minute=1)
    shelf.page(REPRINTS["without its last paragraph"], "https://b.example/", minute=2, title="Cut", language="en")
    shelf.page(REPRINTS["as it was sent"], "https://b.example/", minute=3, title="Whole", language="en")
    shelf.page(REPRINTS["with a paragraph written anew"], "https://c.example/", minute=4)

    found = shelf.archive.similar("https://a.example/", NOON)

    assert found is not None
    assert [(one.url, one.title) for one in found.items] == [
        ("https://b.example/", "Whole"),
        ("https://c.example/", None),
    ]
    assert found.items[0].likeness == 1 > found.items[1].likeness
    assert (found.total, found.complete, found.comparable) == (2, True, True)
    whole = shelf.archive.similar("https://a.example/", NOON, threshold=1)
    assert whole is not None and [one.url for one in whole.items] == ["https://b.example/"]


def test_a_text_that_cannot_be_compared_is_marked(shelf: Library) -> None:
    shelf.page("Please log in.", "https://a.example/")
    shelf.page("Please log in.", "https://b.example/")

    assert copies(shelf, "https://a.example/") == Copies((), 0, comparable=False)
    assert rows(shelf.database, "sketches") == rows(shelf.database, "bands") == 0
    with pytest.raises(CaptureNotFound):
        shelf.archive.similar("https://c.example/", NOON)
    with pytest.raises(ValueError, match=r"threshold 0\.2 is not between"):
        shelf.archive.similar("https://a.example/", NOON, threshold=0.2)


def test_a_capture_that_is_not_a_page_has_no_copies(shelf: Library) -> None:
    (capture, row), other = said(EVENT, "https://a.example/"), said(EVENT, "https://b.example/", minute=1)
    shelf.keep((capture, replace(row, fields={"verdict": {"kind": "blocked"}})), other)

    assert urls(shelf, "https://a.example/") == set()


def test_an_address_with_the_same_bytes_as_another_is_a_copy_of_it(shelf: Library) -> None:
    original, row = said(EVENT, "https://a.example/")
    twin = capture_of("https://a.example/print", minute=1, kind="revisit", payload=EVENT.encode(), number=900)
    twin = twin._replace(refers_to=reference_to(original))
    shelf.keep((original, row))
    shelf.keep((twin, replace(row, record_id="<urn:uuid:none>", state="none", text=None)))

    assert urls(shelf, twin.url) == {original.url}


def test_a_notice_of_hundreds_of_addresses_is_counted_up_to_a_limit(shelf: Library) -> None:
    shelf.keep(*(said(EVENT, f"https://s.example/{n}", minute=n) for n in range(REACH + 50)))

    found = copies(shelf, "https://s.example/0", limit=5)

    assert (len(found.items), found.total, found.complete) == (5, REACH - 1, False)


def test_the_copies_of_a_page_of_results_are_counted_up_to_the_same_limit(shelf: Library) -> None:
    pages = [said(EVENT, f"https://s.example/{n}", minute=n) for n in range(8)]
    asked = {pages[0][1].record_id: pages[0][0].url}
    counted = []
    for page in pages:
        shelf.keep(page)
        [found] = shelf.archive.copies_of_each(asked, limit=3, reach=5).values()
        counted.append((found.total, found.complete))

    assert counted == [(0, True), (1, True), (2, True), (3, True), (4, True), (4, False), (4, False), (4, False)]


def test_closed_copies_do_not_take_the_place_of_open_ones(shelf: Library) -> None:
    closed = (said(EVENT, f"https://secret.example/{n}", minute=n) for n in range(10))
    shelf.keep(*((capture._replace(collection="closed"), row) for capture, row in closed))
    pages = [said(EVENT, f"https://{name}.example/", minute=20) for name in "ab"]
    shelf.keep(*pages)
    asked_for = {pages[0][1].record_id: "https://a.example/"}

    with closing_collections(frozenset({"closed"})):
        [found] = shelf.archive.copies_of_each(asked_for, limit=3, reach=5).values()
    [to_others] = shelf.archive.copies_of_each(asked_for, limit=3, reach=5).values()

    assert [one.url for one in found.items] == ["https://b.example/"]
    assert (found.total, found.complete) == (1, True)
    assert (len(to_others.items), to_others.complete) == (3, False)  # the control


def test_a_re_extracted_text_is_compared_by_its_new_content(shelf: Library) -> None:
    shelf.page(REPRINTS["as it was sent"], "https://a.example/")
    shelf.page(EVENT, "https://b.example/", minute=1)
    [segment] = [
        row.name for row in shelf.index.segments("committed") if "https://b.example/" in _urls(shelf, row.name)
    ]
    [row] = texts_of_segment(shelf.database, segment)
    assert urls(shelf, "https://a.example/") == set()

    replace_texts(shelf.database, segment, [replace(row, text="\n".join(AGENCY))])

    assert urls(shelf, "https://a.example/") == {"https://b.example/"}
    assert (rows(shelf.database, "sketches"), rows(shelf.database, "bands")) == (2, 40)

    replace_texts(shelf.database, segment, [replace(row, text="No more.")])

    assert urls(shelf, "https://a.example/") == set()
    assert (rows(shelf.database, "sketches"), rows(shelf.database, "bands")) == (1, 20)


def _urls(shelf: Library, segment: str) -> set[str]:
    return {row.url for row in texts_of_segment(shelf.database, segment)}


def test_a_rebuilt_index_has_the_same_sketches_and_an_old_one_gets_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TEXTS, NEWS, ("A", EVENT, "en"))
    monkeypatch.setitem(TEXTS, FORUM, ("B", f"Report. {EVENT}", "en"))
    with small_archive(tmp_path / "grown") as grown:
        database = open_database(f"sqlite:///{tmp_path / 'new.db'}")
        Rebuild(grown.store, Index(database, now=lambda: LATER)).run()
        before = kept(grown.database)
        again = kept(database)
        database.close()
        with grown.database.writing() as connection:  # like an archive from before sketches existed
            connection.execute(sql("DELETE FROM sketches WHERE wording_id = 1"))
            connection.execute(sql("DELETE FROM bands WHERE wording_id = 1"))
            connection.execute(sql("UPDATE sketches SET version = 0"))
        without = grown.archive.similar(NEWS, LATER)
        Rebuild(grown.store, grown.index).run()

        assert len(before) == 40
        assert again == before == kept(grown.database)
        assert (without, grown.archive.similar(NEWS, LATER)) != (None, without)


@SQLITE_ONLY
def test_neither_lookup_nor_removal_reads_all_bands(shelf: Library) -> None:
    shelf.page(EVENT)
    statements = traced(shelf.database)
    copies(shelf, "https://example.org/1")
    with shelf.database.writing() as connection:
        unindex_sketch(connection, 1)
    of_bands = [each for each in statements if each.startswith(("SELECT", "DELETE")) and "bands" in each]
    plans = [plan(shelf.database, each, ()) for each in of_bands]

    assert [each.split()[0] for each in of_bands] == ["SELECT", *["DELETE"] * BANDS]
    assert all("SEARCH bands USING PRIMARY KEY (band=? AND key=?" in each for each in plans)
    assert not any(f"SCAN {table}" in each for each in plans for table in ("bands", "sketches", "wordings", "texts"))
    assert "SCAN bands" in plan(shelf.database, "SELECT 1 FROM bands WHERE wording_id = ?", (1,))


def test_the_copies_of_many_texts_are_found_on_few_connections(shelf: Library) -> None:
    texts = [*REPRINTS.values(), EVENT, OTHER, *REPRINTS_ZH.values(), "Please log in."]
    for n, text in enumerate(texts):
        shelf.page(text, f"https://p{n}.example/", minute=n)
    urls = {
        one.record_id: one.url for n in range(len(texts)) for one in shelf.archive.captures(f"https://p{n}.example/")
    }

    with checked_out(shelf.database) as connections:
        found = shelf.archive.copies_of_each(urls, limit=2, reach=REACH)
    each = {record: copies(shelf, url, limit=2) for record, url in urls.items()}

    assert found == each
    assert (
        [one.comparable for one in found.values()].count(False) == 1 < len([one for one in found.values() if one.items])
    )
    assert len(connections) <= 4
    assert shelf.archive.copies_of_each({}, limit=2, reach=REACH) == {}
