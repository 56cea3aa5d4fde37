"""No damaged page makes a reader raise."""

from __future__ import annotations

import json
import random
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import LONG
from specimens.forum_pages import mutated, page_for

from extractor.forums.engine import Engine
from extractor.forums.generic import read_generic
from extractor.forums.registry import COMMENTS, FORUMS, read_thread
from extractor.forums.schemaorg import read_json_ld, read_microdata
from extractor.html.page import Page

PAGES, MUTATIONS = (5_000, 5_000) if LONG else (60, 25)
CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.is_dir())
AT = datetime(2026, 11, 24, 10, 5, tzinfo=UTC)
URLS = ("https://forum.example/t/a/1?page=2", "https://forum.example/", "http://forum.example/topic/1/page/3#p9")


DRAWN = [forum for forum in FORUMS + COMMENTS if isinstance(forum, Engine) and forum.post]
"""Those whose pages are HTML; test_social_networks.py changes answers in JSON."""


@pytest.mark.parametrize("forum", DRAWN, ids=lambda forum: forum.name)
def test_a_reader_of_an_engine_survives_any_page(forum: Engine) -> None:
    chance = random.Random(forum.name)
    posts = threads = 0
    for number in range(PAGES):
        page = Page(URLS[number % len(URLS)], page_for(forum, chance), at=AT if number % 2 else None)

        thread = forum.thread(page, page.at)
        links = forum.links(page, page.at)

        posts += len(thread.posts) if thread is not None else 0
        threads += len(links.threads)
    assert posts > PAGES / 10  # the damage has left something to be read


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_damaged_page_of_a_real_template_causes_no_error(case: Path) -> None:
    told = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    whole, chance, posts = next(case.glob("page.*")).read_bytes(), random.Random(case.name), 0
    engine = next((forum for forum in FORUMS + COMMENTS if forum.name == told["thread"]["engine"]), None)
    for _ in range(MUTATIONS):
        page = Page(told["url"], mutated(whole, chance), at=AT)

        thread = engine.thread(page, AT) if engine is not None else read_generic(page, AT)
        if engine is not None:
            engine.links(page, AT)

        posts += len(thread.posts) if thread is not None else 0
    assert posts > MUTATIONS  # the damage has left something to be read


@pytest.mark.parametrize("seed", range(20))
def test_the_readers_of_unknown_engines_survive_any_page(seed: int) -> None:
    chance = random.Random(seed)
    for number in range(PAGES // 10):
        engine = chance.choice(DRAWN)
        page = Page(URLS[number % len(URLS)], page_for(engine, chance), at=AT)

        read_thread(page)
        read_generic(page, AT)
        read_microdata(page, AT)
        read_json_ld(page)


def test_a_post_of_bbpress_without_its_head_causes_no_error() -> None:
    case = next(case for case in CASES if case.name == "bbpress")
    url = json.loads((case / "expected.json").read_text(encoding="utf-8"))["url"]
    written = (case / "page.html").read_text(encoding="utf-8")

    thread = read_thread(Page(url, written.replace('class="bbp-reply-header"', "").encode()))
    apart = read_thread(Page(url, re.sub(r"(<div [^>]*type-reply)", "<!-- -->" * 7 + r"\1", written).encode()))

    assert thread is not None and apart is not None
    assert len(thread.posts) == len(apart.posts) > 1
