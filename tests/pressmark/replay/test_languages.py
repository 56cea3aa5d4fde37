"""The origin of replay writes its own messages in the language of the page around it."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from services.retrieving import HOME, Retrieving, retrieving

NOTHING = "http://other.example/"
CHINESE = {"Cookie": "pressmark_language=zh-Hans"}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retrieving]:
    with retrieving(tmp_path_factory.mktemp("languages"), replay={"scripts": True}) as made:
        yield made


def frame_of(page: str) -> str:
    found = re.search(r'<iframe[^>]* src="([^"]+)"', page)
    assert found
    return found[1]


def told(archive: Retrieving, url: str, host: str, **headers: str) -> tuple[int, str]:
    """Return the answer at a host of the origin of replay, which no resolver knows here."""
    assert archive.stage
    path = url.partition("//")[2].partition("/")[2]
    asked = urllib.request.Request(f"http://127.0.0.1:{archive.stage.port}/{path}", headers={"Host": host, **headers})
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_frame_uses_the_chosen_language_of_the_page_around_it(archive: Retrieving) -> None:
    for headers, title, sentence in (
        ({}, "Not archived", f"The archive has no captures (archived versions) of {NOTHING}."),
        (CHINESE, "没有存档", f"存档库中没有 {NOTHING} 的任何版本。"),
        ({"Accept-Language": "zh-CN"}, "没有存档", f"存档库中没有 {NOTHING} 的任何版本。"),
    ):
        page = archive.get(f"/snapshot/latest/{HOME}", **headers)[2].decode()
        status, _, body = archive.get(frame_of(page).replace(HOME, NOTHING))

        assert (status, f"<h1>{title}</h1>" in body.decode(), sentence in body.decode()) == (404, True, True)


def test_programs_get_the_language_they_ask_for(archive: Retrieving) -> None:
    where = archive.get(f"/web/20260131120000mp_/{HOME}", Accept_Language="zh")[1]["Location"]

    assert "没有存档" in archive.text(where.replace(HOME, NOTHING))


@pytest.mark.parametrize(("language", "title"), [("en", "has expired"), ("zh-Hans", "此地址已失效")])
def test_a_reader_without_a_grant_gets_the_language_of_the_browser(
    archive: Retrieving, language: str, title: str
) -> None:
    assert archive.stage
    status, _, body = archive.get(f"http://127.0.0.1:{archive.stage.port}/x/2026mp_/{HOME}", Accept_Language=language)

    assert (status, title in body.decode()) == (403, True)


def test_a_scene_and_the_page_around_it_use_that_language_too(archive: Retrieving) -> None:
    bar = archive.get(f"/view/scripts/latest/{HOME}", **CHINESE)[1]["Location"]
    status, page = told(archive, bar, bar.split("/")[2])
    start = frame_of(page).replace("&amp;", "&")
    host = start.split("/")[2]
    grant = start.split("/")[5].partition("?")[0]
    missing = told(archive, f"http://x/_pressmark/at/{grant}/20260131120000mp_/{HOME}none", host)
    around = told(archive, bar.replace("to=%2F", "to=%2Fnone"), bar.split("/")[2])

    assert (status, '<html lang="zh-Hans">' in page, "此框架" not in page) == (200, True, True)
    assert "您的浏览器禁用了" in told(archive, start, host)[1]
    assert (missing[0], "没有存档" in missing[1]) == (404, True)
    assert (around[0], "没有存档" in around[1]) == (404, True)
