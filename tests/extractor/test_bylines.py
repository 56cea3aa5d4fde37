"""Who wrote it, as pages show it; and which of the articles on a page is its own."""

from __future__ import annotations

import pytest

from extractor.metadata import Metadata, read_metadata
from extractor.page import Page

TEXT = "<p>The ferries of the strait stay in the harbour today, since the wind is too strong for them.</p>" * 9


def metadata(body: str, head: str = "", url: str = "https://www.harbour.example/x") -> Metadata:
    return read_metadata(Page(url, f"<html><head>{head}</head><body>{body}</body></html>".encode()))


def authors(body: str, head: str = "") -> str:
    return "; ".join(metadata(body, head).authors)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Ada Quist, The Harbour", "Ada Quist"),
        ("Ada Quist and Bo Lund, The Harbour", "Ada Quist; Bo Lund"),
        ("Ada Quist, Bo Lund, and Cy Marsh, The Harbour", "Ada Quist; Bo Lund; Cy Marsh"),
        ("Ada Quist, Executive Editor", "Ada Quist"),
        ("Ada Quist - Technology Writer", "Ada Quist"),
        ("Ada Quist <ada@harbour.example>", "Ada Quist"),
        ("Ada Quist, MD, PhD", "Ada Quist, MD, PhD"),
        ("Quist, Ada", "Quist, Ada"),
        ("The Harbour", "The Harbour"),
        ("Quist, Editor", "Quist, Editor"),
    ],
)
def test_whom_authors_write_for_is_no_part_of_their_names(written: str, names: str) -> None:
    site = '<meta property="og:site_name" content="The Harbour">'

    assert authors("", f'{site}<meta name="author" content="{written.replace("<", "&lt;")}">') == names


def test_a_name_in_two_spellings_is_one_author() -> None:
    assert (
        authors("", '<meta name="author" content="Ada Quist"><meta name="author" content="ada-quist">') == "Ada Quist"
    )


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("<p>24 November 2026 | by <a href=/p/ada>Ada Quist</a></p>", "Ada Quist"),
        ("<p>by Ada Quist / November 24, 2026 / Weather</p>", "Ada Quist"),
        ("<span class=byline>9:39AM GMT</span><p>By Ada Quist</p>", "Ada Quist"),
        ("<h4 class=writer-name><a href=/p/ada>Ada Quist</a></h4>", "Ada Quist"),
        ("<a data-author=857915 href=/p/ada>Ada Quist</a>", "Ada Quist"),
        ("<span class=byline>9:39AM GMT</span>", ""),
        ("<a class=author-link>Tweet</a>", ""),
    ],
)
def test_a_byline_below_the_heading_is_read(line: str, name: str) -> None:
    assert authors(f"<h1>The ferry waits</h1>{line}{TEXT}") == name


def test_the_byline_beside_the_heading_comes_before_those_that_are_marked() -> None:
    widget = "<div><span class=byline>Bo Lund</span></div>"

    assert authors(f"<h1>The ferry waits</h1><p>By <a href=/p/ada>Ada Quist</a></p>{TEXT}{widget}") == "Ada Quist"


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("<div class=with-sidebar>{byline}{text}</div>", "Ada Quist"),
        ("<div class=sidebar>{byline}</div><div>{text}</div>", ""),
        ("<article><h1>The ferry waits</h1><div class=author-share-box>{byline}</div>{text}</article>", "Ada Quist"),
        ("<article><h1>The ferry waits</h1><aside>{byline}</aside>{text}</article>", "Ada Quist"),
        ("<article><h1>The ferry waits</h1>{text}</article><aside>{byline}</aside>", ""),
        ("<article><h1>The ferry waits</h1>{text}<nav>{byline}</nav></article>", ""),
        ("<article><h1>The ferry waits</h1>{text}<div class=related>{byline}</div></article>", ""),
    ],
)
def test_a_part_is_aside_by_what_it_holds_and_not_by_its_class_alone(page: str, name: str) -> None:
    assert authors(page.format(byline="<span class=author>Ada Quist</span>", text=TEXT)) == name


ITEM = (
    "<article itemscope itemtype='https://schema.org/BlogPosting'><{0} itemprop=headline>{1}</{0}>"
    "<span itemprop=author>{2}</span><time itemprop=datePublished datetime={3}>then</time></article>"
)
OWN = ITEM.format("h1", "The ferry waits", "Ada Quist", "2026-11-24")
OTHER = ITEM.format("h3", "A mast breaks", "Bo Lund", "2026-11-20")


@pytest.mark.parametrize("body", [OWN + OTHER, OTHER + OWN, OWN])
def test_of_several_articles_that_describe_themselves_the_one_with_the_heading_speaks(body: str) -> None:
    found = metadata(body + TEXT)

    assert (found.title, found.authors, found.date) == ("The ferry waits", ("Ada Quist",), "2026-11-24")


def test_without_a_heading_the_first_speaks() -> None:
    assert metadata(OTHER + OWN.replace("h1", "h3")).authors == ("Bo Lund",)


def test_a_reporter_in_the_title_of_another_page_wrote_nothing() -> None:
    assert authors("<h1>渡轮</h1><ul><li><a href=/2>船长回应传闻 斥记者性幻想</a></li></ul>") == ""
    assert authors("<h1>渡轮</h1><p>本报记者 李海</p>") == "李海"
    assert authors("<h1>渡轮</h1><p>新华社记者李海</p>") == "李海"


def test_the_day_of_what_is_quoted_or_out_of_sight_is_not_the_day_of_the_article() -> None:
    shown = "<time class=day>24 November 2026 @ 3:53 PM</time>"
    quoted = "<blockquote>A post <time datetime=2026-11-20>long ago</time></blockquote>"
    gallery = "<div style='display:none'><p><span class=gallery-date>20 November 2026</span></p></div>"

    assert metadata(f"<article>{quoted}{shown}{TEXT}</article>").date == "2026-11-24"
    assert metadata(f"{gallery}<p>24 November 2026</p>{TEXT}").date == "2026-11-24"


def test_the_name_of_the_site_is_no_title_though_it_is_the_only_heading() -> None:
    element = "<title>Discuss the ferries of the strait here - harbour.example</title>"

    assert metadata("<h1>harbour.example</h1>", element).title == "Discuss the ferries of the strait here"


def test_a_heading_of_the_second_rank_that_says_what_is_claimed_tells_that_the_first_is_of_a_section() -> None:
    claimed = '<meta property="og:title" content="The ferry waits">'

    assert metadata("<h1>The Deck: all about ships and ferries</h1><h2>The ferry waits</h2>", claimed).title == (
        "The ferry waits"
    )
    assert metadata("<h1>The Deck</h1><h2>The ferry waits</h2>", "<title>The ferry waits</title>").title == (
        "The ferry waits"
    )
    assert metadata("<h1>The Deck: all about ships and ferries</h1><h2>Masts</h2>", claimed).title == (
        "The Deck: all about ships and ferries"
    )
