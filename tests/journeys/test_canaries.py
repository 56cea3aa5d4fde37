"""No secret of the service appears in what it writes, logs or sends to anybody else."""

from __future__ import annotations

import base64
import gzip
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import FORM
from crawling.site import Reply, Site, html, serving
from journeys.household import QUICK, Household, Served, gazette
from services.processes import looking_at
from services.waiting import eventually

from crawler.wire.bot_key import BotKey, signing_key

TOKEN = "canary-of-a-token-0123456789"
CANARIES = {
    "token": TOKEN,
    "header": "canary-of-a-header",
    "cookie": "canary-of-a-cookie",
    "path": "canary-of-a-path",
    "client secret": "canary-of-a-client-secret",
    "model": "canary-of-a-key-of-a-language-model",
    "feeds": "canary-of-a-token-for-feeds",
    "mail": "canary-of-a-mail-password",
    "signature": "canary-of-the-key-of-a-webhook",
    "webhook": "whsec_Y2FuYXJ5IG9mIGEga2V5IG9mIGEgd2ViaG9vaw==",
    "apprise": "canary-of-an-apprise-service",
    "bucket": "canary-of-a-key-of-a-bucket",
    "password": "canary-of-a-persons-password",
    "storage": "canary-of-a-stored-token-0123456789",
}
DRAWN = """<p>A page that tells what it finds.<script type=module>
const token = localStorage.getItem('token');
document.title = token + btoa(token) + encodeURIComponent(token);
document.body.append(token);
console.error(token);
await fetch('/own?token=' + token, {method: 'POST', body: token, headers: {Authorization: token}});
document.body.append(await (await fetch('/echo')).text());
</script>"""
KEPT = "a body that is kept"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
SNAPSHOT = "/api/v1/snapshots/latest/json/"
PATHS = ("/", "/sources", "/sources/gazette", "/runs", "/new", "/metrics", "/readyz", "/api/v1/sources", "/api/v1/runs")
PATHS += ("/api/v1/sources/gazette", "/api/v1/captures?url={url}", f"{SNAPSHOT}{{url}}", "/settings")
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
COMMANDS += (["webhooks", "test", "team"], ["source", "check"], ["user", "list"], ["trail", "--json"])
COMMANDS += (
    ["export", "wacz", "-o", "{out}/out.wacz"],
    ["export", "warc", "-o", "{out}/out.warc.gz"],
    ["backup", "{out}/backup"],
)
BUCKET = {"bucket": "away", "access_key": "a-name-of-a-key", "secret_key": CANARIES["bucket"]}
AWAY = json.dumps({"away": {"store": "s3", "s3": BUCKET}})
SPIDER = """
import scrapy
class Own(scrapy.Spider):
    name = "own"
    def __init__(self, base, key):
        super().__init__()
        assert key.endswith("-of-a-header")
        self.base = base
    async def start(self):
        yield scrapy.Request(self.base + "/own")
    def parse(self, response):
        raise ValueError("a spider that fails")
"""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving() as site:
        site.routes |= {"/robots.txt": Reply(404), "/": html(text=KEPT), "/broken": Reply(cut=True)}
        yield site


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, database_of_module: dict[str, str], site: Site) -> dict[str, str]:
    """Return everything that a service and its commands wrote and sent, by place.

    The run uses every kind of secret.
    """
    household = Household(tmp_path_factory.mktemp("canaries") / "home", QUICK | database_of_module)
    household.environment |= {
        "PRESSMARK_TOKEN": TOKEN,
        "PRESSMARK_SECRETS": '["HEADER", "COOKIE", "STORED"]',
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
        "PRESSMARK_ASSISTANT__URL": "http://127.0.0.1:9/v1",
        "PRESSMARK_ASSISTANT__MODEL": "small",
        "PRESSMARK_ASSISTANT__KEY": CANARIES["model"],
        "PRESSMARK_LOG__LEVEL": "debug",
        "PRESSMARK_FEEDS__TOKEN": CANARIES["feeds"],
        "PRESSMARK_NOTIFY__MAIL__SERVER": "127.0.0.1",
        "PRESSMARK_NOTIFY__MAIL__PORT": "9",
        "PRESSMARK_NOTIFY__MAIL__TO": "desk@example.org",
        "PRESSMARK_NOTIFY__MAIL__USER": "desk",
        "PRESSMARK_NOTIFY__MAIL__PASSWORD": CANARIES["mail"],
        "PRESSMARK_NOTIFY__WEBHOOK__SECRET": CANARIES["signature"],
        "PRESSMARK_NOTIFY__APPRISE__URLS": f"json://127.0.0.1:9/a json://127.0.0.1:9/{CANARIES['apprise']}",
        "PRESSMARK_WEBHOOKS": json.dumps({"team": {"url": "http://127.0.0.1:9/a", "secret": CANARIES["webhook"]}}),
    }
    stored = [{"origin": site.url, "localStorage": [{"name": "token", "value": CANARIES["storage"]}]}]
    household.environment["STORED"] = json.dumps({"cookies": [], "origins": stored})
    site.routes |= {"/drawn": Reply(body=DRAWN), "/echo": Reply(body=f"echo {CANARIES['storage']}")}
    more = "fetch: browser\nsession: {cookies: {secret: STORED}}\n"
    household.source("drawn", gazette(f"{site.url}/drawn", more=more).replace("gazette", "drawn"))
    secrets = "headers: {X-Key: {secret: HEADER}}\ncookies: {session: {secret: COOKIE}}\n"
    household.source("gazette", gazette(f"{site.url}/", more=secrets))
    (household.home / "spiders").mkdir()
    (household.home / "spiders" / "own.py").write_text(SPIDER)
    given = f"arguments: {{base: '{site.url}', key: {{secret: HEADER}}}}"
    household.source("own", f"source: own\nspider: own.py:Own\naddresses: [127.0.0.0/8]\n{given}\n")
    (household.home.parent / "password").write_text(CANARIES["password"])
    household.run("user", "add", "anna", "--password-file", str(household.home.parent / "password"))
    signing_key(household.home / "crawler-keys")  # with PostgreSQL, no service makes one
    with household.serving() as served, looking_at(served.process.pid) as processes:
        for source in (*(["drawn"] if FORM != "sample" else []), "own", "gazette"):
            run = served.ask("POST", f"/api/v1/sources/{source}/runs", headers=BEARER).json["id"]
            eventually(lambda: served.get(f"/api/v1/runs/{run}", **BEARER).json["status"] == "over")  # noqa: B023
        eventually(lambda: any((household.home / "store").rglob("*.warc.gz")))
        eventually(lambda: KEPT in served.ask("GET", f"{SNAPSHOT}{site.url}/", headers=BEARER).text)
        served.ask("POST", "/login", form=f"name=anna&password={CANARIES['password']}")
        answers = said_by(served, f"{site.url}/")
    sent = site.last("/").headers
    assert (sent["x-key"], sent["cookie"]) == (CANARIES["header"], f"session={CANARIES['cookie']}")
    if FORM != "sample":
        assert site.last(f"/own?token={CANARIES['storage']}").body.decode() == CANARIES["storage"]
    out = household.home.parent / "out"
    out.mkdir()
    commands = {" ".join(words): said_with(household, words, url=f"{site.url}/", out=out) for words in COMMANDS}
    logs = {"the log": served.log.read_text()}
    return answers | commands | logs | processes | written(household.home) | written(out)


def said_with(household: Household, words: list[str], **places: object) -> str:
    """Return what a command says, with a traceback where it fails for a reason that we don't know."""
    household.environment["PRESSMARK_TRACEBACK"] = "1"
    if words == ["config", "show"]:  # nothing else has to wait for a bucket that is not there
        household = replace(household, environment=household.environment | {"PRESSMARK_REPLICAS": AWAY})
    ended = household.run(*(word.format(**places) for word in words), code=None)
    return f"{ended.out}{ended.err}"


def said_by(served: Served, url: str) -> dict[str, str]:
    answers = {path: served.ask("GET", path.format(url=url), headers=BEARER) for path in PATHS}
    return {path: f"{answer.headers}{answer.text}" for path, answer in answers.items()}


def written(home: Path) -> dict[str, str]:
    """Return the files of a home, including what is compressed in them."""
    return {file.relative_to(home).as_posix(): read(file) for file in home.rglob("*") if file.is_file()}


def read(file: Path) -> str:
    if file.suffix == ".wacz":
        with zipfile.ZipFile(file) as packed:
            return "".join(expanded(name, packed.read(name)) for name in packed.namelist())
    return expanded(file.name, file.read_bytes())


def expanded(name: str, content: bytes) -> str:
    return (gzip.decompress(content) if name.endswith(".gz") else content).decode("latin-1")


def found(told: dict[str, str], canary: str) -> list[str]:
    return [where for where, text in told.items() if canary in text]


OURS = "environment of pressmark"
"""The processes of the service have the settings as the operator gave them."""
CONFINED = {"archive.texts.reader_child", "crawler.userspiders.child"}


def test_no_secret_appears_in_what_is_written_or_sent(told: dict[str, str]) -> None:
    places = {name: [one for one in found(told, canary) if one != OURS] for name, canary in CANARIES.items()}
    assert {name: found for name, found in places.items() if found} == {}

    # The control: the other processes were seen, and a secret is found by the same search where it was put.
    seen = {place.removeprefix("arguments of ") for place in told if place.startswith("arguments of ")}
    assert seen >= CONFINED | {"pressmark"} | ({"chromium"} if FORM != "sample" else set()), seen
    assert found(told, CANARIES["header"]) == [OURS]
    assert "out.wacz" in told

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
