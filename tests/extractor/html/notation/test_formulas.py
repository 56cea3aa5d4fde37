# ruff: noqa: E501 - lines of markup
"""A formula is in the text once, as TeX: the pages have the notations of the programs that write them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from programs.inert_markdown import is_inert
from programs.small_articles import read

from benchmarks.reading.formulas_and_code import formulas_of, plain, right_formulas
from benchmarks.reading.made_formulas import with_formulas
from benchmarks.reading.made_page import MadePage
from extractor.article.markdown import formula
from extractor.html.notation.mathml import tex_of
from extractor.html.notation.tex import tex
from extractor.html.page import Page, parse
from extractor.reading import extract

WITH_FORMULAS = list(with_formulas())
DRAWN = json.loads((Path(__file__).parent / "katex_html.json").read_text(encoding="utf-8"))
"""Formulas, the expected TeX, and what KaTeX 0.19.1 writes with the option ``output: "html"``."""
DRAWINGS = json.loads((Path(__file__).parent / "mathjax_drawn.json").read_text(encoding="utf-8"))
"""The same for MathJax 3.2, as SVG and as HTML with styles, without assistive MathML and the outlines of glyphs."""


@pytest.mark.parametrize("page", WITH_FORMULAS, ids=lambda page: page.name)
def test_each_formula_of_a_page_is_in_its_text_once(page: MadePage) -> None:
    text = extract(Page("https://example.org/readings/1", page.html.encode(), "text/html; charset=utf-8"))

    assert text is not None
    assert right_formulas(page, text.text) == len(page.formulas)
    assert [said for said, _ in formulas_of(text.markdown or "")] == [plain(said) for said, _ in page.formulas]


@pytest.mark.parametrize(
    ("written", "expected", "drawn"), DRAWN, ids=[f"{row[0]}-{number}" for number, row in enumerate(DRAWN)]
)
def test_a_formula_of_which_katex_writes_only_the_glyphs_is_kept_as_tex(
    written: str, expected: str, drawn: str
) -> None:
    text = read(f"<p>Take the formula {drawn} as the office has taken it for years, whatever the tide.</p>")[0]

    assert [said for said, _ in formulas_of(text)] == [plain(expected)], written


@pytest.mark.parametrize(
    ("written", "expected", "drawn"), DRAWINGS, ids=[f"{row[0]}-{number}" for number, row in enumerate(DRAWINGS)]
)
def test_a_formula_of_which_mathjax_writes_only_the_drawing_is_kept_as_tex(
    written: str, expected: str, drawn: str
) -> None:
    text = read(f"<p>Take the formula {drawn} as the office has taken it for years, whatever the tide.</p>")[0]

    assert [said for said, _ in formulas_of(text)] == [plain(expected)], written


@pytest.mark.parametrize(
    ("label", "tag"),
    [("(7)", r" \tag{7}"), ("A.1", r" \tag*{A.1}"), ("", ""), (r"\{x", "")],
    ids=["7", "A", "none", "tex"],
)
def test_the_number_beside_an_equation_in_mathml_is_kept(label: str, tag: str) -> None:
    row = f"<mlabeledtr><mtd><mtext>{label}</mtext></mtd><mtd><mi>x</mi><mo>=</mo><mn>1</mn></mtd></mlabeledtr>"
    html = f"<p>Take <math><mtable>{row}</mtable></math> here, as the office has taken it for years.</p>"

    assert f"x = 1{tag}" in read(html)[0]
    assert ("tag" in read(html)[0]) == bool(tag)


def test_the_drawing_of_a_formula_with_its_source_is_not_read() -> None:
    source = "<mjx-assistive-mml><math><mi>y</mi></math></mjx-assistive-mml></mjx-container>"

    html = f"<p>Take {DRAWINGS[0][2].replace('</mjx-container>', source)} here, as the office has for years.</p>"
    assert "Take $y$ here" in read(html)[0]


def test_the_glyphs_of_a_formula_with_its_source_are_not_read() -> None:
    source = "<span class=katex-mathml><math><mi>y</mi></math></span>"
    drawn = DRAWN[0][2].replace('<span class="katex">', f'<span class="katex">{source}')

    assert "Take $y$ here" in read(f"<p>Take {drawn} here, as the office has taken it for years.</p>")[0]


def test_a_formula_that_is_twice_in_a_text_is_not_right() -> None:
    page = MadePage("", "", [("x", False)])

    assert (right_formulas(page, "$x$"), right_formulas(page, "$x$ $x$"), right_formulas(page, "x")) == (1, 0, 0)


def test_dollars_are_prices_unless_a_script_of_the_page_renders_them() -> None:
    price = "<p>It cost $5 in May and $7 in June, which is more than the office wanted to pay for a gauge.</p>"

    assert "$5 in May and $7 in June" in read(price)[0]
    assert r"\$5 in May and \$7 in June" in read(price)[1]
    assert r"\(x\)" in read(r"<p>We call it \(x\) here, since that is what the office has called it for years.</p>")[0]


def test_equations_of_a_group_are_lines_with_their_numbers() -> None:
    row = (
        "<tr class='ltx_equation ltx_eqn_row'><td class='ltx_eqn_cell'><math alttext='\\displaystyle a'></math></td><td>"
        "<math alttext='\\displaystyle =b'></math></td><td><span class='ltx_tag ltx_tag_equation'>({})</span></td></tr>"
    )
    table = f"<table class='ltx_equationgroup ltx_eqn_table'><tbody>{row.format(1)}{row.format(2)}</tbody></table>"

    text, marked = read(table)

    assert "$$a =b$$ (1)\n$$a =b$$ (2)" in text
    assert "$$a =b$$ (1)" in marked


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (r"{\displaystyle x^{2}}", "x^{2}"), (r"{a}+{b}", "{a}+{b}"), ("a %\n b", "a b"), (r"5\% a", r"5\% a"),
        (r"\[ x \]", "x"), ("$$x$$", "x"), ("5% of x", r"5\% of x"), ("a % b\nc = 5%", r"a c = 5\%"),
        ("a \\\\% b\nc", r"a \\ c"), ("50% + x^2", r"50\% + x^2"), (r"\displaystyle\frac{1}{2}", r"\frac{1}{2}"), (" ", ""),
    ],
)  # fmt: skip
def test_the_frame_of_a_formula_is_not_part_of_it(written: str, expected: str) -> None:
    assert tex(written) == expected


@pytest.mark.parametrize(
    "html",
    [
        "<mml:math><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math>",
        "<span class=katex><span class=katex-mathml>\n x\n 2\n x^2\n</span><span class=katex-html aria-hidden=true>x2</span></span>",
    ],
    ids=["MathML with the prefix of journals", "KaTeX whose MathML lost its elements"],
)
def test_a_formula_of_an_exporter_is_in_the_text_once(html: str) -> None:
    assert (
        "We call $x^2$ the reading"
        in read(f"<p>We call {html} the reading, since the office has done so for years.</p>")[0]
    )


@pytest.mark.parametrize("written", ["{&quot;persistentExpression&quot;:&quot;x^2&quot;}", "{", "[1]", "{}"])
def test_a_formula_of_substack_is_on_its_own_line(written: str) -> None:
    text, _ = read(f"<div class=latex-rendered data-attrs='{written}'></div>")

    assert ("$$x^2$$" in text.split("\n")) == ("x^2" in written)


def test_a_per_cent_sign_in_the_text_for_an_image_cuts_nothing_off() -> None:
    image = "<img class=latex src='/x.png' alt='r = 5% \\cdot x_0'>"

    assert r"$r = 5\% \cdot x_0$" in read(f"<p>The rate is {image} a year, as the office has said for years.</p>")[0]


@pytest.mark.parametrize(
    ("mathml", "expected"),
    [
        ("<mmultiscripts><mi>C</mi><mn>1</mn><mn>2</mn><mprescripts/><mn>3</mn><mn>4</mn></mmultiscripts>", "{}_3^4C_1^2"),
        ("<munder><mo>lim</mo><mrow><mi>n</mi><mo>→</mo><mi>∞</mi></mrow></munder>", r"\lim_{n \to \infty}"),
        ("<mfenced open='[' close=']'><mi>a</mi><mi>b</mi></mfenced>", r"\left[ a, b \right]"),
        ("<mover><mrow><mi>A</mi><mi>B</mi></mrow><mo>¯</mo></mover>", r"\overline{AB}"),
        ("<mtext>if 5%</mtext>", r"\text{if 5\%}"),
        ("<menclose notation=updiagonalstrike><mi>x</mi></menclose><menclose notation=box><mn>1</mn></menclose>",
         r"\cancel{x}\boxed{1}"),
        ("<menclose notation='updiagonalstrike downdiagonalstrike top'><mi>x</mi></menclose>", r"\overline{\xcancel{x}}"),
        ("<menclose notation='circle nonsense'><mi>x</mi></menclose>", r"\enclose{circle}{x}"),
        ("<mi>𝐱</mi><mi mathvariant='normal'>d</mi><mi>Δ</mi><mi>Α</mi>", r"\mathbf{x}\mathrm{d}\Delta A"),
        ("<mrow><mo>{</mo><mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr></mtable></mrow>",
         r"\begin{cases} a & b \end{cases}"),
    ],
)  # fmt: skip
def test_mathml_without_its_source_becomes_tex(mathml: str, expected: str) -> None:
    node = parse(f"<body><math>{mathml}</math>").css_first("math")

    assert node is not None
    assert tex_of(node) == expected


@given(st.text(alphabet="$\\<>[]()!`*~&lt;ab_^{}| \n", max_size=30))
def test_a_formula_is_inert_in_markdown(written: str) -> None:
    assert is_inert(f"a {formula(f'${written}$')} b [c](https://example.org/)")
    assert is_inert(formula(written, in_cell=True))


def test_a_page_cannot_write_markup_as_a_formula() -> None:
    _, marked = read(
        "<p>They wrote <tex-formula># [a](javascript:alert(1)) <b></tex-formula> there, as anybody can do.</p>"
    )

    assert is_inert(marked)
