"""What a page might do to the machine that archives it, or steal: capture of local pages, exploits, theft of secrets.

Our crawler archives the pages, and a real browser shows the results. Each threat has its control.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser.conftest import TOKEN, serving, session_of
from browser.strangers import Stranger
from journeys.household import QUICK, Household, Served
from playwright.sync_api import Page

pytestmark = pytest.mark.system

CANARIES = {name: f"canary-of-{name.lower()}-5f2c" for name in ("COOKIE", "KEY", "BASIC", "PASSWORD")}
FORM = "<form method=post action=/in><input name=user><input name=password></form>"


@pytest.fixture
def local() -> Iterator[Stranger]:
    """A server that only this machine reaches, like routers, metadata services, and Pressmark itself."""
    with Stranger("127.0.0.2") as server:
        server.has("/admin", "<p>the inner page</p>")
        yield server


@dataclass
class Keeper:
    """Archives pages of the stranger, in a home of its own."""

    household: Household
    stranger: Stranger

    def keep(self, *paths: str, addresses: str = "127.0.0.1/32", more: str = "", record_auth: bool = False) -> None:
        seeds = ", ".join(self.stranger.url + path for path in paths)
        self.household.source(
            "kept",
            f"source: kept\nseeds: [{seeds}]\nwalk: page\naddresses: [{addresses}]\n"
            "politeness: {delay: 0s, retries: 0}\n"
            f"keep: {{requisites: true, record_auth: {str(record_auth).lower()}}}\n{more}",
        )
        self.household.run("run", "kept")

    @contextmanager
    def seen(self, page: Page) -> Iterator[Served]:
        with serving(self.household.home) as served:
            page.context.add_cookies([session_of(served)])
            yield served

    def warcs(self) -> bytes:
        """Return everything that is archived, decompressed."""
        files = sorted(self.household.home.rglob("*.warc.gz*"))
        return b"".join(gzip.decompress(file.read_bytes()) for file in files)


@pytest.fixture
def homes(tmp_path: Path, stranger: Stranger) -> tuple[Keeper, Keeper]:
    """One home with the guard, one for the control."""
    environment = {**QUICK, **CANARIES, "PRESSMARK_SECRETS": json.dumps(list(CANARIES))}
    guarded, control = (Household(tmp_path / name, dict(environment)) for name in ("guarded", "control"))
    for household in (guarded, control):
        household.home.mkdir()
    return Keeper(guarded, stranger), Keeper(control, stranger)


@pytest.mark.costly
def test_a_page_can_not_have_local_pages_captured_and_shown(
    homes: tuple[Keeper, Keeper], stranger: Stranger, local: Stranger, page: Page
) -> None:
    guarded, control = homes
    admin = local.url + "/admin"
    stranger.has("/", f'<iframe src="{admin}"></iframe><img src="{admin}?img"><link rel=stylesheet href="{admin}?css">')
    stranger.moves("/moved", admin)
    guarded.keep("/", "/moved")
    asked = list(local.asked)
    with guarded.seen(page) as served:
        page.goto(f"{served.url}/snapshot/latest/{stranger.url}/")
        frame = page.frame_locator("iframe.replay").frame_locator("iframe")
        frame.get_by_text("Not archived").wait_for()
        moved = page.request.get(f"{served.url}/api/v1/snapshots/latest/raw/{admin}").status
    control.keep("/", "/moved", addresses="127.0.0.0/8")
    with control.seen(page) as served:
        page.goto(f"{served.url}/snapshot/latest/{stranger.url}/")
        frame.get_by_text("the inner page").wait_for()

    assert asked == []
    assert moved == 404
    assert b"the inner page" not in guarded.warcs()
    assert {"/admin", "/admin?img", "/admin?css"} <= set(local.asked)


def test_no_code_of_a_page_runs_on_the_machine_that_archives_it(
    homes: tuple[Keeper, Keeper], stranger: Stranger, page: Page
) -> None:
    """We record without a browser: a page finds nothing there to exploit."""
    guarded, _ = homes
    run = f'fetch("{stranger.url}/ran-NAME")'
    stranger.has("/exploit.js", run.replace("NAME", "file"), "text/javascript")
    stranger.has("/worker.js", run.replace("NAME", "worker"), "text/javascript")
    stranger.has(
        "/",
        f"<script>{run.replace('NAME', 'inline')}; new Worker('/worker.js')</script><script src=/exploit.js></script>"
        f"<body onload='{run.replace('NAME', 'handler')}'><p>kept</p>",
    )
    guarded.keep("/")
    kept = set(stranger.asked)
    with guarded.seen(page) as served:
        page.goto(f"{served.url}/snapshot/latest/{stranger.url}/")
        page.frame_locator("iframe.replay").get_by_text("kept").wait_for()
        raw = page.request.get(f"{served.url}/api/v1/snapshots/latest/raw/{stranger.url}/exploit.js")
    ran = {"/ran-inline", "/ran-file", "/ran-handler", "/ran-worker"}
    live = page.context.new_page()
    for name in ("inline", "file", "handler", "worker"):
        with live.expect_response(f"**/ran-{name}"):
            live.goto(f"{stranger.url}/")

    assert "/exploit.js" in kept
    assert not ran & kept
    assert raw.text() == run.replace("NAME", "file")
    assert ran <= set(stranger.asked)


def secrets_of(stranger: Stranger) -> str:
    return (
        "cookies: {session: {secret: COOKIE}}\nheaders: {X-Api-Key: {secret: KEY}, Authorization: {secret: BASIC}}\n"
        f'login: {{url: "{stranger.url}/login", fields: {{user: me, password: {{secret: PASSWORD}}}}}}\n'
    )


def test_secrets_of_a_source_reach_only_its_site(
    homes: tuple[Keeper, Keeper], stranger: Stranger, local: Stranger, page: Page
) -> None:
    """The other server stands for a host of requisites, or of a redirect target."""
    guarded, control = homes
    stranger.has("/login", FORM)
    stranger.has("/in", "<p>welcome</p>")
    stranger.has("/", f'<p>kept</p><img src="{local.url}/thief.png">')
    stranger.moves("/moved", f"{local.url}/thief")
    shown = []
    for keeper in homes:
        keeper.keep("/", "/moved", addresses="127.0.0.0/8", more=secrets_of(stranger), record_auth=keeper is control)
        with keeper.seen(page) as served:
            shown.append("".join(texts(page, served, f"{stranger.url}/")))
    sent = " ".join(stranger.told)

    assert {"/thief", "/thief.png"} <= set(local.asked)
    assert found(" ".join(local.told)) == set()
    assert found(guarded.warcs().decode("latin-1")) == set()
    assert found(shown[0]) == set()
    # The controls: the site itself got the secret, and with record_auth it is readable in the record.
    assert found(sent) == found(shown[1]) == {"COOKIE", "KEY", "BASIC"}
    assert found(control.warcs().decode("latin-1")) == CANARIES.keys()


def found(text: str) -> set[str]:
    return {name for name, canary in CANARIES.items() if canary in text}


def texts(page: Page, served: Served, url: str) -> Iterator[str]:
    """Return everything visible of a capture: each page, the frame in it, and what programs get."""
    for path in ("snapshot/latest", *(f"view/{view}/latest" for view in ("text", "headers", "record", "cite"))):
        page.goto(f"{served.url}/{path}/{url}")
        yield page.content()
        yield from (frame.content() for frame in page.frames[1:])
    for path in ("api/v1/snapshots/latest/raw", "web/2099id_", "cdx/search/cdx?url=", "settings"):
        answer = page.request.get(f"{served.url}/{path}/{url}", headers={"Authorization": f"Bearer {TOKEN}"})
        yield f"{answer.headers} {answer.text()}"
