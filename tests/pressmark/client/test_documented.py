"""The code of docs/how-to/python.md runs as it is written there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from services.retrieving import served
from specimens.versions import Version, keep, thread_version

from config.settings import Settings
from pressmark.client import Pressmark
from pressmark.service.assembly import open_pressmark

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "python.md"
NEWS, POSTED = "https://example.org/news/1", "https://forum.example.org/t/7"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "segments").mkdir()
    dated = {"date": "2026-01-31", "language": "en"}
    with open_pressmark(Settings(home=tmp_path)) as service:
        old, new = "The telescope is late.", "The telescope has come."
        keep(
            service,
            tmp_path / "segments",
            Version(old, NEWS, 0, source="gazette", facts=dated),
            Version(new, NEWS, 2880, source="gazette", facts=dated),
        )
        thread = thread_version([("1", "It turns.")], 120, source="forum")
        keep(service, tmp_path / "segments", Version(thread.text, POSTED, 120, source="forum", facts=thread.facts))
        with served(service) as address:
            yield address


def blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


def test_the_code_of_the_page_runs(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    for block in blocks():
        if "home=" in block:
            names["archive"] = Pressmark(url)  # homes have their tests in test_client.py
        elif "archive.wait" in block:
            exec(block.replace("archive.wait(run.id", "archive.cancel(run.id); archive.wait(run.id"), names)
        else:
            exec(block.replace("http://127.0.0.1:8600", url), names)

    assert "The clock" in capsys.readouterr().out
    assert names["then"] != names["now"]
    assert list(names["frame"]["url"]) == [NEWS]
    assert names["posts"].height == 1
    assert [post["text"] for post in names["thread"]["posts"]] == ["It turns."]
    names["archive"].close()
