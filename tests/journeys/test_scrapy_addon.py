"""The add-on for any Scrapy project.

What its crawls fetch is archived as it was on the wire, whatever happens to them.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from journeys.household import Household
from services.scrapy_projects import PATIENCE, Project, case, project, told
from services.waiting import eventually
from wire.ledger import Case, LedgerServer, playing
from wire.message_signatures import Message, verified
from wire.proxies import proxying
from wire.warcs import Read

from archive.store import open_store
from archive.store.s3 import S3Settings
from crawler.wire.bot_key import DIRECTORY, current_key

pytestmark = pytest.mark.slow


def page(number: int, *, last: bool = False) -> bytes:
    following = "" if last else f'<ul><li class="next"><a href="/page/{number + 1}/">Next</a></li></ul>'
    quote = f'<span class="text">Quote {number}.</span> <small class="author">Author {number}</small>'
    return f'<html><div class="quote">{quote}<div class="tags"><a class="tag">t</a></div></div>{following}'.encode()


PACKED = gzip.compress(page(2), mtime=0)
LAST = page(3, last=True)
CASES = [
    case("robots.txt", b"User-agent: *\nDisallow: /never/\n", b"content-type: text/plain"),
    case("page/1/", page(1), b"Content-Type:  text/html", b"x-ODD: 1", b"X-Odd: 2", b"Set-Cookie: a=b"),
    case("page/2/", PACKED, b"Content-Type: text/html", b"Content-Encoding: gzip"),
    Case(
        "page/3/",
        head=b"HTTP/1.1 200 Fine\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n",
        body=LAST,
        framed=b"%x\r\n%b\r\n0\r\n\r\n" % (len(LAST), LAST),
        chunked=True,
    ),
]


@pytest.fixture
def server() -> Iterator[LedgerServer]:
    with playing([*CASES, case("never/", b"never"), Case("slow/", then="stall")]) as server:
        yield server


@pytest.fixture
def made(tmp_path: Path, server: LedgerServer) -> Project:
    return project(tmp_path, server)


def equals_ledger(records: list[Read], server: LedgerServer, cases: list[Case] = CASES) -> None:
    """Assert that each exchange of the ledger is in the records, byte for byte."""
    for one in cases:
        entries, url = server.entries(one.path), server.url(one)
        requests = [record.block for record in records if record.url == url and record.kind == "request"]
        assert requests == [entry.received for entry in entries]
        first, *others = [record for record in records if record.url == url and record.kind in ("response", "revisit")]
        assert first.kind == "response"
        assert first.block.endswith(one.body)
        assert {record.kind for record in others} <= {"revisit"}
        for record in (first, *others):
            assert record.block.startswith(one.head.removesuffix(b"\r\n") if not one.chunked else one.head[:17])
        assert len(entries) == 1 + len(others)


def test_the_page_of_the_docs_works_as_written(made: Project, server: LedgerServer) -> None:
    commands = told(server.root).of("console")[1]

    done = made.run("sh", "-ec", commands)

    assert done.returncode == 0, done.stderr
    assert "Quote 2." in (made.directory / "quotes.json").read_text()
    assert f"{server.root}/page/1/" in done.stdout
    assert "quotes" in done.stdout
    equals_ledger(made.records(), server)


def test_a_second_crawl_archives_revisits_and_the_spider_notices_nothing(made: Project, server: LedgerServer) -> None:
    outputs = []
    for name, settings in (("stock", {"ADDONS": "{}"}), ("first", {}), ("again", {"TWISTED_REACTOR_ENABLED": False})):
        done = made.run("scrapy", "crawl", "quotes", "-O", f"{name}.json", *Project.options(settings))
        assert done.returncode == 0, done.stderr
        outputs.append((made.directory / f"{name}.json").read_text())
        if name == "stock":
            assert not made.home.exists()
            server.ledger.clear()

    assert outputs[0] == outputs[1] == outputs[2]
    equals_ledger(made.records(), server)
    assert [run["outcome"] for run in made.runs()] == ["unchanged", "done"]
    assert made.kinds(f"{server.root}/page/2/") == ["revisit", "response"]


def wait_for_records(made: Project, count: int, spool: str = "scrapy") -> None:
    """Return once this many exchanges of a crawl are acknowledged."""

    def acknowledged() -> bool:
        journals = (made.home / "spool" / spool / "open").glob("*.jsonl")
        return sum(journal.read_bytes().count(b'"record_id"') for journal in journals) >= count

    eventually(acknowledged, within=240)


STALLS = """
import scrapy


class Stalls(scrapy.Spider):
    name = "stalls"
    start_urls = ["{root}/page/1/", "{root}/page/2/", "{root}/slow/"]

    def parse(self, response):
        yield {{"url": response.url}}
"""


@pytest.mark.parametrize("by", ["the next crawl", pytest.param("the service", marks=pytest.mark.costly)])
def test_kill_9_loses_nothing_and_the_rest_reaches_the_archive(made: Project, server: LedgerServer, by: str) -> None:
    made.write(STALLS.format(root=server.root))
    with made.start("stalls") as process:
        wait_for_records(made, 3)
        process.kill()
    recorded = list(server.ledger)

    if by == "the next crawl":
        assert made.crawl("quotes").returncode == 0
        assert made.kinds(f"{server.root}/page/1/") == ["revisit", "response"]
    else:
        with Household(made.home).serving():
            eventually(lambda: made.kinds(f"{server.root}/page/2/"), within=240)
        eventually(lambda: list((made.home / "store" / "warc").rglob("*.warc.gz")), within=60)
        requests = {record.block for record in made.records() if record.kind == "request"}
        assert requests >= {entry.received for entry in recorded if entry.path != "/slow/"}
    killed = made.runs()[-1]
    assert killed["outcome"] == "failed"
    assert "start it with Scrapy again" in killed["reason"]


LASTS = """
import scrapy
from scrapy.exceptions import DontCloseSpider


class Lasts(scrapy.Spider):
    name = "lasts"
    start_urls = ["{root}/page/1/", "{root}/page/2/"]

    @classmethod
    def from_crawler(cls, crawler):
        spider = super().from_crawler(crawler)
        crawler.signals.connect(spider.stay, scrapy.signals.spider_idle)
        return spider

    def stay(self):
        raise DontCloseSpider

    def parse(self, response):
        yield {{"url": response.url}}
"""


@pytest.mark.costly
def test_crawls_run_beside_each_other_and_a_cancelled_one_closes_its_spider(
    made: Project, server: LedgerServer
) -> None:
    made.write(LASTS.format(root=server.root))
    with made.start("lasts") as process:
        wait_for_records(made, 3)
        assert made.crawl("quotes").returncode == 0
        assert (made.home / "spool" / "scrapy-2").is_dir()
        made.pressmark("runs", "cancel", made.runs()[-1]["id"])
        assert process.wait(PATIENCE) == 0

    quotes, lasts = made.runs()
    assert (quotes["outcome"], lasts["outcome"]) == ("done", "cancelled")


@pytest.mark.s3
def test_recorded_exchanges_are_uploaded(made: Project, server: LedgerServer, bucket: S3Settings) -> None:
    facts = {"bucket": bucket.bucket, "endpoint": bucket.endpoint, "prefix": bucket.prefix, "ca_bundle": bucket.ca}
    secrets = {"access_key": bucket.access_key, "secret_key": bucket.secret_key}
    made.variables |= {f"PRESSMARK_S3__{name}".upper(): str(value) for name, value in secrets.items()}
    settings = {f"PRESSMARK_S3__{name}".upper(): value for name, value in facts.items()}

    done = made.crawl("quotes", PRESSMARK_STORE="s3", **settings)

    assert done.returncode == 0, done.stderr
    assert not (made.home / "store").exists()
    store = open_store(bucket)
    keys = [key for key in store.keys("warc/") if key.endswith(".warc.gz")]
    assert len(keys) == 1
    copied = made.home / "store" / "warc" / "copied.warc.gz"
    copied.parent.mkdir(parents=True)
    with store.get(keys[0]) as kept:
        copied.write_bytes(kept.read())
    equals_ledger(made.records(), server)


BOUNDARIES = """
import scrapy


class Boundaries(scrapy.Spider):
    name = "boundaries"

    async def start(self):
        for number, meta in enumerate([{{"dont_archive": True}}, {{}}, {{"bindaddress": "127.0.0.1"}}]):
            yield scrapy.Request(
                "{root}/page/1/", meta=meta, dont_filter=True, headers={{"Cookie": f"secret={{number}}"}},
                errback=self.failed,
            )

    def parse(self, response):
        yield {{"status": response.status}}

    def failed(self, failure):
        yield {{"failed": str(failure.value)}}
"""


def test_a_request_may_stay_out_of_the_archive_and_secrets_always_do(made: Project, server: LedgerServer) -> None:
    made.write(BOUNDARIES.format(root=server.root))

    done = made.run("scrapy", "crawl", "boundaries", "-O", "out.json", *Project.options({"COOKIES_ENABLED": False}))

    assert done.returncode == 0, done.stderr
    items = (made.directory / "out.json").read_text()
    assert items.count('"status": 200') == 2
    assert "does not bind to a local address" in items
    assert made.kinds(f"{server.root}/page/1/") == ["response"]
    requests = b"".join(record.block for record in made.records() if record.kind == "request")
    assert b"Cookie" in requests
    assert b"secret=" not in requests


@pytest.mark.costly
def test_a_crawl_that_can_not_be_recorded_fails_and_says_why(made: Project, server: LedgerServer) -> None:
    large = [case(f"page/{n}/", page(n) + random.Random(n).randbytes(9 << 20)) for n in range(1, 9)]
    with playing([CASES[0], *large]) as other:
        spider = made.directory / "tutorial" / "spiders" / "quotes_spider.py"
        spider.write_text(spider.read_text().replace(server.root, other.root))

        done = made.crawl("quotes", PRESSMARK_SPOOL__BUDGET="16MiB")

    assert done.returncode == 1
    assert "the crawl fails because its responses can't be stored: the spool" in done.stderr
    assert "'finish_reason': 'archive_failed'" in done.stderr
    (run,) = made.runs()
    assert run["outcome"] == "failed"
    assert run["reason"].startswith("the spool")


def test_requests_are_signed_if_the_settings_sign_for_all(made: Project, server: LedgerServer) -> None:
    """The control: those of the other tests are not."""
    signed = {"PRESSMARK_PUBLIC_URL": "https://archive.example.org", "PRESSMARK_SIGNING__REQUESTS": "true"}
    done = made.crawl("quotes", **signed)
    assert done.returncode == 0, done.stderr
    key = current_key(made.home / DIRECTORY)
    assert key is not None

    for entry in server.ledger:
        first, *lines = entry.received.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        message = Message(first.split(" ")[0], headers["host"], first.split(" ")[1], headers)
        assert verified(message, {key.id: key.jwk["x"]}.__getitem__, datetime.now(UTC))["keyid"] == key.id
    assert len(server.ledger) > 2
    equals_ledger(made.records(), server)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"TWISTED_REACTOR": "twisted.internet.selectreactor.SelectReactor"},
            "TWISTED_REACTOR: pressmark.addon.Archive needs asyncio",
        ),
        pytest.param(
            {"DOWNLOAD_HANDLERS": '{"https": "scrapy.core.downloader.handlers.http.HTTPDownloadHandler"}'},
            "the project has its own download handler for https",
            marks=pytest.mark.costly,
        ),
        ({"PRESSMARK_COLECTION": "x"}, "did you mean 'PRESSMARK_COLLECTION'?"),
        pytest.param(
            {"PRESSMARK_SOURCE": "A b"}, "set PRESSMARK_SOURCE in the settings of Scrapy", marks=pytest.mark.costly
        ),
    ],
)
def test_a_project_that_can_not_be_recorded_is_refused(
    made: Project, server: LedgerServer, settings: dict[str, object], sentence: str
) -> None:
    done = made.crawl("quotes", **settings)

    assert done.returncode == 1
    assert sentence in done.stderr
    assert server.ledger == []


def test_the_guard_is_off_unless_the_project_wants_it(made: Project, server: LedgerServer) -> None:
    done = made.crawl("quotes", PRESSMARK_GUARD=True)

    assert (
        "Pressmark does not fetch from 127.0.0.1: this address is not on the public internet (loopback)" in done.stderr
    )
    assert server.ledger == []
    assert [run["outcome"] for run in made.runs()] == ["empty"]


@pytest.mark.costly
def test_behind_a_proxy_everything_is_recorded_and_cached_answers_are_not_recorded_again(
    made: Project, server: LedgerServer
) -> None:
    with proxying(urlsplit(server.root).port or 0, user=b"user", password=b"secret") as proxy:
        made.variables["http_proxy"] = f"socks5://user:secret@127.0.0.1:{proxy.port}"
        first = made.crawl("quotes", HTTPCACHE_ENABLED=True)
        asked = len(server.ledger)
        second = made.crawl("quotes", HTTPCACHE_ENABLED=True)

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert asked == len(server.ledger) == len(CASES)
    assert "'httpcache/hit': 4" in second.stderr
    equals_ledger(made.records(), server)
    through = [record.block for record in made.records() if record.kind == "metadata"]
    assert len(through) == len(CASES)
    assert all(f"proxy: socks5://127.0.0.1:{proxy.port}\r\n".encode() in block for block in through)
    again, before = made.runs()
    assert (before["outcome"], before["pages"]) == ("done", 3)
    assert (again["outcome"], again["captures"]) == ("empty", 0)
    assert not [record for record in made.records() if b"secret" in record.block]
