"""Threads of unknown engines, and threads described with schema.org."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from extractor.forums.addresses import home_of, number_of
from extractor.forums.registry import Thread, read_thread
from extractor.html.page import Page
from extractor.reading import extract
from extractor.values.thread import Quote

AT = datetime(2026, 11, 24, 10, 5, tzinfo=UTC)
SAID = (
    ("ann", "2026-11-20 10:00", "Does the reactor start again before the winter, and who decides about that?"),
    ("bob", "2026-11-20 11:30", "The board of the agency does."),
    ("cem", "2026-11-21 09:15", "Ok"),
    ("ann", "2026-11-21 10:45", "Thanks to all, that was what I wanted to know. The minutes are public, by the way."),
)


def thread(html: str, url: str = "https://forum.example/topic/7") -> Thread:
    found = read_thread(Page(url, f"<html lang=en><title>x</title><body>{html}</body></html>".encode()), AT)
    assert found is not None
    return found


def facts(found: Thread) -> list[tuple[str | None, str | None, str]]:
    return [(post.author, post.date, post.text) for post in found.posts]


EXPECTED = [(name, date.replace(" ", "T"), said) for name, date, said in SAID]

DIVS = "".join(
    f"<div class='entry e{n}'><div class=who><a href=/user/{name}>{name}</a><p>Joined: 2001-02-03</p></div>"
    f"<span class=when>{date}</span><div class=says><p>{said}</p></div><div class=signature>{name} of Kent</div></div>"
    for n, (name, date, said) in enumerate(SAID)
)
ROWS = (
    "<table>"
    + "".join(
        f"<tr><td class=head>Re: the reactor by <a class=user href=/{name}>{name}</a>: <i>{date}</i></td></tr>"
        f"<tr><td class=text>{said}</td></tr>"
        for name, date, said in SAID
    )
    + "</table>"
)
ARTICLES = "".join(
    f"<li class='{'odd' if n % 2 else 'even'}'><article><header><time datetime='{date}'>long ago</time>"
    f"<span class=nickname>{name}</span></header>{said}<footer>3 people like this</footer></article></li>"
    for n, (name, date, said) in enumerate(SAID)
)
MEASURED = "Has measured more telescopes than anybody else. " * 3
TEAM = "".join(
    f"<div class=card><h3><a href=/user/{name}>{name}</a></h3><p>{MEASURED}{name}</p></div>"
    for name in ("ann", "bob", "cem")
)
MENU = "<nav><ul>" + "".join(f"<li><a href=/user/{n}>u{n}</a> 2026-01-0{n}</li>" for n in range(1, 9)) + "</ul></nav>"


@pytest.mark.parametrize("shape", [DIVS, ROWS, f"<ul>{ARTICLES}</ul>"], ids=["parts", "rows", "articles"])
def test_repeated_elements_with_a_name_and_a_time_are_posts(shape: str) -> None:
    found = thread(f"{MENU}<h1>The reactor</h1>{shape}<footer>2026-11-24 by <a href=/user/x>x</a></footer>")

    assert facts(found) == EXPECTED
    assert (found.engine, found.title) == ("generic", "The reactor")


def test_an_author_panel_and_the_subject_are_not_the_body_however_long() -> None:
    post = (
        "<div class=entry><div class=left><a href=/user/{name}>{name}</a><ul><li>A contributor of this forum</li>"
        "<li>Registered on a rainy day, number {n}</li><li>Messages written so far: {n}1,234 in {n}17 threads</li></ul>"
        "</div><div class=right><span class=when>{date}</span><b>Re: The reactor again</b><div class=said>{said}</div>"
        "</div></div>"
    )
    posts = "".join(post.format(n=n, name=name, date=date, said=said) for n, (name, date, said) in enumerate(SAID))

    assert facts(thread(f"<h1>The reactor again</h1>{posts}")) == EXPECTED


def test_an_author_column_is_not_part_of_a_post_and_separate_day_and_time_are_joined() -> None:
    """UBB.threads 7 has this markup, with the column once for narrow and once for wide windows."""
    about = ("Chimpanzee of the County of Kent", "Known to Humanity for Posting", "Chipmunk of Zoo", "Owl of the Night")
    posts = ""
    for title, (name, day, said) in zip(about, SAID, strict=True):
        column = (
            f"<td class=author-content><div><a href=/users/{name}>{name}</a></div><div>{title}</div>"
            "<div>Joined: <span class=date>Apr 2002</span></div></td>"
        )
        posts += (
            f"<table><tr><td><p><span class=date>{day[:10]}</span> <span class=time>{day[11:]}</span></p></td></tr>"
            f"<tr>{column}</tr><tr>{column}<td class=post-content><div>{said}</div></td></tr></table>"
        )

    assert facts(thread(posts)) == EXPECTED


def test_all_paragraphs_of_a_post_are_its_text_even_beside_its_author() -> None:
    posts = "".join(
        f"<div class=entry><div class=head><a class=user href=/user/{name}>{name}</a> wrote on <i>{date}</i></div>"
        f"<p>Hi number {n}!</p><p>{said}</p><p>Is that what {name} meant?</p></div>"
        for n, (name, date, said) in enumerate(SAID)
    )

    assert facts(thread(posts)) == [
        (name, date.replace(" ", "T"), f"Hi number {n}!\n{said}\nIs that what {name} meant?")
        for n, (name, date, said) in enumerate(SAID)
    ]


def test_text_in_the_line_of_the_author_belongs_to_the_post() -> None:
    long = [" ".join(chr(97 + n) * 3 + chr(97 + k) for k in range(26)) for n in range(len(SAID))]
    posts = "".join(
        f"<div class=message><div class=text><p><a class=username href=/user/{name}>{name}</a>"
        f" <span class=date>{date}</span> I measured it last night: {n}.2 arcseconds with the small one.</p>"
        f"<p>{long[n]} one</p><p>{long[n]} two</p></div></div>"
        for n, (name, date, _) in enumerate(SAID)
    )

    for n, post in enumerate(thread(posts).posts):
        assert post.text.split("\n")[1:] == [f"{long[n]} one", f"{long[n]} two"]
        assert post.text.startswith(f"I measured it last night: {n}.2 arcseconds")


def test_an_unmarked_author_may_follow_the_time() -> None:
    post = "<div class=entry><h2>{date}</h2><dl><dt>{name}</dt><dd>Newcomer</dd></dl><div class=said>{said}</div></div>"
    posts = "".join(post.format(name=name, date=date, said=said) for name, date, said in SAID)

    assert [post.author for post in thread(posts).posts] == [name for name, _, _ in SAID]


def test_a_button_or_a_label_beside_the_author_is_not_a_name() -> None:
    post = (
        "<div class=entry><p class=user>Username</p><a class=author href=/user/{name}/posts>View profile</a>"
        "<a class='user big' href=/user/{name}><b class=username>{name}</b> Member Posts {n}12</a>"
        "<span class=when>{date}</span><div class=said>{said}</div></div>"
    )
    posts = "".join(post.format(n=n, name=name, date=date, said=said) for n, (name, date, said) in enumerate(SAID))

    assert [post.author for post in thread(posts).posts] == [name for name, _, _ in SAID]


def test_the_opener_may_have_other_markup_than_the_replies() -> None:
    question = (
        "<section><a href=/user/zoe>zoe</a> <time datetime='2026-11-19T08:00Z'>then</time>"
        f"<div>{'What became of the plan that was shown to us in spring? ' * 3}</div></section>"
    )

    found = thread(f"<h1>The plan</h1>{question}<div>{DIVS}</div>")

    assert found.posts[0].author == "zoe"
    assert found.posts[0].text.startswith("What became of the plan")
    assert facts(found)[1:] == EXPECTED


def test_a_best_answer_before_the_container_of_others_is_read_alone_and_scripts_are_skipped() -> None:
    script = f"<script>let state = {{{'said: 1, heard: 2, ' * 60}}}</script>"
    answers = [
        f"<div class='answer a{n}'><div class=who><a href=/user/{name}>{name}</a> <span class=when>{date}</span></div>"
        f"<div class='{'best' if n == 0 else 'answer'}-text'><div class=rich>{said}</div></div></div>{script}"
        for n, (name, date, said) in enumerate(SAID)
    ]

    found = thread(f"<div class=best>{answers[0]}</div><div class=others><div>{''.join(answers[1:])}</div></div>")

    assert facts(found) == EXPECTED


def test_a_head_with_title_name_and_time_is_the_opener_with_the_text_below_it() -> None:
    title = "The reactor of the north, which was stopped in the spring, and what has become of it since then"
    who = "<div><a href=/user/ann>ann</a> <time datetime='2026-11-19T10:00Z'>then</time></div>"
    head = f"<header><h1>{title}</h1>{who}</header>"

    found = thread(f"<section>{head}<div class=body><p>So we asked, in short.</p></div><div>{DIVS}</div></section>")

    assert (found.posts[0].author, found.posts[0].text) == ("ann", "So we asked, in short.")
    assert facts(found)[1:] == EXPECTED


def test_buttons_in_the_head_of_a_thread_are_not_a_body_which_may_contain_the_replies() -> None:
    who = "<a href=/user/ann>ann</a> <time>Posted: 5 days ago</time> <button>Tell me of answers to this thread</button>"
    head = f"<header><h1>The reactor of the north, which was stopped in the spring</h1>{who}</header>"

    found = thread(f"<section>{head}<div><div class=body>So we asked, in short.</div><div>{DIVS}</div></div></section>")

    assert (found.posts[0].author, found.posts[0].text) == ("ann", "So we asked, in short.")
    assert facts(found)[1:] == EXPECTED


def test_comments_under_an_article_are_not_a_thread_with_the_article_as_opener() -> None:
    said = "The plan that was shown in spring is dropped, the agency says in a letter."
    article = (
        "<section><a href=/user/zoe>zoe</a> <time datetime='2026-11-19T08:00Z'>then</time>"
        f"<div>{f'<p>{said}</p>' * 4}</div></section>"
    )
    html = f"<html lang=en><title>x</title><body><h1>The plan</h1>{article}<div>{DIVS}</div></body></html>"

    text = extract(Page("https://news.example/2026/plan", html.encode(), at=AT))

    assert text is not None and text.thread is not None
    assert set(text.text.split("\n")) == {said}
    assert (text.thread.engine, facts(text.thread)) == ("comments", EXPECTED)


def test_a_later_element_above_the_posts_is_not_the_opener() -> None:
    notice = (
        "<section><a href=/user/zoe>zoe</a> <time datetime='2026-11-24T08:00Z'>now</time>"
        f"<div>{'The forum moves to another machine tonight. ' * 3}</div></section>"
    )

    assert facts(thread(f"{notice}<div>{DIVS}</div>")) == EXPECTED


MICRODATA = (
    "<div itemscope itemtype='https://schema.org/DiscussionForumPosting'><h1>The reactor</h1>"
    + "".join(
        f"<div itemscope itemtype='https://schema.org/Comment'>"
        f"<b itemprop=author itemscope><i itemprop=name>{name}</i></b>"
        f"<meta itemprop=datePublished content='{date}'><div itemprop=text>{said}</div></div>"
        for name, date, said in SAID
    )
    + "</div>"
)


def test_posts_are_read_from_microdata() -> None:
    found = thread(MICRODATA)

    assert facts(found) == EXPECTED
    assert found.engine == "schema.org"


def test_a_button_to_expand_a_quotation_is_not_part_of_a_microdata_post() -> None:
    quoted = "<blockquote>Why?<div class=bbCodeBlock-expandLink><a>Click to expand...</a></div></blockquote>"
    said = SAID[0][2]

    found = thread(MICRODATA.replace(f"<div itemprop=text>{said}", f"<div itemprop=text>{quoted}{said}"))

    assert found.posts[0].text.split("\n") == ["Why?", found.posts[0].own]


def test_microdata_comments_without_a_discussion_are_not_a_thread() -> None:
    page = Page("https://news.example/", MICRODATA.replace("DiscussionForumPosting", "NewsArticle").encode())

    found = read_thread(page, AT)

    assert found is None or found.engine != "schema.org"


def test_posts_are_read_from_json_ld() -> None:
    found = thread(
        """<script type="application/ld+json">{"@type": "QAPage", "mainEntity": {"@type": "Question",
        "text": "<p>Why?</p>", "author": {"name": "ann"}, "datePublished": "2026-11-20T10:00:00+01:00",
        "suggestedAnswer": [{"@type": "Answer", "text": "Because.", "author": {"name": "bob"}, "upvoteCount": 3}]}}
        </script>"""
    )

    assert facts(found) == [("ann", "2026-11-20T10:00:00+01:00", "Why?"), ("bob", None, "Because.")]
    assert found.posts[1].score == 3


@pytest.mark.parametrize(
    "html", ["", "<p>2026-11-20 <a href=/user/a>a</a></p>", MENU, TEAM, "<script type='application/ld+json'>[[{"]
)
def test_a_page_without_posts_has_no_thread(html: str) -> None:
    assert read_thread(Page("https://forum.example/", html.encode()), AT) is None


def test_the_text_of_a_thread_page_consists_of_its_posts() -> None:
    html = f"<html lang=en><title>The reactor</title><body>{MENU}<h1>The reactor</h1>{DIVS}</body></html>"

    text = extract(Page("https://forum.example/topic/7", html.encode(), at=AT))

    assert text is not None
    assert text.text == "\n".join(said for _, _, said in SAID)
    assert (text.title, text.authors, text.date) == ("The reactor", ("ann",), "2026-11-20T10:00")
    assert (text.origins["text"], text.origins["date"]) == ("posts of generic", "first post")
    assert text.thread is not None
    assert facts(text.thread) == EXPECTED


def test_an_unmarked_author_precedes_the_time_in_all_posts() -> None:
    posts = "".join(
        f"<div class='x{n}a'><div><b>{name}</b> · <span>{date}</span></div><div class=body>{said}</div></div>"
        for n, (name, date, said) in enumerate(SAID)
    )

    assert facts(thread(f"<h1>The reactor</h1>{posts}")) == EXPECTED


def test_a_list_of_threads_is_not_a_thread() -> None:
    rows = "".join(
        f"<div class=row><h3><a href=/topic/{n}>What became of plan number {n}?</a></h3><a href=/user/{name}>{name}</a>"
        f"<span>{date}</span><p>{said}</p></div>"
        for n, (name, date, said) in enumerate(SAID)
    )

    assert read_thread(Page("https://forum.example/board/7", f"<body>{rows}".encode()), AT) is None
    assert read_thread(Page("https://forum.example/board/7", f"<body>{rows.replace('href=/topic', 'x')}".encode()), AT)


@pytest.mark.parametrize(
    ("url", "home", "number"),
    [
        ("https://f.example/t/7", "https://f.example/t/7", 1),
        ("https://f.example/t/7?page=3#p9", "https://f.example/t/7", 3),
        ("https://f.example/t?id=7&page=3", "https://f.example/t?id=7", 3),
        ("https://f.example/t?page=3&id=7", "https://f.example/t?id=7", 3),
        ("https://f.example/t/7/page-12/", "https://f.example/t/7", 12),
        ("https://f.example/t/7/page/2", "https://f.example/t/7", 2),
        ("https://f.example/t/homepage=3", "https://f.example/t/homepage=3", 1),
    ],
)
def test_pages_of_a_thread_are_recognized_by_their_addresses(url: str, home: str, number: int) -> None:
    assert (home_of(url), number_of(url)) == (home, number)


def test_an_element_with_most_of_a_page_is_not_a_sidebar_whatever_its_name() -> None:
    found = thread(f"<h1>The reactor</h1><div class='main main--with-sidebar'>{DIVS}</div>")

    assert facts(found) == EXPECTED


def quoting(first: str, second: str = "") -> Thread:
    """Return a thread with these additions to its second and third posts."""
    besides = ("", first, second, "")
    return thread(
        "".join(
            f"<div class='entry e{n}'><div class=who><a href=/user/{name}>{name}</a></div>"
            f"<span class=when>{date}</span><div class=says>{besides[n]}<p>{said}</p></div></div>"
            for n, (name, date, said) in enumerate(SAID)
        )
    )


def test_author_and_post_of_a_quotation_are_read() -> None:
    posts = quoting(
        "<blockquote><cite><a href='/topic/7?page=1#post-1'>ann</a> wrote:</cite><p>Does it start?</p></blockquote>",
        "<div class=quote><div>bob said:</div>The board does.</div>",
    ).posts

    quoted = "https://forum.example/topic/7?page=1#post-1"
    assert posts[1].quotes == (Quote("Does it start?", author="ann", post="1", url=quoted),)
    assert posts[1].own == "The board of the agency does."
    assert posts[2].quotes == (Quote("The board does.", author="bob"),)
    assert posts[0].quotes == posts[3].quotes == ()


@pytest.mark.parametrize(
    "quote", ["<blockquote><p>The board decides.</p></blockquote>", "<blockquote>The board decides.</blockquote>"]
)
def test_a_quotation_without_a_label_has_no_author(quote: str) -> None:
    posts = quoting(quote, "<div class=quote-button>Quote</div><blockquote></blockquote>").posts

    assert posts[1].quotes == (Quote("The board decides."),)
    assert posts[2].quotes == ()


def test_the_day_on_which_an_author_joined_is_not_the_day_of_the_post() -> None:
    posts = "".join(
        f"<div class=entry><a class=user href=/user/{name}>{name}</a> <div>Joined: <time datetime=2020-01-0{n + 1}>then"
        f"</time></div><a href=/p/{n}><time datetime='{date}'>{date}</time></a><div class=says>{said}</div></div>"
        for n, (name, date, said) in enumerate(SAID)
    )

    assert [post.date for post in thread(posts).posts] == [date.replace(" ", "T") for _, date, _ in SAID]
