"""What a crawl sends: its identity, header fields, cookies and secrets of the source."""

from __future__ import annotations

import pytest
from crawling.crawls import LOOPBACK, Run, source
from crawling.site import Reply, Site, html, serving

from crawler.run.requests import Requests


def test_requests_name_us_and_the_types_that_we_accept(site: Site, run: Run) -> None:
    site.routes["/"] = html()
    run(source(f"{site.url}/", walk="page", contact="https://library.example/bot"))

    headers = site.last("/").headers
    assert headers["user-agent"] == "Pressmark/0.2 (+https://library.example/bot)"
    assert headers["accept-encoding"] == "gzip, deflate, br"


def test_headers_and_cookies_of_the_source_are_sent_only_to_its_own_hosts(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "s3cret")
    facts = {"headers": {"Authorization": {"secret": "TOKEN"}}, "cookies": {"lang": "de"}}
    with serving({"/x.png": Reply(body="x")}, host="127.0.0.3") as elsewhere:
        site.routes["/"] = Reply(body=f"<html><img src={elsewhere.url}/x.png>")
        run(source(f"{site.url}/", walk="page", keep={"requisites": True}, **facts))

        assert site.last("/").headers["authorization"] == "s3cret"
        assert site.last("/").headers["cookie"] == "lang=de"
        assert {"authorization", "cookie"}.isdisjoint(elsewhere.last("/x.png").headers)


def test_hosts_matched_by_a_wildcard_get_no_headers_and_named_hosts_do() -> None:
    hosts = ["*.library.example", "www.library.example"]
    of = source("https://library.example/", scope={"hosts": hosts}, headers={"X-Key": "s3cret"})
    requests = Requests(of, "us", of.seeds, LOOPBACK)

    assert requests.is_own("https://library.example/a")
    assert requests.is_own("https://www.library.example/a")
    assert not requests.is_own("https://users.library.example/a")
    assert not requests.is_own("https://*.library.example/a")


def test_a_missing_secret_fails_the_run_before_any_request(site: Site, run: Run) -> None:
    outcome = run(source(f"{site.url}/", headers={"X-Key": {"secret": "NOT_THERE"}}))

    assert outcome.outcome == "failed"
    assert "NOT_THERE" in outcome.reason
    assert site.asked == []


def test_cookies_that_a_site_sets_are_sent_back(site: Site, run: Run) -> None:
    site.routes |= {"/": Reply(body='<a href="/b">b</a>', headers=(("Set-Cookie", "seen=1; Path=/"),)), "/b": html()}
    run(source(f"{site.url}/", walk="site"))

    assert site.last("/b").headers["cookie"] == "seen=1"


def test_a_secret_header_is_sent_and_not_archived(site: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "s3cret")
    site.routes["/"] = html()
    headers = {"X-Api-Key": {"secret": "KEY"}, "X-Plain": "plain"}

    run(source(f"{site.url}/", walk="page", headers=headers))
    run(source(f"{site.url}/", walk="page", headers=headers, keep={"record_auth": True}))
    redacted, readable = (exchange.request.head for exchange, _, _ in run.archive.kept)

    assert [asked.headers["x-api-key"] for asked in site.asked] == ["s3cret"] * 2
    assert b"X-Api-Key: [redacted]\r\n" in redacted and b"X-Plain: plain" in redacted
    assert b"X-Api-Key: s3cret\r\n" in readable
