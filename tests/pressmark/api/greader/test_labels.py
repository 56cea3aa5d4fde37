"""A label of the Google Reader API is a collection, a tag of sources and a tag of snapshots at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from lxml import html
from services.retrieving import Retrieving, served
from specimens.versions import Version, keep

from archive.texts.snapshot_notes import Said, SnapshotNotes, write_notes
from config.settings import Settings
from pressmark.api.greader.streams import items_of, stream_of
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.views.capture_choice import snapshot_at
from pressmark.views.review.snapshot_notes import annotate

HARBOUR, SHIPS = "https://example.org/1", "https://b.example/"
FILES = {
    "other": "source: other\nseeds: [https://b.example/]\ntags: [ships]\n",
    "example": "source: example\nseeds: [https://example.org/]\nkeep: {collection: default}\n",
}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A home with a page of each of two sources, both in the collection default."""
    (tmp_path / "warcs").mkdir()
    (tmp_path / "home" / "sources").mkdir(parents=True)
    for name, text in FILES.items():
        (tmp_path / "home" / "sources" / f"{name}.yaml").write_text(text)
    with open_pressmark(Settings(home=tmp_path / "home")) as opened:
        pages = [Version("The harbour.", HARBOUR, 0), Version("Ships.", SHIPS, 1, source="other")]
        keep(opened, tmp_path / "warcs", *pages)
        yield opened


def give(service: Service, url: str, *tags: str) -> None:
    with snapshot_at(service, url, "2026") as found:
        annotate(service, found, list(tags), "", by="person ada")


def labelled(service: Service, label: str) -> list[str]:
    stream = stream_of(service, f"user/-/label/{label}")
    return sorted(piece.url for piece in items_of(service, stream, "person ada", None, 20)[0])


def crowd(service: Service) -> None:
    """Write a thousand tags that come first by name."""
    [known] = [one for one in SnapshotNotes(service.database).latest() if one.url == HARBOUR]
    crowd = [
        replace(
            known,
            record_id=f"urn:uuid:{n}",
            text_record=f"urn:uuid:{n}",
            said=Said(tuple(f"a{n}-{m}" for m in range(20))),
        )
        for n in range(50)
    ]
    with service.database.writing() as connection:
        write_notes(connection, crowd)


def test_a_tag_with_the_name_of_a_collection_keeps_what_is_in_the_collection(service: Service) -> None:
    """Also the captures of a source that is gone or moved: they are in the collection that they were archived in."""
    (service.settings.home / "sources" / "example.yaml").write_text(
        FILES["example"].replace("collection: default", "collection: moved")
    )
    (service.settings.home / "sources" / "other.yaml").unlink()
    service.sources.reload()
    before = labelled(service, "default")
    give(service, SHIPS, "default", "else")

    assert before == [SHIPS, HARBOUR]
    assert labelled(service, "default") == [SHIPS, HARBOUR]
    assert (labelled(service, "else"), labelled(service, "moved")) == ([SHIPS], [])


def test_a_label_is_what_sources_and_people_named_so(service: Service) -> None:
    before = labelled(service, "ships")
    give(service, HARBOUR, "ships")

    assert (before, labelled(service, "ships")) == ([SHIPS], [SHIPS, HARBOUR])


def test_the_label_after_a_thousand_others_has_its_pages(service: Service) -> None:
    give(service, HARBOUR, "zzz")
    crowd(service)

    assert "zzz" not in SnapshotNotes(service.database).tags()  # of which pages offer a thousand
    assert labelled(service, "zzz") == [HARBOUR]
    assert labelled(service, "zz") == []


def test_a_reader_gets_the_tags_after_a_thousand_others(service: Service) -> None:
    give(service, HARBOUR, "zzz")
    crowd(service)
    with served(service) as url:
        listed = json.loads(Retrieving(url, service, []).text("/api/v1/greader/reader/api/0/tag/list"))["tags"]

    assert {"id": "user/-/label/zzz", "type": "tag"} in listed
    assert sum(one.get("type") == "tag" for one in listed) == 1001


@pytest.mark.parametrize("path", ["/new?", f"/captures?url={HARBOUR}&", "/notes?", "/search?q=harbour&"])
def test_a_page_shows_the_tag_that_was_chosen_after_a_thousand_others(service: Service, path: str) -> None:
    give(service, HARBOUR, "zzz")
    crowd(service)
    with served(service) as url:
        door = Retrieving(url, service, [])
        shown = html.fromstring(door.text(f"{path}{urlencode({'tag': 'zzz'})}"))

    [chosen] = shown.xpath("//select[@name='tag']/option[@selected]")
    assert (chosen.get("value") or chosen.text) == "zzz"
