"""Which doubtful blocks belong to the text, and which do not."""

from __future__ import annotations

import numpy as np
import pytest

from extractor.article.blocks import blocks_of
from extractor.article.doubtful_blocks import whole
from extractor.html.page import Page

SURE, DOUBTFUL, UNLIKELY, NEVER = 0.97, 0.3, 0.1, 0.05


def texts(html: str, chances: dict[str, float]) -> list[str]:
    """Return the sure blocks and those that belong to them; blocks without a given chance are sure."""
    blocks = blocks_of(Page("", f"<article>{html}</article>".encode()))
    chance = np.array([chances.get(text, SURE) for text in blocks.texts])
    return [blocks.texts[number] for number in whole(blocks, tuple(np.flatnonzero(chance > 0.5).tolist()), chance)]


@pytest.mark.parametrize(
    "part",
    [
        "<ul><li>Lower fees<li>Norway: 14</ul>",
        "<ol class=plan><li><p>Lower fees</p><li>Norway: 14</ol>",
        "<blockquote><p>Lower fees</p><p>Norway: 14</blockquote>",
        "<dl><dt>Lower fees</dt><dd>Norway: 14</dd></dl>",
        "<pre>Lower fees</pre>",
    ],
)
def test_a_list_a_quotation_or_code_belongs_to_the_text_that_it_follows(part: str) -> None:
    said = texts(f"<p>Among its demands are:</p>{part}", {"Lower fees": DOUBTFUL, "Norway: 14": 0.19})

    assert said[:2] == ["Among its demands are:", "Lower fees"]
    assert said[2:] == (["Norway: 14"] if "Norway" in part else [])


@pytest.mark.parametrize(
    ("html", "chance"),
    [
        ("<p>It is over.</p><ul><li>Lower fees</ul>", NEVER),
        ("<p>It is over.</p><ul><li><a href=/1>Lower fees</a></ul>", DOUBTFUL),
        ("<div><p>It is over.</p></div><ul><li>Lower fees</ul>", DOUBTFUL),
        ("<p>It is over.</p><p>Lower fees</p>", DOUBTFUL),
        ("<h2>It is over.</h2><p class=teaser>Lower fees</p><p>It goes on.</p>", DOUBTFUL),
        ("<p>It is over.</p><h2 class=more>Lower fees</h2><div>It goes on.</div>", DOUBTFUL),
    ],
)
def test_denied_linked_and_separate_blocks_do_not_belong(html: str, chance: float) -> None:
    assert "Lower fees" not in texts(html, {"Lower fees": chance})


def test_a_heading_at_the_end_without_text_is_removed() -> None:
    html = "<div><p>The vote was postponed.</p>{}</div><section><h2>More posts</h2></section>"

    assert texts(html.format(""), {"More posts": 0.6}) == ["The vote was postponed."]
    assert texts(html.format(""), {"More posts": 0.9}) == ["The vote was postponed.", "More posts"]
    assert texts(html.format("<h2>Next steps</h2>"), {"More posts": 0.6, "Next steps": 0.6}) == [
        "The vote was postponed.",
        "Next steps",
    ]


LAST = "The panel of the institute will ask for another review of the budget, whatever the court decides in the spring."


def test_a_last_paragraph_of_whole_sentences_belongs_where_nearly_all_of_the_text_is() -> None:
    before = "<p>The vote was postponed.</p><p>It began in 1990.</p>"

    assert texts(f"{before}<p>{LAST}</p>", {LAST: DOUBTFUL})[-1] == LAST
    for doubtful in (f"<p class=note>{LAST}</p>", f"<p><a href=/1>{LAST}</a></p>", f"<div><p>{LAST}</p></div>"):
        assert texts(before + doubtful, {LAST: DOUBTFUL})[-1] == "It began in 1990."
    assert texts(f"<div>{before * 3}</div><section><p>No.</p><p>{LAST}</p></section>", {LAST: DOUBTFUL})[-1] == "No."
    assert texts(f"{before}<p>All rights reserved.</p>", {"All rights reserved.": DOUBTFUL})[-1] == "It began in 1990."


def in_sections(heading: str, last: str) -> str:
    section = f"<section id=b>{heading}<ul><li><p>Norway</ul>{last}</section>"
    return f"<div><section id=a><p>The vote was postponed.</p><p>It began in 1990.</p>{section}</section></div>"


def test_a_last_paragraph_belongs_after_a_list_in_a_section_of_the_text() -> None:
    last, heading = f"<p>{LAST}</p>", "<h2>Plans</h2>"

    assert texts(in_sections(heading, last), {LAST: DOUBTFUL})[-2:] == ["Norway", LAST]
    assert texts(in_sections(heading, last), {LAST: NEVER})[-1] == "Norway"
    assert texts(in_sections("<p>Plans</p>", last), {LAST: DOUBTFUL})[-1] == "Norway"
    assert LAST not in texts(in_sections(heading, last).replace("id=b", "class=box"), {LAST: DOUBTFUL})


@pytest.mark.parametrize(
    ("sentence", "whole"),
    [
        ("यह नौका आधी रात से थोड़ा पहले मुख्य भूमि से निकलती है।", True),
        ("هل ينتظر المهندسون حتى يعود الطاقم في الصباح إلى الميناء؟", True),
        ("کشتی آدھی رات سے کچھ پہلے بندرگاہ سے روانہ ہوتی ہے۔", True),
        ("เที่ยวสุดท้ายเลื่อนจากเวลาเดิมเพื่อให้ลูกเรือกลับทัน", True),
        ("«Для многих это строка в бюджете, и не больше того»", True),
        ("「水はなめらかではない、と先輩はよく言っていたものだ」", True),
        ("Последний рейс перенесут на другое время, как просил экипаж", False),
    ],
)
def test_a_sentence_ends_as_its_script_ends_it(sentence: str, whole: bool) -> None:
    html = f"<div><p>The vote was postponed.</p><p>It began in 1990.</p><p>{sentence * 2}</p></div>"

    assert (texts(html, {sentence * 2: DOUBTFUL})[-1] == sentence * 2) is whole


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("<div class='highlight-sh notranslate'><div class=highlight><pre>{}</pre></div></div>", True),
        ("<figure class='highlight sh'><table><tr><td class=code><pre>{}</pre></td></tr></table></figure>", True),
        ("<div class=other><p>{}</p></div>", False),
    ],
)
def test_code_in_its_frames_belongs_to_the_text_that_it_follows_and_so_does_what_follows_it(
    code: str, kept: bool
) -> None:
    said = "The keeper distrusts a smooth curve"
    html = f"<p>Restart it:</p>{code.format('systemctl restart')}<blockquote><p>{said}</p></blockquote>"

    found = texts(html, {"systemctl restart": DOUBTFUL, said: DOUBTFUL})

    assert found == (["Restart it:", "systemctl restart", said] if kept else ["Restart it:"])


def test_code_in_its_frame_belongs_to_the_text_after_a_paragraph_with_classes() -> None:
    html = "<p class='my-4 leading-7'>Restart it:</p><div class=language-sh>{}<pre><code>restart</code></pre></div>"

    assert texts(html.format(""), {"restart": DOUBTFUL}) == ["Restart it:", "restart"]
    assert texts(html.format("<p>Ad</p>"), {"restart": DOUBTFUL, "Ad": NEVER}) == ["Restart it:"]
    assert texts(html.format(""), {"restart": NEVER}) == ["Restart it:"]


def test_in_marked_entry_content_a_last_paragraph_may_be_short() -> None:
    text, last = "<p>The vote was postponed.</p><p>It began in 1990.</p>", "It goes on."
    html = f'<div class="{{}}">{text}<p>{last}</p></div>'

    assert texts(html.format("entry-content wp-block-post-content"), {last: DOUBTFUL})[-1] == last
    assert texts(html.format("content"), {last: DOUBTFUL})[-1] == "It began in 1990."


def test_in_marked_entry_content_a_list_belongs_unless_the_model_denies_it() -> None:
    html = '<div class="{}"><p>The plan has these parts:</p><ul><li>Lower fees</li></ul></div>'
    entry, other = html.format("entry-content"), html.format("content")

    assert "Lower fees" in texts(entry, {"Lower fees": UNLIKELY})
    assert "Lower fees" not in texts(entry, {"Lower fees": NEVER})
    assert "Lower fees" not in texts(other, {"Lower fees": UNLIKELY})
    assert "Lower fees" not in texts(entry.replace("Lower fees", "<a href=/1>Lower fees</a>"), {"Lower fees": UNLIKELY})


def test_an_embedded_post_keeps_the_line_that_names_its_source() -> None:
    source = "— Harbour, <a href=https://x.example/1>May 1, 2024</a>"
    post = f"<div><blockquote class=twitter-tweet><p>The tide is high.</p>{source}</blockquote></div>"
    html = f"<p>It said:</p>{post}<p>So it was.</p>"
    chances = {"— Harbour, May 1, 2024": NEVER}

    assert texts(html, chances) == ["It said:", "The tide is high.", "— Harbour, May 1, 2024", "So it was."]
    assert len(texts(html.replace("twitter-tweet", "x"), chances)) == 3
    assert texts(html, chances | {"The tide is high.": NEVER}) == ["It said:", "So it was."]


TABLE = "<div><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table></div>"
CELLS = ["a", "b", "1", "2"]


@pytest.mark.parametrize(
    ("html", "chance", "kept"),
    [
        (f"<p>It is so:</p>{TABLE}<p>It goes on.</p>", DOUBTFUL, True),
        (f"<div><p>It is so:</p></div>{TABLE}<p>It goes on.</p>", DOUBTFUL, True),
        (f"<p>It is so:</p>{TABLE}<p>It goes on.</p>", NEVER, False),
        (f"<p>It is so:</p>{TABLE}", DOUBTFUL, False),
        (f"{TABLE}<p>It goes on.</p>", DOUBTFUL, False),
        (f"<p>It is so:</p><aside><p>a</p>{TABLE}</aside><p>It goes on.</p>", DOUBTFUL, False),
    ],
)
def test_a_table_between_two_parts_belongs_to_the_text(html: str, chance: float, kept: bool) -> None:
    said = texts(html, dict.fromkeys(CELLS, chance))

    assert [text for text in said if text in CELLS] == (CELLS if kept else [])


LAST_PARTS = [
    "<ul class=simple><li><p>a<li>b<li>1<li>2</ul>",
    "<blockquote><div><p>a<p>b<p>1<p>2</div></blockquote>",
    "<table class='docutils align-default'><tr><th>a<th>b<tr><td>1<td>2</table>",
    "<section id=plan><p>Its parts:</p><ol class='arabic simple'><li>a<li>b<li>1<li>2</ol></section>",
]


@pytest.mark.parametrize("part", LAST_PARTS)
def test_a_plain_part_at_the_end_of_nearly_all_text_belongs_to_it_unless_the_model_denies_it(part: str) -> None:
    before = "<p>The vote was postponed.</p><p>It began in 1990.</p>"
    unlikely, denied = dict.fromkeys(CELLS, UNLIKELY), dict.fromkeys(CELLS, NEVER)

    def kept(html: str, chances: dict[str, float]) -> list[str]:
        return [text for text in texts(html, chances) if text in CELLS]

    assert kept(before + part, unlikely) == CELLS
    assert kept(before + part, denied) == []
    assert kept(f"<div>{before * 5}</div>{part}", unlikely) == []


@pytest.mark.parametrize(
    "part",
    [
        "<ul class=share><li>a<li>b<li>1<li>2</ul>",
        "<table class=infobox><tr><th>a<th>b<tr><td>1<td>2</table>",
        "<div class=box><ul><li>a<li>b<li>1<li>2</ul></div>",
        "<ul><li><a href=/1>a</a><li><a href=/2>b</a><li><a href=/3>1</a><li><a href=/4>2</a></ul>",
    ],
)
def test_a_last_part_in_a_box_or_of_links_does_not_belong_to_the_text_if_the_model_doubts_it(part: str) -> None:
    before = "<p>The vote was postponed.</p><p>It began in 1990.</p>"

    assert texts(before + part, dict.fromkeys(CELLS, UNLIKELY))[2:] == []


@pytest.mark.parametrize(("name", "kept"), [("admonition warning", True), ("markdown-alert", True), ("teaser", False)])
def test_a_warning_after_a_part_belongs_to_the_text(name: str, kept: bool) -> None:
    html = f"<p>It is so.</p><div class='{name}'><p class=title>Warning</p><p class=x>Not in the dark</p></div>"

    said = texts(html, {"Warning": DOUBTFUL, "Not in the dark": DOUBTFUL})

    assert said[1:] == (["Warning", "Not in the dark"] if kept else [])


GAPS = [
    "<h2 id=fees>Fees</h2><ul class=simple><li>Lower fees<li>Norway: 14</ul>",
    "<section id=fees><h3>Fees</h3><p>Lower fees</p></section>",
    "<figure class=highlight><pre>Lower fees</pre></figure><blockquote><p>Norway: 14</blockquote>",
    "<table class=docutils><tr><th>Lower fees<th>Norway: 14<tr><td>Fees<td>2</table><h2>Norway</h2>",
]


def around_gap(gap: str) -> str:
    return f"<div><div><p>It is over.</p></div></div>{gap}<div><p>It began in 1990.</p></div>"


@pytest.mark.parametrize("gap", GAPS)
def test_plain_markup_between_two_parts_of_the_text_belongs_to_it(gap: str) -> None:
    unlikely = dict.fromkeys(("Fees", "Lower fees", "Norway: 14", "Norway", "2"), UNLIKELY + 0.01)

    assert "Lower fees" in texts(around_gap(gap), unlikely)
    assert "Lower fees" not in texts(around_gap(gap), dict.fromkeys(unlikely, NEVER))


@pytest.mark.parametrize(
    "gap",
    [
        "<div class=promo><p>Lower fees</p></div>",
        "<p class=teaser>Lower fees</p>",
        "<ul><li><a href=/1>Lower fees</a></ul>",
        "<aside><p>Lower fees</p></aside>",
    ],
)
def test_boxes_and_links_between_two_parts_of_the_text_do_not_belong_to_it(gap: str) -> None:
    assert "Lower fees" not in texts(around_gap(gap), {"Lower fees": DOUBTFUL})


def test_plain_markup_after_the_last_part_of_the_text_fills_no_gap() -> None:
    html = "<div><div><p>It is over.</p></div></div><h2>Fees</h2><ul><li>Lower fees</ul>"

    assert texts(html, {"Fees": DOUBTFUL, "Lower fees": DOUBTFUL}) == ["It is over."]


def test_all_numbered_articles_of_a_law_are_text_with_their_headings() -> None:
    section = "<section><h3>第{0}条</h3><p>{1}</p></section>"
    law = "".join(section.format(number, f"本条例第{number}项规定。") for number in "一二三四")
    last = {"第一条": UNLIKELY, "第四条": UNLIKELY, "本条例第四项规定。": UNLIKELY}

    assert texts(law, last) == [
        text for number in "一二三四" for text in (f"第{number}条", f"本条例第{number}项规定。")
    ]
    assert "第四条" not in texts(law.replace("第二条", "管理").replace("第三条", "附则"), last)
    assert "第四条" not in texts(law.replace("本条例第四项规定。", "<a href=/4>本条例第四项规定。</a>"), last)
    apart = "<div><section><h3>第九条</h3><p>本条例十年。</p></section></div>"
    other = "<section><h3>Section 230</h3><p>Read our story.</p></section>"
    new = dict.fromkeys(["第九条", "本条例十年。", "Section 230", "Read our story."], UNLIKELY)
    assert texts(law + apart + other, last | new) == texts(law, last)
