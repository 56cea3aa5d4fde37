"""Texts that are only in scripts."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from extractor.article.embedded import embedded_text
from extractor.html.page import Page
from extractor.reading import extract

PROSE = "The ferry now waits for the tide, and the tide for nobody, which the harbour master calls a step forward."
HELD = "".join(f"<p>{number}. {PROSE}</p>" for number in range(8))
LINES = [f"{number}. {PROSE}" for number in range(8)]


def page(script: str, shown: str = "<p>Imprint") -> Page:
    return Page("https://news.example/a", f"<title>Ferries</title>{shown}<script>{script}</script>".encode())


def held(markup: str = HELD, key: str = "contentHtml") -> str:
    data = json.dumps({"data": {"id": 7, key: markup}}).replace("<", "\\u003c")
    return f"window.state = {data}; render(window.state)"


def test_markup_inside_a_script_is_the_text_of_the_page() -> None:
    read = extract(page(held()))

    assert read is not None
    assert read.text.split("\n") == LINES
    assert read.origins["text"] == "script"
    assert read.markdown is not None
    assert read.markdown.count(PROSE) == len(LINES)


def test_the_article_body_in_json_ld_is_the_text_if_there_is_no_other() -> None:
    body = "\n".join(LINES)

    found = embedded_text(page(held(body, "articleBody")))

    assert found is not None
    assert found.texts == LINES


def test_other_strings_in_scripts_are_not_text() -> None:
    for script in (held("x" * 5_000), held(f"<p>{PROSE}</p>"), held(PROSE * 9, "comment"), 'a = "' * 500, '"a":"\\"'):
        assert embedded_text(page(script)) is None


def test_scripts_are_not_searched_if_the_page_shows_text() -> None:
    shown = f"<article><h1>Ferries</h1>{''.join(f'<p>{line}' for line in LINES[:3])}</article>"

    read = extract(page(held(HELD.replace("7.", "8.")), shown))

    assert read is not None
    assert read.text.split("\n") == LINES[:3]


@given(st.text(alphabet='"\\:<p>a {}[],\n', max_size=200))
def test_no_script_causes_an_error(script: str) -> None:
    assert embedded_text(page(script)) is None


def test_a_short_chinese_text_in_the_state_of_a_script_is_the_text_of_the_page() -> None:
    said = ["本市今年将新建二十三座社区图书馆，所有图书馆都会在周末开放，并为老人和儿童准备专门的阅览室。"] * 4
    lines = [f"第{number}条 {line}" for number, line in enumerate(said)]
    body = "".join(f"<p>{line}</p>" for line in lines).replace("</", "\\u003C\\u002F")
    script = f'window.__NUXT__=(function(a){{return {{data:[{{title:"a",content:"{body}"}}]}}}}(1))'

    read = extract(page(script, "<div id=__nuxt></div>"))

    assert read is not None
    assert (read.text.split("\n"), read.origins["text"]) == (lines, "script")


def test_links_to_the_chapters_beside_are_no_text() -> None:
    lines = ["夜色渐深，小城的灯一盏一盏地灭了。", "“你还不睡？”母亲在门外问。", "他没有回答，只是把书又翻了一页。"] * 3
    lines = [f"{number} {line}" for number, line in enumerate(lines)]
    links = "<div><a href=1>上一章</a> ← <a href=0>章节列表</a> → <a href=3>下一章</a></div>"

    read = extract(
        Page("https://book.example/2", f"<h1>雨夜</h1>{links}<div>{'<br>'.join(lines)}</div>{links}".encode())
    )

    assert read is not None
    assert read.text.split("\n") == lines
