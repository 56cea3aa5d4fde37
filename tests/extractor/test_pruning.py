"""What is pruned, and for which cause; what stays, whatever it is called."""

from __future__ import annotations

import time

import pytest
from selectolax.lexbor import LexborNode

from extractor.page import parse
from extractor.pruning import prune
from extractor.taming import DEEPEST, MOST_ATTRIBUTES, SMALL, tame

PROSE = (
    "The ferry now waits for the tide, and the tide for nobody, which the harbour master regards as a step forward. "
)
ARTICLE = f"<h1>Tide</h1><p>{PROSE * 2}</p><p>{PROSE * 2}</p><p>{PROSE}</p>"


GONE = b"<!\"'>"
"""What stands in the place of a tag that had to go."""


def depth(node: LexborNode | None) -> int:
    steps = 0
    while node is not None:
        node, steps = node.parent, steps + 1
    return steps


def left_of(part: str) -> str:
    tree = parse(f"<html><body><div id=top>{ARTICLE}</div>{part}</body></html>")
    prune(tree)
    return " ".join((tree.body.text(separator=" ") if tree.body else "").split())


ALONE = left_of("")
OUT = [
    "<form><p>Please enter your comment!</p><input></form>",
    "<label>Please enter your comment!</label>",
    "<div><textarea></textarea><span>Please enter your comment!</span></div>",
    "<div><input type=email><b>Your address</b></div>",
    "<div contenteditable=true></div><button>Send</button>",
    "<div class='td-comments'><p>I disagree.</p></div>",
    "<section id=respond><p>Say it.</p></section>",
    "<div class=postCommentList><p>I disagree.</p></div>",
    "<article role=comment><p>I disagree.</p></article>",
    "<div itemprop=comment><p>I disagree.</p></div>",
    "<div itemscope itemtype='https://schema.org/Comment'><p>I disagree.</p></div>",
    "<nav><a href=/>Home</a></nav>",
    "<div role=navigation><a href=/>Home</a></div>",
    "<div role=alertdialog><p>We use cookies.</p></div>",
    "<div class='entry-share-bar'>Share</div>",
    "<div class='relatedPosts'><a href=/1>More</a></div>",
    "<div class=newsletter-signup><p>Every Friday.</p></div>",
    "<div id=cookie-notice><p>We use cookies.</p></div>",
    "<header><a href=/>Gazette</a></header>",
    "<footer>Imprint</footer>",
    "<aside>By the way</aside>",
    "<div hidden>Nobody sees this</div>",
    "<div style='color:red; display : none'>Nobody sees this</div>",
    "<span class='screen-reader-text'>Skip</span>",
    "<div aria-hidden=true>Nobody hears this</div>",
    "<p class=byline>By Ada Quist</p>",
    "<div><time datetime=2026-01-01>1 January</time></div>",
    "<template><p>Not yet</p></template><script>x()</script><style>x{}</style>",
]


@pytest.mark.parametrize("part", OUT)
def test_a_part_goes_for_what_its_markup_says(part: str) -> None:
    assert left_of(part) == ALONE


STAYS = [
    "<div class=commentary><p>An editorial.</p></div>",
    "<section class=readings><p>More of the story.</p></section>",
    "<div class=add-on><p>An extension.</p></div>",
    "<div id=ad6ed79d><p>Named by chance.</p></div>",
    "<p>On <time datetime=2026-01-01>1 January</time> it rained.</p>",
    "<blockquote>It rained. <footer>Ada Quist</footer></blockquote>",
    "<div aria-hidden=false>Heard</div>",
    "<p>Please enter your comment! is what the sign said.</p>",
]


@pytest.mark.parametrize("part", STAYS)
def test_a_part_stays_when_its_markup_says_nothing_against_it(part: str) -> None:
    assert len(left_of(part)) > len(ALONE)


@pytest.mark.parametrize("wrapper", ["div class=sidebar", "div class=share", "form", "div style=display:none", "aside"])
def test_what_bears_the_article_stays_whatever_it_is_called(wrapper: str) -> None:
    tree = parse(f"<body><{wrapper}>{ARTICLE}</{wrapper.partition(' ')[0]}><p>x</p></body>")
    prune(tree)

    assert PROSE.strip() in (tree.body.text() if tree.body else "")


def test_in_a_discussion_what_readers_wrote_stays() -> None:
    tree = parse("<body><div class=comment><p>I disagree.</p></div></body>")

    assert prune(tree, thread=True) == 0
    assert "I disagree." in (tree.body.text() if tree.body else "")


def test_pruning_tells_how_much_readers_wrote() -> None:
    assert prune(parse("<body><div class=comment>I disagree.</div><div id=comments>So do I.</div></body>")) == len(
        "I disagree.So do I."
    )


def test_small_markup_is_left_as_it_is() -> None:
    assert tame(b"<div>" * 5000) == b"<div>" * 5000


def test_towers_are_cut_and_what_is_in_them_stays() -> None:
    html = b"<div>" * 50_000 + b"<p>inside</p>" + b"</div>" * 50_000 + b"<p>after</p>"

    tamed = tame(html)

    gone = GONE * (50_000 - DEEPEST)
    assert tamed == b"<div>" * DEEPEST + gone + b"<p>inside</p>" + gone + b"</div>" * DEEPEST + b"<p>after</p>"


def test_long_lists_are_no_towers() -> None:
    html = b"<ul>" + b"<li>x<p>y<br>" * 20_000 + b"</ul>" + b"<table>" + b"<tr><td>x" * 20_000 + b"</table>"

    assert tame(html) == html


def test_tags_of_endless_attributes_go() -> None:
    html = "<p>before</p><div " + " ".join(f"a{number}='>'" for number in range(MOST_ATTRIBUTES * 3)) + "><p>after</p>"

    assert tame(html.encode()) == b"<p>before</p>%b<p>after</p>" % GONE


@pytest.mark.parametrize("attribute", ["a ", "a=1 ", 'a="1" ', "a='>' ", 'a=">"', "a = 1 ", "a=1" + " " * 99])
def test_tags_of_endless_attributes_go_however_those_are_written(attribute: str) -> None:
    text = b"x" * SMALL
    few, many = (f"<b {attribute * times}>".encode() for times in (600, 8_000))

    assert tame(many + text) == GONE + text
    assert tame(few + text) == few + text


def test_long_values_are_no_endless_attributes() -> None:
    html = f'<img src="data:image/png;base64,{"A" * 200_000}" alt="x = y"><p style="{"a: b; " * 20_000}">x</p>'

    assert tame(html.encode()) == html.encode()


def test_a_tag_within_the_value_of_another_goes_alone() -> None:
    html = b"<!-- <a b='-->" + b"x" * SMALL + b"<p " + b"c " * MOST_ATTRIBUTES * 2 + b">after</p>'"

    assert tame(html) == b"<!-- <a b='-->" + b"x" * SMALL + GONE + b"after</p>'"


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
def test_no_element_has_endless_attributes_however_a_parser_comes_to_its_tag(html: str) -> None:
    text = f"<p>before</p>{html.replace('{}', ENDLESS)}<p>after{'.' * SMALL}</p>"

    assert max(len(node.attributes) for node in parse(text).css("*")) <= MOST_ATTRIBUTES


@pytest.mark.parametrize("tag", ["<div>", "<<div>div>", "<<div><div>div>", "</<div>div><div>", "<div title='><div>'>"])
def test_no_tower_is_made_of_what_is_left_of_another(tag: str) -> None:
    tree = parse("<div>" * DEEPEST + tag * 10_000 + "." * SMALL)

    assert depth(tree.css("div")[-1]) < DEEPEST + 10


def test_attributes_that_are_left_around_tags_of_a_tower_are_not_joined_to_one_tag() -> None:
    tree = parse("<div>" * (DEEPEST + 1) + f'<p title="><div ">{"<div>" * 9_000}" {ENDLESS}>')

    assert max(len(node.attributes) for node in tree.css("*")) <= MOST_ATTRIBUTES


@pytest.mark.parametrize(
    "unit", ["<a", "<a ", "<a " * 3_900 + ">", "<a b='><a \" ", "<a b='><a b=\"'><a b='\">", "<a/x=", '<a/x=<a/"']
)
def test_making_markup_plain_takes_as_long_as_it_is(unit: str) -> None:
    def seconds(size: int) -> float:
        html = unit.encode() * (size // len(unit) + 1)
        began = time.process_time()
        tame(html)
        return time.process_time() - began

    once = max(min(seconds(SMALL) for _ in range(3)), 0.01)

    assert seconds(SMALL * 16) < once * 64
