"""A source that signs has every request signed, of every kind, each for its own site; any other sends as before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from crawling.crawls import Run, source
from crawling.ownspiders import SPIDERS, furnish, own_source
from crawling.site import Asked, Reply, Site, html, redirect, serving
from crawling.warcs import WarcArchive, WarcFiles
from wire.message_signatures import Message, Refused, verified

from crawler.wire.bot_key import BotKey, signing_key
from crawler.wire.signatures import RequestSigner


@pytest.fixture
def key(tmp_path: Path) -> BotKey:
    return signing_key(tmp_path / "crawler-keys")


@pytest.fixture
def signer(key: BotKey) -> RequestSigner:
    return RequestSigner(key, "https://archive.example.org")


def check(asked: Sequence[Asked], key: BotKey, site: Site) -> list[str]:
    """Verify all requests that a site received; return their nonces."""
    authority = site.url.partition("://")[2]
    at = datetime.now(UTC)
    return [
        verified(Message(one.method, authority, one.path, one.headers), {key.id: key.jwk["x"]}.__getitem__, at)["nonce"]
        for one in asked
    ]


def test_robots_txt_pages_and_redirects_are_signed_each_for_its_own_site(
    site: Site, run: Run, key: BotKey, signer: RequestSigner
) -> None:
    with serving({"/b": html()}, host="127.0.0.2") as elsewhere:
        site.routes |= {"/robots.txt": Reply(404), "/a": redirect("/on"), "/on": redirect(f"{elsewhere.url}/b")}
        obeying = source(f"{site.url}/a", walk="page", politeness={"robots": "obey"})

        assert run(obeying, signer=signer).outcome in ("done", "partial")

        assert [asked.path for asked in site.asked] == ["/robots.txt", "/a", "/on"]
        assert [asked.path for asked in elsewhere.asked] == ["/robots.txt", "/b"]
        nonces = check(site.asked, key, site) + check(elsewhere.asked, key, elsewhere)
        assert len(set(nonces)) == 5
        with pytest.raises(Refused):  # the control: what one site received proves nothing to another
            check(site.asked, key, elsewhere)


def test_the_requests_of_a_users_spider_are_signed_forms_included(
    site: Site, run: Run, key: BotKey, signer: RequestSigner
) -> None:
    furnish(site)

    run(own_source(site, "LoggedIn"), spiders=SPIDERS, items=run.directory / "items.jsonl", signer=signer)

    assert [asked.path for asked in site.asked if asked.method == "POST"] == ["/login"]
    assert len(check(site.asked, key, site)) > 12


@pytest.mark.system
def test_the_requests_of_a_browser_are_signed(site: Site, run: Run, key: BotKey, signer: RequestSigner) -> None:
    script = "<p>Text.</p><script>fetch('/data', {method: 'POST', body: 'x'})</script>"
    site.routes |= {"/p": Reply(body=f"<!doctype html><title>t</title>{script}"), "/data": Reply()}

    run(source(f"{site.url}/p", walk="page", fetch="browser"), signer=signer)

    assert "POST" in {asked.method for asked in site.asked if asked.path == "/data"}
    assert len(check(site.asked, key, site)) >= 2


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Run]:
    """Crawls that are recorded in WARC files below `tmp_path / "spool"`."""
    archive = WarcArchive(tmp_path / "spool")
    yield Run(tmp_path, archive)
    archive.close()


def test_the_request_in_the_warc_is_as_the_site_received_it(site: Site, files: Run, signer: RequestSigner) -> None:
    site.routes["/"] = html()

    files(source(f"{site.url}/", walk="page"), signer=signer)

    files.archive.close()
    (exchanged,) = WarcFiles(files.directory / "spool" / "sealed").exchanges
    (asked,) = site.asked
    assert exchanged.received == bytes(asked.received)
    assert b"\r\nSignature: sig1=:" in exchanged.received


def test_a_run_without_a_signer_sends_no_field_of_a_signature(site: Site, run: Run) -> None:
    site.routes |= {"/robots.txt": Reply(404), "/": html("/a"), "/a": html()}

    run(source(f"{site.url}/", walk="site", politeness={"robots": "obey"}))

    assert len(site.asked) == 3
    assert not [name for asked in site.asked for name in asked.headers if name.startswith("signature")]
