"""Who is quoted: what the buttons of FlaskBB, Spirit and NodeBB write before it, and labels in many languages.

The markup is that of their functions `format_quote` and `quotify`, and of the templates of Misago and SMF, with our own
words.
"""

from __future__ import annotations

import pytest

from extractor.forums.registry import read_thread
from extractor.html.page import Page

FLASKBB = (
    "<div class=post-row><div class=author-name><h4><a>bo</a></h4></div>"
    '<div class=post-content id=pid7>{}<p>I do not.</p></div></div><div class="forum-row"></div>'
)
SPIRIT = (
    '<div class=comments_list><div class="comments_list__comment js-comment" data-pk=7><div class="comment__text'
    ' js-comment-text">{}<p>I do not.</p></div></div></div>'
)
NODEBB = (
    "<ul><li component=post data-pid=7 data-username=bo><div component=post/content>{}<p>I do not.</p></div></li></ul>"
)
ANN = '<a class="plugin-mentions-user plugin-mentions-a" href="/user/ann">@ann</a>'
QUOTED = "<blockquote><p>I agree.</p></blockquote>"


@pytest.mark.parametrize(
    ("page", "quote", "author"),
    [
        (FLASKBB, f"<p><strong><a href=/user/ann>ann</a> wrote:</strong></p>\n{QUOTED}", "ann"),
        (FLASKBB, f"<p>See <strong><a href=/user/ann>ann</a> wrote:</strong></p>{QUOTED}", None),
        (FLASKBB, f"<p><strong><a href=/topic/1>ann</a> wrote:</strong></p>{QUOTED}", None),
        (FLASKBB, f"<p>ann wrote:</p>{QUOTED}", None),
        (SPIRIT, "<blockquote><p><a href=/user/1/ann/>@ann</a> said:<br>\nI agree.</p></blockquote>", "ann"),
        (SPIRIT, "<blockquote><p><a href=/user/1/ann/>@ann</a> 说：<br>I agree.</p></blockquote>", "ann"),
        (SPIRIT, QUOTED, None),
        (NODEBB, f"<p>{ANN} said:</p>\n{QUOTED}", "ann"),
        (NODEBB, f"<p>{ANN} schrieb:</p>{QUOTED}", "ann"),
        (NODEBB, f"<p>{ANN} has left.</p>{QUOTED}", None),
        (NODEBB, f"<p>See {ANN} said:</p>{QUOTED}", None),
        (NODEBB, f"<p>{ANN} said:</p><p>Hello</p>{QUOTED}", None),
    ],
)
def test_the_author_of_a_quotation_is_the_one_that_the_program_names(page: str, quote: str, author: str | None) -> None:
    thread = read_thread(Page("https://forum.example/topic/1", page.format(quote).encode()))

    assert thread is not None
    (post,) = thread.posts
    assert [(quotation.text, quotation.author) for quotation in post.quotes] == [("I agree.", author)]


def test_a_sentence_about_a_person_names_no_author() -> None:
    quote = "<blockquote><p><a href=/user/1/ann/>@ann</a> knows.</p></blockquote>"

    thread = read_thread(Page("https://forum.example/topic/1", SPIRIT.format(quote).encode()))

    assert thread is not None
    assert [(quotation.text, quotation.author) for quotation in thread.posts[0].quotes] == [("@ann knows.", None)]


def test_the_link_before_a_quotation_of_nodebb_names_the_quoted_post() -> None:
    said = f"<p>{ANN} said in <a href=/post/5>The tide</a>:</p>{QUOTED}"

    thread = read_thread(Page("https://forum.example/topic/1", NODEBB.format(said).encode()))

    assert thread is not None
    (quote,) = thread.posts[0].quotes
    assert (quote.author, quote.post, quote.url) == ("ann", "5", "https://forum.example/post/5")


@pytest.mark.parametrize(
    "said",
    [
        "Quote from: {} on March 30, 2024, 11:15:00 PM",
        "Zitat von: {} am 30. März 2024, 23:15:00",
        "Citation de: {} le 30 Mars 2024, 23:15:00",
        "Cita de: {} en 30 de Marzo de 2024, 23:15:00",
        "Цитата: {} от 30 Марта 2024, 23:15:00",
        "引用自: {} 于 2024-03-30, 23:15:00",
    ],
)
@pytest.mark.parametrize("name", ["ann", "Ann on tour", "Hans am See", "老王"])
def test_an_author_in_smf_is_named_without_the_date_behind_it_in_each_language(said: str, name: str) -> None:
    html = (
        "<div id=forumposts><div class=post_wrapper id=msg7><div class=poster><h4><a>bo</a></h4></div><div class=post>"
        "<div class=inner id=msg_7><blockquote class=bbc_standard_quote><cite><a href='index.php?topic=1.msg3#msg3'>"
        f"{said.format(name)}</a></cite>I agree.</blockquote>I do not.</div></div></div></div>"
    )

    thread = read_thread(Page("https://forum.example/index.php?topic=1.0", html.encode(), "text/html; charset=utf-8"))

    assert thread is not None
    assert [(quote.text, quote.author) for quote in thread.posts[0].quotes] == [("I agree.", name)]


@pytest.mark.parametrize(
    "said",
    ["{} has written:", "{} hat geschrieben:", "{} 写道：", " {} a écrit:", "{} escreveu:", "Napisane przez {}:"],
)
def test_an_author_in_misago_is_named_in_each_language(said: str) -> None:
    html = (
        "<ul class=posts-list><li class=post id=post-7><div class=post-side><h5 class=item-title>bo</h5></div>"
        "<div class=post-body><article><aside class=quote-block><div class=quote-heading>"
        f"{said.format('ann')}</div><blockquote class=quote-body><p>I agree.</p></blockquote></aside><p>I do not.</p>"
        "</article></div></li></ul>"
    )

    thread = read_thread(Page("https://forum.example/t/a/1/", html.encode(), "text/html; charset=utf-8"))

    assert thread is not None
    assert [(quote.text, quote.author) for quote in thread.posts[0].quotes] == [("I agree.", "ann")]
