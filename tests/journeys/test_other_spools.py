"""Two machines on one database and one bucket: what only the spool of one has, the other reads through its service."""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from crawling.site import Site, html, serving
from journeys.household import QUICK, Household, Served
from services.buckets import store_in
from services.postgresql import EMPTY, PostgresServer
from services.waiting import eventually
from warcio.archiveiterator import ArchiveIterator

from archive.store.s3 import S3Settings
from pressmark.service.peers.signatures import HEADER

pytestmark = [pytest.mark.postgresql, pytest.mark.s3, pytest.mark.timeout(600)]
PATIENCE = 120
STORY = "The kettle of the reading room sings."


@pytest.fixture
def site() -> Iterator[Site]:
    with serving({"/news": html(STORY)}) as site:
        yield site


class Machine(Household):
    """A household whose processes name its home by their working directory: no other finds its files by their paths."""

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-P", "-m", "pressmark", "--home", f"/proc/self/cwd/{self.home.name}", *arguments]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def machines(tmp_path: Path, postgresql: PostgresServer, bucket: S3Settings) -> Iterator[tuple[Household, Household]]:
    """Two homes; the first can't reach the bucket, so that its worker keeps all in its spool."""
    shared = {**QUICK, **store_in(bucket)}
    cut = {"PRESSMARK_S3__ENDPOINT": f"http://127.0.0.1:{free_port()}"}
    with postgresql.database(EMPTY) as url:
        shared["PRESSMARK_DATABASE"] = url
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
        yield (
            Machine(tmp_path / "one" / "home", {**shared, **cut, "PRESSMARK_WORKER__NAME": "one"}),
            Machine(tmp_path / "two" / "home", {**shared, "PRESSMARK_WORKER__NAME": "two"}),
        )


def archived(reader: Served, site: Site) -> str:
    """Archive the news by a worker elsewhere; return where the API has the page as it was received."""
    added = {"source": "news", "seeds": [f"{site.url}/news"], "walk": "page", "addresses": ["127.0.0.0/8"]}
    assert reader.ask("POST", "/api/v1/sources", added).status == 201
    run = reader.ask("POST", "/api/v1/sources/news/runs").json["id"]
    eventually(lambda: reader.get(f"/api/v1/runs/{run}").json["status"] == "over", within=PATIENCE)
    [capture] = [one for one in reader.items(f"/api/v1/runs/{run}/captures") if one["url"].endswith("/news")]
    return f"/api/v1/snapshots/{capture['timestamp']}/raw/{site.url}/news"


def test_a_page_in_the_spool_of_another_machine_is_read_while_its_service_answers(
    machines: tuple[Household, Household], site: Site
) -> None:
    one, two = machines
    port = free_port()
    telling = Machine(one.home, {**one.environment, "PRESSMARK_WORKER__URL": f"http://127.0.0.1:{port}/"})
    with two.serving("--role", "api,clock") as reader:
        with telling.serving("--role", "work", "--port", str(port), kill=True):
            page = archived(reader, site)
            answer = reader.get(page)
            assert (answer.status, STORY in answer.text) == (200, True)
            [(name, path)] = segments_in(one.home / "spool" / "one")
            assert reader.get(f"/warcs/{name}.warc.gz").body == path.read_bytes()
            two.run("export", "warc", "-o", "news.warc.gz")
            exported = (two.home.parent / "news.warc.gz").read_bytes()
            assert STORY.encode() in b"".join(record.raw_stream.read() for record in ArchiveIterator(BytesIO(exported)))
            assert refusals(f"http://127.0.0.1:{port}/segments/{name}") == [404, 404]
        gone = reader.get(page)
        assert gone.status == 503
        assert f"the worker one on the machine {socket.gethostname()} does not answer at" in gone.json["detail"]


@pytest.mark.costly
def test_without_an_address_the_error_names_the_machine(machines: tuple[Household, Household], site: Site) -> None:
    one, two = machines
    with two.serving("--role", "api,clock") as reader, one.serving("--role", "work"):
        answer = reader.get(archived(reader, site))
        assert answer.status == 502
        assert f"it is in the spool of the worker one on the machine {socket.gethostname()}" in answer.json["detail"]


def segments_in(spool: Path) -> list[tuple[str, Path]]:
    """Return the names of the segments of a spool, and their files, once they are sealed."""
    sealed = eventually(lambda: list((spool / "sealed").glob("*.journal.jsonl")), within=PATIENCE)
    return [
        (
            str(json.loads(journal.read_text().partition("\n")[0])["segment"]),
            journal.with_suffix("").with_suffix(".warc.gz"),
        )
        for journal in sealed
    ]


def refusals(url: str) -> list[int]:
    """Return the answers to a request without a signature, and to one that is signed with another key."""
    answers = list[int]()
    for headers in ({}, {HEADER: f"{int(time.time())}:{'0' * 64}"}):
        with pytest.raises(HTTPError) as refused:
            urlopen(Request(f"{url}?length=9", headers=headers), timeout=20)
        with refused.value:
            answers.append(refused.value.code)
    return answers
