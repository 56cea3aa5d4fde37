"""A closed collection is nowhere: no route shows it, counts it or finds it for a reader who may not read it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from services.reading_house import (
    CANARIES,
    CLOSED,
    OPEN,
    READ,
    ROOMS,
    STAMP,
    address_of,
    command,
    furnished,
    house,
    roles,
    searched_by_model,
    served_house,
    shown,
    warc,
)
from services.retrieving import Retrieving, running

from archive.database.closed_collections import closed_collections, closing_collections
from config.groups.rooms import Room
from config.settings import Settings
from pressmark.api.mcp.server import application
from pressmark.http.in_thread import RequestThreads
from pressmark.http.route_roles import RULES
from pressmark.http.rules.rule import Rule
from pressmark.processes.serve import bound, url_of
from pressmark.service.access.roles import FEEDS, Caller, Role
from pressmark.service.access.rooms import ReadingRooms
from pressmark.service.assembly import open_pressmark

ROOT = Path(__file__).parents[2]
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnished(tmp_path_factory.mktemp("rooms"))


@pytest.fixture(scope="module")
def closed(home: Path) -> Iterator[tuple[Retrieving, dict[str, str]]]:
    with house(home, ROOMS) as asked_and_tokens:
        yield asked_and_tokens


def leaks(asked: Retrieving, token: str) -> list[str]:
    """Return the routes that show something of the closed collection, beside what the request itself says."""
    found = []
    for rule in READ:
        status, told = shown(asked, rule, token)
        if status < 400 and is_told(told, rule):
            found.append(rule.path)
    return found


def is_told(told: bytes, rule: Rule) -> bool:
    """Return whether an answer has a canary that is not an echo of the address."""
    echoes = CLOSED.split("//")[1].encode() if CLOSED in address_of(rule) else b""
    return b"zanzibarite" in told.lower() or (not echoes and CANARIES.search(told) is not None)


def test_no_route_shows_a_closed_collection_to_a_reader(home: Path) -> None:
    with house(home, ROOMS) as (asked, tokens):
        assert leaks(asked, tokens["read"]) == []
        for role in ("curate", "admin"):
            assert len(leaks(asked, tokens[role])) > 5, "those who run the archive read it"


def test_without_a_room_the_same_requests_show_the_collection(home: Path) -> None:
    with house(home, {}) as (asked, tokens):
        shown_to_all = leaks(asked, tokens["read"])

    assert {"/api/v1/search", "/search", "/api/v1/exports/{format}", "/{collection}/{timestamp}id_/{url:path}"} <= set(
        shown_to_all
    )  # the control


def test_a_route_that_is_not_filtered_is_refused(home: Path) -> None:
    with house(home, ROOMS) as (asked, tokens):
        answers = {rule: shown(asked, rule, tokens["read"])[0] for rule in READ}

    refused = {rule for rule, status in answers.items() if status == 403}
    assert refused == {rule for rule in READ if not rule.is_filtered or rule.role is not Role.READ}
    assert {"/metrics", "/webhooks", "/settings"} <= {rule.path for rule in refused}
    assert {rule.path for rule in READ if rule.role is Role.READ and not rule.is_filtered} == {"/metrics"}


LISTS = (
    "/",
    "/sources",
    "/runs",
    "/timetable",
    "/search?q=harbour",
    "/captures?url=http://open.example/a",
    "/new",
    "/watches",
    "/watches/harbours",
    "/collections",
    "/collinfo.json",
    "/sources/ordinary-source",
    "/api/v1/sources",
    "/api/v1/runs",
    "/api/v1/events",
    "/api/v1/search?q=harbour",
    "/api/v1/feeds/all",
    "/api/v1/feeds/collections/open",
    "/api/v1/feeds/watches/harbours",
    "/api/v1/watches/harbours/hits",
    "/api/v1/watches/harbours/trial",
    "/api/v1/timetable/next",
    "/api/v1/exports/jsonl",
    f"/api/v1/why?url={OPEN}",
)


@pytest.mark.parametrize("address", LISTS)
def test_lists_show_a_reader_what_is_open_and_nothing_else(
    closed: tuple[Retrieving, dict[str, str]], address: str
) -> None:
    asked, tokens = closed
    answers = {role: asked.get(address, Authorization=tokens[role]) for role in ("read", "admin")}

    status, _, told = answers["read"]
    assert status == 200
    assert re.search(rb"open\.example|ordinary|\bopen\b", told, re.I)
    assert not CANARIES.search(told)
    assert answers["admin"][0] == 200
    if "open" not in address and "ordinary" not in address:
        assert CANARIES.search(answers["admin"][2]) or b'"closed"' in answers["admin"][2], "the control"


def test_the_search_names_no_source_of_a_closed_collection(home: Path) -> None:
    with house(home, ROOMS) as (asked, tokens):
        forms = {role: asked.get("/search", Authorization=tokens[role])[2] for role in tokens}

    assert b"secretive-source" not in forms["read"]
    assert b"ordinary-source" in forms["read"]
    assert b"secretive-source" in forms["admin"]  # the control


def test_a_closed_collection_is_unknown_also_after_an_admin_saw_it(home: Path) -> None:
    with house(home, ROOMS) as (asked, tokens):
        listed = {role: asked.get("/collinfo.json", Authorization=tokens[role])[2] for role in ("admin", "read")}
        answers = [asked.get(f"/{name}/cdx?url={OPEN}", Authorization=tokens["read"]) for name in ("closed", "nobody")]
        to_admin = asked.get(f"/closed/cdx?url={CLOSED}", Authorization=tokens["admin"])

    assert b"closed" in listed["admin"]
    assert b'"closed"' not in listed["read"]
    assert to_admin[0] == 200
    assert [status for status, _, _ in answers] == [404, 404]
    assert answers[0][2].replace(b"closed", b"nobody") == answers[1][2]


def test_language_models_of_a_reader_find_nothing_of_a_closed_collection(home: Path) -> None:
    answers = {}
    for rooms in (ROOMS, {}):
        with (
            open_pressmark(Settings(home=home, rooms=rooms)) as service,
            bound("127.0.0.1", 0) as listener,
            running(application(service), listener, lifespan="on"),
        ):
            asked = Retrieving(url_of(listener), service, [])
            answers[bool(rooms)] = {role: searched_by_model(asked, token) for role, token in roles(service).items()}

    assert answers[True]["read"][0] == 200
    assert b"open.example" in answers[True]["read"][1]
    assert not CANARIES.search(answers[True]["read"][1])
    for status, told in (answers[True]["admin"], answers[False]["read"]):  # the controls
        assert status == 200
        assert CANARIES.search(told)


def test_a_reader_changes_no_more_than_marks_of_what_is_open(home: Path) -> None:
    changing = [rule.action for rule in RULES if rule.is_filtered and rule.role is not None and rule.method != "GET"]
    with house(home, ROOMS) as (asked, tokens):
        records = [capture.record_id for url in (OPEN, CLOSED) for capture in asked.service.index.captures(url)]
        body, form = urlencode({"records": " ".join(records), "mark": "star"}).encode(), FORM
        sent = {
            role: asked.send_body("POST", "/new/marks", body, form, Authorization=tokens[role])[0] for role in tokens
        }
        with asked.service.database.reading() as connection:
            marked = connection.exec_driver_sql("SELECT name FROM marks WHERE name LIKE 'reading/%'").scalars().all()

    feeds = "POST /api/v1/greader/reader/api/0/"
    readers = [f"{feeds}{name}" for name in ("stream/items/contents", "edit-tag", "mark-all-as-read")]
    own = ["POST /new/feeds", "POST /new/feeds/revoke", "POST /new/marks", "POST /sources/look"]
    messages = "/api/v1/watches/{name}/subscriptions"
    own += [f"POST {messages}", f"POST {messages}/{{id}}/test", f"DELETE {messages}/{{id}}"]
    own += [f"POST /subscriptions/{{name}}{end}" for end in ("", "/{id}/test", "/{id}/remove")]
    assert sorted(changing) == sorted([*readers, "DELETE /mcp", "POST /mcp", *own])  # of MCP, only the tools that read
    assert set(sent.values()) == {303}
    assert sum(records[0] in name for name in marked) == 3
    assert sum(records[1] in name for name in marked) == 2  # the control: those of a curator and of an admin


def test_a_feed_reader_marks_what_is_open_alone(tmp_path: Path) -> None:
    numbers = [("i", str(number)) for number in range(1, 10)]
    body = urlencode([*numbers, ("a", "user/-/state/com.google/starred")]).encode()
    with house(furnished(tmp_path), ROOMS) as (asked, tokens):
        records = [capture.record_id for url in (OPEN, CLOSED) for capture in asked.service.index.captures(url)]
        for role in tokens:
            path = "/api/v1/greader/reader/api/0/edit-tag"
            assert asked.send_body("POST", path, body, FORM, Authorization=tokens[role])[0] == 200
        with asked.service.database.reading() as connection:
            marked = connection.exec_driver_sql("SELECT name FROM marks WHERE name LIKE 'reading/%'").scalars().all()

    assert sum(records[0] in name for name in marked) == 3
    assert sum(records[1] in name for name in marked) == 2  # the control: those of a curator and of an admin


@pytest.mark.parametrize(
    "path", ["/api/v1/captures?url={url}", "/cdx/search/cdx?url={url}", "/api/v1/search?q=harbour"]
)
def test_hits_and_counts_are_those_of_the_other_collections(
    closed: tuple[Retrieving, dict[str, str]], path: str
) -> None:
    asked, tokens = closed
    of = {role: asked.get(path.format(url=CLOSED), Authorization=tokens[role])[2] for role in tokens}
    opened = asked.get(path.format(url=OPEN), Authorization=tokens["read"])[2]

    assert b"secretive" not in of["read"].replace(CLOSED.encode(), b"")
    assert b"secretive" in of["admin"]
    assert b"open.example" in opened
    if "search?" in path and path.startswith("/api"):
        counts = {role: len(json.loads(body)["items"]) for role, body in of.items()}
        assert (counts["read"], counts["admin"]) == (1, 2)


def test_a_person_of_the_room_reads_it(home: Path) -> None:
    day = datetime(2026, 11, 28, 12, tzinfo=UTC)
    rooms = {
        "named": Room(people=("anna",)),
        "placed": Room(addresses=(ip_network("192.0.2.0/24"),)),
        "later": Room(until=date(2026, 11, 29)),
        "now": Room(until=date(2026, 11, 28)),
    }
    reading = ReadingRooms(rooms, now=lambda: day)

    def closed_to(kind: Any, name: str, address: str = "198.51.100.1", collections: Any = None) -> set[str]:
        return set(reading.closed_to(Caller(kind, name, Role.READ, collections), address))

    assert closed_to("person", "bert") == {"named", "placed", "later"}
    assert closed_to("person", "anna") == {"placed", "later"}
    assert closed_to("token", "anna") == {"named", "placed", "later"}, "the name of a token is no person"
    assert closed_to("person", "bert", "192.0.2.9") == {"named", "later"}
    assert closed_to("person", "bert", "::ffff:192.0.2.9") == {"named", "later"}
    assert closed_to("token", "t", collections=frozenset({"later"})) == {"named", "placed"}
    assert reading.closed_to(FEEDS, "") == {"named", "placed", "later"}
    assert reading.closed_to(Caller("person", "carl", Role.TRIGGER), "") == set()


def test_threads_of_requests_are_in_the_context_of_their_request() -> None:
    doors = [ROOT / "pressmark" / door for door in ("api", "http", "views", "wayback", "web")]
    files = [file for door in doors for file in door.rglob("*.py")]
    starts = re.compile(r"[^(]ThreadPoolExecutor\(|threading\.Thread\(")
    own = [file.name for file in files if starts.search(file.read_text("utf-8"))]

    assert own == []
    with RequestThreads(1) as threads, ThreadPoolExecutor(1) as others, closing_collections(frozenset({"closed"})):
        assert threads.submit(closed_collections).result() == {"closed"}
        assert others.submit(closed_collections).result() == set()  # the control


def test_only_the_context_of_the_request_is_closed(home: Path) -> None:
    with open_pressmark(Settings(home=home)) as service:
        with closing_collections(frozenset({"closed"})):
            assert service.index.collections() == {"open"}
            assert closed_collections() == {"closed"}
        assert service.index.collections() == {"open", "closed"}


BY_LINK = (
    f"/snapshot/{STAMP}/{CLOSED}",
    f"/view/text/{STAMP}/{CLOSED}",
    f"/api/v1/snapshots/{STAMP}/text/{CLOSED}",
    f"/api/v1/citations/{STAMP}/bibtex/{CLOSED}",
    f"/closed/{STAMP}id_/{CLOSED}",
    f"/closed/cdx?url={CLOSED}",
    f"/closed/timemap/link/{CLOSED}",
)
FIRST, SECOND = "http://one.example/p", "http://two.example/p"
LATER = "20260301120000"
LONG = "Quuxword " + " ".join(f"quay{number} mole{number}" for number in range(90))
"""Enough words to compare two texts."""


def test_an_unlisted_collection_is_read_by_a_link(home: Path) -> None:
    told = {}
    for unlisted in (True, False):
        with house(home, {"closed": Room(unlisted=unlisted)}) as (asked, tokens):
            told[unlisted] = {address: asked.get(address, Authorization=tokens["read"]) for address in BY_LINK}

    assert {address: status for address, (status, _, _) in told[True].items()} == dict.fromkeys(BY_LINK, 200)
    assert [address for address, (_, _, body) in told[True].items() if not CANARIES.search(body)] == []
    assert {status for status, _, _ in told[False].values()} == {404}  # the control: a closed one


def test_no_list_and_no_page_of_another_collection_has_an_unlisted_one(home: Path) -> None:
    with house(home, {"closed": Room(unlisted=True)}) as (asked, tokens):
        addresses = (*LISTS, f"/snapshot/{STAMP}/{OPEN}", f"/api/v1/similar/{STAMP}/{OPEN}")
        told = {address: asked.get(address, Authorization=tokens["read"]) for address in addresses}
        seen = set(leaks(asked, tokens["read"])) - {rule.path for rule in READ if rule.is_by_link}

    assert [status for status, _, _ in told.values()] == [200] * len(told)
    assert [address for address, (_, _, body) in told.items() if CANARIES.search(body)] == []
    assert seen == set()


@pytest.fixture
def two_unlisted(tmp_path: Path) -> Path:
    """A home with the same text in two collections, and a later version of the first page."""
    home = tmp_path / "home"
    for collection, url in (("first", FIRST), ("second", SECOND)):
        command(home, "ingest", "--collection", collection, str(warc(tmp_path / f"{collection}.warc", url, LONG)))
    later = warc(tmp_path / "later.warc", FIRST, "Otherversion")
    later.write_bytes(later.read_bytes().replace(b"2026-01-31T12:00:00Z", b"2026-03-01T12:00:00Z"))
    command(home, "ingest", "--collection", "first", str(later))
    command(home, "extract")
    return home


def test_a_link_to_an_unlisted_collection_opens_no_other_one(two_unlisted: Path) -> None:
    told = {}
    for unlisted in ({"first", "second"}, {"first"}):
        rooms = {name: Room(unlisted=True) for name in unlisted}
        with served_house(two_unlisted, rooms) as (asked, tokens):
            told[len(unlisted)] = [
                asked.get(address, Authorization=tokens["read"])
                for address in (f"/api/v1/similar/{STAMP}/{FIRST}", f"/snapshot/{STAMP}/{SECOND}")
            ]

    assert [status for status, _, _ in (*told[1], *told[2])] == [200] * 4
    assert b"two.example" not in told[2][0][2]
    assert b"two.example" in told[1][0][2]  # the control: the second collection is listed


def test_the_short_link_of_an_unlisted_capture_leads_to_it(two_unlisted: Path) -> None:
    told = {}
    for unlisted in (True, False):
        with served_house(two_unlisted, {"first": Room(unlisted=unlisted)}) as (asked, tokens):
            record = next(iter(asked.service.index.captures(FIRST))).record_id
            told[unlisted] = asked.get(f"/c/{record}", Authorization=tokens["read"])[0]

    assert told[True] == 302
    assert told[False] == 404  # the control: a closed one


def test_an_unlisted_capture_is_read_while_another_one_of_its_page_is_taken_down(two_unlisted: Path) -> None:
    with served_house(two_unlisted, {"first": Room(unlisted=True)}) as (asked, tokens):
        asked.service.take_downs.add(FIRST, "a private address", by="ada", at=LATER)
        addresses = (f"/api/v1/snapshots/{stamp}/text/{FIRST}" for stamp in (STAMP, LATER))
        first, later = (asked.get(address, Authorization=tokens["read"]) for address in addresses)

    assert (first[0], later[0]) == (200, 451)
    assert b"Quuxword" in first[2]
    assert b"a private address" in later[2]
