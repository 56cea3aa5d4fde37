"""The beginning of a page shows whether it has much text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.html.page import Page
from extractor.links import verdict
from extractor.links.verdict import of_page
from extractor.links.wordiness import _characters, has_more_text_than

SENTENCE = "A sentence of a page that is long enough to be told. "
LINK = '<li><a href="/thread/1">The title of a thread that somebody has begun</a></li>'


class Unsearched(bytes):
    """A body in which no words are looked for: that begins with writing it in small letters."""

    def lower(self) -> bytes:
        raise AssertionError("the whole page was searched")


@pytest.mark.parametrize(
    "body",
    [
        f"<ul>{LINK * 10}</ul><table><tr><td>{SENTENCE * 20}</td></tr></table>",
        f"<ul>{f'<li>{SENTENCE}</li>' * 20}</ul>",
        "<div><p>" + "这一段文字说得足够长，不必再去寻找别的词语。" * 40 + "</p></div>",
        f"<SCRIPT>x</SCRIPT><DIV>{SENTENCE * 20}</DIV>",
    ],
    ids=["a board", "a list", "Chinese", "capitals"],
)
def test_a_page_that_says_a_lot_is_not_searched_for_words(body: str) -> None:
    assert of_page(Page("https://e.org/", Unsearched(body.encode() + b"<p>Access denied</p>"), "text/html")) is None


@pytest.mark.parametrize(
    "body",
    [
        LINK * 60,
        f"<nav>{SENTENCE * 40}</nav>",
        f"<nav><nav>short</nav><p>{SENTENCE * 40}</nav>",
        f"<FOOTER><footer>short</FOOTER><p>{SENTENCE * 40}</footer>",
        f"<script>{SENTENCE * 40}</script>",
        f"<!-- <p>{SENTENCE * 40} -->",
        f"<p>{'&nbsp;' * 700}</p>",
        f"<p>{'  ' * 700}</p>",
        f"<a>{SENTENCE * 40}",
    ],
    ids=[
        "links",
        "navigation",
        "navigation in navigation",
        "a footer in a footer",
        "a script",
        "a comment",
        "entities",
        "spaces",
        "a link that is not closed",
    ],
)
def test_what_a_reader_does_not_see_is_not_said(body: str) -> None:
    assert not has_more_text_than(body.encode(), 600)


_TEXT = st.sampled_from([SENTENCE, SENTENCE * 8, "short", "&nbsp;" * 9, "词语" * 40, "a > b " * 9])
_TAGS = st.sampled_from(["p", "div", "td", "span", "a", "nav", "footer", "script", "style", "select", "h1"])
_HTML = st.recursive(
    _TEXT, lambda inner: st.builds("<{0} class=x>{1}</{0}>{2}".format, _TAGS, inner, inner), max_leaves=30
)


@given(_HTML, st.sampled_from(["utf-8", "gb18030"]))
def test_what_it_tells_is_so_once_the_page_is_parsed(body: str, encoding: str) -> None:
    page = Page("https://e.org/", f"<body>{body}</body>".encode(encoding), f"text/html; charset={encoding}")

    if has_more_text_than(page.body, 60):
        assert verdict._text_size(page) > 60


@given(st.lists(st.sampled_from([b"word", b" ", b"\t", b"\n", b"\r", b"\v", b"\f", b"\xa0", b"\x85", b"&amp;"])))
def test_spaces_are_those_of_bytes(pieces: list[bytes]) -> None:
    text = b"".join(pieces)

    seen = sum(map(len, text.split())) - 8 * text.count(b"&")
    assert _characters(text) == max(seen if text.isascii() else seen // 3, 0)


def test_the_steps_do_not_grow_with_the_page() -> None:
    links = LINK.encode() * 100

    assert not has_more_text_than(links + b"<p>" + SENTENCE.encode() * 40, 600)


def test_code_in_an_attribute_does_not_count_as_text() -> None:
    code = "if (this.open) { this.close(); } " * 40
    page = f"""<body><div id="root" x-data="() => {{ {code} }}"></div></body>""".encode()

    assert not has_more_text_than(page, 600)
    assert has_more_text_than(page.replace(b"</div>", b"<p>" + SENTENCE.encode() * 40 + b"</div>"), 600)
