"""An article with comments, read by the real extractor: what changed in the article and in the comments is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from journeys.household import Household, Served
from specimens.segments import CONTEXT, SegmentFile, answered

from config.settings import load_settings
from pressmark.service.assembly import open_pressmark
from pressmark.upkeep.importing import reading_archive

PAGE = (Path(__file__).parents[1] / "extractor/cases/comments_thread_and_form/page.html").read_text()
URL = "https://delegate.example/2026/11/17/print-what-did-not-work/"
CORRECTION = "Correction: an earlier version of this article misstated the number of the laboratories by three."
COMMENT = "I have read the corrected version as well, and I still think that the journal should be printed on paper."
LAST_LINE, LAST_COMMENT = "<p>The vote is on Friday.</p>", '<li id="comment-2"'
CORRECTED = PAGE.replace(LAST_LINE, f"{LAST_LINE}<p>{CORRECTION}</p>")


def commented(page: str) -> str:
    """The page with one comment more."""
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


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory) -> Household:
    made = Household(tmp_path_factory.mktemp("commented") / "home")
    with open_pressmark(load_settings({"home": str(made.home)})) as service, reading_archive(service) as archive:
        for minute, hour in enumerate("12"):
            segment = SegmentFile(tmp_path_factory.mktemp("warcs"), f"20260131T{hour}20000Z-1-0-abcd")
            for case in CASES:
                body = (case.new if minute else case.old).encode()
                segment.write(answered(case.url, body, minute=minute), context=replace(CONTEXT, source="delegate"))
            archive.ingest(segment.path)
    return made


@pytest.fixture(scope="module")
def served(household: Household) -> Iterator[Served]:
    with household.serving() as running:
        yield running


@each
@pytest.mark.parametrize("options", [(), ("--lines",), ("--noise",)], ids=["words", "lines", "noise"])
def test_the_command_shows_what_changed_in_the_article_and_in_its_comments(
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
def test_the_page_shows_what_changed_in_the_article_and_in_its_comments(served: Served, case: Case, path: str) -> None:
    page = served.get(f"/{path}/previous/latest/{case.url}").text

    assert (f"<ins>{CORRECTION}</ins>" in page) is case.article
    assert ('<span class="badge added">' in page) is case.comments
    assert page.index("<h2>Text</h2>") < page.index("<h2>Posts</h2>")
    assert ("No post was added, edited or removed." in page) is not case.comments


@each
def test_the_api_tells_the_two_apart(served: Served, case: Case) -> None:
    diff = served.get(f"/api/v1/diff/previous/latest/{case.url}").json

    assert (CORRECTION in [row["new"] for row in diff["rows"] if row["kind"] == "inserted"]) is case.article
    assert bool(diff["posts"]) is case.comments
    assert (diff["changed"], diff["posts_only"]) == (True, False)


def test_the_feed_and_the_news_tell_of_corrected_articles_and_not_of_comments(served: Served) -> None:
    feed = served.get("/api/v1/feeds/all").text
    news = served.get("/new").text

    assert feed.count(f"&lt;ins&gt;{CORRECTION}&lt;/ins&gt;") == 3
    assert feed.count('<category term="changed"') == 3
    assert news.count('class="badge changed"') == 3
    assert COMMENT not in feed
