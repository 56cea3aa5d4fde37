"""Paywall stubs are recognized by their request, if they have little other text."""

from __future__ import annotations

import pytest

from extractor.html.page import Page
from extractor.reading import extract

SENTENCE = "Researchers measured the tides at the harbour walls, and found them to be of use to the town. "
CHINESE = "研究人员测量了港口的潮汐，发现它们对这座城市很有用。下一步他们将扩大测量的范围。"


def read(
    below: str, *, paragraphs: int = 2, sentence: str = SENTENCE, head: str = ""
) -> tuple[bool | None, str | None]:
    """Return whether a page is free, and the origin of that fact."""
    told = "".join(f"<p>{number}: {sentence * 2}</p>" for number in range(paragraphs))
    body = f"<body><article><h1>Tides</h1>{told}{below}</article></body>"
    html = f"<html><head><title>Tides</title>{head}</head>{body}</html>"
    text = extract(Page("https://example.org/2026/tides-of-the-sea", html.encode()))
    assert text is not None
    return text.about.free, text.origins.get("free")


@pytest.mark.parametrize(
    "asks",
    [
        "Subscribe to continue reading",
        "To keep reading, sign in or create an account",
        "This article is only for <b>subscribers</b>.",
        "Subscribe to unlock this article",
        "This story is available to paying members",
        "Suscríbete para seguir leyendo",
        "Abonnez-vous pour lire la suite de l’été",
        "Cet article est réservé aux abonnés.",
        "Dieser Artikel ist exklusiv für Abonnenten.",
    ],
)
def test_a_short_text_that_asks_for_money_is_a_stub(asks: str) -> None:
    free, origin = read(f'<div class="offer"><h3>{asks}</h3></div>')

    assert free is False
    assert origin is not None
    assert origin.startswith('the words "')


@pytest.mark.parametrize("asks", ["付费后阅读全文", "本文为会员专享", "登录后即可查看全文"])
def test_a_chinese_stub_is_recognized(asks: str) -> None:
    assert read(f"<div>{asks}</div>", sentence=CHINESE)[0] is False


@pytest.mark.parametrize(
    "below",
    [
        "",
        "<p>Subscribe to our newsletter.</p>",
        "<div hidden>Subscribe to continue reading</div>",
        '<div style="display:none">Subscribe to continue reading</div>',
        "<footer>Already a subscriber? Sign in to continue reading</footer>",
        "<script>const offer = 'Subscribe to continue reading'</script>",
        "<p>阅读全文</p>",
        "<span>购买</span> <a href='#'>展开阅读全文</a>",
    ],
)
def test_other_pages_are_not_stubs(below: str) -> None:
    assert read(below) == (None, None)


def test_a_text_of_some_length_is_the_article_whatever_follows() -> None:
    assert read("<div>Subscribe to continue reading</div>", paragraphs=20)[0] is None


def test_the_metadata_decides() -> None:
    head = '<meta property="article:content_tier" content="free">'

    assert read("<div>Subscribe to continue reading</div>", head=head) == (True, "open-graph")
