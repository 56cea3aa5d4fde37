"""Who is quoted in FlaskBB, Spirit and NodeBB: their buttons write it in words, in Markdown, before what is quoted.

The markup is that of their functions `format_quote` and `quotify`, with our own words.
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
