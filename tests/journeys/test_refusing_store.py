"""A bucket that is missing, refuses, or does not answer: commands end soon, with its code, and say what is safe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import FORM
from crawling.site import Reply, Site, html, serving
from faults.deaf import deaf
from faults.harm import fail
from faults.proxy import Fault, proxying
from journeys.household import Ended, Household, gazette
from services.buckets import BUCKET
from services.seaweedfs import S3Server
from services.waiting import eventually

pytestmark = [pytest.mark.s3, pytest.mark.slow]

MOST_REQUESTS = 40
"""Requests of one command to a refusing store: a limit of attempts, not of seconds."""


class Refusal(NamedTuple):
    fault: Fault | None
    """None: nobody listens."""
    code: int
    words: str


REFUSALS = {
    "bucket": Refusal(fail(404, "NoSuchBucket"), 6, "does not exist: create it, or correct the bucket's name"),
    "key": Refusal(fail(403, "InvalidAccessKeyId"), 12, "check the access key and the secret key"),
    "signature": Refusal(fail(403, "SignatureDoesNotMatch"), 12, "check the access key and the secret key"),
    "refused": Refusal(None, 6, "can't be reached: no connection: check that it is running"),
}
_SAMPLE = ("refused",)
each = pytest.mark.parametrize(
    "name", [name if name in _SAMPLE else pytest.param(name, marks=pytest.mark.costly) for name in REFUSALS]
)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.routes |= {"/robots.txt": Reply(404), "/": html("/one"), "/one": html(text="Words of a page. " * 20)}
        yield site


def use_bucket(household: Household, endpoint: str, server: S3Server | None = None) -> None:
    facts = {"STORE": "s3", "S3__BUCKET": BUCKET, "S3__ENDPOINT": endpoint, "S3__PREFIX": household.home.parent.name}
    keys = (server.access_key, server.secret_key) if server else ("a", "s")
    facts |= {"S3__ACCESS_KEY": keys[0], "S3__SECRET_KEY": keys[1]}
    household.environment.update({f"PRESSMARK_{name}": value for name, value in facts.items()})


@contextmanager
def refusing(household: Household, name: str) -> Iterator[str]:
    """Make the household's bucket refuse that way; return its endpoint."""
    with proxying("http://127.0.0.1:1") as proxy:
        refusal = REFUSALS[name]
        proxy.faults = [refusal.fault] if refusal.fault else []
        endpoint = proxy.url if refusal.fault else "http://127.0.0.1:1"
        use_bucket(household, endpoint)
        yield endpoint
        assert len(proxy.calls) <= MOST_REQUESTS


def assert_told(ended: Ended, name: str, endpoint: str, household: Household) -> None:
    assert f"error: the bucket {BUCKET} at {endpoint} " in ended.err
    assert REFUSALS[name].words in ended.err
    assert f"the archived pages are safe in {household.home}/spool" in ended.err
    assert "Traceback" not in ended.err


@each
def test_a_run_ends_by_the_kind_of_the_refusal_and_says_what_is_safe(
    household: Household, site: Site, name: str
) -> None:
    household.source("gazette", gazette(f"{site.url}/"))
    with refusing(household, name) as endpoint:
        ended = household.run("run", "gazette", "--json", code=REFUSALS[name].code)
        kept = household.run("snapshot", "get", f"{site.url}/one").out

    assert_told(ended, name, endpoint, household)
    assert ended.json["items"][0]["outcome"] == "done"
    assert "Words of a page." in kept


def test_a_page_archived_by_hand_ends_the_same_way(household: Household, site: Site) -> None:
    household.source("gazette", gazette(f"{site.url}/"))
    with refusing(household, "key") as endpoint:
        ended = household.run("archive", f"{site.url}/one", code=12)

    assert_told(ended, "key", endpoint, household)


@pytest.mark.parametrize("name", ["key", pytest.param("refused", marks=pytest.mark.costly)])
def test_a_run_beside_a_service_ends_the_same_way(household: Household, site: Site, name: str) -> None:
    household.source("gazette", gazette(f"{site.url}/"))
    with refusing(household, name) as endpoint, household.serving():
        ended = household.run("run", "gazette", code=REFUSALS[name].code)

    assert_told(ended, name, endpoint, household)


@pytest.mark.costly
def test_a_run_whose_store_hangs_says_since_when(household: Household, site: Site) -> None:
    household.source("gazette", gazette(f"{site.url}/"))
    with deaf() as endpoint:
        use_bucket(household, endpoint)
        ended = household.run("run", "gazette", code=6)

    assert f"error: the bucket {BUCKET} at {endpoint} has not responded since 20" in ended.err
    assert f"the archived pages are safe in {household.home}/spool" in ended.err


@pytest.mark.costly
def test_a_service_whose_store_hangs_says_since_when_and_so_do_a_run_beside_it_and_the_doctor(
    household: Household, site: Site
) -> None:
    household.source("gazette", gazette(f"{site.url}/"))
    with deaf() as endpoint:
        use_bucket(household, endpoint)
        with household.serving(kill=True) as served:
            ended = household.run("run", "gazette", code=6)
            problem = eventually(lambda: served.get("/readyz").json["problems"].get("store"))
            doctor = household.run("doctor", code=6)

    silent = f"the bucket {BUCKET} at {endpoint} has not responded since 20"
    assert f"error: {silent}" in ended.err
    assert silent in problem
    assert silent in doctor.out


def test_a_run_whose_store_answers_ends_with_0_and_is_shipped(
    household: Household, site: Site, s3_server: S3Server
) -> None:
    household.source("gazette", gazette(f"{site.url}/"))
    use_bucket(household, s3_server.plain, s3_server)
    alone = household.run("run", "gazette")
    with household.serving():
        beside = household.run("archive", f"{site.url}/one")

    assert "error" not in alone.err + beside.err


def archive_in_the_store_alone(household: Household) -> None:
    """Crawl until no local copy is left: a run may end before it removes what it shipped; the next one does that."""
    household.environment["PRESSMARK_SPOOL__GRACE"] = "0s"

    def is_alone() -> bool:
        household.run("run", "gazette")
        return not list(household.home.glob("spool/*/sealed/*.warc.gz"))

    eventually(is_alone)


@pytest.mark.costly
@each
def test_each_command_that_reads_or_writes_the_store_ends_by_the_kind_of_the_refusal(
    household: Household, site: Site, tmp_path: Path, name: str, s3_server: S3Server
) -> None:
    household.source("gazette", gazette(f"{site.url}/"))
    use_bucket(household, s3_server.plain, s3_server)
    archive_in_the_store_alone(household)
    household.run("export", "warc", "-o", str(tmp_path / "kept.warc.gz"))
    commands = {
        "export": ("export", "warc", "-o", str(tmp_path / "again.warc.gz")),
        "verify": ("verify", "--all"),
        "rebuild": ("rebuild",),
        "extract": ("extract", "--all"),
        "ingest": ("ingest", str(tmp_path / "kept.warc.gz")),
        "snapshot": ("snapshot", "get", f"{site.url}/one"),
    }
    wrong = {}
    for command, arguments in commands.items():
        with refusing(household, name) as endpoint:
            try:
                ended = household.run(*arguments, code=REFUSALS[name].code)
                assert f"the bucket {BUCKET} at {endpoint} " in ended.err, ended.err
                assert REFUSALS[name].words in ended.err
            except AssertionError as error:
                wrong[command] = str(error)[:1500]
    assert not wrong, "\n\n".join(f"{command}: {why}" for command, why in wrong.items())


HANGING = [("verify", "--all"), ("export", "warc", "-o", "a.warc.gz")]


@pytest.mark.skipif(FORM == "sample", reason="it waits for half a minute: make test-faults")
@pytest.mark.parametrize("command", HANGING, ids=["verify", "export"])
def test_a_command_whose_store_hangs_says_since_when_and_ends(
    household: Household, site: Site, s3_server: S3Server, command: tuple[str, ...]
) -> None:
    household.source("gazette", gazette(f"{site.url}/"))
    use_bucket(household, s3_server.plain, s3_server)
    archive_in_the_store_alone(household)
    with deaf() as url:
        use_bucket(household, url, s3_server)
        ended = household.run(*command, code=6)

    assert ended.err.count(f"the bucket {BUCKET} at {url} has not responded since ") == 1
    assert "look at the store and the network between; the command waits, Ctrl-C ends it" in ended.err
    assert f"error: the bucket {BUCKET} at {url} can't be reached: no response in time" in ended.err
