"""What was taken down is nowhere: no route shows it, and its own addresses say why."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from services.reading_house import (
    BESIDE,
    CLOSED,
    OPEN,
    PARAMETERS,
    READ,
    REASON,
    STAMP,
    address_of,
    command,
    furnished,
    house,
    roles,
    searched_by_model,
    served_house,
    shown,
    taken_down,
    warc,
)
from services.retrieving import ARTICLE, HOME, Retrieving, retrieving, running

from archive.values.urlkey import Match
from config.settings import Settings
from pressmark.api.mcp.server import application
from pressmark.processes.serve import bound, url_of
from pressmark.service.assembly import open_pressmark

CONTENT = b"zanzibarite"
"""A word of the page that is taken down, and of nothing else."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnished(tmp_path_factory.mktemp("taken"))


@pytest.fixture(scope="module")
def opened(home: Path) -> Iterator[tuple[Retrieving, dict[str, str]]]:
    with house(home, {}) as asked_and_tokens:
        yield asked_and_tokens


@pytest.fixture(scope="module")
def before(opened: tuple[Retrieving, dict[str, str]]) -> set[str]:
    """The routes that show the page while it is not taken down."""
    asked, tokens = opened
    return leaks(answers(asked, tokens["admin"]))


def answers(asked: Retrieving, token: str) -> dict[str, tuple[int, bytes]]:
    """Return the status and the answer of each route that shows something."""
    return {rule.path: shown(asked, rule, token) for rule in READ}


def leaks(told: dict[str, tuple[int, bytes]]) -> set[str]:
    return {path for path, (_, body) in told.items() if CONTENT in body.lower()}


WAYS: list[tuple[str, Match, str | None]] = [
    (CLOSED, "exact", None),
    (CLOSED[:-1], "prefix", None),
    ("secretive.example", "host", None),
    ("http://example", "domain", None),
    (CLOSED, "exact", STAMP),
]
CONTROLS = {"/api/v1/search", "/search", "/api/v1/exports/{format}", "/api/v1/runs/{run}/items"}
"""Routes that show the page when it is not taken down."""


@pytest.mark.parametrize(("url", "match", "at"), WAYS, ids=["page", "prefix", "site", "domain", "capture"])
def test_no_route_shows_what_was_taken_down(
    opened: tuple[Retrieving, dict[str, str]], before: set[str], url: str, match: Match, at: str | None
) -> None:
    asked, tokens = opened
    with taken_down(asked, url, match, at):
        during = answers(asked, tokens["admin"])

    assert before >= CONTROLS
    assert leaks(during) == set()
    assert [path for path, (status, _) in during.items() if status >= 500] == []


def test_the_same_routes_show_what_was_lifted(opened: tuple[Retrieving, dict[str, str]], before: set[str]) -> None:
    asked, tokens = opened
    with taken_down(asked, CLOSED):
        pass
    assert leaks(answers(asked, tokens["admin"])) == before


@pytest.mark.parametrize("urn", BESIDE)
@pytest.mark.parametrize(("url", "match", "at"), WAYS, ids=["page", "prefix", "site", "domain", "capture"])
def test_what_is_recorded_beside_a_page_is_taken_down_with_it(
    opened: tuple[Retrieving, dict[str, str]], url: str, match: Match, at: str | None, urn: str
) -> None:
    asked, tokens = opened
    beside = f"{urn}{CLOSED}"
    of_it = [f"/{door}/{beside}" for door in (f"api/v1/snapshots/{STAMP}/raw", f"web/{STAMP}id_", f"closed/{STAMP}id_")]
    lists = ("/api/v1/exports/jsonl", "/api/v1/exports/warc", f"/cdx/search/cdx?url={urn}&matchType=prefix")

    def told(address: str) -> tuple[int, bytes]:
        status, _, body = asked.get(address, Authorization=tokens["read"])
        return status, gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body

    shown_before = [told(address) for address in (*of_it, lists[1])]
    with taken_down(asked, url, match, at):
        instead = [told(address)[0] for address in of_it]
        listed = [told(address) for address in lists]

    assert [status for status, _ in shown_before] == [200] * 4  # the controls
    assert beside.encode() in shown_before[-1][1]
    assert instead == [451] * len(of_it)
    assert [beside.encode() in body for _, body in listed] == [False] * len(lists)
    if match != "domain":
        assert f"{urn}{OPEN}".encode() in listed[1][1]  # the control


def test_items_of_a_page_are_taken_down_with_it_before_and_after_the_store_has_them(
    opened: tuple[Retrieving, dict[str, str]],
) -> None:
    asked, tokens = opened
    address = f"/api/v1/runs/{PARAMETERS['{run}']}/items"

    def told() -> list[bool]:
        body = asked.get(address, Authorization=tokens["read"])[2]
        return [CONTENT in body.lower(), b"Ordinary" in body]

    with taken_down(asked, CLOSED, at=STAMP):
        of_record = told()
    with taken_down(asked, CLOSED):
        waiting = told()
    shown_again = told()
    asked.service.items.ship()
    with taken_down(asked, CLOSED):
        shipped = told()

    assert of_record == waiting == shipped == [False, True]
    assert shown_again == [True, True]  # the control


TOMBSTONES = (
    f"/snapshot/{STAMP}/{CLOSED}",
    f"/view/text/{STAMP}/{CLOSED}",
    f"/api/v1/snapshots/{STAMP}/json/{CLOSED}",
    f"/api/v1/snapshots/{STAMP}/raw/{CLOSED}",
    f"/api/v1/citations/{STAMP}/bibtex/{CLOSED}",
    f"/web/{STAMP}id_/{CLOSED}",
    f"/all/{STAMP}/{CLOSED}",
    f"/closed/{STAMP}id_/{CLOSED}",
)
"""The addresses of a capture."""
OF_PAGES = (
    f"/snapshot/latest/{CLOSED}",
    f"/diff/{STAMP}/latest/{CLOSED}",
    f"/api/v1/diff/{STAMP}/latest/{CLOSED}",
    f"/captures?url={CLOSED}",
    f"/api/v1/captures?url={CLOSED}",
    f"/api/v1/why?url={CLOSED}",
    f"/cdx/search/cdx?url={CLOSED}",
    f"/closed/cdx?url={CLOSED}",
    f"/closed/timemap/link/{CLOSED}",
    f"/all/{CLOSED}",
    f"/web/{CLOSED}",
    f"/wayback/available?url={CLOSED}",
)
"""The addresses of its page."""


@pytest.mark.parametrize(("url", "match", "at"), WAYS, ids=["page", "prefix", "site", "domain", "capture"])
def test_its_addresses_say_why(
    opened: tuple[Retrieving, dict[str, str]], url: str, match: Match, at: str | None
) -> None:
    addresses = TOMBSTONES if at else (*TOMBSTONES, *OF_PAGES)
    asked, tokens = opened
    with taken_down(asked, url, match, at):
        told = {address: asked.get(address, Authorization=tokens["read"]) for address in addresses}
        page = asked.get(addresses[0], Authorization=tokens["read"], Accept="text/html")
        other = asked.get(f"/api/v1/snapshots/{STAMP}/json/{OPEN}", Authorization=tokens["read"])

    assert {address: status for address, (status, _, _) in told.items()} == dict.fromkeys(addresses, 451)
    for _, headers, body in told.values():
        assert json.loads(body)["detail"].endswith(REASON)
        assert 'rel="blocked-by"' in headers["Link"]
    assert page[0] == 451
    assert REASON.encode() in page[2]
    assert other[0] == (451 if match == "domain" else 200), "the control"


def test_lists_show_what_was_not_taken_down(home: Path) -> None:
    lists = ("/api/v1/search?q=harbour", "/api/v1/exports/jsonl", "/api/v1/feeds/all", "/search?q=harbour")
    with house(home, {}) as (asked, tokens), taken_down(asked, CLOSED):
        told = [asked.get(address, Authorization=tokens["read"]) for address in lists]

    assert [status for status, _, _ in told] == [200] * len(lists)
    assert [b"open.example" in body for _, _, body in told] == [True] * len(lists)
    assert [CLOSED.encode() in body for _, _, body in told] == [False] * len(lists)


def test_a_capture_that_comes_later_is_hidden_too(home: Path, tmp_path: Path) -> None:
    later = "http://secretive.example/later"
    with house(home, {}) as (asked, tokens), taken_down(asked, "http://secretive.example/", "prefix") as taken:
        command(home, "ingest", "--collection", "closed", str(warc(tmp_path / "later.warc", later, "Zanzibarite")))
        command(home, "extract")
        found = asked.get("/api/v1/search?q=zanzibarite", Authorization=tokens["read"])[2]
        status = asked.get(f"/api/v1/captures?url={later}", Authorization=tokens["read"])[0]
        asked.service.take_downs.lift(taken, by="ada")
        shown_again = asked.get("/api/v1/search?q=zanzibarite", Authorization=tokens["read"])[2]

    assert json.loads(found)["items"] == []
    assert status == 451
    assert len(json.loads(shown_again)["items"]) == 2  # the control


def test_a_warc_file_with_such_a_capture_is_not_served(home: Path) -> None:
    with house(home, {}) as (asked, tokens):
        names = [row.name for row in asked.service.index.segments() if row.collection in {"open", "closed"}]
        by = {asked.service.index.segment(name).collection: f"/warcs/{name}.warc.gz" for name in names}  # type: ignore[union-attr]
        with taken_down(asked, OPEN):
            statuses = {name: asked.get(address, Authorization=tokens["read"])[0] for name, address in by.items()}

    assert statuses == {"open": 451, "closed": 200}


def test_replay_says_why(tmp_path: Path) -> None:
    with retrieving(tmp_path / "home") as asked:
        assert asked.stage is not None

        def replayed(url: str) -> tuple[int, bytes]:
            address = asked.stage.address(asked.url, url, STAMP, language="en")  # type: ignore[union-attr]
            port = urlsplit(address).netloc
            found = Retrieving(f"http://{port}", asked.service, []).get(address.partition(port)[2])
            return found[0], found[2]

        before = replayed(HOME)
        with taken_down(asked, HOME):
            during, other = replayed(HOME), replayed(ARTICLE)

    assert before[0] == other[0] == 200
    assert during[0] == 451
    assert REASON.encode() in during[1]


def test_language_models_are_not_shown_it(home: Path) -> None:
    with (
        open_pressmark(Settings(home=home)) as service,
        bound("127.0.0.1", 0) as listener,
        running(application(service), listener, lifespan="on"),
    ):
        asked = Retrieving(url_of(listener), service, [])
        token = roles(service)["read"]
        before = searched_by_model(asked, token)
        with taken_down(asked, CLOSED, "host"):
            during = searched_by_model(asked, token)

    assert CONTENT in before[1].lower()  # the control
    assert CONTENT not in during[1].lower()
    assert b"open.example" in during[1]


def test_an_export_of_the_command_line_leaves_it_out(home: Path, tmp_path: Path) -> None:
    def exported(name: str) -> bytes:
        command(home, "export", "jsonl", "-o", str(tmp_path / name))
        return (tmp_path / name).read_bytes().lower()

    with house(home, {}) as (asked, _):
        with taken_down(asked, CLOSED, "host"):
            during = exported("during.jsonl")
        after = exported("after.jsonl")

    assert CONTENT not in during
    assert b"open.example" in during
    assert CONTENT in after  # the control


def test_curators_take_down_and_lift_and_the_trail_has_it(home: Path) -> None:
    wanted = json.dumps({"url": CLOSED, "reason": REASON, "until": "2099-01-31"}).encode()
    with house(home, {}) as (asked, tokens):

        def sent(role: str, path: str, body: bytes = b"{}") -> tuple[int, bytes]:
            return asked.send_body("POST", path, body, "application/json", Authorization=tokens[role])

        assert sent("read", "/api/v1/takedowns", wanted)[0] == 403
        status, made = sent("curate", "/api/v1/takedowns", wanted)
        one = json.loads(made)
        told = asked.get(f"/snapshot/{STAMP}/{CLOSED}", Authorization=tokens["read"])
        listed = json.loads(asked.get("/api/v1/takedowns", Authorization=tokens["curate"])[2])["items"]
        page = asked.get("/collections/takedowns", Authorization=tokens["curate"], Accept="text/html")[2].decode()
        lifted = sent("curate", f"/api/v1/takedowns/{one['id']}/lift")
        unknown = sent("curate", "/api/v1/takedowns/nothing/lift")[0]
        shown_again = asked.get(f"/snapshot/{STAMP}/{CLOSED}", Authorization=tokens["read"])[0]
        rows = [row.entry for row in asked.service.access.trail.newest(limit=9)]

    assert (status, one["state"], one["match"]) == (201, "in force", "exact")
    assert (told[0], b"until 2099-01-31" in told[2]) == (451, True)
    assert listed[0]["id"] == one["id"]
    assert REASON in page
    assert json.loads(lifted[1])["state"] == "lifted"
    assert (lifted[0], unknown, shown_again) == (200, 404, 200)
    actions = {(entry.action, entry.target) for entry in rows}
    assert {("POST /api/v1/takedowns", CLOSED), ("POST /api/v1/takedowns/{id}/lift", CLOSED)} <= actions


def test_every_address_of_the_matrix_is_of_the_page(home: Path) -> None:
    about = [rule.path for rule in READ if CLOSED in address_of(rule)]
    assert len(about) > 20


MIRROR, MIRRORED = "http://mirror.example/copy", "20260201120000"


def mirrored(made: Path) -> Path:
    """Make a home in which another page is a revisit of the page that is taken down, and return its path."""
    page = warc(made / "page.warc", CLOSED, "Zanzibarite")
    command(made / "home", "ingest", "--collection", "open", str(page))
    with open_pressmark(Settings(home=made / "home")) as service:
        [original] = service.index.captures(CLOSED)
    http = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    fields = {
        "WARC-Type": "revisit",
        "WARC-Record-ID": f"<urn:uuid:{uuid4()}>",
        "WARC-Date": "2026-02-01T12:00:00Z",
        "WARC-Target-URI": MIRROR,
        "WARC-Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
        "WARC-Payload-Digest": f"sha1:{original.digest}",
        "WARC-Refers-To": original.record_id,
        "WARC-Refers-To-Target-URI": CLOSED,
        "WARC-Refers-To-Date": "2026-01-31T12:00:00Z",
        "Content-Type": "application/http;msgtype=response",
        "Content-Length": str(len(http)),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    (made / "revisit.warc").write_text(f"WARC/1.1\r\n{head}\r\n{http}\r\n\r\n", newline="")
    command(made / "home", "ingest", "--collection", "open", str(made / "revisit.warc"))
    return made / "home"


def test_a_page_with_the_same_bytes_as_one_that_was_taken_down_is_shown(tmp_path: Path) -> None:
    addresses = (
        f"/api/v1/snapshots/{MIRRORED}/raw/{MIRROR}",
        f"/api/v1/snapshots/{MIRRORED}/text/{MIRROR}",
        f"/web/{MIRRORED}id_/{MIRROR}",
        f"/api/v1/snapshots/{MIRRORED}/json/{MIRROR}",
        f"/snapshot/{MIRRORED}/{MIRROR}",
        f"/api/v1/captures?url={MIRROR}",
        f"/api/v1/exports/jsonl?url={MIRROR}",
    )
    with served_house(mirrored(tmp_path), {}) as (asked, tokens):

        def told() -> dict[str, tuple[int, bytes]]:
            answers = ((each, asked.get(each, Authorization=tokens["read"])) for each in addresses)
            return {each: (status, body) for each, (status, _, body) in answers}

        before = told()
        with taken_down(asked, CLOSED):
            during = told()

    assert {status for status, _ in before.values()} == {status for status, _ in during.values()} == {200}
    for address in addresses[:3]:
        assert CONTENT in during[address][1].lower()
        assert during[address] == before[address]
    assert b"secretive.example" in before[addresses[3]][1]  # the control
    assert [each for each, (_, body) in during.items() if b"secretive.example" in body] == []


@pytest.mark.parametrize(
    "address",
    [
        "/cdx/search/cdx?matchType=domain&url=",
        "/cdx/search/cdx?matchType=prefix&url=",
        "/api/v1/captures?match=host&url=",
        "/api/v1/exports/jsonl?match=host&url=",
    ],
)
def test_a_list_of_a_site_is_not_refused_for_one_of_its_pages(home: Path, address: str) -> None:
    with house(home, {}) as (asked, tokens), taken_down(asked, "http://open.example/"):
        many = asked.get(f"{address}http://open.example/", Authorization=tokens["read"])
        one = asked.get(f"{address.partition('?')[0]}?url=http://open.example/", Authorization=tokens["read"])

    assert many[0] == 200
    assert b"open.example/a" in many[2]
    assert one[0] == 451  # the control
