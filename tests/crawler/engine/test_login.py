"""Logging in before a crawl."""

from __future__ import annotations

import pytest
from crawling.crawls import Run, source
from crawling.site import Asked, Reply, Site, html, in_turn, redirect


def login_form(asked: Asked) -> Reply:
    if asked.method == "POST":
        good = asked.body == b"csrf=abc&user=me&password=pw"
        return redirect("/home", 303, ("Set-Cookie", "session=yes")) if good else Reply(403)
    form = "<form method=post><input type=hidden name=csrf value=abc><input name=user><input name=password></form>"
    return Reply(body=form)


def member(asked: Asked) -> Reply:
    return html(text="Hello me") if "session=yes" in asked.headers.get("cookie", "") else Reply(403)


def test_a_login_comes_first_and_its_password_is_not_archived(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PW", "pw")
    site.routes |= {"/login": login_form, "/home": member, "/": member}
    login = {"url": f"{site.url}/login", "fields": {"user": "me", "password": {"secret": "PW"}}, "check": "Hello"}

    outcome = run(source(f"{site.url}/", walk="page", login=login))

    assert site.paths == ["/login", "/login", "/home", "/"]
    assert outcome.outcome == "done"
    sent = [exchange.request.body for exchange, _, _ in run.archive.kept]
    assert sent == [b"", b"*" * len("csrf=abc&user=me&password=pw"), b"", b""]


def test_a_login_that_fails_ends_the_run(site: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "wrong")
    site.routes |= {"/login": login_form, "/": html()}
    login = {"url": f"{site.url}/login", "fields": {"user": "me", "password": {"secret": "PW"}}}

    outcome = run(source(f"{site.url}/", walk="page", login=login))

    assert outcome.outcome == "failed"
    assert "answered 403" in outcome.reason
    assert "/" not in site.paths


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("<form action=/in><input name=password></form>", "uses GET"),
        (
            "<form method=post action=http://127.0.0.2:9/in><input name=password></form>",
            "127.0.0.2, which is not a host",
        ),
    ],
)
def test_a_password_is_put_into_no_url_and_sent_to_no_other_host(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch, form: str, told: str
) -> None:
    monkeypatch.setenv("PW", "pw")
    site.routes |= {"/login": html(text=form), "/": html()}
    login = {"url": f"{site.url}/login", "fields": {"password": {"secret": "PW"}}}

    outcome = run(source(f"{site.url}/", walk="page", login=login))

    assert site.paths == ["/login"]
    assert outcome.outcome == "failed"
    assert told in outcome.reason and "pw" not in outcome.reason


COOKIES = """# Netscape HTTP Cookie File
#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\tyes
127.0.0.1\tFALSE\t/\tTRUE\t0\tonly-tls\tsecret
.example.org\tTRUE\t/\tFALSE\t0\tforeign\tsecret
"""


def test_the_cookies_of_a_login_in_a_browser_are_sent_to_the_hosts_of_the_source(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", COOKIES)
    site.routes |= {"/home": member, "/": member}
    session = {"cookies": {"secret": "KEY"}, "check": "Hello", "url": f"{site.url}/home"}

    outcome = run(source(f"{site.url}/", walk="page", session=session))

    assert site.paths == ["/home", "/"]
    assert outcome.outcome == "done"
    assert [asked.headers["cookie"] for asked in site.asked] == ["session=yes"] * 2


@pytest.mark.parametrize("status", [200, 401, 403])
def test_a_run_that_is_logged_out_ends_as_blocked(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setenv("KEY", COOKIES)
    site.routes["/"] = Reply(status, body="Please log in. Hello" if status > 400 else "Please log in.")
    session = {"cookies": {"secret": "KEY"}, "check": "Hello"}

    outcome = run(source(f"{site.url}/", walk="page", session=session))

    assert (outcome.outcome, outcome.pages, site.paths) == ("blocked", 0, ["/"])
    assert outcome.reason.startswith(
        f"the site has logged Pressmark out: the page {site.url}/ (status {status}) does not contain 'Hello'"
    )
    assert "yes" not in outcome.reason


@pytest.mark.parametrize(("status", "times"), [(503, 3), (429, 3), (500, 3), (404, 1), (451, 1)])
def test_a_site_that_does_not_say_whether_the_login_is_valid_fails_the_run(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch, status: int, times: int
) -> None:
    monkeypatch.setenv("KEY", COOKIES)
    site.routes["/"] = Reply(status)
    session = {"cookies": {"secret": "KEY"}, "check": "Hello"}

    outcome = run(source(f"{site.url}/", walk="page", session=session, politeness={"retries": 2}))

    assert (outcome.outcome, site.paths) == ("failed", ["/"] * times)
    assert outcome.reason.startswith(f"the login could not be checked: {site.url}/ answered {status} ")


def test_a_site_that_is_busy_is_asked_again_whether_the_login_is_valid(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", COOKIES)
    site.routes["/"] = in_turn(Reply(503, headers=(("Retry-After", "0"),)), Reply(429), html(text="Hello"))
    session = {"cookies": {"secret": "KEY"}, "check": "Hello"}

    outcome = run(source(f"{site.url}/", walk="page", session=session))

    assert outcome.outcome in ("done", "unchanged")  # the page that was checked may be in the archive already
    assert site.paths == ["/"] * 4


def test_a_login_form_is_not_sent_twice(site: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "pw")
    site.routes["/login"] = lambda asked: Reply(503) if asked.method == "POST" else login_form(asked)
    login = {"url": f"{site.url}/login", "fields": {"user": "me", "password": {"secret": "PW"}}}

    outcome = run(source(f"{site.url}/", walk="page", login=login))

    assert (outcome.outcome, site.paths) == ("failed", ["/login", "/login"])
    assert outcome.reason.endswith("/login answered 503")


def test_a_run_that_is_stopped_waits_for_no_busy_site(site: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", COOKIES)
    site.routes["/"] = Reply(503, headers=(("Retry-After", "600"),))
    session = {"cookies": {"secret": "KEY"}, "check": "Hello"}

    outcome = run(source(f"{site.url}/", walk="page", session=session, limits={"time": "1s"}))

    assert (outcome.outcome, outcome.pages) == ("limited", 0)
    assert len(site.paths) <= 1


def test_cookies_in_another_format_are_named_by_the_secret_alone(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", "session=s3cret")

    outcome = run(source(f"{site.url}/", walk="page", session={"cookies": {"secret": "KEY"}}))

    assert outcome.outcome == "failed"
    assert "the secret KEY is not available: it is neither a cookies.txt nor" in outcome.reason
    assert "s3cret" not in outcome.reason
    assert site.paths == []
