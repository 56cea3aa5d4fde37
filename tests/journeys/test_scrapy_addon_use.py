"""What sites reserve, and what the add-on for Scrapy projects does about it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from services.scrapy_projects import Project, case, project
from wire.ledger import playing

pytestmark = pytest.mark.slow

TDM = b'[{"location": "/tdm/", "tdm-reservation": 1}]'
RESERVING = [
    case(
        "robots.txt", b"User-agent: *\nContent-Usage: /signalled/ train-ai=n\nAllow: /\n", b"content-type: text/plain"
    ),
    case(".well-known/tdmrep.json", TDM, b"content-type: application/json"),
    case("ai.txt", b"User-Agent: *\nDisallow: /essays/\n", b"content-type: text/plain"),
    case("signalled/", b"<p>s"),
    case("tdm/", b"<p>t"),
    case("essays/", b"<p>e"),
    case("head/", b"<p>h", b"Content-Type: text/html", b"X-Robots-Tag: noarchive"),
    case("meta/", b'<meta name="robots" content="noai"><p>m'),
    case("free/", b"<p>f"),
]
RESERVED_AT = ["signalled/", "tdm/", "essays/", "head/", "meta/"]
READER = """
import scrapy


class Reader(scrapy.Spider):
    name = "reader"

    async def start(self):
        for path in {paths}:
            yield scrapy.Request("{root}/" + path, errback=self.failed)

    def parse(self, response):
        yield {{"got": response.url}}

    def failed(self, failure):
        yield {{"failed": str(failure.value)}}
"""


@pytest.mark.parametrize(
    "use",
    [
        "general",
        pytest.param("preservation", marks=pytest.mark.costly),
        pytest.param("", marks=pytest.mark.costly, id="none"),
    ],
)
def test_what_a_site_reserves_is_obeyed_as_the_use_says(tmp_path: Path, use: str) -> None:
    """Preservation and no use are the controls."""
    with playing(RESERVING) as server:
        made = project(tmp_path, server)
        made.write(READER.format(root=server.root, paths=[*RESERVED_AT, "free/"]))
        chosen = {"PRESSMARK_USE": use} if use else {}
        done = made.run("scrapy", "crawl", "reader", "-O", "out.json", *Project.options(chosen))

    assert done.returncode == 0, done.stderr
    items = json.loads((made.directory / "out.json").read_text())
    got = sorted(item["got"].removeprefix(f"{server.root}/") for item in items if "got" in item)
    failed = [item["failed"] for item in items if "failed" in item]
    asked = [entry.path for entry in server.ledger]
    beside = {"/.well-known/tdmrep.json", "/ai.txt"}
    answered = [record.url for record in made.records() if record.kind == "response"]
    answers = {url.removeprefix(f"{server.root}/") for url in answered if url}
    [run] = made.runs()
    if use == "general":
        assert got == ["free/"]
        assert len(failed) == len(RESERVED_AT) and all(one.startswith("Reserved by the site: ") for one in failed)
        assert not {"/signalled/", "/tdm/", "/essays/"} & set(asked)
        assert answers == {"robots.txt", ".well-known/tdmrep.json", "ai.txt", "free/"}
        assert (run["outcome"], run["not_fetched"]) == ("done", {"reserved": len(RESERVED_AT)})
    else:
        assert got == sorted([*RESERVED_AT, "free/"]) and failed == []
        assert answers >= {*RESERVED_AT, "free/"}
    assert [asked.count(path) for path in sorted(beside)] == ([1, 1] if use else [0, 0])
