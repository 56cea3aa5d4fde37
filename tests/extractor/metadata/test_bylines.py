"""Visible by-lines, and which article of a page is its own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from extractor.html.page import Page
from extractor.metadata.metadata import Metadata, read_metadata
from extractor.reading import extract

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
def test_the_employer_of_an_author_is_not_part_of_the_name(written: str, names: str) -> None:
    site = '<meta property="og:site_name" content="The Harbour">'

    assert authors("", f'{site}<meta name="author" content="{written.replace("<", "&lt;")}">') == names


def test_a_name_in_two_spellings_is_one_author() -> None:
    assert (
        authors("", '<meta name="author" content="Ada Quist"><meta name="author" content="ada-quist">') == "Ada Quist"
    )


LINK = "<a href=/p/1>{0}</a>"
THREE = "Ada Quist; Bo Lund; Cy Marsh"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("<p>24 November 2026 | by <a href=/p/ada>Ada Quist</a></p>", "Ada Quist"),
        ("<p>by Ada Quist / November 24, 2026 / Weather</p>", "Ada Quist"),
        ("<span class=byline>9:39AM GMT</span><p>By Ada Quist</p>", "Ada Quist"),
        ("<h4 class=writer-name><a href=/p/ada>Ada Quist</a></h4>", "Ada Quist"),
        ("<a data-author=857915 href=/p/ada>Ada Quist</a>", "Ada Quist"),
        (f"<p>By {LINK.format('Ada Quist')}, {LINK.format('Bo Lund')} and {LINK.format('Cy Marsh')}</p>", THREE),
        (
            f"<p class=byline>{LINK.format('Ada Quist')}, {LINK.format('Bo Lund')} und {LINK.format('Cy Marsh')}</p>",
            THREE,
        ),
        ("<p>By Ada Quist,<br>Bo Lund<br>and Cy Marsh</p>", THREE),
        ("<p>By Ada Quist<br>E-mail the author</p>", "Ada Quist"),
        ("<div class=author-name>Ada<br>Quist</div>", "Ada Quist"),
        ("<div class=author-name><div>Ada</div><div>Quist</div></div>", "Ada Quist"),
        ("<div class=author-name>Staff<br>Ada Quist</div>", "Ada Quist"),
        ("<div class=byline>By<br>Ada Quist<br>Keeper of the Harbour</div>", "Ada Quist"),
        ("<div class=byline><p>Ada Quist</p><p>Founder at Harbour</p></div>", "Ada Quist"),
        ("<div class=byline><p>Ada Quist,</p><p>Bo Lund</p><p>and Cy Marsh</p></div>", "Ada Quist; Bo Lund; Cy Marsh"),
        (
            "<div class=who><span class=article__author__name>Ada Quist</span><span class=article__author__position>"
            "Founder at Harbour</span></div>",
            "Ada Quist",
        ),
        ("<span class=byline>9:39AM GMT</span>", ""),
        ("<a class=author-link>Tweet</a>", ""),
        ("<span class=authorized>Licensed</span>", ""),
        ("<div class=authorbio><a rel=bookmark href=/x>The ferry waits</a></div>", ""),
    ],
)
def test_a_byline_below_the_heading_is_read(line: str, name: str) -> None:
    assert authors(f"<h1>The ferry waits</h1>{line}{TEXT}") == name


@pytest.mark.parametrize(
    "line",
    ["Autor: Ada Quist", "Autorin: Ada Quist", "Auteur : Ada Quist", "Text von Ada Quist", "Verfasst von Ada Quist"],
)
def test_labels_before_a_name_are_removed(line: str) -> None:
    assert authors(f"<h1>The ferry waits</h1><span class=byline>{line}</span>{TEXT}") == "Ada Quist"


def test_a_header_named_as_an_articles_is_not_the_sites() -> None:
    header = "<header class='{0}'><h1>{1}</h1><ul class=author><li>{2}</li></ul></header>"
    sites = header.format("site", "The Harbour", "Bo Lund")

    assert metadata(header.format("article wide", "The ferry waits", "Ada Quist") + TEXT).authors == ("Ada Quist",)
    assert metadata(sites + TEXT).authors == ()
    assert metadata(sites + header.format("entry-header", "The ferry waits", "Ada Quist") + TEXT).authors == (
        "Ada Quist",
    )


def test_the_byline_beside_the_heading_wins_over_marked_ones() -> None:
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
def test_an_element_is_aside_by_its_content_and_not_by_its_class_alone(page: str, name: str) -> None:
    assert authors(page.format(byline="<span class=author>Ada Quist</span>", text=TEXT)) == name


ITEM = (
    "<article itemscope itemtype='https://schema.org/BlogPosting'><{0} itemprop=headline>{1}</{0}>"
    "<span itemprop=author>{2}</span><time itemprop=datePublished datetime={3}>then</time></article>"
)
OWN = ITEM.format("h1", "The ferry waits", "Ada Quist", "2026-11-24")
OTHER = ITEM.format("h3", "A mast breaks", "Bo Lund", "2026-11-20")


@pytest.mark.parametrize("body", [OWN + OTHER, OTHER + OWN, OWN])
def test_metadata_of_several_articles_comes_from_the_one_with_the_heading(body: str) -> None:
    found = metadata(body + TEXT)

    assert (found.title, found.authors, found.date) == ("The ferry waits", ("Ada Quist",), "2026-11-24")


def test_without_a_heading_the_first_article_counts() -> None:
    assert metadata(OTHER + OWN.replace("h1", "h3")).authors == ("Bo Lund",)


def test_a_reporter_in_the_title_of_another_page_is_not_the_author() -> None:
    assert authors("<h1>渡轮</h1><ul><li><a href=/2>船长回应传闻 斥记者性幻想</a></li></ul>") == ""
    assert authors("<h1>渡轮</h1><p>本报记者 李海</p>") == "李海"
    assert authors("<h1>渡轮</h1><p>新华社记者李海</p>") == "李海"


def test_the_date_of_a_quotation_or_hidden_element_is_not_that_of_the_article() -> None:
    shown = "<time class=day>24 November 2026 @ 3:53 PM</time>"
    quoted = "<blockquote>A post <time datetime=2026-11-20>long ago</time></blockquote>"
    gallery = "<div style='display:none'><p><span class=gallery-date>20 November 2026</span></p></div>"

    assert metadata(f"<article>{quoted}{shown}{TEXT}</article>").date == "2026-11-24"
    assert metadata(f"{gallery}<p>24 November 2026</p>{TEXT}").date == "2026-11-24"


def test_the_name_of_the_site_is_not_the_title_even_if_it_is_the_only_heading() -> None:
    element = "<title>Discuss the ferries of the strait here - harbour.example</title>"

    assert metadata("<h1>harbour.example</h1>", element).title == "Discuss the ferries of the strait here"


def test_an_h2_equal_to_the_claimed_title_shows_that_the_h1_is_a_section_name() -> None:
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


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("（记者陈智 整合）", "陈智"),
        ("新京报记者 陆一夫", "陆一夫"),
        ("本报记者 李海、王江", "李海; 王江"),
        ("采写：南都见习记者 林子沛", "林子沛"),
        ("中新社记者 买买提·艾力 摄", "买买提·艾力"),
        ("作者 | 周纯", "周纯"),
        ("文/赵明", "赵明"),
        ("作者：余毅菁 向雪妮返回首页，查看更多", "余毅菁; 向雪妮"),
        ("责任编辑：王梅 SN123", "王梅"),
        ("责任编辑：王梅_NN1234", "王梅"),
        ("来源：澎湃新闻 北京 举报", "澎湃新闻"),
        ("来源：Science Daily", "Science Daily"),
        ("来源：新华社 中国日报", "新华社 中国日报"),
        ("来源：渡轮报 海峡科技网 北京", "渡轮报 海峡科技网"),
        ("来源：芒果TV", "芒果TV"),
        ("来源：中央电视台CCTV", "中央电视台CCTV"),
        ("来源：海峡卫视HX1", "海峡卫视HX1"),
        ("编辑：李雷HAN", "李雷HAN"),
        ("作者：李雷HAN", "李雷HAN"),
        ("记者近日试用某品牌手机发现，声音断续", ""),
        ("记者“五五分成”的说法", ""),
        ("科技工作者毫不松懈、坚守岗位", ""),
        ("更多原创资讯请下载本报客户端", ""),
        ("本文：渡轮停航", ""),
        ("作者：未知", ""),
        ("来源：本站原创", ""),
    ],
)
def test_chinese_labels_are_followed_by_names(line: str, name: str) -> None:
    assert authors(f"<h1>渡轮停航</h1><p>{line}</p>") == name


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("2026年11月28日08:45 | 来源：渡轮报", "2026-11-28T08:45"),
        ("时间：2026-11-28 16:05　来源：渡轮报", "2026-11-28T16:05"),
        ("时间：2026-11-27 16:05　来源：渡轮报", "2026-11-28"),
        ("来源：渡轮报", "2026-11-28"),
    ],
)
def test_the_day_of_an_address_gets_its_time_from_a_line_of_that_day(line: str, date: str) -> None:
    page = f"<h1>渡轮停航</h1><p>{line}</p>{TEXT}"

    assert metadata(page, url="https://www.harbour.example/xw/202611/t20261128_1.html").date == date


FORUM = (
    "<p>论坛年会周四在京开幕，来自八十多个国家和地区的嘉宾出席了开幕式，会期四天。</p>"
    "<p>近一百二十位演讲者围绕量子网络、节水种子以及下一个十年望远镜的经费问题作了报告，会场内外讨论热烈，不少听众站着听完。</p>"
    "<p>我们来这里是为了把我们的测量结果与邻居的结果进行比较，代表团团长林德奎斯特说，结果令人满意。</p>"
)


def day_of(body: str) -> str | None:
    return metadata(body, url="https://www.harbour.example/2026/03/04/a.html").date


@pytest.mark.parametrize("heading", ["<h1>论坛年会开幕</h1>", ""])
@pytest.mark.parametrize(
    "line",
    [
        "<p>会议时间：2026年3月4日 19:00</p>",
        "<p>报名截止：2026年3月4日 23:59</p>",
        "<p>直播：2026-03-04 19:30</p>",
        "<p>Doors open: 2026-03-04 19:30</p>",
        "<p>Doors open 2026-03-04 19:30</p>",
        "<p>2026-03-04 19:30 开场</p>",
        "<p>截至2026年3月4日15时30分，已有三百人报名。</p>",
        "<p>2026年3月4日15时30分，渡轮停航</p>",
        "<p>2026年3月4日15时30分，渡轮停航。</p>",
        "<p>更新时间：2026-03-04 12:00</p>",
        "<p>数据来源：国家统计局 2026-03-04 12:00</p>",
        "<div><h3>最新</h3><ul><li><a href=/b>另一条新闻标题在此</a> 2026-03-04 08:00</li></ul></div>",
        "<div class=c><b>张三</b> <span>2026-03-04 23:11</span><p>说得好，支持一下这个论坛。</p></div>",
        "<footer>页面生成时间：2026-03-04 16:02:11</footer>",
    ],
)
def test_a_line_with_another_time_of_that_day_leaves_the_day_alone(line: str, heading: str) -> None:
    assert day_of(f"{heading}{FORUM}{line}") == "2026-03-04"
    assert day_of(f"{heading}{line}{FORUM}") == "2026-03-04"


@pytest.mark.parametrize(
    "line",
    ["发布时间：2026-03-04 23:11", "2026-03-04 23:11", "来源：渡轮报 2026-03-04 23:11", "时间：2026年3月4日 23:11"],
)
def test_a_line_below_the_beginning_of_the_text_leaves_the_day_alone(line: str) -> None:
    assert day_of(f"<h1>论坛年会开幕</h1>{FORUM}<p>{line}</p>") == "2026-03-04"
    assert day_of(f"<h1>论坛年会开幕</h1><p>论坛开幕了。</p><p>{line}</p>{FORUM}") == "2026-03-04"


@pytest.mark.parametrize(
    "line",
    [
        "2026年3月4日 10:30 来源：新华社",
        "2026-03-04 10:30",
        "2026-03-04 10:30 渡轮网 字号",
        "渡轮网 2026-03-04 10:30",
        "来源：新华社 2026/03/04 10:30",
        "来源：渡轮报 作者：李雷 发布时间：2026-03-04 10:30",
        "发布时间：2026-03-04 10:30 浏览次数：12",
        "发布时间：2026-03-04 10:30 更新时间：2026-03-04 12:00",
        "时间：2026-03-04 10:30",
        "Published: 2026-03-04 10:30",
    ],
)
def test_a_dateline_above_the_text_has_the_time(line: str) -> None:
    assert day_of(f"<h1>论坛年会开幕</h1><p>{line}</p>{FORUM}") == "2026-03-04T10:30"


@pytest.mark.parametrize("line", ["发布时间：2026-03-04 10:30", "2026年3月4日 10:30 来源：新华社"])
def test_without_a_heading_a_label_shows_that_a_time_is_the_pages(line: str) -> None:
    assert day_of(f"<div>论坛年会开幕</div><div>{line}</div>{FORUM}") == "2026-03-04T10:30"
    assert day_of(f"<div>论坛年会开幕</div><div>2026-03-04 10:30</div>{FORUM}") == "2026-03-04"


SAID = "<p>会议要求，各单位应当在年底前公布本地区观测站的位置和校正记录，接受社会监督，并保留原始记录以备核查。</p>" * 4


@pytest.mark.parametrize(
    ("last", "line"),
    [
        ("<p>水利部办公厅</p><p>2026年11月27日</p>", "2026年11月27日"),
        ("<p>水利部办公厅</p><p>二〇二六年十一月二十七日</p>", "二〇二六年十一月二十七日"),
        ("<p>2026年11月27日</p>", None),
        ("<p>责任编辑：王梅</p><p>2026年11月27日</p>", None),
        ("<p>中央政府门户网站 www.gov.example 2026年11月28日 来源：新华社</p>", None),
        ("<p>数据来源：国家统计局，截至2026年3月4日</p>", "数据来源：国家统计局，截至2026年3月4日"),
        ("<p>图片来源：海峡天文台 2026年3月4日</p>", "图片来源：海峡天文台 2026年3月4日"),
        ("<p>登录后台，逐条审核评论。</p>", "登录后台，逐条审核评论。"),
        ("<p>登录后才能发表评论</p>", None),
    ],
)
def test_the_day_below_the_office_signs_a_notice(last: str, line: str | None) -> None:
    html = f"<html><body><h1>关于潮位数据核查的通知</h1><div class=TRS_Editor>{SAID}{last}</div></body></html>"

    text = extract(Page("https://www.harbour.example/x", html.encode(), "text/html; charset=utf-8"))

    assert text is not None
    assert (text.text.split("\n")[-1] == line) if line else text.text.endswith("以备核查。")


def test_an_article_of_some_paragraphs_is_the_text_however_long_the_comments_are() -> None:
    said = "".join(
        f"<div class=comment><p>I have been on {n} ferries and never saw the like of it.</p></div>" for n in range(99)
    )
    paragraphs = "".join(
        f"<p>Ferry {n} of the strait stays in the harbour today, since the wind is strong.</p>" for n in range(25)
    )

    article, note = (
        extract(Page("https://e.example/x", f"<h1>Ferries</h1>{text}{said}".encode())) for text in (paragraphs, "")
    )

    assert article is not None and "I have been" not in article.text
    assert note is not None and "I have been" in note.text


def test_a_template_placeholder_is_not_an_author() -> None:
    author = '<meta name="author" content="name, email@gmail.com">'

    assert authors("<h1>渡轮停航</h1><p>来源：海港报</p>", author) == "海港报"


def test_a_date_repeated_with_the_same_markup_belongs_to_a_list() -> None:
    listed = "".join(f"<li><a href=/{n}>x</a><div class=publish-time>2018-03-02 08:58:39</div></li>" for n in range(4))
    shown = "<span class=h-time>2026-11-24 07:57:40</span>"

    assert metadata(f"<div>{shown}{TEXT}</div><ul>{listed}</ul>").date == "2026-11-24T07:57:40"


def test_a_date_with_the_source_wins_over_a_date_alone() -> None:
    assert metadata(f"<ul><li>2026年11月26日 星期四</li></ul><p>2026-11-24 10:22 出处：海港报</p>{TEXT}").date == (
        "2026-11-24T10:22"
    )


@pytest.mark.parametrize(
    ("script", "date"),
    [
        ('var t="1581604666",s="2026-11-24"; e(t,s,document.getElementById("publish_time"));', "2026-11-24"),
        ("var createTime = '2026-11-24 10:05';", "2026-11-24T10:05"),
    ],
)
def test_the_date_of_a_wechat_article_is_read_from_its_script(script: str, date: str) -> None:
    assert metadata(f"<em id=publish_time>昨天</em><script>{script}</script>").date == date


def test_a_time_in_a_data_attribute_is_read() -> None:
    assert metadata(
        f"<h1>The ferry waits</h1><time data-published='2026-11-24 09:13:00Z'>4 hours ago</time>{TEXT}"
    ).date == ("2026-11-24T09:13:00+00:00")


def test_the_relative_time_of_another_article_is_not_used() -> None:
    own = "<time class='meta updated' datetime=2026-11-20T12:34:00-04:00>Monday 12:34pm</time>"
    other = "<a class=sidebar-item href=/2><h4>A mast breaks</h4><time>Today 10:38am</time></a>"
    page = f"<h1>The ferry waits</h1>{own}{TEXT}<div class=reel>{other}</div>"

    found = read_metadata(Page("https://e.example/x", page.encode(), at=datetime(2026, 11, 26, tzinfo=UTC)))

    assert (found.date, found.origins["date"]) == ("2026-11-20T12:34:00-04:00", "modified time element")
