from __future__ import annotations

import gzip
import http.client
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlsplit

import pytest
from web_of_tests.newspaper import Newspaper
from web_of_tests.newsroom import SECTIONS


@pytest.fixture(scope="module")
def paper() -> Iterator[Newspaper]:
    with Newspaper(slow=0.0) as newspaper:
        yield newspaper


def get(paper: Newspaper, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(paper.url).port)
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    response.text = response.read()  # type: ignore[attr-defined]
    connection.close()
    return response


def text(paper: Newspaper, path: str) -> str:
    return get(paper, path).text.decode()  # type: ignore[attr-defined,no-any-return]


def test_the_newspaper_has_enough_articles_in_two_languages(paper: Newspaper) -> None:
    languages = [article.language for article in paper.articles]

    assert languages.count("en") >= 24
    assert languages.count("zh") >= 3
    assert len({article.text for article in paper.articles}) == len(paper.articles)
    assert all(2 <= len(article.paragraphs) <= 6 for article in paper.articles)


def test_every_article_is_reachable_through_the_pages_of_its_section(paper: Newspaper) -> None:
    reached: set[str] = set()
    for section in SECTIONS:
        path: str | None = f"/{section}/"
        while path:
            html = text(paper, path)
            reached |= {article.path for article in paper.articles if f'href="{article.path}"' in html}
            following = re.search(r'rel="next" href="([^"]+)"', html)
            path = following[1] if following else None

    assert reached == {article.path for article in paper.articles}


def test_every_link_but_one_leads_somewhere(paper: Newspaper) -> None:
    seen, ahead = set(), ["/"]
    while ahead:
        path = ahead.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = get(paper, path)
        if "html" in (answer.headers["Content-Type"] or "") and answer.status == 200:
            html = answer.text.decode()  # type: ignore[attr-defined]
            ahead += re.findall(r'(?:href|src)="(/[^"]*)"', html)

    missing = [path for path in seen if get(paper, path).status == 404]
    assert missing == ["/news/harbour-bell"]


def test_each_article_ends_with_a_comment_form_and_its_boilerplate(paper: Newspaper) -> None:
    for article in paper.articles:
        html = unescape(text(paper, article.path))

        assert html.index(article.paragraphs[-1][:20]) < html.index("Please enter your comment!")


def test_a_page_is_not_sent_again_to_a_client_that_has_it(paper: Newspaper) -> None:
    first = get(paper, "/policy/")
    again = get(paper, "/policy/", If_None_Match=first.headers["ETag"])
    since = get(paper, "/policy/", If_Modified_Since=first.headers["Last-Modified"])

    assert (again.status, since.status) == (304, 304)


def test_an_edited_article_has_new_words_and_new_validators() -> None:
    with Newspaper() as paper:
        path = paper.articles[0].path
        before = get(paper, path)
        paper.edit(paper.articles[0].slug, ["All is changed."])
        after = get(paper, path, If_None_Match=before.headers["ETag"])

    assert after.status == 200
    assert b"All is changed." in after.text  # type: ignore[attr-defined]


def test_two_newspapers_are_equal_byte_for_byte() -> None:
    with Newspaper() as one, Newspaper() as two:
        for path in ("/about.html", one.articles[0].picture, "/static/gazette.woff2", "/technology/page/2/"):
            answers = [get(paper, path, Accept_Encoding="gzip").text for paper in (one, two)]  # type: ignore[attr-defined]
            assert answers[0] == answers[1]


def test_text_is_compressed_on_request(paper: Newspaper) -> None:
    answer = get(paper, "/feed.xml", Accept_Encoding="gzip")

    assert b"<rss" in gzip.decompress(answer.text)  # type: ignore[attr-defined]


def test_old_addresses_lead_to_new_ones(paper: Newspaper) -> None:
    answer = get(paper, "/news/harbour-fog-signal")

    assert (answer.status, answer.headers["Location"]) == (301, "/harbour/2026/11/harbour-fog-signal.html")
