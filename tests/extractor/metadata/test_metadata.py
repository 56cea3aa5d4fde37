"""The metadata of a page, and which of it is trusted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from resiliparse.parse.lang import detect_fast

from extractor.html.page import Page
from extractor.metadata.bylines import clean_name, is_byline
from extractor.metadata.metadata import Metadata, read_metadata
from extractor.values.language import language_of, primary_subtag

URL = "https://www.harbour.example/x"


def metadata(head: str = "", body: str = "", url: str = URL) -> Metadata:
    return read_metadata(Page(url, f"<html><head>{head}</head><body>{body}</body></html>".encode()))


def ld(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def test_json_ld_comes_before_open_graph_before_dublin_core() -> None:
    dublin = '<meta name="DC.date" content="2026-01-03"><meta name="DC.title" content="Third">'
    graph = '<meta property="article:published_time" content="2026-01-02"><meta property="og:title" content="Second">'
    article = ld({"@type": "NewsArticle", "headline": "First", "datePublished": "2026-01-01"})

    assert (metadata(dublin).title, metadata(dublin).date) == ("Third", "2026-01-03")
    assert (metadata(dublin + graph).title, metadata(dublin + graph).date) == ("Second", "2026-01-02")
    assert metadata(dublin + graph + article).title == "First"
    assert metadata(dublin + graph + article).origins["date"] == "json-ld"


def test_the_heading_that_agrees_is_the_title() -> None:
    found = metadata('<meta property="og:title" content="The ferry waits: a story">', "<h1>The ferry waits</h1>")

    assert (found.title, found.origins["title"]) == ("The ferry waits", "heading")


def test_a_heading_that_does_not_agree_is_not_the_title() -> None:
    found = metadata('<meta property="og:title" content="The ferry waits">', "<h1>Harbour Gazette</h1>")

    assert (found.title, found.origins["title"]) == ("The ferry waits", "open-graph")


def test_an_only_heading_of_some_words_wins_over_the_title_for_social_networks() -> None:
    said = '<meta property="og:title" content="10 ferries you must see">'

    assert metadata(said, "<h1>The ferry waits for the tide</h1>").title == "The ferry waits for the tide"
    assert (
        metadata(said, "<h1>The ferry waits for the tide</h1><h1>Nobody waits for it</h1>").title
        == "10 ferries you must see"
    )


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("The ferry waits | Harbour Gazette", "The ferry waits"),
        ("Harbour Gazette – The ferry waits", "The ferry waits"),
        ("渡轮上的光学钟测出海峡两岸高差_海峡科技网", "渡轮上的光学钟测出海峡两岸高差"),
        ("渡轮上的光学钟测出高差-海峡科技网", "渡轮上的光学钟测出高差"),
        ("The ferry – it waits", "The ferry – it waits"),
        ("A re-read of X-rays", "A re-read of X-rays"),
    ],
)
def test_the_name_of_the_site_is_removed_from_a_title(written: str, title: str) -> None:
    site = '<meta property="og:site_name" content="Harbour Gazette"><meta name="SiteName" content="海峡科技网">'

    assert metadata(f'{site}<meta property="og:title" content="{written}">').title == title


def test_of_two_json_ld_objects_the_article_counts() -> None:
    page = ld([{"@type": "WebSite", "name": "Gazette"}, {"@graph": [{"@type": ["BlogPosting"], "headline": "Mine"}]}])

    assert metadata(page).title == "Mine"


def test_damaged_json_ld_is_skipped() -> None:
    damaged = '<script type="application/ld+json">{"@type": "Article", </script>'

    assert metadata(damaged + '<meta property="og:title" content="Still here">').title == "Still here"
    assert (
        metadata(
            '<script type="application/ld+json">//<![CDATA[\n{"@type":"Article","headline":"In CDATA"}\n//]]></script>'
        ).title
        == "In CDATA"
    )


def test_all_authors_of_the_best_source_are_named() -> None:
    article = ld(
        {"@type": "Article", "author": [{"name": "Ada Quist"}, "Bo Lind", {"@type": "Person", "name": "By Cy Orr"}]}
    )

    assert metadata(article + '<meta name="author" content="Somebody Else">').authors == (
        "Ada Quist",
        "Bo Lind",
        "Cy Orr",
    )


@pytest.mark.parametrize(
    ("written", "people"),
    [
        ("Mira Modiba, Claire Benit-Gbaffou, Sarah van der Charl and Tanya Zack", 4),
        ("Ada Quist, Bo Lind", 2),
        ("Trine Juncher Lind og Tor Reimer", 2),
        ("srf/hosb;kesm", 2),
        ("张晓明 李海燕", 2),
        ("张晓明、李海燕", 2),
        ("新华社 张晓明", 1),
        ("Quist, Ada", 1),
        ("Morgan & Morgan", 1),
        ("Ada Quist, MD, FAND", 1),
        ("Mike Marsh, Shipping Expert", 1),
        ("Center for Drug Evaluation and Research", 1),
        ("Food and Drug Administration", 1),
        ("Jean de La Fontaine", 1),
    ],
)
def test_a_byline_of_several_people_is_distinguished_from_one_name(written: str, people: int) -> None:
    assert len(metadata(f'<meta name="author" content="{written}">').authors) == people


def test_the_author_of_a_comment_is_not_the_author() -> None:
    body = '<div id="comments"><span class="author">gritty</span></div><p class="byline">By Odile Ravel</p>'

    assert metadata("", body).authors == ("Odile Ravel",)


@pytest.mark.parametrize(
    ("line", "author", "origin"),
    [
        ("来源：新华社 作者：张晓明 2026-11-24", "张晓明", "byline 作者"),
        ("2026-11-24 来源： <a href=/>新华网</a> 字号：大 中 小", "新华网", "byline 来源"),
        ("（责任编辑：周明）", "周明", "byline 责任编辑"),
        ("本报记者 李海燕", "李海燕", "byline 记者"),
        ("来源：科技日报　责任编辑：何晓", "科技日报", "byline 来源"),
        ("文/温泽尔", "温泽尔", "byline 作者"),
    ],
)
def test_chinese_bylines_are_read_by_their_labels(line: str, author: str, origin: str) -> None:
    found = metadata("", f"<h1>潮位</h1><div class=x>{line}</div><p>{'潮位数据统一发布。' * 30}</p>")

    assert found.authors == (author,)
    assert found.origins["author"] == origin


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("By Ada Quist", "Ada Quist"),
        ("Written by Ada Quist on 3 May 2026", "Ada Quist"),
        ("Ada Quist | Harbour Gazette", "Ada Quist"),
        ("By ADA QUIST, Updated 10:05", "ADA QUIST"),
        ("Byron Ashe", "Byron Ashe"),
        ("신현주 기자", "신현주"),
        ("Updated by Jon Lind", None),
        ("About the author", None),
        ("The Author", None),
        ("Postlethwaite", "Postlethwaite"),
        ("August 28", None),
        ("August Strind", "August Strind"),
        ("Sun", None),
        ("Sunday Okoro", "Sunday Okoro"),
        ("admin", None),
        ("https://social.example/ada", None),
        ("@ada", None),
        ("2026", None),
        ("", None),
        ("x" * 200, None),
    ],
)
def test_a_name_is_extracted_from_a_byline(written: str, name: str | None) -> None:
    assert clean_name(written) == name


@pytest.mark.parametrize(
    ("line", "only"),
    [
        ("责任编辑：周明", True),
        ("（来源：新华社 作者：张晓明）", True),
        ("文/温泽尔", True),
        ("作者：这本书的作者说，海水每天来两次，走两次，从不迟到。", False),
        ("编辑部的灯亮到了天明", False),
        ("By Ada Quist", False),
        ("Written by", True),
        ("By:", True),
        ("By", True),
        ("By and by", False),
    ],
)
def test_a_line_that_is_only_a_byline_is_recognized(line: str, only: bool) -> None:
    assert is_byline(line) is only


@pytest.mark.parametrize(
    ("body", "date", "origin"),
    [
        (
            "<article><time datetime='2026-11-24T10:05:00+08:00'>x</time></article>",
            "2026-11-24T10:05:00+08:00",
            "time element",
        ),
        ("<div class=updated>2026-11-25</div><div class='post-date'>24 November 2026</div>", "2026-11-24", "date line"),
        ("<h1>Tide</h1><div>Ellery, 24 November 2026</div><p>x</p>", "2026-11-24", "date line"),
        (
            "<div class=comments><time datetime='2026-12-01'>x</time></div><span class=date>2026-11-24</span>",
            "2026-11-24",
            "date line",
        ),
        (
            "<aside><time datetime='2026-12-01'>x</time></aside><p class=pubtime>2026年11月24日 10:05</p>",
            "2026-11-24T10:05",
            "date line",
        ),
    ],
)
def test_a_visible_date_is_found(body: str, date: str, origin: str) -> None:
    found = metadata("", body)

    assert (found.date, found.origins["date"]) == (date, origin)


def test_without_another_date_the_one_in_the_path_counts() -> None:
    found = metadata("", "<p>Tide</p>", url="https://e.org/2026/11/24/tide")

    assert (found.date, found.origins["date"]) == ("2026-11-24", "url")


def test_metadata_shows_whether_a_page_is_a_discussion() -> None:
    assert metadata(ld({"@type": "DiscussionForumPosting", "headline": "x"})).thread is True
    assert metadata(ld({"@type": "NewsArticle", "headline": "x"})).thread is False
    assert metadata('<meta property="og:type" content="article">').thread is None


def test_an_empty_page_has_no_metadata() -> None:
    assert read_metadata(Page(URL, b"")) == Metadata()


def test_the_language_is_detected_from_a_long_enough_text() -> None:
    assert language_of("The ferry now waits for the tide, and the tide for nobody at all.", "zh-CN") == ("en", "text")
    assert language_of("渡轮等潮水，潮水不等人。" * 5, "en-US") == ("zh", "text")
    assert language_of("潮", "zh-Hans-CN") == ("zh", "declared")
    assert language_of("x", None) == (None, "declared")


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        (
            "哈立德·泰穆尔·阿克拉姆主任指出，旧金山会晤以后，潮汐研究中心获得了中美两国的观测数据。",
            None,
            ("zh", "text"),
        ),
        (
            "港府宣佈增撥資源支援潮汐觀測站，做好人員培訓、設備更新、數據公開等事項，市民可於網上查閱有關資料。",
            "en",
            ("zh", "text"),
        ),
        ("请大家投票，经费该不该增加？", None, ("zh", "text")),
        ("请大家投票，经费该不该增加？", "en-US", ("zh", "text")),
        ("東京都潮位観測予算委員会議事録", "ja", ("ja", "declared")),
        ("渡し船は今、潮を待っている。潮は誰も待たない。乗客の皆様は本を一冊お持ちください。", "zh-CN", ("ja", "text")),
        ("顶", None, (None, "declared")),
        ("科学论坛登录注册科学 Powered by Discuz! X3.4, processed in 0.02 second(s), 7 queries.", None, ("zh", "text")),
    ],
)
def test_a_few_characters_identify_chinese(text: str, declared: str | None, language: tuple[Any, str]) -> None:
    assert language_of(text, declared) == language


def test_the_faster_detector_decides_for_a_long_text_if_it_is_sure() -> None:
    english = (Path(__file__).parents[3] / "docs" / "discovery.md").read_text(encoding="utf-8")
    monotonous = "Die Fähre wartet jetzt auf die Flut, und die Flut auf gar niemanden. " * 30

    assert detect_fast(english[:2_000])[1] < 350 < detect_fast(monotonous[:2_000])[1]
    assert language_of(english) == ("en", "text")
    assert language_of(monotonous) == ("de", "text")
    assert detect_fast("渡轮等潮水，潮水不等人。" * 200) == ("unknown", 0)
    assert language_of("渡轮等潮水，潮水不等人。" * 200) == ("zh", "text")


@pytest.mark.parametrize(
    ("tag", "code"),
    [("zh-Hans-CN", "zh"), ("en_GB", "en"), ("DE", "de"), ("deu", "deu"), ("english", None), ("", None), (None, None)],
)
def test_a_language_tag_begins_with_the_language(tag: str | None, code: str | None) -> None:
    assert primary_subtag(tag) == code


@pytest.mark.parametrize(
    "line", ["by Ada Quist", "<span>von</span> <a href=/p>Ada Quist</a>", "Text by Ada Quist | 5 min"]
)
def test_a_byline_beside_the_heading_is_read_without_a_class(line: str) -> None:
    body = f"<p>by Bo Lind</p>{'<p>Rain. </p>' * 90}<h1>The ferry waits</h1><div>{line}</div><p>The ferry waits.</p>"

    assert metadata("", body).authors == ("Ada Quist",)


@pytest.mark.parametrize("line", ["by the harbour wall", "By Monday", "by bus and on foot to the sea"])
def test_a_line_that_only_begins_like_a_byline_is_not_one(line: str) -> None:
    assert metadata("", f"<h1>The ferry waits</h1><div>{line}</div>").authors == ()


def test_the_site_is_the_author_if_the_page_shows_nobody() -> None:
    site = '<meta property="og:site_name" content="Harbour News"><meta name="author" content="Harbour News">'
    shown = "<h1>The ferry waits</h1><p class=byline>By Ada Quist</p>"

    assert metadata(site).authors == ("Harbour News",)
    assert metadata(site, shown).authors == ("Ada Quist",)
    assert metadata(f'{site}<meta name="author" content="Bo Lind">', shown).authors == ("Bo Lind",)
    assert metadata(site, "<p class=byline>By Editors</p>").authors == ("Harbour News",)
