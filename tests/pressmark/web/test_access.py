"""Logging in and out, and the pages of people, tokens and the audit trail, as a browser without scripts uses them."""

from __future__ import annotations

import re
import shutil
import threading
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest
from services.retrieving import Retrieving, served
from sqlalchemy import text

from config.settings import Settings
from pressmark.http.attempts import TRIES
from pressmark.service.access.roles import Role
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service

PASSWORD = "a password of these tests"


class Browser(Retrieving):
    """Keeps cookies, and sends forms as browsers do."""

    def __init__(self, url: str, service: Service) -> None:
        super().__init__(url, service, [], None)  # type: ignore[arg-type]
        self.cookies: dict[str, str] = {}
        self.headers: dict[str, str] = {}

    def send(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        import http.client
        from urllib.parse import urlsplit

        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=600)
        headers = {"Accept": "text/html", "Cookie": "; ".join(f"{name}={it}" for name, it in self.cookies.items())}
        headers |= self.headers
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if method == "POST" else {}
        try:
            connection.request(method, path, urlencode(fields or {}) if method == "POST" else None, headers)
            answer = connection.getresponse()
            for value in answer.headers.get_all("Set-Cookie") or ():
                assert "SameSite=strict" in value and "HttpOnly" in value
                name, _, rest = value.partition("=")
                self.cookies[name] = rest.partition(";")[0]
            return answer.status, answer.headers.get("Location", "") or answer.read().decode()
        finally:
            connection.close()

    def log_in(self, name: str, password: str = PASSWORD) -> int:
        return self.send("POST", "/login", {"name": name, "password": password, "next": "/runs"})[0]


@pytest.fixture(scope="module")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a person of each role."""
    home = tmp_path_factory.mktemp("access") / "home"
    with open_pressmark(Settings(home=home)) as opened:
        for role in Role:
            opened.access.add_person(role.value, role, PASSWORD)
    return home


@pytest.fixture
def service(first_home: Path, tmp_path: Path) -> Iterator[Service]:
    home = Path(shutil.copytree(first_home, tmp_path / "home", symlinks=True))
    with open_pressmark(Settings(home=home)) as opened:
        yield opened


@pytest.fixture
def browser(service: Service) -> Iterator[Browser]:
    with served(service) as url:
        yield Browser(url, service)


def test_a_person_logs_in_and_out_and_a_copy_of_the_cookie_ends(browser: Browser) -> None:
    assert browser.send("GET", "/runs") == (303, "/login?next=/runs")
    assert 'name="password"' in browser.send("GET", "/login")[1]
    assert browser.log_in("admin", "wrong password") == 401
    assert browser.send("POST", "/login", {"name": "admin", "password": PASSWORD, "next": "/runs"}) == (303, "/runs")
    assert browser.send("GET", "/runs")[0] == 200

    copied = dict(browser.cookies)
    assert browser.send("POST", "/logout") == (303, "/login")
    browser.cookies = copied
    assert browser.send("GET", "/runs")[0] == 303
    entries = [row.entry for row in browser.service.access.trail.newest(limit=3)]
    assert [(one.who, one.action, one.outcome) for one in entries] == [
        ("person admin", "POST /logout", "303"),
        ("person admin", "POST /login", "done"),
        ("person admin", "POST /login", "refused: 401"),
    ]


def test_wrong_passwords_make_only_who_sends_them_wait(browser: Browser, service: Service) -> None:
    assert browser.log_in("read") == 303
    stranger = Browser(browser.url, service)
    assert [stranger.log_in("read", "wrong password") for _ in range(11)] == [401] * 10 + [429]

    assert stranger.log_in("read") == 429, "even with the right password"
    assert browser.log_in("read") == 303, "this browser logged in before"
    assert stranger.log_in("admin") == 303


def test_wrong_passwords_count_in_all_processes_and_after_a_restart(browser: Browser, service: Service) -> None:
    assert [browser.log_in("read", "wrong password") for _ in range(4)] == [401] * 4
    with served(service) as url:
        other = Browser(url, service)
        assert [other.log_in("read", "wrong password") for _ in range(7)] == [401] * 6 + [429]
    with served(service) as url:
        assert Browser(url, service).log_in("read") == 429
        assert Browser(url, service).log_in("curate") == 303
    assert browser.log_in("read") == 429
    with service.database.writing() as connection:
        [names] = connection.execute(text("SELECT count(DISTINCT name) FROM wrong_logins"))
        assert tuple(names) == (1,)
        assert not connection.execute(text("SELECT 1 FROM wrong_logins WHERE name LIKE '%read%'")).all()
        connection.execute(text("DELETE FROM wrong_logins"))
    with served(service) as url:
        assert Browser(url, service).log_in("read") == 303  # the control


def test_right_passwords_write_no_attempt(browser: Browser, service: Service) -> None:
    assert browser.log_in("read") == 303
    with service.database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM wrong_logins")).scalar() == 0


def test_passwords_guessed_at_once_are_limited_as_those_guessed_one_after_another(
    browser: Browser, service: Service
) -> None:
    guesses = 30
    barrier = threading.Barrier(guesses)

    def guess(number: int) -> int:
        stranger = Browser(browser.url, service)
        barrier.wait()
        return stranger.log_in("read", f"wrong password {number}")

    with ThreadPoolExecutor(guesses) as pool:
        answers = Counter(pool.map(guess, range(guesses)))

    assert answers == {401: TRIES, 429: guesses - TRIES}


def test_a_password_that_could_not_be_checked_does_not_count_as_wrong(browser: Browser, service: Service) -> None:
    def rename(table: str, to: str) -> None:
        with service.database.engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {table} RENAME TO {to}"))

    rename("people", "elsewhere")
    answers = [browser.log_in("read") for _ in range(TRIES + 1)]
    rename("elsewhere", "people")

    assert set(answers) == {502}
    assert browser.log_in("read") == 303
    assert [browser.log_in("admin", "wrong password") for _ in range(TRIES + 1)] == [401] * TRIES + [429]


def test_the_credentials_of_a_proxy_keep_nobody_out(browser: Browser, service: Service) -> None:
    proxys = {"Authorization": f"Basic {b64encode(b'library:the password of a proxy').decode()}"}
    browser.headers = proxys
    for _ in range(60):
        assert browser.send("GET", "/runs") == (303, "/login?next=/runs")

    assert browser.log_in("read") == 303
    assert browser.send("GET", "/runs")[0] == 200
    assert browser.send("GET", "/login?next=/runs") == (303, "/runs")
    assert browser.send("POST", "/logout") == (303, "/login")
    assert browser.send("GET", "/runs")[0] == 303, "negative control: the proxy's credentials open nothing"
    assert browser.get("/api/v1/runs", **proxys)[0] in (401, 429)


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("read", ["/", "/runs", "/search"], ["/add", "/settings", "/settings/people", "/webhooks"]),
        ("trigger", ["/runs"], ["/add", "/settings/tokens"]),
        ("curate", ["/add"], ["/settings", "/settings/trail"]),
        ("admin", ["/add", "/settings", "/settings/people", "/settings/tokens", "/settings/trail", "/webhooks"], []),
    ],
)
def test_each_role_sees_its_pages_and_a_sentence_instead_of_others(
    browser: Browser, role: str, may: list[str], may_not: list[str]
) -> None:
    browser.log_in(role)
    pages = {path: browser.send("GET", path) for path in [*may, *may_not]}

    assert {path: pages[path][0] for path in may} == dict.fromkeys(may, 200)
    assert {path: pages[path][0] for path in may_not} == dict.fromkeys(may_not, 403)
    for path in may_not:
        assert f"your role {role} does not allow this" in pages[path][1]
    assert ('href="/settings"' in pages[may[0]][1]) == (role == "admin")


def test_people_are_managed_on_their_page(browser: Browser, service: Service) -> None:
    browser.log_in("admin")
    fields = {"name": "anna", "role": "read", "password": PASSWORD}

    assert browser.send("POST", "/settings/people", fields) == (303, "/settings/people")
    status, page = browser.send("POST", "/settings/people", fields)
    assert (status, "already exists" in page) == (422, True)
    status, page = browser.send("POST", "/settings/people", {**fields, "name": "ben", "password": "xyzzy"})
    assert (status, "between 12 and 256" in page, "xyzzy" in page) == (422, True, False)
    assert browser.send("POST", "/settings/people/anna/role", {"role": "curate"})[0] == 303
    assert service.access.people.get("anna").role == "curate"
    assert browser.send("POST", "/settings/people/anna/role", {"role": "king"})[0] == 422
    assert browser.send("POST", "/settings/people/anna/password", {"password": PASSWORD + "2"})[0] == 303
    assert service.access.log_in("anna", PASSWORD + "2")
    assert browser.send("POST", "/settings/people/anna/remove")[0] == 303
    assert browser.send("POST", "/settings/people/anna/remove")[0] == 404


def test_a_token_is_shown_on_one_page_only(browser: Browser, service: Service) -> None:
    browser.log_in("admin")
    fields = {"name": "ci", "role": "read", "collections": "news, forums", "expires": "90d"}
    status, page = browser.send("POST", "/settings/tokens", fields)
    found = re.search(r"pressmark_[\w-]{43}", page)

    assert status == 200 and found
    caller = service.access.tokens.caller(found[0])
    assert caller is not None and caller.collections == {"news", "forums"}
    later = browser.send("GET", "/settings/tokens")[1] + browser.send("GET", "/settings/trail")[1]
    assert found[0] not in later and "forums, news" in later
    assert browser.send("POST", "/settings/tokens", {**fields, "name": "x", "expires": "soon"})[0] == 422
    assert browser.send("POST", "/settings/tokens/ci/revoke")[0] == 303
    assert service.access.tokens.caller(found[0]) is None


def test_the_trail_shows_what_was_there_before_and_after_and_escapes_it(browser: Browser, service: Service) -> None:
    browser.log_in("curate")
    text = "source: a\nseeds: ['https://a.example/<script>']\n"
    assert browser.send("POST", "/add/write", {"text": text})[0] == 303
    browser.log_in("admin")
    status, page = browser.send("GET", "/settings/trail?since=2020")

    assert status == 200
    assert "person curate" in page and "POST /add/write" in page
    assert "https://a.example/" in page and "<script>" not in page
    assert browser.send("GET", "/settings/trail?since=soon")[0] == 422
    assert browser.send("GET", "/settings/trail?cursor=2")[0] == 200


def test_a_log_line_of_a_refusal_is_found_by_the_filter_of_the_documentation(
    browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    import io
    import logging

    from pressmark.service import logs

    how_to = (Path(__file__).parents[3] / "docs/how-to/people.md").read_text("utf-8")
    found = re.search(r"^failregex = (.*)$", how_to, re.MULTILINE)
    assert found
    pattern = found[1].replace("<HOST>", r"(?P<host>[0-9a-f.:]+)")
    root = logging.getLogger()
    handlers, level, out = list(root.handlers), root.level, io.StringIO()
    logs.configure(stream=out)
    try:
        browser.get("/api/v1/runs", Authorization="Bearer wrong")
        browser.get("/api/v1/runs")
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    hosts = [matched["host"] for line in out.getvalue().splitlines() if (matched := re.search(pattern, line))]

    assert hosts == ["127.0.0.1", "127.0.0.1"]
