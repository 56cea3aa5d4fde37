"""A closed collection is nowhere: no route shows it, counts it or finds it for a reader who may not read it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from services.retrieving import Retrieving, running, served

from archive.database.closed_collections import closed_collections, closing_collections
from config.groups.rooms import Room
from config.groups.watches import Watch
from config.settings import Settings
from pressmark.api.mcp.server import PATH, application
from pressmark.cli import main
from pressmark.http.in_thread import RequestThreads
from pressmark.http.route_roles import RULES, Rule
from pressmark.processes.serve import bound, url_of
from pressmark.service.access.roles import FEEDS, Caller, Role
from pressmark.service.access.rooms import ReadingRooms
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from scheduler.notices.watch_hits import Hit, WatchHits

ROOT = Path(__file__).parents[2]
OPEN, CLOSED = "http://open.example/a", "http://secretive.example/b"
STAMP = "20260131120000"
CANARIES = re.compile(rb"secretive|zanzibarite", re.I)
PARAMETERS = {
    "{timestamp}": STAMP,
    "{view}": "text",
    "{style}": "bibtex",
    "{format}": "jsonl",
    "{url:path}": CLOSED,
    "{rest:path}": CLOSED,
    "{start}": "20260131120000",
    "{end}": "latest",
    "{kind}": "link",
    "{collection}": "closed",
    "{name:path}": "closed.warc",
    "{part}": "1",
    "{shown}": "text",
}
QUERIES = {
    "/api/v1/search": "q=harbour&limit=100",
    "/api/v1/search/items": "q=harbour",
    "/api/v1/captures": f"url={CLOSED}",
    "/search": "q=harbour",
    "/captures": f"url={CLOSED}",
    "/cdx/search/cdx": f"url={CLOSED}",
    "/{collection}/cdx": f"url={CLOSED}",
    "/wayback/available": f"url={CLOSED}",
}


def warc(path: Path, url: str, words: str) -> Path:
    text = f"The harbour of {words} was dredged in January, and its lighthouse was painted by three people. " * 9
    body = f"<html lang=en><title>{words}</title><body><article><h1>{words}</h1><p>{text}</p></article></body></html>"
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body.encode()
    fields = {
        "WARC-Type": "response",
        "WARC-Record-ID": f"<urn:uuid:{uuid4()}>",
        "WARC-Date": "2026-01-31T12:00:00Z",
        "WARC-Target-URI": url,
        "Content-Type": "application/http;msgtype=response",
        "Content-Length": str(len(http)),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    path.write_bytes(f"WARC/1.1\r\n{head}\r\n".encode() + http + b"\r\n\r\n")
    return path


def command(home: Path, *arguments: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), *arguments])
    assert ended.value.code in (None, 0)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("rooms")
    for collection, url, words in (("open", OPEN, "Ordinary"), ("closed", CLOSED, "Zanzibarite")):
        file = warc(made / f"{collection}.warc", url, words)
        command(made / "home", "ingest", "--collection", collection, str(file))
    command(made / "home", "extract")
    (made / "home" / "sources").mkdir(exist_ok=True)
    for collection, name in (("open", "ordinary-source"), ("closed", "secretive-source")):
        kept = f"source: {name}\nkeep: {{collection: {collection}}}\n"
        described = f"{kept}timetable: {{every: 1h}}\nseeds: [http://{name}.example/]\n"
        (made / "home" / "sources" / f"{name}.yaml").write_text(described, "utf-8")
    with open_pressmark(Settings(home=made / "home")) as service:
        for name in ("ordinary-source", "secretive-source"):
            run = service.request(name)
            service.runs.cancel(run.id)
        for source, of in (("ordinary-source", OPEN), ("secretive-source", CLOSED)):
            noted(service, source, of)
    return made / "home"


def noted(service: Service, source: str, url: str) -> None:
    """Note a sentence that a watch found in a page."""
    [capture] = service.index.captures(url)
    words = "Zanzibarite" if url == CLOSED else "Ordinary"
    hit = Hit(
        watch="harbours",
        event=0,
        number=len(source),
        found_at=capture.at,
        at=capture.at,
        source=source,
        url=url,
        record_id=capture.record_id,
        title=words,
        language="en",
        novelty="new",
        phrase="harbour",
        sentence=f"The harbour of {words} was dredged.",
    )
    hits = WatchHits(service.database)
    at = hits.cursor("harbours")
    assert hits.add("harbours", (at, at), [hit])


ROOMS = {"closed": Room(people=("anna",))}
WATCHES = {"harbours": Watch(phrases=("harbour",))}


@contextmanager
def house(home: Path, rooms: dict[str, Room]) -> Iterator[tuple[Retrieving, dict[str, str]]]:
    """Serve the home, and return the Authorization of a reader and of an admin."""
    settings = Settings(home=home, rooms=rooms, watches=WATCHES)
    with open_pressmark(settings) as service, served(service) as url:
        [PARAMETERS["{run}"]] = [run.id for run in service.runs.list(source="secretive-source")]
        yield Retrieving(url, service, [], None), roles(service)  # type: ignore[arg-type]


def roles(service: Service) -> dict[str, str]:
    """Return the Authorization of a new token of each role."""
    tokens = {}
    for role in (Role.READ, Role.CURATE, Role.ADMIN):
        name = f"{role}-{len(service.access.tokens.all())}"
        tokens[role.value] = f"Bearer {service.access.add_token(name, role)[1]}"
    return tokens


NAMES = {"watches": "harbours", "webhooks": "default", "sources": "secretive-source"}
"""What is shown by name."""


def address_of(rule: Rule) -> str:
    path = rule.path.replace("{name}", next((name for kind, name in NAMES.items() if kind in rule.path), "default"))
    for name, value in PARAMETERS.items():
        path = path.replace(name, value)
    return re.sub(r"\{[^}]+\}", "x", path) + (f"?{QUERIES[rule.path]}" if rule.path in QUERIES else "")


def shown(asked: Retrieving, rule: Rule, token: str) -> tuple[int, bytes]:
    status, headers, body = asked.get(address_of(rule), Authorization=token)
    return status, body + str(headers).encode()


ENDLESS = ("/mcp",)
SHOWING = [rule for rule in RULES if rule.method == "GET" and rule.role is not None and not rule.acts]
READ = [rule for rule in SHOWING if rule.path not in ENDLESS]


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
    assert {"/metrics", "/fixity", "/web/{rest:path}", "/webhooks"} <= {rule.path for rule in refused}
    assert [rule.path for rule in RULES if rule.path in ENDLESS and rule.is_filtered] == []


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
def test_lists_show_a_reader_what_is_open_and_nothing_else(home: Path, address: str) -> None:
    with house(home, ROOMS) as (asked, tokens):
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


def test_language_models_of_a_reader_are_refused_while_a_collection_is_closed(home: Path) -> None:
    answers = {}
    for rooms in (ROOMS, {}):
        with (
            open_pressmark(Settings(home=home, rooms=rooms)) as service,
            bound("127.0.0.1", 0) as listener,
            running(application(service), listener, lifespan="on"),
        ):
            asked = Retrieving(url_of(listener), service, [])
            answers[bool(rooms)] = {role: searched_by_model(asked, token) for role, token in roles(service).items()}

    assert answers[True]["read"][0] == 403
    assert not CANARIES.search(answers[True]["read"][1])
    for status, told in (answers[True]["admin"], answers[False]["read"]):  # the controls
        assert status == 200
        assert CANARIES.search(told)


def searched_by_model(asked: Retrieving, token: str) -> tuple[int, bytes]:
    call = {"name": "search_texts", "arguments": {"query": "harbour"}}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}).encode()
    accepted = {"Accept": "application/json, text/event-stream", "Authorization": token}
    return asked.send_body("POST", PATH, body, "application/json", **accepted)


def test_only_reading_is_filtered() -> None:
    assert [rule.action for rule in RULES if rule.is_filtered and rule.role is not None and rule.method != "GET"] == []


@pytest.mark.parametrize(
    "path", ["/api/v1/captures?url={url}", "/cdx/search/cdx?url={url}", "/api/v1/search?q=harbour"]
)
def test_hits_and_counts_are_those_of_the_other_collections(home: Path, path: str) -> None:
    with house(home, ROOMS) as (asked, tokens):
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
