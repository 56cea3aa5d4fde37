"""Markup that would cost a parser quadratic time is simplified."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborNode

from extractor.html.attributes import MOST_ATTRIBUTES
from extractor.html.deep_nesting import DEEPEST, _NestingCutter
from extractor.html.page import parse
from extractor.html.safe_markup import SMALL, _left_open, make_safe

GONE = b"<!\"'>"
"""The replacement of a removed tag."""


def depth(node: LexborNode | None) -> int:
    steps = 0
    while node is not None:
        node, steps = node.parent, steps + 1
    return steps


def test_small_markup_stays_unchanged() -> None:
    assert make_safe(b"<div>" * 5000) == b"<div>" * 5000


def test_deep_nesting_is_limited_and_its_content_stays() -> None:
    html = b"<div>" * 50_000 + b"<p>inside</p>" + b"</div>" * 50_000 + b"<p>after</p>"

    tamed = make_safe(html)

    gone = GONE * (50_000 - DEEPEST)
    assert tamed == b"<div>" * DEEPEST + gone + b"<p>inside</p>" + gone + b"</div>" * DEEPEST + b"<p>after</p>"


def test_long_lists_do_not_count_as_nesting() -> None:
    html = b"<ul>" + b"<li>x<p>y<br>" * 20_000 + b"</ul>" + b"<table>" + b"<tr><td>x" * 20_000 + b"</table>"

    assert make_safe(html) == html


HIDDEN = [
    "<div><!--{}-->",
    "<div><!--><!--{}--!>",
    "<div title='{}'>",
    "<div><br title={}>",
    "<div></b title='{}'>",
    "<div><!x{}",
    "<div><?x{}",
    "<div></?{}",
    *(
        f"<div><{raw}>{{}}</{raw}>"
        for raw in ["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"]
    ),
    "<div><SCRIPT>{}</script x>",
    "<div><script><!--<script></script>{}--></script>",
    "<div><svg><![CDATA[{}]]></svg>",
]


@pytest.mark.parametrize("unit", HIDDEN)
def test_invalid_end_tags_do_not_hide_deep_nesting(unit: str) -> None:
    tree = parse(unit.replace("{}", "</div>") * 20_000 + "<p id=last>" + "." * SMALL)

    assert DEEPEST / 2 < depth(tree.css_first("#last")) < DEEPEST + 20


@pytest.mark.parametrize(
    "unit",
    [
        "</span><x-y>",
        "<x-y><p></x-y><li><dd>",
        "<div><div><object></div></div></object>",
        "<div><table><tr><td></div></table>",
        "<div><template></div></template>",
        "<div><svg><desc></div></desc></svg>",
        "<x-y><div></x-y>",
        "<li><dd>",
        "<rt>",
        "<optgroup>",
        "<select><x-y>",
        "<select><input><optgroup></select>",
        "<b><div><b></div></b>",
        "<p><span><p><x-y></span>",
        "<td><div><td><x-y></div>",
        "<table><td><div><td><x-y></div>",
        "<form></form><form><x-y></svg>",
        "<math><annotation-xml><svg><desc><x-y></svg>",
        "<svg><style><x-y></style></svg><x-y>",
        "<frameset><style><frameset></style>",
        "<button><select><nobr>",
    ],
)
def test_end_tags_that_close_less_than_they_seem_to_do_not_hide_deep_nesting(unit: str) -> None:
    tree = parse(unit * 20_000 + "<p id=last>" + "." * SMALL)

    assert all(depth(node) < DEEPEST * 2 + 20 for node in tree.css("#last"))


@pytest.mark.parametrize(("name", "paragraphs"), [("b", 20_000), ("EM", 5_000), ("font", 5_000), ("strike", 5_000)])
def test_reopened_formatting_is_limited(name: str, paragraphs: int) -> None:
    tree = parse("<p>" + "".join(f"<{name}\ttitle={number}>" for number in range(600)) + "<p>x" * paragraphs)

    assert 600 < len(tree.css(name.lower())) < 1 << 21


OPENING = [f'<b title="{number}">' for number in range(600)]


@pytest.mark.parametrize("closed", ["x</i>", "<u>x</b>", "x", "<!-- x</b> -->"])
def test_formatting_that_is_not_closed_behind_its_text_is_limited(closed: str) -> None:
    tree = parse("<p>" + closed.join(OPENING) + "<p>x" * 20_000)

    assert 600 < len(tree.css("b")) < 1 << 21


@pytest.mark.parametrize(
    "tag", ["<b title='>x</b>'>", '<b a=">x</b>">', '<b =">x</b>">', '<b a="<">x</b >', '<b a/="b">x</b>']
)
def test_formatting_that_only_seems_closed_counts_as_open(tag: str) -> None:
    assert _left_open(tag.encode() * 9) == 9


def test_formatting_that_is_closed_behind_its_text_is_not_looked_at_closer() -> None:
    closed = b'<p><b class="x" title="y z" hidden>x</b><font color="red" >y &amp; z</font>'

    assert _left_open(closed * 9) == 0
    assert _left_open(closed * 9 + b"<em a>") == 1


@pytest.mark.parametrize(
    "unit",
    [
        "<ul><li><p>x" * 300 + "</ul>" * 300,
        "<div class=reply>" * 400 + "</div>" * 400,
        "<blockquote>" * 200 + "x" + "</blockquote>" * 200 + "</blockquote>",
        "<table><tr><td>" * 30 + "</table>" * 30,
        "<dl><dt>x<dd>y<p>z</dl>",
        "<div><span>x<x-y>y</div>",
        "<div>x</span></b></p></div>",
        "<p>x<a name=y><h2>z</h2>",
        "<li><a href=x><img src=y><b>z</b>",
        "<table><tr><td><font color=red>x<tr><th><p>y</table>",
        "<form action=x><p><input></form>",
        "<select><optgroup label=x><option>y<option>z</select>",
        "<ruby>x<rp>(<rt>y<rp>)</ruby>",
        "<svg><title>x</title><g><path d=x /><path></path></g></svg>",
        "<math><mi>x</mi><mo>=</mo><mtext>y<b>z</b></mtext></math>",
        "<script>'<div>'</script><!-- <div> --><a title='<div>'>x</a>",
    ],
)
def test_many_siblings_do_not_count_as_nesting_with_or_without_end_tags(unit: str) -> None:
    html = b"<!doctype html><body>" + unit.encode() * (60_000 // unit.count("<"))

    assert make_safe(html) == html


def test_tags_with_too_many_attributes_are_removed() -> None:
    html = "<p>before</p><div " + " ".join(f"a{number}='>'" for number in range(MOST_ATTRIBUTES * 3)) + "><p>after</p>"

    assert make_safe(html.encode()) == b"<p>before</p>%b<p>after</p>" % GONE


@pytest.mark.parametrize("attribute", ["a ", "a=1 ", 'a="1" ', "a='>' ", 'a=">"', "a = 1 ", "a=1" + " " * 99])
def test_tags_with_too_many_attributes_of_any_syntax_are_removed(attribute: str) -> None:
    text = b"x" * SMALL
    few, many = (f"<b {attribute * times}>".encode() for times in (600, 8_000))

    assert make_safe(many + text) == GONE + text
    assert make_safe(few + text) == few + text


def test_long_values_do_not_count_as_attributes() -> None:
    html = f'<img src="data:image/png;base64,{"A" * 200_000}" alt="x = y"><p style="{"a: b; " * 20_000}">x</p>'

    assert make_safe(html.encode()) == html.encode()


def test_a_tag_inside_the_value_of_another_is_removed_alone() -> None:
    html = b"<!-- <a b='-->" + b"x" * SMALL + b"<p " + b"c " * MOST_ATTRIBUTES * 2 + b">after</p>'"

    assert make_safe(html) == b"<!-- <a b='-->" + b"x" * SMALL + GONE + b"after</p>'"


ENDLESS = " ".join(f"a{number}" for number in range(MOST_ATTRIBUTES + 1))


@pytest.mark.parametrize(
    "html",
    [
        "<b {}>",
        "<<b {}>b {}>",
        "<b title='><b {}>' {}>",
        "<b title='><b {} x=\"'\">' {}>",
        '<b title="><b {} x=\'"\'>" {}>',
        '<b ="{}">',
        "<b/='{}'>",
        '<b a="1"="{}">',
        "<b a='1' ='{}'>",
        "<b a=1 ='{}'>",
        "<b a =='{}'>",
        "<b a=\v'{}'>",
        "<b a=1\vb='{}'>",
        "<b\v='{}'>",
        "<b " + "='{}' " * 60 + ">",
        "<b title='{}' =\"title='{}\">",
    ],
)
def test_no_element_has_too_many_attributes_however_a_parser_reads_its_tag(html: str) -> None:
    text = f"<p>before</p>{html.replace('{}', ENDLESS)}<p>after{'.' * SMALL}</p>"

    assert max(len(node.attributes) for node in parse(text).css("*")) <= MOST_ATTRIBUTES


@pytest.mark.parametrize("tag", ["<body {}>", "<HTML\t{}>", "<body/{}><html {}>", "<p title='><body {}>'><body {}>"])
def test_attributes_of_html_and_body_from_many_tags_are_limited(tag: str) -> None:
    html = "".join(tag.replace("{}", " ".join(f"a{n}-{m}" for m in range(90))) for n in range(90)) + "." * SMALL

    assert max(len(node.attributes) for node in parse(html).css("html, body")) <= MOST_ATTRIBUTES


def test_a_document_and_its_body_keep_the_attributes_of_a_few_tags() -> None:
    html = b"<html lang=en><body class=a>" + b"." * SMALL + b"<html lang=de><body id=b><tbody class=c>"

    assert make_safe(html) == html


@pytest.mark.parametrize("tag", ["<div>", "<<div>div>", "<<div><div>div>", "</<div>div><div>", "<div title='><div>'>"])
def test_the_rest_of_deep_nesting_is_not_deep(tag: str) -> None:
    tree = parse("<div>" * DEEPEST + tag * 20_000 + "." * SMALL)

    assert depth(tree.css("div")[-1]) < DEEPEST + 10


def test_attributes_around_removed_tags_are_not_joined_to_one_tag() -> None:
    tree = parse("<div>" * (DEEPEST + 1) + f'<p title="><div ">{"<div>" * 9_000}" {ENDLESS}>')

    assert max(len(node.attributes) for node in tree.css("*")) <= MOST_ATTRIBUTES


@pytest.mark.parametrize(
    "unit",
    [
        "<a",
        "<a ",
        "<a " * 3_900 + ">",
        "<a b='><a \" ",
        "<a b='><a b=\"'><a b='\">",
        "<a/x=",
        '<a/x=<a/"',
        "<body ",
        "<body a='>",
        "<!--",
        "</a b='",
        "<script><!--",
        "<div>",
        "<p><button><div>",
        "<li><dd><span></b>",
        "<svg><g></x>",
        "<svg><desc><![CDATA[",
        "<b><p><a>",
        "<table><td><object>",
    ],
)
def test_simplifying_markup_takes_linear_time(unit: str) -> None:
    def seconds(size: int) -> float:
        html = unit.encode() * (size // len(unit) + 1)
        began = time.process_time()
        make_safe(html)
        return time.process_time() - began

    once = max(min(seconds(SMALL * 2) for _ in range(3)), 0.01)

    assert seconds(SMALL * 32) < once * 128


class _WithoutSkipping(_NestingCutter):
    def _after_cells(self, at: int) -> int:
        return at


_PIECES = st.sampled_from(
    (
        *(
            "<table>",
            "<tbody>",
            "<tr>",
            "<td>1</td>",
            "<TD a=1>x</TD> ",
            "<th>2</th>\n",
            "<td>3</th>",
            "<td>4",
            "</td>",
        ),
        *(
            "</tr>",
            "</table>",
            "<b>",
            "</b>",
            "<a>",
            "<p>",
            "</p>",
            "<svg>",
            "</svg>",
            "<math>",
            "<template>",
            "<select>",
        ),
        *("</template>", "<caption>", "<form>", "</form>", "text", "<!-- x -->", "<td/>5</td>", "<td a='</td>'>6</td>"),
    )
)


@given(st.lists(_PIECES, max_size=40))
def test_skipped_cells_change_nothing_that_is_open(pieces: list[str]) -> None:
    html = f"<table>{''.join(pieces)}".encode()
    skipping, plain = _NestingCutter(html), _WithoutSkipping(html)

    assert skipping.result() == plain.result()
    assert vars(skipping._elements).keys() == vars(plain._elements).keys()
    assert skipping._elements.names == plain._elements.names
    assert skipping._elements.formatting == plain._elements.formatting
