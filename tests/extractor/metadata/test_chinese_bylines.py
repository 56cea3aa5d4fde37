"""Names in Chinese by-lines: only the names, without the label or the time that follows them in the line."""

from __future__ import annotations

import pytest

from extractor.html.page import Page
from extractor.metadata.metadata import read_metadata

TEXT = "<p>本市今年将新建二十三座社区图书馆，所有图书馆都会在周末开放，并为老人和儿童准备专门的阅览室。</p>" * 3


@pytest.mark.parametrize(
    ("byline", "authors", "source"),
    [
        ("<td>作者：李明　更新时间：2026-11-24　文章录入：admin</td>", ("李明",), None),
        ("<div>发布时间:2026年11月24日 作者：王芳 摄影：李雷 浏览：12</div>", ("王芳",), None),
        ("<div>作者：王 芳　来源：示例晚报</div>", ("王芳",), "示例晚报"),
        ("<div>作者：王芳、李雷 校对：赵一</div>", ("王芳", "李雷"), None),
        ("<div>作者：　来源：示例晚报</div>", ("示例晚报",), "示例晚报"),
        ("<div class='author cf'>本报记者 王 芳</div>", ("王芳",), None),
        (
            "<div class=author-info><span class=name>示例晚报</span> <span class=time>2小时前</span></div>",
            ("示例晚报",),
            None,
        ),
        (
            "<div>2026年11月24日10:30 | 来源：示例网－《示例日报》</div>",
            ("示例网－《示例日报》",),
            "示例网－《示例日报》",
        ),
    ],
)
def test_a_byline_gives_its_names_alone(byline: str, authors: tuple[str, ...], source: str | None) -> None:
    html = f"<!doctype html><html lang=zh><body><h1>本市将新建二十三座社区图书馆</h1>{byline}{TEXT}</body></html>"

    found = read_metadata(Page("https://www.example.cn/2026/1124/c1.html", html.encode()))

    assert (found.authors, found.about.source) == (authors, source)


@pytest.mark.parametrize("said", ["作者：欧阳小雨 著", "记者：王 芳 李 雷"])
def test_names_beside_others_stay(said: str) -> None:
    page = Page("https://www.example.cn/1.html", f"<h1>社区图书馆</h1><div>{said}</div>{TEXT}".encode())

    assert read_metadata(page).authors[0] in ("欧阳小雨", "王芳")


@pytest.mark.parametrize("said", ["记者：图书馆什么时候开放？", "记者：请您谈谈这些图书馆的情况。"])
def test_a_question_gives_no_author(said: str) -> None:
    page = Page("https://www.example.cn/1.html", f"<h1>社区图书馆</h1><p>{said}</p>{TEXT}".encode())

    assert read_metadata(page).authors == ()
