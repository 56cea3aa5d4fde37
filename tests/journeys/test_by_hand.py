"""Add, run, look: without a service."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import zstandard
from journeys.household import Household, gazette
from services.waiting import eventually
from web_of_tests.newspaper import Newspaper

from crawler.policy.rows import State

ARTICLE = "forum-instrument-market"


@pytest.fixture(scope="module")
def paper() -> Iterator[Newspaper]:
    with Newspaper(slow=0.1) as newspaper:
        yield newspaper


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, paper: Newspaper) -> Household:
    """A home that has archived what the feed names. Read-only."""
    made = Household(tmp_path_factory.mktemp("kept") / "home")
    made.source("gazette", gazette(f"{paper.url}/atom.xml", walk="feed"))
    made.run("run", "gazette")
    return made


@pytest.fixture
def copy(kept: Household, tmp_path: Path) -> Household:
    """A copy of it, to be changed."""
    return Household(Path(shutil.copytree(kept.home, tmp_path / "home")))


def test_pages_named_on_standard_input_are_archived_each_once(household: Household, paper: Newspaper) -> None:
    wanted = [paper.url + article.path for article in paper.articles[:2]]
    household.source("gazette", gazette(f"{paper.url}/", walk="page"))
    ended = household.run("archive", "-", "--json", given="\n".join([*wanted, "", wanted[0]]) + "\n")
    bad = household.run("archive", "-", given="no url\n", code=2)

    assert [run["url"] for run in ended.json["items"]] == wanted
    assert "no url" in bad.err


def test_from_a_url_to_a_snapshot_in_three_commands(household: Household, paper: Newspaper) -> None:
    loopback = ("--allow-address", "127.0.0.0/8")
    household.look("add", f"{paper.url}/forums/", "--name", "gazette", "--delay", "0s", *loopback)
    run = household.run("run", "gazette", "--json").json["items"][0]
    snapshot = household.look("snapshot", "get", paper.url_of(ARTICLE), "--json").json

    assert (run["outcome"], run["failures"]) == ("done", 0)
    assert run["captures"] >= len([one for one in paper.articles if one.section == "forums"])
    assert snapshot["status"] == 200
    assert snapshot["text"]["title"] == "At the Instrument Market, the Queue Is for a Kettle"
    assert snapshot["text"]["author"] == "Henrik Osei"
    assert (snapshot["text"]["authors"], snapshot["text"]["origins"]["text"]) == (["Henrik Osei"], "blocks")
    assert snapshot["text"]["date"].startswith("2026-11-24")


def test_on_a_terminal_add_asks_before_it_writes(
    household: Household, paper: Newspaper, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, terminal = os.openpty()
    os.write(person, b"n\n")
    with os.fdopen(person), os.fdopen(terminal) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        ended = household.look("add", f"{paper.url}/feed.xml", "--allow-address", "127.0.0.0/8", code=1)

    assert "Save this source?" in ended.err
    assert not list(household.home.rglob("*.yaml"))


def test_without_a_terminal_add_saves_no_second_source_of_the_same_url(household: Household, paper: Newspaper) -> None:
    wanted = ("add", f"{paper.url}/forums/", "--allow-address", "127.0.0.0/8")

    def sources() -> list[str]:
        return sorted(each["name"] for each in household.look("source", "list", "--json").json["items"])

    household.look(*wanted)
    refused = [household.look(*wanted, *also, code=2) for also in ((), ("--yes",), ("--json",))]
    [first] = sources()
    household.look(*wanted, "--dry-run")
    household.look(*wanted, "--name", "named")
    household.look(*wanted, "--force")

    assert all(f"nothing was saved: the source {first} already begins at the same URL" in one.err for one in refused)
    assert "to save it nevertheless, use --name or --force" in refused[0].err
    assert sources() == sorted([first, f"{first}-2", "named"])


def test_texts_end_with_the_last_paragraph_and_not_with_the_comment_form(kept: Household, paper: Newspaper) -> None:
    for article in paper.articles[:20]:
        text = kept.look("snapshot", "get", paper.url_of(article.slug), "--text").out.strip()
        assert text.startswith(article.paragraphs[0][:30])
        assert text.endswith(article.paragraphs[-1][-30:])
        assert "Please enter your comment" not in text


def test_a_snapshot_has_its_bytes_in_every_form(kept: Household, paper: Newspaper, tmp_path: Path) -> None:
    url, file = paper.url_of(ARTICLE), tmp_path / "page"
    kept.look("snapshot", "get", url, "--raw", "-o", str(file))
    body = kept.look("snapshot", "get", url).out
    head = kept.look("snapshot", "get", url, "--headers").out
    text = kept.look("snapshot", "get", url, "--text").out.split()
    marked = kept.look("snapshot", "get", url, "--markdown").out

    assert gzip.decompress(file.read_bytes()).decode() == body
    assert "Please enter your comment!" in body
    assert head.startswith("HTTP/1.1 200 OK")
    assert "<" not in marked
    assert set(text) <= set(marked.replace("\\", "").split())
    assert "Content-Encoding: gzip" in head


def test_an_answer_that_is_not_a_page_says_why_it_has_no_text(kept: Household, paper: Newspaper) -> None:
    told = kept.look("snapshot", "get", f"{paper.url}/robots.txt", "--text", code=5).err

    assert "is of the type text/plain" in told


def test_runs_of_an_unknown_source_are_an_error_that_suggests_the_right_name(kept: Household) -> None:
    [source] = {run["source"] for run in kept.look("runs", "list", "--json").json["items"]}
    wrong = kept.look("runs", "list", "--source", source[:-1], code=5)

    assert f"no source named '{source[:-1]}'; did you mean '{source}'" in wrong.err
    assert kept.look("runs", "list", "--source", source, "--status", "queued", "--json").json["items"] == []


def test_a_run_reports_how_much_of_the_feed_it_has(kept: Household, paper: Newspaper) -> None:
    [run] = kept.look("runs", "list", "--json").json["items"]
    shown = kept.look("runs", "show", run["id"]).out

    told = {"listed": run["pages"] - 1, "had": run["pages"] - 1, "known": 0, "missing": {}}
    assert run["completeness"] == told | {"incomplete": [], "incomplete_threads": 0}
    assert f"{run['pages'] - 1} fetched now, 0 archived before" in shown


def test_a_page_is_found_by_its_other_addresses_and_explained(kept: Household, paper: Newspaper) -> None:
    url = paper.url_of(ARTICLE)
    other = f"{url}?utm_source=feed&print=1"
    captures = kept.look("captures", other, "--json").json
    snapshot = kept.look("snapshot", "get", other, "--json").json
    explained = kept.look("why", other, "--json").json
    told = kept.look("why", url).out

    assert (captures["alias_of"], captures["items"][0]["url"], snapshot["url"]) == (url, url, url)
    assert kept.look("captures", url, "--json").json["alias_of"] is None
    assert kept.run("captures", f"{url}?print=7", code=5).code == 5
    [source] = explained["sources"]
    assert (explained["alias_of"], explained["plain"], source["source"]) == (url, url, "gazette")
    assert (source["last"], source["interval_seconds"]) == ("new", 6 * 3600)
    assert source["scope"]["allowed"] and source["robots"]["allowed"]
    assert f"/robots.txt answered {200}" in source["robots"]["reason"]
    interval = (
        "the page was new, so Pressmark fetches it at the shortest interval, 6 hours; the time between two "
        "fetches is always between 6 hours and 30 days"
    )
    assert f"{interval}; the first run that starts at least " in told
    assert not re.search(r"\d:\d\d:\d\d", told.partition("the first run that starts ")[2].partition(";")[0])
    assert kept.look("why", "https://elsewhere.example/", "--json").json["latest"] is None


def test_the_next_command_resumes_a_run_whose_command_was_killed(household: Household) -> None:
    with Newspaper(slow=0.0, latency=0.2) as paper:
        household.source("gazette", gazette(f"{paper.url}/"))
        killed = subprocess.Popen(household.command("run", "gazette"), env=household.env(), cwd=household.home.parent)
        eventually(lambda: len(fetched(household.home)) > 10)
        killed.kill()
        killed.wait()
        before = fetched(household.home)
        [interrupted] = household.look("runs", "list", "--json").json["items"]
        household.run("run", "gazette")
        [over] = household.look("runs", "list", "--json").json["items"]
        asked = Counter(paper.url + asked.path for asked in paper.asked)

    assert (over["id"], over["outcome"], over["attempt"]) == (interrupted["id"], "done", 2)
    assert {paper.url + article.path for article in paper.articles} <= set(asked)
    assert {url: times for url, times in asked.items() if url in before and times > 1} == {}
    assert before < set(asked), "the killed command had fetched everything"


def fetched(home: Path) -> set[str]:
    """Return the URLs that the frontiers of a home have as fetched."""
    found: set[str] = set()
    for path in (home / "frontiers").glob("*.db"):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as frontier, suppress(sqlite3.OperationalError):
            rows = frontier.execute("SELECT url FROM urls WHERE state IN (?, ?)", (State.DONE, State.REDIRECTED))
            found.update(url for (url,) in rows)
    return found


def test_unchanged_pages_are_not_archived_again_and_changed_ones_have_both_versions(
    household: Household, paper: Newspaper
) -> None:
    url, image = paper.url_of(ARTICLE), paper.url + f"/images/{ARTICLE}.png"
    household.source("gazette", gazette(url, walk="page", more="keep: {requisites: true}\n"))
    household.run("run", "gazette")
    paper.forget()
    again = household.run("run", "gazette", "--json").json["items"][0]
    asked = {one.path: one.status for one in paper.asked}
    paper.edit(ARTICLE, ["The kettle is gone. Somebody has bought it and will not say who they are, or why."] * 3)
    household.run("run", "gazette")
    newest, unchanged, oldest = household.look("captures", url, "--json").json["items"]

    assert again["outcome"] == "unchanged"
    assert asked[urlsplit(url).path] == 304
    assert household.look("snapshot", "get", image, "--json").json["status"] == 200
    assert (newest["kind"], oldest["kind"]) == ("response", "response")
    assert unchanged["kind"] in ("not-modified", "revisit")
    assert "The kettle is gone" in household.look("snapshot", "get", url).out
    assert "The kettle is gone" not in household.look("snapshot", "get", url, "--at", unchanged["at"]).out
    assert "The kettle is gone" not in household.look("snapshot", "get", url, "--at", oldest["at"]).out


def test_one_page_is_archived_without_a_source_and_by_the_source_of_its_site(
    household: Household, paper: Newspaper
) -> None:
    url = paper.url_of("harbour-fog-signal")
    forbidden = household.run("archive", url, "--json", code=1).json["items"][0]
    household.source("gazette", gazette(f"{paper.url}/forums/"))
    kept = household.run("archive", url, "--json").json["items"][0]

    assert (forbidden["outcome"], "forbidden address" in forbidden["reason"]) == ("failed", True)  # nobody allowed it
    assert (kept["source"], kept["pages"]) == ("gazette", 1)
    assert household.look("captures", url, "--json").json["items"][0]["status"] == 200


def test_everything_archived_is_found_again_from_the_store_alone(copy: Household, paper: Newspaper) -> None:
    before = copy.look("captures", paper.url, "--match", "host", "--json").json
    text = copy.look("snapshot", "get", paper.url_of("tidal-cable-treaty"), "--text").out
    for file in (*copy.home.glob("pressmark.db*"), *(copy.home / "spool").rglob("*.*")):
        file.unlink()
    rebuilt = copy.run("rebuild", "--json").json

    assert (rebuilt["findings"], rebuilt["captures"]) == ([], len(before["items"]))
    assert copy.look("captures", paper.url, "--match", "host", "--json").json == before
    assert copy.look("snapshot", "get", paper.url_of("tidal-cable-treaty"), "--text").out == text
    assert copy.look("verify", "--all", "--json").json["findings"] == []


def test_a_changed_byte_in_the_store_is_found(copy: Household) -> None:
    warc, *_ = (copy.home / "store").rglob("*.warc.gz")
    octets = bytearray(warc.read_bytes())
    octets[len(octets) // 2] ^= 1
    warc.chmod(0o644)
    warc.write_bytes(octets)

    found = copy.look("verify", "--all", "--json", code=10).json["findings"]
    assert "object-digest" in {finding["kind"] for finding in found}


def test_the_doctor_accepts_a_sound_home_and_reports_a_bad_file(copy: Household) -> None:
    copy.look("doctor")
    copy.source("bad", "source: bad\n")

    parts = {item["part"]: item["code"] for item in copy.look("doctor", "--json", code=4).json["items"]}
    assert parts["store"] == 0


def test_the_texts_of_a_run_are_in_the_store_and_exported_as_lines_and_as_files(
    copy: Household, paper: Newspaper, tmp_path: Path
) -> None:
    run = copy.look("runs", "list", "--json").json["items"][0]["id"]
    copies = copy.home / "store" / "run" / "v1"
    assert not copies.exists(), "the store has each text once"
    copy.environment["PRESSMARK_READING__RUN_TEXTS"] = "true"
    copy.run("rebuild")
    lines = copy.look("runs", "text", run, "--jsonl").out.splitlines()
    copy.look("runs", "text", run, "--markdown", "-o", str(tmp_path / "texts"))
    [stored] = copies.rglob(f"{run}.jsonl.zst")
    kept = zstandard.ZstdDecompressor().stream_reader(stored.read_bytes()).read()
    texts = [json.loads(line) for line in lines]
    article = next(one for one in texts if one["url"] == paper.url_of(ARTICLE))
    capture = copy.look("captures", paper.url_of(ARTICLE), "--json").json["items"][0]
    files = sorted((tmp_path / "texts").glob("*.md"))
    stored.unlink()
    copy.run("rebuild")

    assert kept.decode().splitlines() == lines
    assert {name: article[name] for name in ("record_id", "segment", "offset", "digest")} == {
        name: capture[name] for name in ("record_id", "segment", "offset", "digest")
    }
    assert (article["extractor"], article["text"] in (None, "")) == ("pressmark", False)
    assert len(files) == len([one for one in texts if one["text"]])
    assert any(f'record: "{capture["record_id"]}"' in file.read_text() for file in files)
    assert stored.exists()
    copy.run("runs", "text", "nothing", code=5)


def test_texts_of_an_older_version_are_extracted_again_by_command(copy: Household) -> None:
    with sqlite3.connect(copy.home / "pressmark.db") as database:
        old = database.execute("UPDATE texts SET version = '1+blocks-0'").rowcount
    database.close()
    planned = copy.look("extract", "--again", "--dry-run", "--json").json
    done = copy.run("extract", "--again", "--json").json
    after = copy.run("extract", "--again", "--json").json

    assert planned["left_texts"] == done["texts"] == done["changed"] == old
    assert (done["left_texts"], done["failed"], after["texts"]) == (0, 0, 0)
    assert list((copy.home / "store" / "reread" / "v1").rglob("*.jsonl.zst"))
