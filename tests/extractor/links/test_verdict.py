"""Verdicts on responses that are not the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.calls import calls

from extractor.html.page import Page
from extractor.links import verdict
from extractor.links.verdict import moved_to_login, of_page
from extractor.values.verdict import of_status

MENU = "<nav>" + "<a href=/x>A menu of the site that is long</a> " * 40 + "</nav>"
ARTICLE = "<p>" + "A paragraph of a real article, which goes on for a while. " * 40 + "</p>"


def page(title: str, body: str = "", charset: str = "utf-8") -> Page:
    html = f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>"
    return Page("https://example.org/a", html.encode(charset), f"text/html; charset={charset}")


@pytest.mark.parametrize(
    ("title", "body", "kind"),
    [
        ("Just a moment...", "<p>Enable JavaScript</p>", "captcha"),
        ("Example", '<div class="g-recaptcha"></div>', "captcha"),
        ("Attention Required! | Cloudflare", "", "captcha"),
        ("安全验证", "<p>请完成</p>", "captcha"),
        ("Access Denied", "<p>Reference #18.2</p>", "blocked"),
        ("Example", "<h1>Sorry, you have been blocked</h1>", "blocked"),
        ("访问过于频繁", "", "blocked"),
        ("404 Not Found", MENU, "soft-404"),
        ("Page not found - Example Blog", f"{MENU}<p>It seems we can't find it.</p>", "soft-404"),
        ("Example | Page not found", MENU, "soft-404"),
        ("Information", "<p>The requested topic does not exist.</p>", "soft-404"),
        ("页面不存在", "", "soft-404"),
        ("提示信息", "<p>抱歉，指定的主题不存在或已被删除或正在被审核</p>", "soft-404"),
        ("Gazette", "<h1>404</h1><p>Sorry, this page does not exist.</p>", "soft-404"),
        ("Gazette", "<p>The page you are looking for doesn't exist. This page can't be found.</p>", "soft-404"),
        ("Log in - Example Forum", "<form><input type=password></form>", "login"),
        ("Example", "<p>You must be logged in to view this forum.</p>", "login"),
        ("Board message", "<p>The specified thread does not exist.</p>", "soft-404"),
        ("Our forum", "<p>No Thread specified. If you followed a valid link, tell us.</p>", "soft-404"),
        (
            "Error",
            "<p>The topic or board you are looking for appears to be missing or off limits to you.</p>",
            "soft-404",
        ),
        ("Our forum", "<p>This topic has been deleted.</p>", "soft-404"),
        ("提示", "<p>该主题已被删除</p>", "soft-404"),
        ("Oops", "<p>Oops! That page doesn’t exist or is private.</p>", "soft-404"),
        ("Our forum", "<p>The topic doesn&#39;t exist on this board.</p>", "soft-404"),
        ("Sorry", "<p>We could not locate the item you are trying to view.</p>", "soft-404"),
        ("Information", "<p>Das gewünschte Thema existiert nicht.</p>", "soft-404"),
        ("Information", "<p>Le sujet demandé n’existe pas.</p>", "soft-404"),
        ("Information", "<p>O tópico solicitado não existe.</p>", "soft-404"),
        ("Информация", "<p>Запрошенной темы не существует.</p>", "soft-404"),
        ("Ошибка", "<p>Тема удалена</p>", "soft-404"),
        ("エラー", "<p>指定されたトピックは存在しません。</p>", "soft-404"),
        ("贴吧", "<p>很抱歉，该贴已被删除。</p>", "soft-404"),
        ("提示信息", "<p>抱歉，本帖要求阅读权限高于 20 才能浏览</p>", "blocked"),
        ("Our forum", "<p>Please log in to access this page.</p><form><input type=password></form>", "login"),
        ("Forum", "<p>You are either not logged in or do not have permission to view this page.</p>", "login"),
        ("提示信息", "<p>您需要先登录才能继续本操作</p>", "login"),
        ("Our forum - Login", "<form><input type=password></form>", "login"),
        ("Information", "<p>You are not authorised to read this forum.</p>", "blocked"),
        ("example.org - this domain is for sale", "", "parked"),
        ("example.org", "<p>Buy this domain</p><a href=//sedoparking.com>x</a>", "parked"),
    ],
)
def test_a_verdict_is_found_by_title_or_a_few_words(title: str, body: str, kind: str) -> None:
    verdict = of_page(page(title, body))

    assert verdict is not None
    assert verdict.kind == kind


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("404 Not Found: the history of an error", ARTICLE),
        ("Access Denied: a thriller reviewed", ARTICLE),
        ("A report", f'{ARTICLE}<div class="g-recaptcha"></div>'),
        ("Login walls and the press", f"{ARTICLE}<p>You must be logged in to view it.</p>"),
        ("A short note", "<p>Nothing much.</p><p>You must be logged in to post a comment.</p>"),
        ("Domains", f"{ARTICLE}<p>Buy this domain</p>"),
        ("A thread", "<form>User <input><input type=password></form><p>Hello</p>"),
        ("A thread", "<p>Yes.</p><p>This post has been deleted.</p>"),
        ("A thread", "<p>Yes.</p><p>您需要登录后才可以回帖</p>"),
        ("How we moved our users to single login", "<p>It took a year.</p>"),
        ("News - Login", f"{ARTICLE}<form><input type=password></form>"),
        ("The lost page", f"{ARTICLE}<p>The page does not exist.</p>"),
        ("", ""),
    ],
)
def test_a_page_with_its_own_text_is_a_page(title: str, body: str) -> None:
    assert of_page(page(title, body)) is None


def test_titles_in_other_encodings_are_read() -> None:
    verdict = of_page(page("页面不存在", charset="gb18030"))

    assert verdict is not None
    assert verdict.kind == "soft-404"


@pytest.mark.parametrize("charset", ["windows-1251", "utf-8"])
def test_a_sentence_in_cyrillic_is_recognized(charset: str) -> None:
    verdict = of_page(page("Форум", "<p>Запрошенной темы не существует.</p>", charset))

    assert verdict is not None
    assert verdict.kind == "soft-404"


def test_traditional_chinese_in_its_encoding_is_recognized() -> None:
    for charset in ("utf-8", "big5", "gbk"):
        verdict = of_page(page("提示", "<p>抱歉，您訪問的頁面不存在</p>", charset))

        assert verdict is not None
        assert verdict.kind == "soft-404"


def test_the_pages_of_the_cases_are_pages() -> None:
    cases = sorted((Path(__file__).parents[1] / "cases").rglob("*.html"))

    assert len(cases) > 5
    told = {case.parent.name: found.kind for case in cases if (found := of_page(Page("https://e/", case.read_bytes())))}
    assert told == {"empty_body": "drawn-by-scripts", "not_found_in_disguise": "soft-404"}


def test_the_pages_of_threads_and_boards_are_pages() -> None:
    folders = [Path(__file__).parents[1] / "forums" / name for name in ("cases", "boards")]
    pages = [page for folder in folders for page in sorted(folder.rglob("page.html"))]

    assert len(pages) > 50
    assert {str(one): found for one in pages if (found := of_page(Page("https://e/", one.read_bytes())))} == {}


@pytest.mark.parametrize(("status", "kind"), [(401, "login"), (403, "blocked"), (429, "blocked"), (503, "blocked")])
def test_some_statuses_give_a_verdict(status: int, kind: str) -> None:
    verdict = of_status(status)

    assert verdict is not None
    assert (verdict.kind, verdict.why) == (kind, f"status {status}")


@pytest.mark.parametrize("status", [200, 304, 404, 410, 500])
def test_other_statuses_give_no_verdict(status: int) -> None:
    assert of_status(status) is None


def test_a_redirect_to_a_login_is_a_login_unless_it_was_requested() -> None:
    assert moved_to_login("https://e.org/t/1", "https://e.org/login?to=/t/1")
    assert moved_to_login("https://e.org/t/1", "https://e.org/ucp.php?mode=login")
    assert not moved_to_login("https://e.org/login", "https://e.org/login/step2")
    assert not moved_to_login("https://e.org/t/1", "https://e.org/t/1-logins-explained")


WORDS = [word for _, words in verdict._WORDS for word in words]


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
@given(
    words=st.lists(st.sampled_from([*WORDS, "a page", "exists", "logged", "not", "页面"]), max_size=4),
    said=st.sampled_from([0, 500, 700]),
    parsed=st.booleans(),
)
def test_words_are_found_as_by_a_search_for_each_of_them(
    charset: str, words: list[str], said: int, parsed: bool
) -> None:
    if charset == "gb18030":  # Russian and Japanese in it, and nothing that says so, are read as Chinese
        words = [word for word in words if not any("\u0370" <= letter < "\u4e00" for letter in word)]
    body = f"<div>{' '.join(words)}</div><div>{'x ' * said}</div>".upper()
    asked = page("Example", body, charset)
    assert not parsed or asked.tree
    text = asked.text.lower().replace("’", "'")
    kinds = [kind for kind, words in verdict._WORDS for word in words if word in text]
    expected = kinds[0] if kinds and verdict._text_size(asked) <= verdict._LEAST else None

    found = of_page(asked)

    assert (found.kind if found else None) == expected


def test_a_parsed_page_with_enough_text_is_not_searched_for_words() -> None:
    board = page("A board", "<table>" + "<tr><td>12 replies</td></tr>" * 300 + "</table>")

    assert calls(lambda: of_page(board), "_found") > 0
    assert board.tree
    assert calls(lambda: of_page(board), "_found") == 0
