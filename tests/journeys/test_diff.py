"""The differences between two captures, by the command line, the API and the pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from journeys.household import QUICK, Household, Served
from specimens.versions import THREAD, URL, Version, keep, thread_version

from config.settings import load_settings
from pressmark.service.assembly import open_pressmark

HOSTILE = "<script>alert(1)</script></del>\x1b[31m\u202e <img src=x onerror=alert(2)>"
CHANGING = ("Content-Type: text/html", "Date: Sat, 31 Jan 2026 12:00:00 GMT", "Server: one")
SEVERAL = 20
BETWEEN = "\n".join(f"Paragraph {number} says what it said." for number in range(SEVERAL))
OLD = f"The clock of the tower is right.\n{BETWEEN}\n3 hours ago\nIt ticks on."
NEW = f"The clock of the tower is wrong.\n{BETWEEN}\n5 hours ago\nIt ticks on.\n{HOSTILE}"


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory, database_of_module: dict[str, str]) -> Household:
    made = Household(tmp_path_factory.mktemp("diff") / "home", QUICK | database_of_module)
    warcs = tmp_path_factory.mktemp("warcs")
    with open_pressmark(load_settings({"home": str(made.home)})) as service:
        keep(
            service,
            warcs,
            Version(OLD, headers=CHANGING, facts={"author": "Ann", "date": "2026-01-31"}),
            Version(OLD, minute=1, headers=CHANGING, facts={"author": "Ann", "date": "2026-01-31"}),
            Version(NEW, minute=2, title="The clocks", headers=("Date: later", "Server: two"), facts={"author": "Ann"}),
            Version(NEW.replace("5 hours", "6 hours"), minute=3, title="The clocks", facts={"author": "Ann"}),
            thread_version([("1", "Who decides about that?"), ("2", "The board."), ("3", "Nobody.")], 0),
            thread_version([("1", "Who decides?"), ("3", "Nobody."), ("4", "I do.")], 1),
        )
    return made


@pytest.fixture(scope="module")
def served(household: Household) -> Iterator[Served]:
    with household.serving() as running:
        yield running


FIRST, SECOND, THIRD, FOURTH = (f"2026013112{minute:02}00" for minute in range(4))


def test_the_newest_version_is_compared_with_the_one_before(household: Household, served: Served) -> None:
    noise = household.look("diff", URL, "--json").json
    told = household.look("diff", URL)
    diff = served.get(f"/api/v1/diff/previous/{THIRD}/{URL}").json
    whole = served.get(f"/api/v1/diff/{FIRST}/{THIRD}/{URL}").json
    same = served.get(f"/api/v1/diff/{FIRST}/{SECOND}/{URL}").json

    assert (noise["old"]["timestamp"], noise["changed"], noise["noise"]) == (THIRD, False, 1)
    assert "the page has not changed" in told.err and "--noise" in told.err
    assert (diff["old"]["timestamp"], diff["new"]["timestamp"]) == (SECOND, THIRD)
    assert (diff["changed"], diff["noise"], diff["posts"], diff["reread"]) == (True, 1, None, False)
    assert "\n".join(row["old"] for row in diff["rows"] if row["old"] is not None) == OLD
    assert "\n".join(row["new"] for row in diff["rows"] if row["new"] is not None) == NEW
    assert {fact["name"]: (fact["old"], fact["new"]) for fact in diff["facts"]} == {
        "title": ("The clock", "The clocks"),
        "date": ("2026-01-31", None),
    }
    fields = {fact["name"]: fact["noise"] for fact in diff["fields"]}
    assert (fields["server"], fields["date"], fields["content-type"]) == (False, True, False)
    assert whole["rows"] == diff["rows"]
    assert (same["changed"], {row["kind"] for row in same["rows"]}, same["facts"]) == (False, {"same"}, [])


def test_the_differences_are_shown_by_words_or_by_lines(household: Household) -> None:
    words = household.look("diff", URL, FIRST, THIRD).out
    lines = household.look("diff", URL, FIRST, THIRD, "--lines").out
    everything = household.look("diff", URL, FIRST, THIRD, "--noise").out

    assert "~ The clock of the tower is [-right-]{+wrong+}." in words
    assert "- The clock of the tower is [-right-]." in lines
    assert "+ The clock of the tower is {+wrong+}." in lines
    assert "date: [-2026-01-31-]" in words and "server: [-one-] {+two+}" in words
    assert f"Paragraph {SEVERAL // 2}" not in words and "lines @@" in words
    assert "[-3-]{+5+} hours ago" in everything and "hours ago" not in words.replace("  5 hours ago", "")
    assert "\x1b" not in words and "\\x1b[31m" in words


def test_a_thread_is_compared_post_by_post(household: Household, served: Served) -> None:
    diff = served.get(f"/api/v1/diff/previous/latest/{THREAD}").json
    told = household.look("diff", THREAD).out
    page = served.get(f"/diff/previous/latest/{THREAD}").text

    assert [(post["kind"], post["post"]["id"]) for post in diff["posts"]] == [
        ("removed", "2"),
        ("edited", "1"),
        ("added", "4"),
    ]
    assert [piece["text"] for piece in diff["posts"][1]["rows"][0]["pieces"] if piece["kind"] == "deleted"]
    assert "@@ edited u1 @@" in told and told.count("{+I do.+}") == 1
    assert "<del>" in page and page.count("I do.") == 1
    assert "<h2>Posts</h2>" in page and "<h2>Text</h2>" not in page
    assert diff["posts_only"]


@pytest.mark.parametrize("path", ["diff/previous", "compare/side-all/previous", "compare/lines/previous"])
def test_the_page_shows_the_differences_and_foreign_text_is_inert(served: Served, path: str) -> None:
    answer = served.get(f"/{path}/{THIRD}/{URL}")

    assert answer.status == 200
    assert "<del>right</del>" in answer.text and "<ins>wrong</ins>" in answer.text
    assert "<script>alert" not in answer.text and "<img" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&lt;/del&gt;" in answer.text
    assert "lines without changes" in answer.text


def test_noise_is_folded_on_the_page_and_shown_on_request(served: Served) -> None:
    folded = served.get(f"/diff/{FIRST}/{THIRD}/{URL}").text
    shown = served.get(f"/compare/words-all/{FIRST}/{THIRD}/{URL}").text

    assert "<del>3</del>" not in folded
    assert "<del>3</del><ins>5</ins> hours ago" in shown
    assert f'href="/compare/words-all/{FIRST}/{THIRD}/{URL}"' in folded
    assert "links to other pages changed in them: 1." in folded


def test_lines_that_differ_by_noise_are_not_mentioned_if_there_are_none(served: Served) -> None:
    page = served.get(f"/diff/{FIRST}/{SECOND}/{URL}").text

    assert "The page has not changed." in page
    assert "links to other pages" not in page


def test_the_pages_link_to_the_differences(served: Served) -> None:
    chosen = served.get(f"/diff?url={URL.replace('?', '%3F')}&start={THIRD}&end={FIRST}")
    snapshot = served.get(f"/snapshot/{THIRD}/{URL}").text
    news = served.get("/new").text
    captures = served.get(f"/captures?url={URL.replace('?', '%3F')}").text

    assert (chosen.status, chosen.headers["Location"]) == (303, f"/diff/{FIRST}/{THIRD}/{URL}")
    assert f'href="/diff/previous/{THIRD}/{URL}"' in snapshot
    assert f'href="/diff/previous/{THIRD}/{URL}"' in news
    assert f'name="start" value="{THIRD}"' in captures


def test_captures_that_can_not_be_compared_are_reported(household: Household, served: Served) -> None:
    first = served.get(f"/api/v1/diff/previous/{FIRST}/{URL}")
    page = served.get(f"/diff/previous/{FIRST}/{URL}")

    assert first.status == 404
    assert "no captures of https://example.org/news/1?a=b before 2026-01-31 12:00:00 UTC" in first.text
    assert (page.status, "there is nothing to compare" in page.text) == (200, True)
    assert served.get("/api/v1/diff/previous/latest/https://nowhere.example/").status == 404
    assert served.get(f"/api/v1/diff/yesterday/latest/{URL}").status == 422
    household.look("diff", "https://nowhere.example/", code=5)
    household.look("diff", URL, "--words", "--lines", code=2)


def test_a_thread_is_shown_with_the_history_of_its_posts(household: Household, served: Served) -> None:
    page = served.get(f"/thread/all/latest/{THREAD}")
    changed = served.get(f"/thread/changed/latest/{THREAD}").text
    first = served.get(f"/thread/changed/20260131120000/{THREAD}").text
    told = household.look("thread", THREAD, "--edits").out
    known = {post["id"]: post for post in served.get(f"/api/v1/threads/latest/{THREAD}").json["posts"]}

    assert page.status == 200 and page.text.count("<article") == 4
    assert "Who decides<del> about that</del>?" in page.text and "<del>The board.</del>" in page.text
    assert changed.count("<article") == 2 and "I do." not in changed
    assert first.count("<article") == 0
    assert f'href="/snapshot/20260131120100/{THREAD}"' in page.text
    assert "Who decides[- about that-]?" in told and "[-The board.-]" in told and "Nobody" not in told
    assert known["2"]["captures"] == {known["2"]["added"]: THREAD, known["2"]["deleted"]: THREAD}
    assert f'href="/thread/all/latest/{THREAD}"' in served.get(f"/view/text/latest/{THREAD}").text
    assert "/thread/all/" not in served.get(f"/view/text/latest/{URL}").text
    assert served.get("/thread/all/latest/https://nowhere.example/").status == 404
    assert served.get(f"/thread/none/latest/{THREAD}").status == 404
