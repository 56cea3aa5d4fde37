"""No secret of the service appears in what it writes, logs or sends to anybody else."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from crawling.site import Reply, Site, html, serving
from journeys.household import Household, Served, gazette
from services.waiting import eventually

from crawler.wire.bot_key import BotKey, signing_key

TOKEN = "canary-of-a-token-0123456789"
CANARIES = {
    "token": TOKEN,
    "header": "canary-of-a-header",
    "cookie": "canary-of-a-cookie",
    "path": "canary-of-a-path",
    "client secret": "canary-of-a-client-secret",
}
KEPT = "a body that is kept"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
PATHS = ("/", "/sources", "/sources/gazette", "/runs", "/new", "/metrics", "/readyz", "/api/v1/sources", "/api/v1/runs")
PATHS += ("/api/v1/sources/gazette", "/api/v1/captures?url={url}", "/api/v1/snapshots/latest/json/{url}", "/settings")
PATHS += (
    "/login",
    "/login/oidc",
    "/settings/people",
    "/settings/trail",
    "/api/v1/trail",
    "/crawler",
    "/.well-known/http-message-signatures-directory",
)
PATHS += ("/view/record/latest/{url}", "/view/headers/latest/{url}", "/openapi.json", "/no/such/page")
COMMANDS = (["doctor"], ["config", "show"], ["source", "list"], ["runs", "list", "--json"], ["verify", "--all"])
COMMANDS += (["captures", "{url}", "--json"], ["snapshot", "get", "{url}", "--json"], ["webhooks", "list"])


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.routes |= {"/robots.txt": Reply(404), "/": html(text=KEPT), "/broken": Reply(cut=True)}
        yield site


@pytest.fixture
def told(household: Household, site: Site) -> dict[str, str]:
    """Return everything that a service and its commands wrote and sent, by place.

    The run uses every kind of secret.
    """
    household.environment |= {
        "PRESSMARK_TOKEN": TOKEN,
        "PRESSMARK_SECRETS": '["HEADER", "COOKIE"]',
        "HEADER": CANARIES["header"],
        "COOKIE": CANARIES["cookie"],
        "PRESSMARK_PUBLIC_URL": "https://archive.example.org",
        "PRESSMARK_SIGNING__REQUESTS": "true",
        "PRESSMARK_NOTIFY__WEBHOOK__URL": f"http://127.0.0.1:9/{CANARIES['path']}",
        "PRESSMARK_NOTIFY__WEBHOOK__ADDRESSES": '["127.0.0.0/8"]',
        "PRESSMARK_OIDC__ISSUER": "http://127.0.0.1:9",
        "PRESSMARK_OIDC__CLIENT_ID": "pressmark",
        "PRESSMARK_OIDC__CLIENT_SECRET": CANARIES["client secret"],
        "PRESSMARK_OIDC__DEFAULT_ROLE": "read",
    }
    secrets = "headers: {X-Key: {secret: HEADER}}\ncookies: {session: {secret: COOKIE}}\n"
    household.source("gazette", gazette(f"{site.url}/", more=secrets))
    signing_key(household.home / "crawler-keys")  # with PostgreSQL, no service makes one
    with household.serving() as served:
        run = served.ask("POST", "/api/v1/sources/gazette/runs", headers=BEARER).json["id"]
        eventually(lambda: served.get(f"/api/v1/runs/{run}", **BEARER).json["status"] == "over")
        eventually(lambda: any((household.home / "store").rglob("*.warc.gz")))
        answers = said_by(served, f"{site.url}/")
    sent = site.last("/").headers
    assert (sent["x-key"], sent["cookie"]) == (CANARIES["header"], f"session={CANARIES['cookie']}")
    commands = {
        " ".join(words): (ended := household.run(*(word.format(url=f"{site.url}/") for word in words), code=None))
        and f"{ended.out}{ended.err}"
        for words in COMMANDS
    }
    return answers | commands | {"the log": served.log.read_text()} | written(household.home)


def said_by(served: Served, url: str) -> dict[str, str]:
    answers = {path: served.ask("GET", path.format(url=url), headers=BEARER) for path in PATHS}
    return {path: f"{answer.headers}{answer.text}" for path, answer in answers.items()}


def written(home: Path) -> dict[str, str]:
    """Return the files of a home, including what is compressed in them."""
    return {file.relative_to(home).as_posix(): read(file) for file in home.rglob("*") if file.is_file()}


def read(file: Path) -> str:
    content = file.read_bytes()
    return (gzip.decompress(content) if file.name.endswith(".gz") else content).decode("latin-1")


def found(told: dict[str, str], canary: str) -> list[str]:
    return [where for where, text in told.items() if canary in text]


def test_no_secret_appears_in_what_is_written_or_sent(told: dict[str, str]) -> None:
    assert {name: places for name, canary in CANARIES.items() if (places := found(told, canary))} == {}

    # The control: a value that is not secret is found by the same search, in files and in answers.
    places = found(told, KEPT)
    assert any(place.endswith(".warc.gz") for place in places)
    assert any(place.startswith("/api/v1/snapshots") for place in places)


def test_the_key_that_signs_requests_is_in_its_own_file_alone(told: dict[str, str], site: Site) -> None:
    assert "signature" in site.last("/").headers
    file = "crawler-keys/current.pem"
    secret = told[file].splitlines()[1]
    key = BotKey(told[file])
    raw = key.private.private_bytes_raw()

    forms = (secret, raw.hex(), raw.decode("latin-1"), base64.b64encode(raw).decode().rstrip("="))
    assert [found(told, form) for form in forms] == [[file], [], [], []]
    # The control: the public half of the same key is found by the same search.
    assert {"/crawler", "/.well-known/http-message-signatures-directory"} <= set(found(told, key.jwk["x"]))


@pytest.mark.costly
def test_a_header_that_is_not_secret_is_found(household: Household, site: Site) -> None:
    household.source("gazette", gazette(f"{site.url}/", walk="page", more="headers: {X-Key: canary-in-the-open}\n"))
    household.run("run", "gazette")

    assert found(written(household.home), "canary-in-the-open")
