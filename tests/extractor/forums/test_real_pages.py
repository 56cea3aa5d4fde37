"""Real pages of engines, most of them with templates that are not public.

They may not be committed: with PRESSMARK_READING_DATA, the development data of `benchmarks/reading`,
they are read as `real_pages.json` describes.

The expected results were compared with ids and names in the pages' tags, found by other means than our readers; with
authors, times and beginnings that people marked, if any (harvest); and reviewed.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from benchmarks.reading.data import Sample, samples
from extractor.forums.registry import read_thread

AT = datetime(2026, 11, 1, tzinfo=UTC)
DATA = os.environ.get("PRESSMARK_READING_DATA")
EXPECTED: list[dict[str, Any]] = json.loads((Path(__file__).parent / "real_pages.json").read_text(encoding="utf-8"))


@cache
def pages() -> dict[str, Sample]:
    return {sample.name: sample for sample in samples(Path(DATA or ""))}


@pytest.mark.skipif(DATA is None, reason="PRESSMARK_READING_DATA names no data: real pages are not committed")
@pytest.mark.parametrize("expected", EXPECTED, ids=lambda told: f"{told['engine']} {told['page']}")
def test_the_posts_of_a_real_page_are_read(expected: dict[str, Any]) -> None:
    thread = read_thread(replace(pages()[expected["page"]].page, at=AT), AT)

    assert thread is not None
    told = ("engine", "title", "board")
    assert [getattr(thread, name) for name in told] == [expected[name] for name in told]
    assert (thread.page, thread.pages) == (expected["number"], expected["of"])
    posts = [
        [post.id, post.author, post.date, hashlib.sha256(post.text.encode()).hexdigest()[:12]] for post in thread.posts
    ]
    assert posts == expected["posts"]


def test_engines_without_public_templates_have_real_pages() -> None:
    engines = {told["engine"] for told in EXPECTED}

    assert {"xenforo1", "xenforo2", "vbulletin3", "vbulletin4", "invision", "stackexchange"} <= engines
    assert all(told["posts"] for told in EXPECTED)
