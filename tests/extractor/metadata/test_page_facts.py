"""Metadata other than title, author and date."""

from __future__ import annotations

import json

import pytest

from extractor.html.page import Page
from extractor.links.continuation import follows
from extractor.metadata.metadata import Metadata, read_metadata
from extractor.metadata.page_facts import known
from extractor.values.text import About

URL = "https://www.harbour.example/tide/ferry"
PROSE = f"<p>{'The ferry waits for the tide. ' * 20}</p>"


def metadata(head: str = "", body: str = "", url: str = URL) -> Metadata:
    return read_metadata(Page(url, f"<html><head>{head}</head><body>{body}{PROSE}</body></html>".encode()))


def ld(**fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **fields})}</script>'


def meta(**fields: str) -> str:
    return "".join(f'<meta property="{name.replace("__", ":")}" content="{value}">' for name, value in fields.items())


def test_all_fields_are_read_with_their_origins() -> None:
    head = ld(
        articleSection="Tide",
        keywords="ferry, harbour,ferry",
        description="It waits.",
        publisher={"name": "Gazette"},
        image=[{"@type": "ImageObject", "url": "/img/ferry-large.jpg", "caption": "The ferry, waiting"}],
        isAccessibleForFree=False,
    )
    found = metadata(head + '<link rel="canonical" href="/tide/ferry?ref=home">' + meta(source="来源：科技日报"))

    assert found.about == About(
        section="Tide",
        tags=("ferry", "harbour"),
        image="https://www.harbour.example/img/ferry-large.jpg",
        caption="The ferry, waiting",
        description="It waits.",
        site="Gazette",
        source="科技日报",
        canonical="https://www.harbour.example/tide/ferry?ref=home",
        free=False,
    )
    assert {name: found.origins[name] for name, _ in known(found.about)} == {
        "section": "json-ld",
        "tags": "json-ld",
        "image": "json-ld",
        "caption": "json-ld",
        "description": "json-ld",
        "site": "json-ld",
        "source": "meta",
        "canonical": "link",
        "free": "json-ld",
    }


def test_a_page_without_metadata_has_none_of_them() -> None:
    found = metadata()

    assert found.about == About()
    assert not found.origins


def test_tags_are_separated_by_commas_of_all_scripts_or_separate_elements() -> None:
    assert metadata('<meta name="keywords" content="潮位，渡轮、港口;tide">').about.tags == (
        "潮位",
        "渡轮",
        "港口",
        "tide",
    )
    assert metadata(meta(article__tag="one") + meta(article__tag="two")).about.tags == ("one", "two")
    assert metadata(ld(keywords=["one", "two"]) + '<meta name="keywords" content="three">').about.tags == ("one", "two")


def test_the_figure_that_shows_the_lead_image_captions_it() -> None:
    image = meta(og__image="https://cdn.example/2026/ferry-at-dawn.jpg?w=1200")
    other = "<figure><img src='/img/harbour-map.png'><figcaption>A map</figcaption></figure>"
    figure = "<figure><img src='/thumbs/ferry-at-dawn.jpg'><figcaption>At <b>dawn</b></figcaption></figure>"

    found = metadata(image, other + figure)
    assert (found.about.caption, found.origins["caption"]) == ("At dawn", "figure")
    assert metadata(image, other).about.caption is None


def test_without_metadata_the_first_figure_of_the_article_is_the_lead_image() -> None:
    figure = "<figure><img src='/img/harbour-map.png'><figcaption>A map</figcaption></figure>"

    found = metadata("", figure)
    assert (found.about.image, found.about.caption) == ("https://www.harbour.example/img/harbour-map.png", "A map")
    assert found.origins["image"] == "figure"
    assert metadata("", f"<aside>{figure}</aside>").about.image is None


def test_the_source_is_read_after_its_label() -> None:
    found = metadata("", "<h1>潮位</h1><div>2026-11-24 来源：科技日报 责任编辑：何晓</div>")

    assert (found.about.source, found.origins["source"]) == ("科技日报", "byline 来源")


@pytest.mark.parametrize(
    ("head", "free"),
    [
        (ld(isAccessibleForFree="False"), False),
        (ld(isAccessibleForFree=True), True),
        (meta(article__content_tier="locked"), False),
        (meta(article__content_tier="free"), True),
        (ld(headline="x"), None),
    ],
)
def test_a_declared_paywall_is_read(head: str, free: bool | None) -> None:
    assert metadata(head).about.free is free


@pytest.mark.parametrize(
    ("url", "other", "expected"),
    [
        ("https://e.org/story", "https://e.org/story/2", True),
        ("https://e.org/story/", "https://e.org/story/2/", True),
        ("https://e.org/story/2", "https://e.org/story/3", True),
        ("https://e.org/story/2", "https://e.org/story/4", False),
        ("https://e.org/a/t1.html", "https://e.org/a/t1_2.html", True),
        ("https://e.org/a/t1_2.html", "https://e.org/a/t1_3.html", True),
        ("https://e.org/a/t20261124_118.html", "https://e.org/a/t20261124_118_1.html", True),
        ("https://e.org/2026-11-24", "https://e.org/2026-11-24/2", True),
        ("https://e.org/story?id=7", "https://e.org/story?id=7&page=2", True),
        ("https://e.org/story?id=7&page=2", "https://e.org/story?id=7&page=3", True),
        ("https://e.org/story?id=7", "https://e.org/story?id=8", False),
        ("https://e.org/story?id=7", "https://e.org/story?id=8&page=2", False),
        ("https://e.org/story", "https://e.org/another-story", False),
        ("https://e.org/story", "https://e.org/another/2", False),
        ("https://e.org/story", "https://other.org/story/2", False),
        ("https://e.org/story/2", "https://e.org/story", False),
    ],
)
def test_the_next_page_of_an_article_differs_only_in_the_number(url: str, other: str, expected: bool) -> None:
    assert follows(url, other) is expected


@pytest.mark.parametrize(
    ("link", "leads"),
    [
        ("<a href=t100_2.html>下一页</a>", True),
        ("<div class=page><a href=t100_3.html>3</a> <a href=t100_2.html>[下一頁 »]</a></div>", True),
        ("<a href=t100_2.html>次のページ</a>", True),
        ('<script>createPageHTML(3, 1, "t100", "html");</script>', True),
        ('<script>createPageHTML(2, 1, "t100", "html");</script>', False),
        ('<script>createPageHTML(25, 1, "index", "html");</script>', False),
        ("<a href=t100_2.html>下一篇</a>", False),
        ("<a href=t101.html>下一页</a>", False),
        ("下一页 <a href=t100_2.html>潮水等渡轮</a>", False),
    ],
)
def test_the_next_page_of_an_article_is_found_by_its_east_asian_label(link: str, leads: bool) -> None:
    url = "https://www.harbour.example/202611/t100.html"
    found = read_metadata(Page(url, f"<a href=/>首页</a><p>潮水不等人。</p>{link}".encode()))

    assert found.about.next == ("https://www.harbour.example/202611/t100_2.html" if leads else None)


def test_the_next_page_of_an_article_is_that_of_its_pager_and_not_the_next_article() -> None:
    pager = "<div class='pagination'><a href='/tide/ferry'>1</a> <a href='/tide/ferry/2'>2</a></div>"

    assert metadata("", pager).about.next == "https://www.harbour.example/tide/ferry/2"
    assert metadata('<link rel="next" href="/tide/buoy-2">').about.next is None


@pytest.mark.parametrize("url", ["", "urn:x:y", "/relative", "https://["])
def test_pages_without_an_address_are_read_too(url: str) -> None:
    found = metadata(
        '<link rel="canonical" href="/a"><link rel="next" href="?page=2">', "<figure><img src=a.jpg></figure>", url
    )

    assert found.about.next is None
