"""A house with an open and a closed collection, and the address of every route that shows something of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from services.retrieving import Retrieving, served

from archive.shipping.items import items_file
from archive.values.capture import MEDIA, PAGE_INFO, SCREENSHOT, THUMBNAIL
from archive.values.media import MEDIA_TYPE, MediaFile, Medium, Piece, written
from archive.values.timestamps import NEWEST
from archive.values.urlkey import Match
from config.groups.rooms import Room
from config.groups.watches import Watch
from config.settings import Settings
from pressmark.api.mcp.server import PATH
from pressmark.cli import main
from pressmark.http.route_roles import RULES
from pressmark.http.rules.rule import Rule
from pressmark.service.access.roles import Role
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.views.review.snapshot_notes import annotate
from scheduler.notices.watch_hits import Hit, WatchHits

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
    "{file}": "0-0",
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


BESIDE = (SCREENSHOT, PAGE_INFO, MEDIA)
"""The prefixes of what is recorded beside each page."""


def furnished(made: Path) -> Path:
    """Make a home with a page and a source in each of two collections, and return its path."""
    for collection, url, words in (("open", OPEN, "Ordinary"), ("closed", CLOSED, "Zanzibarite")):
        file = warc(made / f"{collection}.warc", url, words)
        command(made / "home", "ingest", "--collection", collection, str(file))
        for urn in BESIDE:
            file = picture(made / "picture.warc", url, words, urn)
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
            with service.archive.snapshot(of, NEWEST) as found:
                annotate(service, found, ["zanzibarite" if of == CLOSED else "ordinary"], "", by="person ada")
        [run] = service.runs.list(source="secretive-source")
        with_items(service, made / "home", run.id)
    return made / "home"


def with_items(service: Service, home: Path, run: str) -> None:
    """Write the items of a run, of which the first is of the closed page."""
    [capture] = service.index.captures(CLOSED)
    items = [("Zanzibarite", CLOSED, capture.record_id), ("Ordinary", OPEN, f"<urn:uuid:{uuid4()}>")]
    file = items_file(home / "items", "closed", run)
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps({"item": {"title": title}, "url": url, "records": [of]}) for title, url, of in items]
    file.write_text("\n".join(lines) + "\n", "utf-8")


def picture(path: Path, url: str, words: str, urn: str = SCREENSHOT) -> Path:
    """Write the picture of a page, or what else is recorded beside it: a list of media names a record of its own."""
    if urn == MEDIA:
        record = f"<urn:uuid:{uuid4()}>"
        file = MediaFile("video", "webm", (Piece(record, THUMBNAIL + url, len(words)),))
        listed = written([Medium("Generic", "1", words, "kept", files=(file,))])
        clip = _resource(record, THUMBNAIL + url, "video/webm", words.encode())
        path.write_bytes(clip + _resource(f"<urn:uuid:{uuid4()}>", urn + url, MEDIA_TYPE, listed))
    else:
        path.write_bytes(_resource(f"<urn:uuid:{uuid4()}>", urn + url, "image/webp", words.encode()))
    return path


def _resource(record: str, url: str, kind: str, content: bytes) -> bytes:
    fields = {
        "WARC-Type": "resource",
        "WARC-Record-ID": record,
        "WARC-Date": "2026-01-31T12:00:00Z",
        "WARC-Target-URI": url,
        "Content-Type": kind,
        "Content-Length": str(len(content)),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"WARC/1.1\r\n{head}\r\n".encode() + content + b"\r\n\r\n"


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
    """Serve a furnished home, and return the Authorization of a reader and of an admin."""
    with served_house(home, rooms) as (asked, tokens):
        [PARAMETERS["{run}"]] = [run.id for run in asked.service.runs.list(source="secretive-source")]
        yield asked, tokens


@contextmanager
def served_house(home: Path, rooms: dict[str, Room]) -> Iterator[tuple[Retrieving, dict[str, str]]]:
    """Serve any home, and return the Authorization of a reader and of an admin."""
    settings = Settings(home=home, rooms=rooms, watches=WATCHES)
    with open_pressmark(settings) as service, served(service) as url:
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


def searched_by_model(asked: Retrieving, token: str) -> tuple[int, bytes]:
    call = {"name": "search_texts", "arguments": {"query": "harbour"}}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}).encode()
    accepted = {"Accept": "application/json, text/event-stream", "Authorization": token}
    return asked.send_body("POST", PATH, body, "application/json", **accepted)


REASON = "a request of the author"
"""Why something is taken down."""


@contextmanager
def taken_down(asked: Retrieving, url: str, match: Match = "exact", at: str | None = None) -> Iterator[str]:
    """Take something down for the time of the block."""
    one = asked.service.take_downs.add(url, REASON, by="ada", match=match, at=at)
    try:
        yield one.id
    finally:
        asked.service.take_downs.lift(one.id, by="ada")
