# ruff: noqa: E501 - lines of markup
"""Raised, lowered and struck words, quotations and readings keep their meaning in plain text."""

from __future__ import annotations

import pytest
from programs.small_articles import read

from extractor.forums.bodies import read_body
from extractor.html.page import Page
from extractor.values.urls import Resolver


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("10<sup>6</sup> tonnes", "10⁶ tonnes"), ("10<sup>-3</sup>", "10⁻³"), ("CO<sub>2</sub>", "CO₂"),
        ("x<sup>2<i>n</i></sup>", "x²ⁿ"), ("e<sup>ix</sup>", "e^ix"), ("v<sub>max</sub>", "v_max"),
        ("a<sub>i,j</sub>", "a_(i,j)"), ("the 1<sup>st</sup> and 22<SUP>nd</SUP>", "the 1st and 22nd"),
        ("le 1<sup>er</sup> mai", "le 1er mai"), ("XIX<sup>e</sup> siècle", "XIXe siècle"),
        ("Gauge<sup>TM</sup>", "Gauge™"), ("word<sup><a href='#fn1'>1</a></sup>.", "word[1]."),
        ("word<a href='#fn1'><sup>12</sup></a>", "word[12]"), ("word<sup class=reference>[3]</sup>", "word[3]"),
        ("word.<sup>1,2</sup>", "word.[1,2]"), ("word<sup>iii</sup>", "word iii"), ("km<sup>2</sup>", "km²"),
        ("It holds <del>40</del><ins>45</ins> t", "It holds ~~40~~ 45 t"),
        ("It holds <s>40</s> 45 t", "It holds ~~40~~ 45 t"),
        ("It holds <s>40</s>45 t", "It holds ~~40~~ 45 t"), ("It holds 45<s>40</s> t", "It holds 45 ~~40~~ t"),
        ("gr<s>e</s>ay", "gr~~e~~ay"),
        ("It holds <span style='text-decoration: line-through'>40</span> 45 t", "It holds ~~40~~ 45 t"),
        ("It holds <span style='text-decoration: underline'>40</span> 45 t", "It holds 40 45 t"),
        ("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<rt>じ</rt></ruby>", "漢字"),
        ("said <q>wait, <q>not</q> now</q>", "said “wait, ‘not’ now”"), ("said “<q>wait</q>”", "said “wait”"),
        ("<kbd>Ctrl</kbd>+<kbd>C</kbd> or <kbd>A</kbd><kbd>B</kbd>", "Ctrl+C or A B"),
        ("<abbr title='World Health Organization'>WHO</abbr> on <time datetime='2020-05-01'>1 May</time>", "WHO on 1 May"),
    ],
)  # fmt: skip
def test_inline_elements_are_read_as_they_are_meant(html: str, expected: str) -> None:
    line = f"<p>They wrote: {html}, and the office has kept it with the readings of that year.</p>"

    assert f"They wrote: {expected}, and" in read(line)[0]


def test_struck_words_are_struck_in_markdown() -> None:
    _, marked = read("<p>It holds <del>40</del> 45 tonnes of fish, and the office has kept it with the readings.</p>")

    assert "holds ~~40~~ 45 tonnes" in marked


def test_words_that_a_style_strikes_are_struck_in_markdown() -> None:
    _, marked = read(
        "<p>It holds <span style='text-decoration:line-through'>40</span> 45 tonnes of fish, as the office has noted.</p>"
    )

    assert "holds ~~40~~ 45 tonnes" in marked


def test_a_struck_page_is_not_struck() -> None:
    assert "~~" not in read("<s><p>The office reads the gauges.</p><p>It also reads the papers of the day.</p></s>")[0]


def test_a_post_has_the_same_signs() -> None:
    page = Page("", b"<body><div>It holds 10<sup>6</sup> <s>kg</s> t of <span class=katex><math><semantics><mi>x</mi>"
                b"<annotation encoding='application/x-tex'>x_*</annotation></semantics></math></span>.</div>")  # fmt: skip
    assert page.tree.body is not None

    body = read_body(page.tree.body, Resolver("https://example.org/"))

    assert body.text == "It holds 10⁶ ~~kg~~ t of $x_*$."
    assert body.markdown == "It holds 10⁶ ~~kg~~ t of $x_\\ast $."


@pytest.mark.parametrize(
    ("html", "words"),
    [("10<sup>6</sup> m", "10⁶"), ("<sup>14</sup>C", "¹⁴C"), ("km<sup>2</sup>", "km²"), ("<b>m</b><sup>3</sup>", "m³")],
)
def test_a_power_in_a_link_is_not_taken_for_a_note(html: str, words: str) -> None:
    assert words in read(f"<p>The area is <a href='/area'>{html}</a>, as the office of the harbour said.</p>")[0]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<pre><code>x<sup>2</sup>a<sup>th</sup> <q>b</q> <kbd>c</kbd><kbd>d</kbd> <s>e</s></code></pre>", "x2ath b cd e"),
        ("<pre class='brush: c'>f<sub>opt</sub>(<q>b</q>)<sup>[1]</sup></pre>", "fopt(b)[1]"),
        ("<pre>3 · 10<sup>-6</sup> m\n  <q>b</q><sup>th</sup></pre>", "3 · 10⁻⁶ m\n  bth"),
    ],
)  # fmt: skip
def test_preformatted_text_is_exact_and_a_figure_in_it_never_becomes_another(html: str, expected: str) -> None:
    assert f"\n{expected}\n" in read(html)[0]
