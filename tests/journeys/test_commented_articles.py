"""An article with comments, read by the real extractor: changes in the article and in the comments are shown."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from crawling.site import Reply, serving
from journeys.household import QUICK, Household, Served
from specimens.segments import CONTEXT, SegmentFile, answered

from config.settings import load_settings
from pressmark.notify.webhooks.dispatch import Dispatch
from pressmark.notify.webhooks.signing import new_secret
from pressmark.service.assembly import open_pressmark
from pressmark.upkeep.imports import reading_archive

PAGE = (Path(__file__).parents[1] / "extractor/cases/comments_thread_and_form/page.html").read_text()
URL = "https://delegate.example/2026/11/17/print-what-did-not-work/"
CORRECTION = "Correction: an earlier version of this article misstated the number of the laboratories by three."
COMMENT = "I have read the corrected version as well, and I still think that the journal should be printed on paper."
LAST_LINE, LAST_COMMENT = "<p>The vote is on Friday.</p>", '<li id="comment-2"'
CORRECTED = PAGE.replace(LAST_LINE, f"{LAST_LINE}<p>{CORRECTION}</p>")


def commented(page: str) -> str:
    """Return the page with one comment more."""
    [third] = re.findall(rf"{LAST_COMMENT}.*?</li>", page)
    fourth = re.sub("<p>.*</p>", f"<p>{COMMENT}</p>", third).replace("comment-2", "comment-3")
    return page.replace(third, third + fourth.replace("fishtagger", "Ola"))


def without_comments(page: str) -> str:
    return re.sub("<ol class=.wp-block-comment-template.>.*?</ol>", "", page, flags=re.DOTALL)


@dataclass(frozen=True)
class Case:
    """Two versions of the page, and which of its parts differ."""

    name: str
    old: str
    new: str
    article: bool
    comments: bool

    @property
    def url(self) -> str:
        return f"{URL}{self.name}"


CASES = (
    Case("article-only", PAGE, CORRECTED, article=True, comments=False),
    Case("comment-only", PAGE, commented(PAGE), article=False, comments=True),
    Case("both", PAGE, commented(CORRECTED), article=True, comments=True),
    Case("first-comments", without_comments(PAGE), CORRECTED, article=True, comments=True),
)
each = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@dataclass(frozen=True)
class Kept:
    """A home with both versions of each page, and what a webhook received meanwhile."""

    household: Household
    messages: list[dict[str, Any]]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, database_of_module: dict[str, str]) -> Kept:
    made = Household(tmp_path_factory.mktemp("commented") / "home", QUICK | database_of_module)
    with serving() as site:
        site.otherwise = Reply(204)
        hook = {"url": f"{site.url}/hook", "secret": new_secret(), "addresses": ["127.0.0.0/8"]}
        settings = load_settings({"home": str(made.home), "webhooks": {"team": hook}})
        with open_pressmark(settings) as service, reading_archive(service) as archive:
            asyncio.run(Dispatch(service).once())
            for minute, hour in enumerate("12"):
                segment = SegmentFile(tmp_path_factory.mktemp("warcs"), f"20260131T{hour}20000Z-1-0-abcd")
                for case in CASES:
                    body = (case.new if minute else case.old).encode()
                    segment.write(answered(case.url, body, minute=minute), context=replace(CONTEXT, source="delegate"))
                archive.ingest(segment.path)
            asyncio.run(Dispatch(service).once())
        return Kept(made, [json.loads(asked.body) for asked in site.asked])


@pytest.fixture(scope="module")
def household(kept: Kept) -> Household:
    return kept.household


@pytest.fixture(scope="module")
def served(household: Household) -> Iterator[Served]:
    with household.serving() as running:
        yield running


@each
@pytest.mark.parametrize("options", [(), ("--lines",), ("--noise",)], ids=["words", "lines", "noise"])
def test_the_command_shows_the_changes_of_the_article_and_of_its_comments(
    household: Household, case: Case, options: tuple[str, ...]
) -> None:
    told = household.look("diff", case.url, *options)

    assert (f"+ {{+{CORRECTION}+}}" in told.out or f"+ {CORRECTION}" in told.out) is case.article
    assert ("@@ added " in told.out) is case.comments
    assert "the page has not changed" not in told.err
    if case.article and case.comments:
        assert told.out.index(CORRECTION) < told.out.index("@@ added ")


@each
@pytest.mark.parametrize("path", ["diff", "compare/side", "compare/lines-all"])
def test_the_page_shows_the_changes_of_the_article_and_of_its_comments(served: Served, case: Case, path: str) -> None:
    page = served.get(f"/{path}/previous/latest/{case.url}").text

    assert (f"<ins>{CORRECTION}</ins>" in page) is case.article
    assert ('<span class="badge added">' in page) is case.comments
    assert page.index("<h2>Text</h2>") < page.index("<h2>Posts</h2>")
    assert ("No post was added, edited or removed." in page) is not case.comments


@each
def test_the_api_separates_the_two(served: Served, case: Case) -> None:
    diff = served.get(f"/api/v1/diff/previous/latest/{case.url}").json

    assert (CORRECTION in [row["new"] for row in diff["rows"] if row["kind"] == "inserted"]) is case.article
    assert bool(diff["posts"]) is case.comments
    assert (diff["changed"], diff["posts_only"]) == (True, False)


def test_the_feed_and_the_news_list_corrected_articles_and_not_comments(served: Served) -> None:
    feed = served.get("/api/v1/feeds/all").text
    news = served.get("/new").text

    assert feed.count(f"&lt;ins&gt;{CORRECTION}&lt;/ins&gt;") == 3
    assert feed.count('<category term="changed"') == 3
    assert news.count('class="badge changed"') == 3
    assert COMMENT not in feed


def test_a_webhook_receives_corrected_articles_and_not_comments(kept: Kept) -> None:
    changed = {
        message["data"]["url"]: message["data"] for message in kept.messages if message["type"] == "page.changed"
    }
    new = [message for message in kept.messages if message["type"] == "page.new"]

    assert set(changed) == {case.url for case in CASES if case.article}
    assert all(data["diff"].startswith("/diff/previous/") for data in changed.values())
    assert len(new) == len(CASES)


def test_search_knows_which_text_of_a_corrected_article_is_the_newest(served: Served) -> None:
    corrected = {case.url for case in CASES if case.article}
    found = served.get("/api/v1/search?q=misstated").json["items"]
    versions = served.get("/api/v1/search?q=plenary").json["items"]
    older = [item for item in versions if not item["current"]]

    assert {item["url"] for item in found} == corrected
    assert all(item["current"] and item["timestamp"] == "20260131120100" for item in found)
    assert {item["url"] for item in older} == corrected
    assert all(item["superseded_at"] == "2026-01-31T12:01:00Z" for item in older)
    assert {item["url"] for item in versions if item["current"]} == {case.url for case in CASES}
