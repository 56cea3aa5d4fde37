"""Watches in the pages: added, tried, changed, paused and removed, as a browser without scripts sends it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from lxml import html
from services.retrieving import Retrieving, served
from services.source_forms import FORM
from specimens.versions import Version, keep

from archive.database.engine import Database
from archive.database.marks import Marks
from config.groups.watches import Watch
from config.settings import Settings
from pressmark.notify.watches.following import Following
from pressmark.notify.watches.watch_shapes import hit_shapes, watch_shapes
from pressmark.service.access.roles import Role
from pressmark.service.assembly import open_pressmark
from scheduler.notices.page_watches import PageWatch, PageWatches

SOURCE = "source: example\nseeds: [https://example.org/]\n"
HARBOUR = {"name": "harbour", "phrases": "harbour\r\n海港", "sources": "example", "languages": "en, zh"}


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Retrieving]:
    (tmp_path / "warcs").mkdir()
    (tmp_path / "home" / "sources").mkdir(parents=True)
    (tmp_path / "home" / "sources" / "example.yaml").write_text(SOURCE)
    watches = {"ministry": {"phrases": ["Ministry"]}}
    settings = Settings(home=tmp_path / "home", watches=watches)  # type: ignore[arg-type]
    with open_pressmark(settings) as service:
        keep(service, tmp_path / "warcs", Version("The harbour was quiet.", "https://example.org/1", 1, "One"))
        Following(service).follow()
        with served(service) as url:
            yield Retrieving(url, service, [])


def send(archive: Retrieving, path: str, **fields: str) -> tuple[int, str]:
    body = urlencode(fields).encode()
    status, answer = archive.send_body("POST", path, body, FORM, Accept="text/html")
    return status, answer.decode()


def fields_of(page: str) -> dict[str, str]:
    """Return what a browser would send of the form of a watch."""
    [form] = [form for form in html.fromstring(page).forms if "phrases" in form.fields]
    return {name: (value or "").removeprefix("\n") for name, value in form.form_values()}


def names(archive: Retrieving) -> list[str]:
    return [one.name for one in watch_shapes(archive.service)]


def test_an_added_watch_finds_what_is_archived_from_then_on(archive: Retrieving, tmp_path: Path) -> None:
    status, _ = send(archive, "/add/watch", **HARBOUR)
    Following(archive.service).follow()
    later = Version("The harbour was loud. No vacancy.", "https://example.org/2", 2, "Two", facts={"language": "en"})
    keep(archive.service, tmp_path / "warcs", later)
    Following(archive.service).follow()
    page = archive.text("/watches/harbour")

    assert (status, names(archive)) == (303, ["ministry", "harbour"])
    assert [hit.sentence for hit in hit_shapes(archive.service, "harbour")] == ["The harbour was loud."]
    assert "The harbour was loud." in page and 'href="/watches/harbour/edit"' in page
    assert 'href="/watches/ministry/edit"' not in archive.text("/watches/ministry")


def test_a_trial_shows_what_would_be_found_and_writes_nothing(archive: Retrieving) -> None:
    _, found = send(archive, "/add/watch/try", phrases="harbour")
    _, noise = send(archive, "/add/watch/try", phrases="harbour", without="quiet")
    _, only = send(archive, "/add/watch/try", phrases="harbour", only="ships")
    _, people = send(archive, "/add/watch/try", phrases="harbour", authors="Jane Doe")

    assert "The harbour was quiet." in found and fields_of(found)["phrases"] == "harbour"
    assert "Sentences found: 0." in noise and "Sentences found: 0." in only and "Sentences found: 0." in people
    assert fields_of(people)["authors"] == "Jane Doe"
    assert names(archive) == ["ministry"]


def test_a_change_is_written_and_the_former_watch_can_be_shown(archive: Retrieving) -> None:
    send(archive, "/add/watch", **HARBOUR)
    fields = fields_of(archive.text("/watches/harbour/edit"))
    status, _ = send(archive, "/watches/harbour/edit", **fields | {"phrases": "port"})
    late, told = send(archive, "/watches/harbour/edit", **fields | {"phrases": "dock"})
    former = fields_of(archive.text("/watches/harbour/edit?former=true"))
    undone, _ = send(archive, "/watches/harbour/edit", **former)

    assert (fields["phrases"], fields["languages"]) == ("harbour\n海港", "en, zh")
    assert (status, late, undone) == (303, 422, 303)
    assert "the watch was changed while you edited it" in told
    assert watch_shapes(archive.service)[-1].phrases == ["harbour", "海港"]


def test_a_paused_watch_finds_nothing_and_a_resumed_one_what_comes_then(archive: Retrieving, tmp_path: Path) -> None:
    send(archive, "/add/watch", **HARBOUR | {"languages": ""})
    Following(archive.service).follow()
    send(archive, "/watches/harbour/pause")
    Following(archive.service).follow()
    keep(archive.service, tmp_path / "warcs", Version("The harbour closed.", "https://example.org/3", 3, "Three"))
    Following(archive.service).follow()
    paused = archive.text("/watches/harbour")
    send(archive, "/watches/harbour/resume")
    Following(archive.service).follow()
    keep(archive.service, tmp_path / "warcs", Version("The harbour opened.", "https://example.org/4", 4, "Four"))
    Following(archive.service).follow()

    assert "This watch is paused" in paused
    assert [hit.sentence for hit in hit_shapes(archive.service, "harbour")] == ["The harbour opened."]


def test_a_removed_watch_is_offered_again(archive: Retrieving) -> None:
    send(archive, "/add/watch", **HARBOUR)
    _, page = send(archive, "/watches/harbour/remove")
    gone = names(archive)
    again, _ = send(archive, "/add/watch", **fields_of(page))

    assert (gone, again, names(archive)) == (["ministry"], 303, ["ministry", "harbour"])


def test_a_removed_watch_that_was_paused_is_paused_when_it_is_added_again(archive: Retrieving) -> None:
    send(archive, "/add/watch", **HARBOUR)
    send(archive, "/watches/harbour/pause")
    _, page = send(archive, "/watches/harbour/remove")
    send(archive, "/add/watch", **fields_of(page))

    assert PageWatches(archive.service.database).all()["harbour"].paused


def watch(*phrases: str) -> PageWatch:
    return PageWatch(Watch(phrases=phrases))


def test_of_two_who_write_a_watch_at_once_one_is_refused(either: Database) -> None:
    own = PageWatches(either)
    added = own.add("port", watch("one")), own.add("port", watch("two"))
    seen = own.get("port")
    assert seen is not None
    saved = own.save("port", watch("three"), seen), own.save("port", watch("four"), seen)
    removed_late = own.remove("port", seen)
    now, former = own.get("port"), own.former("port")

    assert (added, saved, removed_late) == ((True, False), (True, False), False)
    assert (now, former) == (watch("three"), watch("one"))
    assert now is not None and own.remove("port", now) and own.get("port") is None
    assert own.former("port") == watch("three")


def test_an_unreadable_watch_is_logged_once_and_can_be_removed(
    archive: Retrieving, caplog: pytest.LogCaptureFixture
) -> None:
    """A later version wrote it. Its text stays as the former one."""
    text = '{"watch": {"phrases": ["x"], "later": 1}, "paused": false}'
    Marks(archive.service.database, "watch/").set("later", text)
    for _ in range(3):
        Following(archive.service).follow()
    logged = [record for record in caplog.records if "can't be read" in record.message]
    taken, _ = send(archive, "/add/watch", **HARBOUR | {"name": "later"})
    shown = archive.text("/watches")
    buttons = html.fromstring(shown).xpath("//form[@action='/watches/later/remove']//button")
    removed, _ = send(archive, "/watches/later/remove")
    again, _ = send(archive, "/watches/later/remove")

    assert (len(logged), taken, removed, again) == (1, 422, 303, 404)
    assert len(buttons) == 1 and "/watches/later/remove" not in archive.text("/watches")
    assert Marks(archive.service.database, "watch/").all() == {}
    assert Marks(archive.service.database, "former-watch/").get("later") == text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": "Harbour"}, "use lowercase letters"),
        ({"name": "ministry"}, "already exists"),
        ({"phrases": " \r\n "}, "give at least one phrase"),
        ({"phrases": "..."}, "a phrase needs at least one letter or digit"),
        ({"sources": "nobody"}, "no source named"),
    ],
)
def test_an_invalid_watch_is_not_written_and_stays_in_the_form(
    archive: Retrieving, fields: dict[str, str], told: str
) -> None:
    status, page = send(archive, "/add/watch", **HARBOUR | fields)

    assert (status, names(archive)) == (422, ["ministry"])
    assert told in html.fromstring(page).xpath("string(//main)")
    assert fields_of(page)["languages"] == "en, zh"


def test_a_watch_of_the_settings_is_changed_in_its_file_alone(archive: Retrieving) -> None:
    answers = [send(archive, f"/watches/ministry/{action}", phrases="x")[0] for action in ("edit", "pause", "remove")]

    assert answers == [422, 422, 422]
    assert send(archive, "/watches/nobody/pause")[0] == 404


def test_a_reader_sees_watches_and_changes_none(archive: Retrieving) -> None:
    send(archive, "/add/watch", **HARBOUR)
    archive.service.access.add_person("anna", Role.READ, "a password of these tests")
    caller = archive.service.access.people.caller("anna")
    assert caller is not None
    cookie = {"Cookie": f"pressmark_session={archive.service.access.begin_session(caller, '127.0.0.1')}"}
    page = archive.get("/watches/harbour", **cookie)[2].decode()
    refused = [
        archive.send_body("POST", path, urlencode(HARBOUR).encode(), FORM, **cookie)[0]
        for path in ("/add/watch", "/add/watch/try", "/watches/harbour/pause", "/watches/harbour/remove")
    ]

    assert "/watches/harbour/edit" not in page
    assert refused == [403, 403, 403, 403]
    assert PageWatches(archive.service.database).all()["harbour"].paused is False
