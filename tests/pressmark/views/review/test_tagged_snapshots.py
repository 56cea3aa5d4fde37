"""Tags of snapshots choose captures, are in exports, and are changed for many at once on Search and New."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from lxml import html
from services.retrieving import Retrieving, served
from specimens.versions import Version, keep, thread_version

from archive.export import export_to, file
from archive.export.plan import Plan
from archive.index.selection import Selection
from config.settings import Settings
from pressmark.cli import main
from pressmark.service.access.roles import Role
from pressmark.service.assembly import open_pressmark
from pressmark.service.exits import Exit
from pressmark.service.service import Service
from pressmark.upkeep.exports import exporter_of, exports_of
from pressmark.views.capture_choice import snapshot_at
from pressmark.views.review.snapshot_notes import annotate, list_notes

CLOCK, HARBOUR = "http://clock.example/a", "http://harbour.example/b"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A home with two captures of a page, of which the first has tags, and one of another site."""
    (tmp_path / "warcs").mkdir()
    with open_pressmark(Settings(home=tmp_path / "home")) as opened:
        pages = [
            Version("The clock struck thirteen.", CLOCK, 0),
            Version("The clock struck one.", CLOCK, 1),
            Version("The clock of the harbour.", HARBOUR, 2),
        ]
        keep(opened, tmp_path / "warcs", *pages)
        with snapshot_at(opened, CLOCK, "20260131120000") as found:
            annotate(opened, found, ["budget", "钟 a"], "", by="person ada")
        yield opened


@pytest.fixture
def door(service: Service) -> Iterator[Retrieving]:
    with served(service) as url:
        yield Retrieving(url, service, [])


def tags_of(service: Service) -> dict[str, list[str]]:
    return {f"{one.url} {one.at:%M}": sorted(one.tags) for one in list_notes(service).items}


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def test_captures_are_listed_by_tag_in_page_api_and_command(
    service: Service, door: Retrieving, capsys: pytest.CaptureFixture[str]
) -> None:
    def listed(**fields: str) -> list[str]:
        found = json.loads(door.text(f"/api/v1/captures?{urlencode(fields)}"))["items"]
        return [one["timestamp"] for one in found]

    tagged = listed(url=CLOCK, tag="budget"), listed(url="clock.example", match="host", tag="钟 a")
    none, everything = listed(url=CLOCK, tag="other"), listed(url=CLOCK, tag="")
    page = door.text(f"/captures?{urlencode({'url': CLOCK, 'tag': 'budget'})}")
    empty = door.text(f"/captures?{urlencode({'url': HARBOUR, 'tag': 'budget'})}")
    home = str(service.settings.home)
    code = run("--home", home, "captures", CLOCK, "--tag", "budget", "--json")
    said = json.loads(capsys.readouterr().out)
    missing = run("--home", home, "captures", HARBOUR, "--tag", "budget", "--json")

    assert tagged == (["20260131120000"], ["20260131120000"])
    assert (none, everything) == ([], ["20260131120100", "20260131120000"])
    [table] = html.fromstring(page).xpath("//form[@action='/diff']//table")
    assert len(table.findall(".//tbody/tr")) == 1
    assert "<option selected>budget</option>" in page and "钟 a" in page
    assert "No capture of this page has the tag budget here." in empty
    assert (code, [one["timestamp"] for one in said["items"]], missing) == (0, ["20260131120000"], Exit.NOT_FOUND)


def test_exports_have_the_tags_and_hide_them_with_their_captures(service: Service, door: Retrieving) -> None:
    def exported(form: str) -> list[dict[str, str | None]]:
        body = door.get(f"/api/v1/exports/{form}")[2]
        if form == "jsonl":
            return [json.loads(line) for line in body.splitlines()]
        parquet = pytest.importorskip("pyarrow.parquet")
        rows: list[dict[str, str | None]] = parquet.read_table(io.BytesIO(body)).to_pylist()
        return rows

    for form in ("jsonl", "parquet"):
        assert sorted((row["url"], row["tags"]) for row in exported(form) if row["tags"]) == [(CLOCK, "budget, 钟 a")]
        assert len(exported(form)) == 3
    service.take_downs.add(CLOCK, "asked for", by="person ada")
    for form in ("jsonl", "parquet"):
        assert [(row["url"], row["tags"]) for row in exported(form)] == [(HARBOUR, None)]


@pytest.mark.parametrize("path", ["/new?source=example", "/search?q=clock&source=example"])
def test_pages_of_a_list_are_tagged_together_without_scripts_and_the_list_is_shown_again(
    service: Service, door: Retrieving, path: str
) -> None:
    page = html.fromstring(door.text(path))
    [form] = [one for one in page.forms if one.get("id") == "tagging"]
    boxes = page.xpath("//input[@form='tagging' and @name='record']")
    fields = [(name, value) for name, value in form.form_values() if name != "tags"]
    fields += [("record", box.get("value")) for box in boxes] + [("tags", "ships，-budget")]
    status, _ = door.send_body("POST", form.get("action"), urlencode(fields).encode(), FORM)
    after = door.text(path)

    assert (dict(fields)["back"], status, len(boxes)) == (path, 303, 3)
    assert sorted(tags_of(service).values()) == [["ships"], ["ships"], ["ships", "钟 a"]]
    assert after.count('href="/notes?tag=ships"') == 3 and 'href="/notes?tag=budget"' not in after


BACK = {
    "/new?before=3": "/new?before=3",
    "/search?q=a+b&tag=x": "/search?q=a+b&tag=x",
    **dict.fromkeys(("//evil.example/new", "https://evil.example/", "/settings", "/new\r\nX: y"), "/notes"),
}
"""What a form says, and where it leads."""


def test_a_form_leads_back_to_lists_of_ours_alone(door: Retrieving) -> None:
    page = html.fromstring(door.text("/new"))
    record = page.xpath("//input[@form='tagging']")[0].get("value")
    led = {}
    for back in BACK:
        connection = HTTPConnection(urlsplit(door.url).netloc, timeout=30)
        body = urlencode({"back": back, "record": record, "tags": "x"})
        connection.request("POST", "/notes/tags", body, {"Content-Type": FORM})
        led[back] = connection.getresponse().getheader("Location")
        connection.close()

    assert led == BACK


def test_readers_see_tags_and_no_form(service: Service, door: Retrieving) -> None:
    service.access.people.add("ada", Role.ADMIN, "a long password of words")
    _, token = service.access.add_token("reader", Role.READ)
    for path in ("/new", "/search?q=clock"):
        page = door.get(path, Authorization=f"Bearer {token}")[2].decode()
        assert 'href="/notes?tag=budget"' in page and "tagging" not in page


# --- resumed exports --------------------------------------------------------------------------------------------------


def exported_to(service: Service, target: Path, *, killed: int = 0, posts: bool = False) -> bool:
    """Export lines, or end after some captures. Return whether it was resumed."""

    def stop(done: int, _total: int) -> None:
        if done == killed:
            raise KeyboardInterrupt

    now = datetime(2026, 3, 1, tzinfo=UTC)
    exporter = exporter_of(service, "jsonl", posts=posts)
    return export_to(exports_of(service), exporter, Selection(), target, now=now, progress=stop).resumed


def test_a_resumed_export_has_the_tags_of_its_beginning(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "_NOTE_EVERY", 1)
    whole, parts = tmp_path / "whole.jsonl", tmp_path / "parts.jsonl"
    exported_to(service, whole)
    with pytest.raises(KeyboardInterrupt):
        exported_to(service, parts, killed=1)
    with snapshot_at(service, HARBOUR, "2026") as found:
        annotate(service, found, ["later"], "", by="person ada")
    with snapshot_at(service, CLOCK, "20260131120000") as found:
        annotate(service, found, [], "", by="person ada")

    assert exported_to(service, parts)
    assert parts.read_bytes() == whole.read_bytes()
    assert not exported_to(service, whole) and b"later" in whole.read_bytes()  # a new one has the tags of now


def test_posts_have_the_tags_of_their_snapshot_when_the_export_began(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "_NOTE_EVERY", 1)
    pages = [thread_version([("1", "It started."), ("2", "It goes.")], minute) for minute in (120, 180)]
    keep(service, tmp_path / "warcs", *pages)
    with snapshot_at(service, pages[0].url, "20260131140000") as found:
        annotate(service, found, ["budget", "钟 a"], "", by="person ada")
    target = tmp_path / "posts.jsonl"
    with pytest.raises(KeyboardInterrupt):
        exported_to(service, target, killed=4, posts=True)
    with snapshot_at(service, pages[0].url, "20260131150000") as found:
        annotate(service, found, ["later"], "", by="person ada")

    assert exported_to(service, target, posts=True)
    rows = [json.loads(line) for line in target.read_text().splitlines()]
    assert [(row["post_id"], row["timestamp"][8:10], row["tags"]) for row in rows] == [
        ("1", "14", "budget, 钟 a"),
        ("2", "14", "budget, 钟 a"),
        ("1", "15", None),
        ("2", "15", None),
    ]


def test_an_export_begun_before_there_were_tags_starts_over(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "_NOTE_EVERY", 1)
    target = tmp_path / "lines.jsonl"
    with pytest.raises(KeyboardInterrupt):
        exported_to(service, target, killed=1)
    with Plan(file.workplace_of(target) / "plan.db") as plan:
        plan._say("layout", "4")
    begun = file.workplace_of(target) / target.name
    begun.write_text(begun.read_text().replace('"tags":', '"tagz":'))

    assert not exported_to(service, target)
    assert [len(json.loads(line)["tags"] or "") > 0 for line in target.read_text().splitlines()].count(True) == 1
