"""The feeds of people: by source, collection, tag and mark, at an address with a secret that opens nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as Tree

import pytest
from services.retrieving import Retrieving, served
from services.source_forms import FORM
from specimens.versions import Version, keep
from sqlalchemy import Engine, event

from archive.index.change_rows import ChangeFeed, Piece
from archive.index.reading_marks import ReadingMarks
from config.groups.rooms import Room
from config.settings import Settings
from pressmark.service.access.roles import Role
from pressmark.service.assembly import open_pressmark

PASSWORD = "a password of these tests"
PAGES = [Version(f"The harbour was quiet on day {n}.", f"https://example.org/{n}", n, f"Day {n}") for n in range(4)]
OTHER = Version("Ships.", "https://b.example/", 9, "Other", source="other")
SHUT = Version("Closed.", "https://shut.example/", 12, "Shut", source="shut", collection="shut")
FILES = {
    "shut": "source: shut\nseeds: [https://shut.example/]\nkeep: {collection: shut}\n",
    "other": "source: other\nseeds: [https://b.example/]\ntags: [ships]\n",
    "example": "source: example\nseeds: [https://example.org/]\n",
}
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Retrieving]:
    (tmp_path / "warcs").mkdir()
    (tmp_path / "home" / "sources").mkdir(parents=True)
    for name, text in FILES.items():
        (tmp_path / "home" / "sources" / f"{name}.yaml").write_text(text)
    rooms = {"shut": Room(people=("bob",))}
    with open_pressmark(Settings(home=tmp_path / "home", rooms=rooms)) as service:
        keep(service, tmp_path / "warcs", *PAGES, OTHER, SHUT)
        service.access.add_person("anna", Role.READ, PASSWORD)
        with served(service) as url:
            yield Retrieving(url, service, [])


def session(archive: Retrieving, name: str = "anna") -> dict[str, str]:
    caller = archive.service.access.people.caller(name)
    assert caller is not None
    return {"Cookie": f"pressmark_session={archive.service.access.begin_session(caller, '127.0.0.1')}"}


def made(archive: Retrieving, name: str = "anna") -> str:
    """Make an address on the page, and return its path."""
    status, page = archive.send_body("POST", "/new/feeds", b"", FORM, **session(archive, name))
    assert status == 200
    return re.findall(r"/api/v1/feeds/of/pressmark_[\w-]{43}", page.decode())[0]


def titles(archive: Retrieving, path: str, **headers: str) -> list[str]:
    status, _, body = archive.get(path, **headers)
    assert status == 200, body
    return [entry.findtext(f"{ATOM}title") or "" for entry in Tree.fromstring(body).iter(f"{ATOM}entry")]


def test_an_address_has_what_its_person_chooses(archive: Retrieving) -> None:
    path, days = made(archive), ["Day 3", "Day 2", "Day 1", "Day 0"]
    records = {piece.title: piece.record_id for piece in _pieces(archive)}
    ReadingMarks(archive.service.database, "person anna").set("star", [records["Day 1"]], wanted=True)
    ReadingMarks(archive.service.database, "person anna").set("later", [records["Other"]], wanted=True)
    ReadingMarks(archive.service.database, "person bob").set("star", [records["Day 2"]], wanted=True)

    assert titles(archive, path) == ["Other", *days]
    assert titles(archive, f"{path}?tag=ships") == ["Other"]
    assert titles(archive, f"{path}?source=example") == days
    assert titles(archive, f"{path}?collection=nothing") == titles(archive, f"{path}?tag=none") == []
    assert titles(archive, f"{path}?show=star") == ["Day 1"]
    assert titles(archive, f"{path}?show=later") == ["Other"]
    assert titles(archive, "/api/v1/feeds/mine?show=star", **session(archive)) == ["Day 1"]
    assert archive.get(f"{path}?show=all")[0] == 422


def test_a_closed_collection_stays_closed_to_those_whom_its_room_does_not_name(archive: Retrieving) -> None:
    archive.service.access.add_person("bob", Role.READ, PASSWORD)
    of_anna, of_bob = made(archive), made(archive, "bob")

    assert titles(archive, f"{of_anna}?collection=shut") == titles(archive, f"{of_anna}?source=shut") == []
    assert titles(archive, f"{of_bob}?collection=shut") == ["Shut"]


def test_pages_of_a_feed_follow_one_another(archive: Retrieving) -> None:
    first = Tree.fromstring(archive.get(f"{made(archive)}?limit=2&tag=none")[2])
    path = made(archive)
    second = Tree.fromstring(archive.get(f"{path}?limit=3")[2])
    [following] = [link.get("href", "") for link in second.findall(f"{ATOM}link") if link.get("rel") == "next"]

    assert [link.get("rel") for link in first.findall(f"{ATOM}link")] == ["self", "first", "alternate"]
    assert titles(archive, following.removeprefix(archive.url)) == ["Day 1", "Day 0"]


def test_the_changes_of_a_feed_are_read_at_once_in_the_order_of_the_list(archive: Retrieving) -> None:
    asked: list[str] = []
    path = made(archive)
    titles(archive, path)

    def count(*facts: object) -> None:
        asked.append(str(facts[2]))

    event.listen(Engine, "before_cursor_execute", count)
    try:
        two, all_of_them = titles(archive, f"{path}?limit=2"), titles(archive, path)
        reads = [sql for sql in asked if "wordings.novelty" in sql and "captures" not in sql]
    finally:
        event.remove(Engine, "before_cursor_execute", count)

    assert (two, len(all_of_them)) == (["Other", "Day 3"], 5)
    assert len(reads) == 2


def test_the_secret_opens_nothing_else(archive: Retrieving) -> None:
    path = made(archive)
    secret = path.rpartition("/")[2]
    bearer = {"Authorization": f"Bearer {secret}"}
    others = ["/api/v1/feeds/mine", "/api/v1/feeds/all", "/api/v1/runs", "/new", f"/api/v1/feeds/all/{secret}"]

    assert archive.get(path)[0] == 200, "the control"
    assert [archive.get(other, **bearer)[0] for other in others] == [401] * len(others)
    assert archive.send_body("POST", path, b"", FORM)[0] == 401
    assert archive.get(f"{path[:-1]}{'a' if path[-1] != 'a' else 'b'}")[0] == 401


def test_an_address_ends_when_it_is_revoked_or_replaced_or_its_person_is_no_more(archive: Retrieving) -> None:
    first = made(archive)
    second = made(archive)
    replaced = archive.get(first)[0], archive.get(second)[0]
    archive.send_body("POST", "/new/feeds/revoke", b"", FORM, **session(archive))
    revoked = archive.get(second)[0]
    third = made(archive)
    archive.service.access.set_password("anna", f"{PASSWORD}.")
    changed = archive.get(third)[0]
    archive.service.access.add_person("bob", Role.READ, PASSWORD)
    of_bob = made(archive, "bob")
    archive.service.access.remove_person("bob")
    archive.service.access.add_person("bob", Role.READ, PASSWORD)

    assert (replaced, revoked, changed) == ((401, 200), 401, 401)
    assert archive.get(of_bob)[0] == 401


def test_no_address_is_stored_or_in_the_trail(archive: Retrieving) -> None:
    path = made(archive)
    archive.get(f"{path[:-4]}xxxx")
    rows = archive.service.access.trail.newest(limit=10)
    page = archive.get("/new/feeds", **session(archive))[2].decode()

    assert [row.entry.action for row in rows][:2] == ["GET /api/v1/feeds/of/{secret}", "POST /new/feeds"]
    assert "pressmark_" not in "".join(str(row.entry) for row in rows)
    assert path.rpartition("_")[2].encode() not in (archive.service.settings.home / "pressmark.db").read_bytes()
    assert "You have a feed address." in page and "pressmark_" not in page.replace("pressmark_session", "")


def test_a_program_has_no_address(archive: Retrieving) -> None:
    _, secret = archive.service.access.add_token("program", Role.ADMIN, expires=timedelta(days=1))

    assert archive.send_body("POST", "/new/feeds", b"", FORM, Authorization=f"Bearer {secret}")[0] == 403


def _pieces(archive: Retrieving) -> tuple[Piece, ...]:
    return ChangeFeed(archive.service.database).pieces().items
