"""Sources as lists: an exported list imports unchanged, and lists of other programs make sources."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from services.disks import small_disk

from config.load import Sources
from config.settings import Settings
from config.source import Source
from config.values.series import Series
from pressmark.cli import main
from pressmark.discover.subscriptions import import_list, read_list, write_list
from pressmark.service.assembly import open_pressmark

FILES = {
    "gazette": "source: gazette\nseeds: [https://gazette.example/feed.xml]\nwalk: feed\ntimetable: {every: 6h}\n",
    "papers": (
        "source: papers\nseeds: [https://papers.example/a/, https://papers.example/b/?x=1&y=2]\nwalk: listing\n"
        "timetable: {cron: '*/30 8-18 * * 1-5', timezone: Asia/Shanghai}\nkeep: {collection: science}\n"
    ),
    "reports": (
        "source: reports\nseeds: ['https://reports.example/{year}-{month:02}.pdf']\nwalk: series\n"
        "series: {each: month, first: 2024-01, last: 2024-12}\n"
    ),
    "daily": "source: daily\nseeds: [https://daily.example/]\ntimetable: {at: ['06:30', '18:30']}\n",
}
READER = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.0"><head><title>Mine</title></head><body>
<outline text="Science" title="Science">
  <outline text="Nature &amp; more" type="rss" xmlUrl="https://nature.example/rss?a=1&amp;b=2" htmlUrl="https://nature.example/"/>
  <outline text="Again" type="rss" xmlUrl="https://nature.example/rss?a=1&amp;b=2"/>
  <outline text="\xe7\xa7\x91\xe6\x8a\x80" type="rss" xmlUrl="https://nature.example/other"/>
</outline>
<outline text="A page" type="link" url="https://page.example/"/>
<outline text="Bad" type="rss" xmlUrl="ftp://files.example/"/>
</body></opml>"""


def home_with(directory: Path, files: Mapping[str, str]) -> Path:
    home = directory / "home"
    (home / "sources").mkdir(parents=True)
    for name, text in files.items():
        (home / "sources" / f"{name}.yaml").write_text(text)
    return home


def sources_of(home: Path) -> dict[str, Source]:
    return {source.name: source for source in Sources(home / "sources")}


def code_of(home: Path, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "source", *arguments])
    return int(ended.value.code or 0)


@pytest.mark.parametrize("form", ["opml", "csv"])
def test_an_exported_list_imports_unchanged(tmp_path: Path, form: str) -> None:
    home, other = home_with(tmp_path / "one", FILES), home_with(tmp_path / "two", {})
    listed = tmp_path / f"list.{form}"

    assert code_of(home, "export", form, "-o", str(listed)) == 0
    assert code_of(other, "import", str(listed)) == 0

    assert sources_of(other) == sources_of(home)
    written = {path: path.read_bytes() for path in (other / "sources").glob("*.yaml")}
    assert code_of(other, "import", str(listed), "--every", "1h") == 0
    assert {path: path.read_bytes() for path in (other / "sources").glob("*.yaml")} == written


def test_a_list_of_a_feed_reader_makes_sources(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home, listed = home_with(tmp_path, {}), tmp_path / "subscriptions.xml"
    listed.write_bytes(READER)

    assert code_of(home, "import", str(listed), "--every", "6h", "--collection", "read-by-me", "--json") == 3

    items = json.loads(capsys.readouterr().out)["items"]
    assert [(item["name"], item["state"]) for item in items] == [
        ("nature-example", "new"),
        ("nature-example", "known"),
        ("nature-example-2", "new"),
        ("page-example", "new"),
        (None, "refused"),
    ]
    assert items[4]["why"] == "'ftp://files.example/' is not an http or https URL"
    made = sources_of(home)
    assert made["nature-example"].seeds == ("https://nature.example/rss?a=1&b=2",)
    assert (made["nature-example"].walk, made["page-example"].walk) == ("feed", None)
    assert {source.keep.collection for source in made.values()} == {"read-by-me"}
    assert "6h" in (home / "sources" / "page-example.yaml").read_text()


def test_a_url_that_can_not_be_read_is_refused_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home, listed = home_with(tmp_path, {}), tmp_path / "list.txt"
    listed.write_text("https://a.example/\nhttp://[::1\nhttps://b.example/\n")

    assert code_of(home, "import", str(listed), "--json") == 3
    states = [(item["name"], item["state"]) for item in json.loads(capsys.readouterr().out)["items"]]
    assert states == [("a-example", "new"), (None, "refused"), ("b-example", "new")]


def test_a_dry_run_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home, listed = home_with(tmp_path, {}), tmp_path / "list.csv"
    listed.write_text("seeds,name\nhttps://a.example/,x\n")

    assert code_of(home, "import", str(listed), "--dry-run") == 0
    assert "a-example: would be new (https://a.example/)" in capsys.readouterr().out
    assert list((home / "sources").glob("*.yaml")) == []


@pytest.mark.parametrize(
    ("between", "encoding"), [(",", "utf-8"), (",", "utf-8-sig"), (";", "utf-8-sig"), ("\t", "utf-16")]
)
def test_a_table_is_read_as_spreadsheets_write_it(between: str, encoding: str) -> None:
    rows = (("source", "seeds", "walk"), ("a", "https://a.example/新闻;1/ https://a.example/,2", ""))
    file = io.StringIO()
    csv.writer(file, delimiter=between).writerows(rows)

    [entry] = read_list(file.getvalue().encode(encoding), "csv")

    assert (entry.name, entry.seeds) == ("a", ["https://a.example/新闻;1/", "https://a.example/,2"])


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.csv", b"name,url\nx,https://a.example/\n", "has no column seeds"),
        ("a.csv", b"", "has no column seeds"),
        ("a.csv", "seeds,walk\nhttps://a.example/新闻/,listing\n".encode("gbk"), "byte 29 is not valid UTF-8"),
        ("a.csv", b"\xff\xfes", "is not valid UTF-8"),
        ("a.opml", b"<html>", "the list contains no sources"),
        ("a.csv", b"seeds\nhttps://a.example/\rx\n", "this is not a table"),
        ("a.opml", b"no XML", "the list contains no sources"),
        ("a.opml", b'<!DOCTYPE x [<!ENTITY a "b">]><opml><body><outline text="&a;"/></body></opml>', "no source"),
    ],
)
def test_an_invalid_list_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, why: str
) -> None:
    (tmp_path / name).write_bytes(content)

    assert code_of(home_with(tmp_path, {}), "import", str(tmp_path / name)) == 4
    assert why in capsys.readouterr().err


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    source = Source.model_validate(
        {"source": "a", "seeds": ["https://a.example/"], "keep": {"collection": "x"}}
    ).model_copy(update={"name": "=1+1"})

    content = write_list([source], "csv")

    [row] = csv.DictReader(io.StringIO(content.decode()))
    assert row["source"] == "'=1+1"
    assert read_list(content, "csv")[0].name == "=1+1"


def test_a_pattern_in_a_list_is_a_series_from_today_on(tmp_path: Path) -> None:
    """The URL alone says its step; a series of numbers needs the column, and an entry without it says so."""
    listed = b"https://a.example/{year}.pdf\nhttps://b.example/{number}.pdf\n"
    table = b"seeds,series\nhttps://c.example/{number}.pdf,number 1 40\nhttps://d.example/{year}.pdf,year 2001 2002 3\n"
    entries = [*read_list(listed, "urls"), *read_list(table, "csv")]
    with open_pressmark(Settings(home=tmp_path)) as opened:
        service = replace(opened, now=lambda: datetime(2026, 11, 30, tzinfo=UTC))
        made = list(import_list(service, entries, defaults={}, by="tests"))
    sources = sources_of(tmp_path)

    assert [one.state for one in made] == ["new", "refused", "new", "refused"]
    assert str(made[1].why).startswith("a series of numbers needs its first and its last number")
    assert str(made[3].why).startswith("'year 2001 2002 3' is not a series")
    assert sources["a-example"].series == Series(each="year", first="2026")
    assert sources["c-example"].series == Series(each="number", first="1", last="40")


def test_a_feed_reader_finds_the_feeds(tmp_path: Path) -> None:
    home = home_with(tmp_path, FILES)

    tree = ElementTree.fromstring(write_list(sources_of(home).values(), "opml"))

    feeds = [outline.get("xmlUrl") for outline in tree.iter("outline") if outline.get("type") == "rss"]
    assert feeds == ["https://gazette.example/feed.xml"]
    assert tree.find("head/title") is not None


def test_an_entry_that_can_t_be_written_keeps_no_other_from_its_result(tmp_path: Path) -> None:
    """A directory is in the place of the lock file while one of three entries is written."""
    entries = read_list(b"https://a.example/\nhttps://b.example/\nhttps://c.example/\n", "urls")
    with open_pressmark(Settings(home=tmp_path)) as service:
        lock = tmp_path / "sources" / ".good" / "lock"
        adding = import_list(service, entries, defaults={}, by="somebody")
        first = next(adding)
        lock.unlink()
        lock.mkdir()
        second = next(adding)
        lock.rmdir()
        third = next(adding)
        names = list(service.sources.names)

    assert [one.state for one in (first, second, third)] == ["new", "refused", "new"]
    assert second.why == "the file can't be written: Is a directory"
    assert names == ["a-example", "c-example"]


def test_after_a_full_disk_the_rest_of_a_list_is_refused_without_an_attempt(tmp_path: Path) -> None:
    """The disk has space again before the rest, whose known entries are still known."""
    listed = b"https://a.example/\nhttps://b.example/\nhttps://c.example/\nhttps://a.example/\n"
    with small_disk(tmp_path / "sources", "size=256k"), open_pressmark(Settings(home=tmp_path)) as service:
        adding = import_list(service, read_list(listed, "urls"), defaults={}, by="somebody")
        first, filler = next(adding), tmp_path / "sources" / "filler"
        with pytest.raises(OSError, match="No space left"):
            filler.write_bytes(bytes(1 << 20))
        second = next(adding)
        filler.unlink()
        rest = list(adding)

    assert (first.state, second.state, [one.state for one in rest]) == ("new", "refused", ["refused", "known"])
    assert second.why == rest[0].why and "No space left" in (second.why or "")


@pytest.mark.parametrize("form", ["opml", "csv"])
def test_a_source_without_start_urls_is_left_out_and_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], form: str
) -> None:
    box = "source: letters\nimap: {host: imap.example.org, user: ann, password: {secret: PW}}\n"
    home = home_with(tmp_path, {**FILES, "letters": box})

    assert code_of(home, "export", form, "-o", str(tmp_path / "list")) == 0

    assert "left out, because they have no start URLs: letters" in capfd.readouterr().err
    assert {entry.name for entry in read_list((tmp_path / "list").read_bytes(), form)} == set(FILES)  # type: ignore[arg-type]
