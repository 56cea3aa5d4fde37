"""Watches on a real archive: from a changed page to a hit, an event, a page, a feed and a command."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Tree

import pytest
from services.retrieving import Retrieving, served
from specimens.versions import THREAD, URL, Version, keep, thread_version

from config.groups.watches import Watch
from config.settings import Settings
from pressmark.cli import main
from pressmark.notify.watches.following import Following
from pressmark.notify.watches.watch_shapes import UnknownWatch, found_by, hit_shapes, tried, watch_shapes
from pressmark.notify.webhooks.message import body_of
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep.conditions import conditions
from scheduler.notices.page_watches import PageWatch, PageWatches
from scheduler.notices.watch_failures import WatchFailures
from scheduler.notices.watch_hits import WatchHits

SETTINGS = {
    "ministry": {"phrases": ["Ministry of Science", "科技部"]},
    "chinese": {"phrases": ["科技部"], "languages": ["zh"]},
    "elsewhere": {"phrases": ["Ministry of Science"], "sources": ["other"]},
}
BEFORE = "The harbour was quiet.\nThe Ministry of Science said no."
AFTER = f"{BEFORE}\nThen the Ministry of Science said yes. 科技部发布了通知。"
PEOPLE = Watch(phrases=("Ministry of Science",), authors=("Jane Doe", "李明", "u2"))
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    settings = Settings(home=tmp_path / "home", watches=SETTINGS)  # type: ignore[arg-type]
    with open_pressmark(settings) as opened:
        Following(opened).follow()
        yield opened


@pytest.fixture
def warcs(tmp_path: Path) -> Path:
    directory = tmp_path / "warcs"
    directory.mkdir()
    return directory


def hits(service: Service, name: str) -> list[tuple[str, str, bool]]:
    """Return phrase, sentence, and whether the page is a changed one, oldest first."""
    return [(hit.phrase, hit.sentence, hit.changed) for hit in reversed(hit_shapes(service, name))]


def test_a_watch_finds_what_pages_add_and_each_sentence_once(service: Service, warcs: Path) -> None:
    keep(service, warcs, Version(BEFORE))
    Following(service).follow()
    keep(service, warcs, Version(AFTER, minute=1))
    first, again = Following(service).follow(), Following(service).follow()

    assert hits(service, "ministry") == [
        ("Ministry of Science", "The Ministry of Science said no.", False),
        ("Ministry of Science", "Then the Ministry of Science said yes.", True),
        ("科技部", "科技部发布了通知。", True),
    ]
    assert (first, again) == (2, 0)
    assert hits(service, "elsewhere") == hits(service, "chinese") == []


def test_a_watch_of_the_pages_finds_what_is_archived_before_the_service_looks_at_it(
    service: Service, warcs: Path
) -> None:
    watch = PageWatch(Watch.model_validate({"phrases": ["Ministry of Science"]}))
    keep(service, warcs, Version(BEFORE))
    PageWatches(service.database).add("own", watch)
    PageWatches(service.database).add("paused", replace(watch, paused=True))
    keep(service, warcs, Version(AFTER, minute=1))
    Following(service).follow()

    assert [hit[1] for hit in hits(service, "own")] == ["Then the Ministry of Science said yes."]
    paused = PageWatches(service.database).get("paused")
    assert paused is not None
    PageWatches(service.database).save("paused", replace(paused, paused=False), paused)
    keep(service, warcs, Version(f"{AFTER} The Ministry of Science is back.", minute=2))
    Following(service).follow()
    assert [hit[1] for hit in hits(service, "paused")] == ["The Ministry of Science is back."]


def test_a_new_watch_tells_nothing_of_what_was_archived_before(tmp_path: Path, warcs: Path) -> None:
    with open_pressmark(Settings(home=tmp_path / "home", watches=SETTINGS)) as service:  # type: ignore[arg-type]
        keep(service, warcs, Version(BEFORE))
        Following(service).follow()

        assert hits(service, "ministry") == []
        assert [hit.sentence for hit in tried(service, "ministry", 10)] == ["The Ministry of Science said no."]
        assert [one.hits for one in watch_shapes(service)] == [0, 0, 0]


def test_watches_are_of_their_sources_and_languages(service: Service, warcs: Path) -> None:
    chinese = Version("科技部发布了通知。", "https://example.org/zh", facts={"language": "zh-Hans"})
    keep(service, warcs, chinese, Version(BEFORE, minute=1, source="other"))
    Following(service).follow()

    assert [phrase for phrase, _, _ in hits(service, "ministry")] == ["科技部", "Ministry of Science"]
    assert [phrase for phrase, _, _ in hits(service, "chinese")] == ["科技部"]
    assert [phrase for phrase, _, _ in hits(service, "elsewhere")] == ["Ministry of Science"]


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"author": "By JANE DOE, reporter"}, True),
        ({"fields": {"authors": ["Ann Lee", "记者李明"]}}, True),
        ({"author": "Jane Doemann"}, False),
        ({}, False),
    ],
)
def test_a_watch_with_people_finds_only_what_they_wrote(
    service: Service, warcs: Path, facts: dict[str, Any], *, found: bool
) -> None:
    keep(service, warcs, Version("Jane Doe: the Ministry of Science said yes.", facts=facts))
    anybody = PEOPLE.model_copy(update={"authors": ()})

    assert [len(found_by(service, "x", watch, 9)) for watch in (PEOPLE, anybody)] == [int(found), 1]


def test_a_watch_with_people_finds_their_posts_and_not_who_quotes_them(service: Service, warcs: Path) -> None:
    old = [("1", "The Ministry of Science said nothing.")]
    keep(service, warcs, thread_version(old, 0))
    quoted = "The Ministry of Science says maybe."
    more = [("2", "The Ministry of Science says no."), ("3", f"The Ministry of Science says yes.\n{quoted}")]
    version = thread_version([*old, *more], 1)
    version.facts["fields"]["thread"]["posts"][2]["own"] = "The Ministry of Science says yes."
    keep(service, warcs, version)

    assert [hit.sentence for hit in found_by(service, "x", PEOPLE, 9)] == ["The Ministry of Science says no."]
    other = PEOPLE.model_copy(update={"authors": ("u3",)})
    assert [hit.sentence for hit in found_by(service, "x", other, 1)] == ["The Ministry of Science says yes."]


def test_an_article_is_its_authors_also_when_a_comment_quotes_it(service: Service, warcs: Path) -> None:
    said = "The Ministry of Science said yes to the plan."
    bob = {"id": "c1", "author": "Bob", "text": f"{said}\nI disagree.", "own": "I disagree."}
    thread = {"url": URL, "engine": "comments", "posts": [bob], "page": 1}
    keep(service, warcs, Version(said, facts={"author": "Jane Doe", "fields": {"thread": thread}}))
    bobs = PEOPLE.model_copy(update={"authors": ("Bob",)})

    assert [[hit.sentence for hit in found_by(service, "x", watch, 9)] for watch in (PEOPLE, bobs)] == [[said], []]


def test_the_new_posts_of_a_thread_are_watched(service: Service, warcs: Path) -> None:
    old = [("1", "What does the Ministry of Science say?")]
    keep(service, warcs, thread_version(old, 0))
    Following(service).follow()
    keep(service, warcs, thread_version([*old, ("2", "The Ministry of Science says no.")], 1))
    Following(service).follow()

    assert [hit.sentence for hit in hit_shapes(service, "ministry")] == [
        "The Ministry of Science says no.",
        "What does the Ministry of Science say?",
    ]
    assert {hit.url for hit in hit_shapes(service, "ministry")} == {THREAD}


def test_two_services_on_one_database_find_each_sentence_once(service: Service, warcs: Path) -> None:
    keep(service, warcs, Version(BEFORE))
    with open_pressmark(service.settings) as other:
        one, two = Following(service), Following(other)
        since = one._hits.cursor("ministry")
        assert two.follow() == 1
        assert one._hits.add("ministry", (since, since + 1), ()) is False
        assert one.follow() == 0

    assert len(hits(service, "ministry")) == 1


def test_a_hit_is_an_event_with_links_for_webhooks(service: Service, warcs: Path) -> None:
    keep(service, warcs, Version(BEFORE), Version(AFTER, minute=1))
    Following(service).follow()
    told = [event for event in service.events.after(limit=100) if event.kind == "watch.matched"]

    assert [(event.source, event.facts["watch"], event.facts["phrase"]) for event in told] == [
        ("example", "ministry", "Ministry of Science"),
        ("example", "ministry", "Ministry of Science"),
        ("example", "ministry", "科技部"),
    ]
    assert '"page": "/snapshot/20260131120000/https://example.org/news/1?a=b"' in body_of(told[0])
    assert '"diff": "/diff/previous/20260131120100/' in body_of(told[1]) and '"diff"' not in body_of(told[0])


def test_pages_api_and_feed_show_the_hits(service: Service, warcs: Path) -> None:
    keep(service, warcs, Version(BEFORE), Version(AFTER, minute=1))
    Following(service).follow()
    with served(service) as url:
        door = Retrieving(url, service, [])
        listed = json.loads(door.text("/api/v1/watches/ministry/hits?limit=1"))["items"]
        older = json.loads(door.text(f"/api/v1/watches/ministry/hits?before={listed[0]['id']}"))["items"]
        feed = Tree.fromstring(door.text("/api/v1/feeds/watches/ministry?limit=2").encode())
        pages = {path: door.text(path) for path in ("/watches", "/watches/ministry", "/watches/ministry?trial=true")}
        unknown = [door.get(path)[0] for path in ("/watches/x", "/api/v1/watches/x", "/api/v1/feeds/watches/x")]

    assert [hit["sentence"] for hit in (*listed, *older)][:2] == [
        "科技部发布了通知。",
        "Then the Ministry of Science said yes.",
    ]
    assert (listed[0]["url"], len(older)) == (URL, 2)
    assert [entry.findtext(f"{ATOM}summary") for entry in feed.iter(f"{ATOM}entry")] == [
        "科技部发布了通知。",
        "Then the Ministry of Science said yes.",
    ]
    assert any(link.get("rel") == "next" for link in feed.iter(f"{ATOM}link"))
    assert all("Then the Ministry of Science said yes." in text for text in pages.values())
    assert unknown == [404, 404, 404]


def test_the_list_says_how_far_each_watch_has_searched(
    service: Service, warcs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also while no service runs that would follow the watches."""
    keep(service, warcs, Version(BEFORE), Version(AFTER, minute=1))
    behind = state_of_ministry(service, capsys)
    Following(service).follow()
    searched = state_of_ministry(service, capsys)
    WatchHits(service.database).keep_only([])

    assert behind == "the watch has not searched 2 changed pages yet"
    assert searched == "all changes searched"
    assert state_of_ministry(service, capsys) == "the watch has not started; to start it, run pressmark serve"
    assert [one.waiting for one in watch_shapes(service)] == [None, None, None]


def state_of_ministry(service: Service, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the last cell of the row of a watch in ``pressmark watches list``."""
    settings = service.settings.home / "pressmark.yaml"
    settings.write_text(json.dumps({"watches": SETTINGS}), "utf-8")
    with pytest.raises(SystemExit):
        main(["--home", str(service.settings.home), "watches", "list"])
    [row] = (line for line in capsys.readouterr().out.splitlines() if line.startswith("ministry"))
    return row.rstrip().rpartition("  ")[2]


def test_a_watch_that_comes_back_is_a_new_one(service: Service, warcs: Path) -> None:
    with open_pressmark(Settings(home=service.settings.home)) as without:
        Following(without).follow()
        keep(without, warcs, Version(BEFORE))
        Following(without).follow()
    Following(service).follow()

    assert hits(service, "ministry") == []


def test_nothing_counts_as_added_when_the_former_text_can_not_be_read(service: Service, warcs: Path) -> None:
    keep(service, warcs, Version(BEFORE))
    Following(service).follow()
    with closing(sqlite3.connect(service.settings.home / "pressmark.db")) as database, database:
        database.execute("UPDATE texts SET content = x'00'")
    keep(service, warcs, Version(AFTER, minute=1))
    Following(service).follow()

    assert hits(service, "ministry") == [("Ministry of Science", "The Ministry of Science said no.", False)]


def test_a_watch_that_fails_keeps_no_other_from_its_work(service: Service, warcs: Path) -> None:
    keep(
        service,
        warcs,
        Version(BEFORE),
        Version("科技部发布了通知。", "https://example.org/zh", minute=1, facts={"language": "zh"}),
    )
    with closing(sqlite3.connect(service.settings.home / "pressmark.db")) as database, database:
        database.execute(
            "CREATE TRIGGER refused BEFORE INSERT ON watch_hits WHEN NEW.watch = 'ministry' "
            "BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )
    Following(service).follow()
    others = hits(service, "chinese")
    failing = {one.name: one.failing for one in watch_shapes(service)}
    reported = [found for found in conditions(service) if found.state == "watch-failing"]
    with served(service) as url:
        door = Retrieving(url, service, [])
        pages = door.text("/watches/ministry"), door.text("/watches"), door.text("/watches/chinese")
        ready = json.loads(door.get("/readyz")[2])
    with closing(sqlite3.connect(service.settings.home / "pressmark.db")) as database, database:
        database.execute("DROP TRIGGER refused")
    Following(service).follow()

    assert [phrase for phrase, _, _ in others] == ["科技部"]
    assert failing == {
        "ministry": "IntegrityError: (sqlite3.IntegrityError) refused",
        "chinese": None,
        "elsewhere": None,
    }
    assert [found.blocks for found in reported] == [False]
    assert "the watch ministry, which searches new text for words, has not worked since" in reported[0].sentence
    assert "watches" in ready["notices"] and "watches" not in ready["problems"]
    assert "refused" in pages[0] and "failing" in pages[1] and "refused" not in pages[2]
    assert [one.failing for one in watch_shapes(service)] == [None, None, None]
    assert not [found for found in conditions(service) if found.state == "watch-failing"]
    assert [phrase for phrase, _, _ in hits(service, "ministry")] == ["Ministry of Science", "科技部"]


def refusing(service: Service, table: str, said: str) -> None:
    """Make the database refuse new rows of a table by a trigger named `refused_TABLE`."""
    told(
        service,
        f"CREATE TRIGGER refused_{table} BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, '{said}'); END",
    )


def told(service: Service, statement: str) -> None:
    with closing(sqlite3.connect(service.settings.home / "pressmark.db")) as database, database:
        database.execute(statement)


def test_a_failure_is_noted_as_soon_as_the_database_can_and_its_reason_is_the_newest(
    service: Service, warcs: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keep(service, warcs, Version(BEFORE))
    following = Following(service)
    refusing(service, "watch_hits", "a first cause")
    refusing(service, "marks", "no marks")
    for _ in range(2):
        following.follow()
    assert WatchFailures(service.database).all() == {}
    told(service, "DROP TRIGGER refused_marks")
    following.follow()
    first = WatchFailures(service.database).all()["ministry"]
    told(service, "DROP TRIGGER refused_watch_hits")
    refusing(service, "watch_hits", "another cause")
    following.follow()
    second = WatchFailures(service.database).all()["ministry"]

    assert first.reason.endswith("a first cause") and second.reason.endswith("another cause")
    assert second.since == first.since
    lines = [(record.message, vars(record)["reason"]) for record in caplog.records]
    assert lines == [
        ("a watch could not be followed", "IntegrityError: (sqlite3.IntegrityError) a first cause"),
        ("the failure of a watch is not noted", "IntegrityError: (sqlite3.IntegrityError) no marks"),
    ], "each once, without statements and texts"
    assert "Ministry" not in caplog.text


def test_the_failure_of_a_watch_that_was_removed_is_forgotten(service: Service) -> None:
    WatchFailures(service.database).note("former", "refused", service.now())
    assert not [found for found in conditions(service) if found.state == "watch-failing"]
    Following(service).follow()

    assert WatchFailures(service.database).all() == {}


def test_missing_tables_end_neither_the_task_nor_the_service(
    service: Service, warcs: Path, caplog: pytest.LogCaptureFixture
) -> None:
    following = Following(service)
    with closing(sqlite3.connect(service.settings.home / "pressmark.db")) as database, database:
        database.execute("ALTER TABLE watches RENAME TO lost")
    assert following.follow() == 0
    assert [record.exc_info for record in caplog.records] == [None]
    with closing(sqlite3.connect(service.settings.home / "pressmark.db")) as database, database:
        database.execute("ALTER TABLE lost RENAME TO watches")
    keep(service, warcs, Version(BEFORE))
    assert following.follow() == 1


def test_a_stop_waits_for_no_backlog(service: Service, warcs: Path) -> None:
    keep(service, warcs, Version(BEFORE))
    following = Following(service)
    following._stopped.set()

    assert following.follow() == 0
    assert Following(service).follow() == 1, "the next service does the work"


def test_a_watch_that_is_not_in_the_settings_is_unknown(service: Service) -> None:
    with pytest.raises(UnknownWatch, match="no watch named 'x'"):
        hit_shapes(service, "x")


def test_a_damaged_database_is_named_without_a_traceback(
    service: Service, warcs: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keep(service, warcs, Version(BEFORE))
    following = Following(service)
    file = service.settings.home / "pressmark.db"
    told(service, "PRAGMA wal_checkpoint(TRUNCATE)")
    with file.open("r+b") as held:
        for page in range(1, file.stat().st_size // 4096):
            held.seek(page * 4096)
            held.write(b"\xa5" * 4096)
    assert following.follow() == 0
    assert [(record.exc_info, "is damaged" in vars(record)["reason"]) for record in caplog.records] == [(None, True)]
