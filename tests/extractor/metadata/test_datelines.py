"""Visible dates of publication on pages without machine-readable ones."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from extractor.html.page import Page
from extractor.metadata.metadata import read_metadata

URL = "https://www.harbour.example/x"
PROSE = f"<p>{'The ferry waits for the tide. ' * 20}</p>"
HEADING = "<h1>The ferry waits</h1>"


def date_of(body: str, *, lang: str = "en", url: str = URL, at: datetime | None = None, head: str = "") -> str | None:
    html = f"<html lang={lang}><head>{head}</head><body>{body}</body></html>"
    return read_metadata(Page(url, html.encode(), at=at)).date


def origin_of(body: str, head: str = "") -> str | None:
    return read_metadata(Page(URL, f"<html><head>{head}</head><body>{body}</body></html>".encode())).origins.get("date")


def test_a_line_near_the_heading_wins_over_a_distant_one() -> None:
    far = "<div>3 March 2026</div>"

    assert date_of(f"{far}{PROSE}<div>x</div>{HEADING}<div>by Ada Quist</div><div>24 November 2026</div>") == (
        "2026-11-24"
    )
    assert date_of(f"{far}{PROSE}") == "2026-03-03"


def test_a_line_named_as_a_date_wins_over_another() -> None:
    assert date_of(f"{PROSE}<div>3 March 2026</div><div>Published: 24 November 2026</div>") == "2026-11-24"
    assert date_of(f"{PROSE}<div>2026-03-03</div><div>发布时间：2026年11月24日</div>") == "2026-11-24"


def test_a_date_in_running_text_is_not_the_pages() -> None:
    assert (
        date_of(f"<p>On 24 November 2026 the ferry waited for the tide, as it had done on every day before.</p>{PROSE}")
        is None
    )


@pytest.mark.parametrize(
    "line", ["© 2026-11-24 Harbour", "Member since 24 November 2026", "Copyright 24 Nov 2026", "Joined: 24 Nov 2026"]
)
def test_the_dates_of_copyrights_and_members_are_not_the_pages(line: str) -> None:
    assert date_of(f"{PROSE}<div>{line}</div>") is None


def test_a_sidebar_comes_last() -> None:
    aside = "<div class='post-sidebar'><h4>Published</h4><div class='post-date'>24 November 2026</div></div>"

    assert date_of(f"{PROSE}{aside}") == "2026-11-24"
    assert date_of(f"{PROSE}{aside}<span class=date>3 March 2026</span>") == "2026-03-03"


def test_dates_of_related_articles_are_not_used() -> None:
    assert date_of(f"{PROSE}<div class=related-posts><span class=date>24 November 2026</span></div>") is None
    assert date_of(f"{PROSE}<nav><time datetime=2026-11-24>x</time></nav>") is None


def test_the_container_of_the_heading_is_not_a_sidebar_whatever_its_name() -> None:
    page = f"<div class='page has-sidebar under-menu'>{HEADING}<div class=date>24 November 2026</div>{PROSE}</div>"

    assert date_of(page) == "2026-11-24"
    assert origin_of(f"<div class='right-sidebar'><div>24 November 2026</div></div>{PROSE}") is None


def test_a_page_with_only_a_date_of_change_uses_it_with_that_origin() -> None:
    foot = f"{PROSE}<footer><div>This page was last edited on 24 November 2026.</div></footer>"
    meta = '<meta property="article:modified_time" content="2026-11-24T10:05:00Z">'

    assert (date_of(foot), origin_of(foot)) == ("2026-11-24", "modified date line")
    assert origin_of(PROSE, meta) == "modified open-graph"
    assert date_of(f"{foot}<span class=date>3 March 2026</span>") == "2026-03-03"


def test_the_date_may_be_in_script_data() -> None:
    state = '<script>window.state={"id":7,"publishedAt":"2026-11-24T10:05:33.000Z","createdAt":"2026-11-20"}</script>'

    assert (date_of(PROSE + state), origin_of(PROSE + state)) == ("2026-11-24T10:05:33+00:00", "script")
    assert date_of(PROSE + state.replace('"', '\\"')) == "2026-11-24T10:05:33+00:00"


def test_the_address_of_the_lead_image_may_name_the_day() -> None:
    image = '<meta property="og:image" content="https://img.harbour.example/2026/11/24/ferry.jpg">'

    assert (date_of(PROSE, head=image), origin_of(PROSE, image)) == ("2026-11-24", "image address")
    assert date_of(f"{PROSE}<span class=date>3 March 2026</span>", head=image) == "2026-03-03"


@pytest.mark.parametrize(
    ("lang", "date"),
    [
        ("de", "2026-04-03"),
        ("en-US", "2026-03-04"),
        ("en-GB", "2026-04-03"),
        ("en", None),
        ("zh-CN", None),
        ("zh-HK", "2026-04-03"),
        ("ja", None),
    ],
)
def test_the_language_decides_whether_the_day_comes_first(lang: str, date: str | None) -> None:
    assert date_of(f"{PROSE}<span class=date>03/04/2026</span>", lang=lang) == date


def test_relative_times_are_relative_to_the_capture() -> None:
    page = f"{PROSE}<time>3 hours ago</time>"

    assert date_of(page, at=datetime(2026, 11, 24, 10, 5, tzinfo=UTC)) == "2026-11-24T07:05+00:00"
    assert date_of(page) is None


def test_no_page_was_published_after_it_was_captured() -> None:
    page = f"{PROSE}<time datetime=2026-12-24>24 December</time><span class=date>3 March 2026</span>"

    assert date_of(page, at=datetime(2026, 11, 24, tzinfo=UTC)) == "2026-03-03"
    assert date_of(page) == "2026-12-24"


def test_a_date_before_the_web_is_not_the_date_of_a_page() -> None:
    assert date_of(f"{PROSE}<span class=date>24 November 1871</span>") is None


def test_a_link_beside_a_date_is_not_the_link_of_the_date() -> None:
    teasers = "<h2><a href='/people/ada'>Ada Quist</a></h2><span class=meta>3 March 2026</span>"

    assert date_of(
        f"{HEADING}<div class=meta><a href='/people/ada'>Ada Quist</a>, 24 November 2026</div>{PROSE}{teasers}"
    ) == ("2026-11-24")


def test_an_entry_of_a_list_of_articles_is_dated_by_any_of_its_links() -> None:
    """The list of recent posts in WordPress has entries with the class of a post, and a date."""
    days = ((3, "one"), (9, "two"), (12, "three"), (18, "four"))
    entries = "".join(
        f"<li class='wp-block-post post-{day} post-date'><h3><a href='/{name}/'>The {name}</a></h3>"
        f"<div><time datetime=2026-10-{day:02}><a href='/{name}/'>{day} October 2026</a></time></div></li>"
        for day, name in days
    )

    assert date_of(f"{HEADING}{PROSE}<ul>{entries}</ul>") is None


def test_a_footer_below_the_heading_is_the_byline_and_a_page_footer_is_not() -> None:
    foot = "<footer>by Ada Quist <div>24 November 2026</div></footer>"

    assert date_of(f"<article>{HEADING}{foot}{PROSE}</article>") == "2026-11-24"
    assert date_of(f"<nav>{HEADING}{foot}</nav>{PROSE}<div>3 March 2026</div>") == "2026-03-03"


def test_dates_of_an_article_list_come_after_the_date_of_the_page() -> None:
    listed = "".join(f"<div class=teaser-date>{day} October 2026</div><p>x</p>" for day in (3, 9, 12, 18))
    own = "<div class=meta><div>5 min read</div><div>24 November 2026</div></div>"

    assert date_of(f"{listed}{own}{HEADING}{PROSE}") == "2026-11-24"
    assert date_of(f"{listed}{HEADING}{PROSE}") == "2026-10-03"


def test_a_date_in_a_caption_belongs_to_the_image() -> None:
    figure = "<figure><img src=a.jpg><figcaption>The ferry, 3 March 2026</figcaption></figure>"
    long = "<div><img src=a.jpg><p>The ferry waits for the tide beside the harbour wall, seen on 3 March 2026</p></div>"

    for image in (figure, long):
        assert date_of(f"{HEADING}{image}{PROSE}<div>Date 24 November 2026</div>") == "2026-11-24"


def test_a_numeric_date_at_the_beginning_of_a_text_is_its_date() -> None:
    said = "Die Fähre wartet auf die Flut, wie sie es an jedem Tag getan hat. " * 5

    assert date_of(f"{HEADING}<p>24.11.2026 – {said}</p>", lang="de") == "2026-11-24"
    assert date_of(f"{HEADING}<p>Am 24.11.2026 kam sie: {said}</p>", lang="de") is None
    assert date_of(f"{HEADING}<p>{said}</p><p>24 November 2026 was a day of rain. {said}</p>", lang="de") is None


def test_the_time_named_as_published_in_the_footer_of_the_article_is_its_date() -> None:
    side = "<div class=sidebar><ul><li><a href=/b>A bridge</a> <span class=post-date>7 February 2026</span></ul></div>"
    time = "<span class=posted-on><time datetime=2026-03-09T10:00:00Z>9 March 2026</time></span>"
    article = f"<article><h1>A mast breaks</h1>{PROSE}<footer>{{0}}</footer></article>"

    assert date_of(side + article.format(time)) == "2026-03-09T10:00:00+00:00"
    for other in (
        f"<div class=comment>{time}</div>",
        f"<h3>Related</h3><ul><li><a href=/2>Bridge closed</a> {time}</li></ul>",
        f"<section><h3>Most read</h3>{time}</section>",
        "Ada Quist has written for us since <time datetime=2020-02-02>February 2020</time>",
        "Next open day: <time datetime=2027-06-01>June 2027</time>",
    ):
        assert date_of(article.format(other)) in (None, "2026-03-09")  # no time of a time element
