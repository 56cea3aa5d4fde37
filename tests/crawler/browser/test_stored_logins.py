"""A login that is in localStorage works in the browser of a run, and none of its values is archived."""

from __future__ import annotations

import base64
import json
import socket
import threading
from contextlib import suppress
from urllib.parse import quote

import pytest
from crawling.crawls import Run, events, source
from crawling.site import NOT_FOUND, Answer, Asked, Reply, Site, redirect, serving

from crawler.run.secret_forms import forms_of, stands_in
from crawler.run.stand_ins import StandIns

pytestmark = [pytest.mark.system, pytest.mark.costly]

TOKEN, NESTED, NEW = "canary+of/a=token-0123456789", "canary-of-a-nested-secret", "canary-of-a-new-token-42"
SCRIPT = """
const token = localStorage.getItem('token'), user = JSON.parse(localStorage.getItem('user'));
const say = text => document.body.append(Object.assign(document.createElement('p'), {textContent: text}));
const headers = {Authorization: 'Bearer ' + token, 'X-Basic': 'Basic ' + btoa('anna:' + token)};
say(await (await fetch('/api/news?key=' + encodeURIComponent(token), {headers})).text());
say('shown ' + token + ' ' + btoa(token) + ' ' + escape(user.secret));
document.title = token;
document.cookie = 'token=' + encodeURIComponent(token);
console.error('failed with', token, user);
document.body.append(Object.assign(document.createElement('a'), {href: '/next?key=' + token, textContent: 'on'}));
document.body.append(Object.assign(new Image(), {src: '/i/' + encodeURIComponent(token) + '.png'}));
const json = {'Content-Type': 'application/json'};
await fetch('/json', {method: 'POST', headers: json, body: JSON.stringify({token, user})});
await fetch('/form', {method: 'POST', body: new URLSearchParams({token, secret: user.secret})});
await fetch('/echo').catch(error => say('no echo'));
const fresh = await (await fetch('/refresh', {method: 'POST', body: token})).json();
say('fresh ' + fresh.access_token);
await fetch('/after', {headers: {Authorization: 'Bearer ' + fresh.access_token}});
const work = new Blob(["fetch('" + location.origin + "/worker?key=" + token + "')"], {type: 'text/javascript'});
new Worker(URL.createObjectURL(work));
new WebSocket('ws://' + location.host + '/socket?key=' + token);
await new Promise(done => {
  const frame = Object.assign(document.createElement('iframe'), {src: '/inside', onload: done});
  document.body.append(frame);
});
say('over');
"""
INSIDE = "fetch('/said', {method: 'POST', body: 'inside ' + localStorage.token})"
FOREIGN = "<p>Enough.</p><script>fetch('/seen?' + JSON.stringify(localStorage))</script>"


def furnish(site: Site, elsewhere: Site) -> None:
    def news(asked: Asked) -> Reply:
        ok = asked.headers.get("authorization") == f"Bearer {TOKEN}"
        return Reply(200 if ok else 401, body="What only members read." if ok else "Log in.", type="text/plain")

    page = f"<!doctype html><title>t</title><p>A page.</p><iframe src={elsewhere.url}/x></iframe>"
    routes: dict[str, Answer] = {
        "/": Reply(body=f"{page}<script type=module>{SCRIPT}</script>"),
        "/api/news": news,
        "/json": Reply(body="{}", type="application/json"),
        "/form": Reply(body="{}", type="application/json"),
        "/echo": Reply(body=f"<p>{base64.b64encode(('x' + TOKEN).encode()).decode()}"),
        "/refresh": Reply(body=json.dumps({"access_token": NEW, "for": TOKEN}), type="application/json"),
        "/after": Reply(body="{}", type="application/json"),
        "/worker": Reply(body="x"),
        "/inside": Reply(body=f"<script>{INSIDE}</script>"),
        "/next": Reply(body="<p>The next page."),
    }

    def routed(asked: Asked) -> Reply:
        answer = routes.get(asked.path.partition("?")[0], NOT_FOUND)
        return answer(asked) if callable(answer) else answer

    site.otherwise = routed
    elsewhere.routes["/x"] = Reply(body=FOREIGN)


def state(site: Site, elsewhere: Site) -> str:
    items = {"token": TOKEN, "user": json.dumps({"name": "Anna", "secret": NESTED})}
    stored = [{"name": name, "value": value} for name, value in items.items()]
    origins = [{"origin": one.url, "localStorage": stored} for one in (site, elsewhere)]
    return json.dumps({"cookies": [], "origins": origins})


def archived(run: Run) -> bytes:
    """Return all that a run wrote: its records, its log, and its files."""
    found = []
    for exchange, context, capture in run.archive.kept:
        request, answer = exchange.request, exchange.response
        found += [request.url.encode(), request.head, request.body, repr((context, capture, exchange.error)).encode()]
        if answer is not None:
            found += [answer.head, answer.body if isinstance(answer.body, bytes) else answer.body.read()]
    for derived, context, capture in run.archive.derived:
        found += [derived.url.encode(), derived.body, repr((context, capture)).encode()]
    found += [file.read_bytes() for file in run.directory.rglob("*") if file.is_file()]
    return b"\n".join(found)


def last(site: Site, path: str) -> Asked:
    """Return the last request for a path, with any query."""
    return next(asked for asked in reversed(site.asked) if asked.path.partition("?")[0] == path)


def secrets_in(text: bytes) -> list[str]:
    return [secret for secret in (TOKEN, NESTED, NEW) if stands_in(forms_of(secret), text.lower())]


@pytest.fixture
def outlets(site: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Run once, and return all that is archived of pages that write the values everywhere."""
    with serving({}, host="127.0.0.3") as elsewhere:
        furnish(site, elsewhere)
        monkeypatch.setenv("TOKEN", state(site, elsewhere))
        facts = {"walk": "page", "fetch": "browser", "session": {"cookies": {"secret": "TOKEN"}}}

        run(source(f"{site.url}/", **facts))

        assert "/seen?{}" in elsewhere.paths
    return archived(run)


def test_pages_are_logged_in_by_their_storage_and_none_of_its_values_is_archived(
    site: Site, run: Run, outlets: bytes
) -> None:
    document = run.archive.derived[0][0].body.decode()

    assert "What only members read." in document
    assert "over</p>" in document
    assert "no echo" in document
    assert last(site, "/said").body.decode() == f"inside {TOKEN}"
    news = last(site, "/api/news")
    assert news.headers["x-basic"] == f"Basic {base64.b64encode(f'anna:{TOKEN}'.encode()).decode()}"
    assert json.loads(last(site, "/json").body)["token"] == TOKEN
    assert json.loads(last(site, "/json").body)["user"]["secret"] == NESTED
    assert last(site, "/after").headers["authorization"] == f"Bearer {NEW}"
    assert secrets_in(outlets) == []
    told = [event for event in events(run) if event["event"] == "not-kept"]
    assert [one["reason"] for one in told] == [
        "the answer is not kept, as it repeats 'token' of the login's storage",
        "the answer is not kept, as it repeats 'token' of the login's storage",
    ]


@pytest.mark.parametrize("guard", ["stand-ins", "answers"])
def test_without_a_guard_the_values_are_in_the_archive(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, guard: str
) -> None:
    if guard == "stand-ins":
        monkeypatch.setattr(StandIns, "hide", lambda self, value, item, *, secure: value)
        monkeypatch.setattr(StandIns, "_hide", lambda self, value, item, secure, depth=0: value)
    else:
        monkeypatch.setattr("crawler.engine.run_recorder.why_withheld", lambda *given, **more: None)

    found = secrets_in(request.getfixturevalue("outlets"))

    assert TOKEN in found


def test_a_login_in_storage_is_checked_in_the_page_that_scripts_make(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = "<title>t</title><p>A page.<script>document.write(localStorage.token ? 'Log ' + 'out' : 'Log in')</script>"
    site.routes |= {"/": Reply(body=body), "/p": Reply(body="<p>What members read.")}
    session = {"cookies": {"secret": "TOKEN"}, "check": "Log out", "url": f"{site.url}/"}
    outcomes = []
    for name in ("token", "other"):
        stored = [{"origin": site.url, "localStorage": [{"name": name, "value": TOKEN}]}]
        monkeypatch.setenv("TOKEN", json.dumps({"cookies": [], "origins": stored}))
        outcomes.append(run(source(f"{site.url}/p", walk="page", fetch="browser", session=session)))

    assert [one.outcome for one in outcomes] == ["done", "blocked"]
    assert "the site has logged Pressmark out" in outcomes[1].reason


def test_what_was_drawn_with_a_value_in_it_is_not_archived(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The site sends it in a form that is not looked for."""
    site.routes["/"] = Reply(body=f"<p>A page.<script>document.write('{TOKEN[:9]}' + '{TOKEN[9:]}')</script>")
    stored = [{"origin": site.url, "localStorage": [{"name": "token", "value": TOKEN}]}]
    monkeypatch.setenv("TOKEN", json.dumps({"cookies": [], "origins": stored}))

    outcome = run(source(f"{site.url}/", walk="page", fetch="browser", session={"cookies": {"secret": "TOKEN"}}))

    assert (outcome.outcome, run.archive.derived) == ("partial", [])
    reason = "not drawn: what was drawn is not kept, as it has 'token' of the login's storage"
    assert reason in run.log.read_text()


def stored(site: Site, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Have a login in storage, and return the session that refers to it."""
    items = [{"name": "token", "value": TOKEN}]
    monkeypatch.setenv("TOKEN", json.dumps({"cookies": [], "origins": [{"origin": site.url, "localStorage": items}]}))
    return {"cookies": {"secret": "TOKEN"}}


def test_a_request_with_a_value_that_a_page_got_in_another_form_is_not_made(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = """const told = (await (await fetch('/told')).text()).split('').reverse().join('');
    await fetch('/x?key=' + told, {method: 'POST', body: told}).catch(() => 0)"""
    site.routes |= {
        "/": Reply(body=f"<title>t</title><p>A page.<script type=module>{script}</script>"),
        "/told": Reply(body=TOKEN[::-1], type="text/plain"),
    }

    outcome = run(source(f"{site.url}/", walk="page", fetch="browser", session=stored(site, monkeypatch)))

    assert not [path for path in site.paths if path.startswith("/x")]
    assert (outcome.outcome, secrets_in(archived(run))) == ("partial", [])


def test_the_check_of_a_login_follows_no_redirect_with_a_value(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.routes["/me"] = redirect(f"/home?key={quote(TOKEN, safe='')}")
    session = stored(site, monkeypatch) | {"check": "Log out", "url": f"{site.url}/me"}

    outcome = run(source(f"{site.url}/", walk="page", fetch="browser", session=session))

    assert site.paths == ["/me"]
    assert (outcome.outcome, secrets_in(archived(run))) == ("failed", [])
    assert outcome.reason.startswith("the login could not be checked: the answer is not kept, as it repeats 'token'")


@pytest.mark.parametrize(
    "head", [f"HTTP/1.1 {TOKEN} OK", f"{TOKEN} is none", f"HTTP/1.1 200 OK\r\nContent-Length: {TOKEN}"]
)
def test_no_reason_of_a_failure_has_a_value(run: Run, monkeypatch: pytest.MonkeyPatch, head: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        threading.Thread(target=answer_all, args=(server, f"{head}\r\n\r\nx".encode()), daemon=True).start()
        session, politeness = stored(Site(url), monkeypatch), {"retries": 0}
        outcome = run(source(f"{url}/", walk="page", session=session, politeness=politeness))
        server.shutdown(socket.SHUT_RDWR)

    assert outcome.outcome == "failed"
    assert secrets_in(archived(run) + outcome.reason.encode()) == []


def answer_all(server: socket.socket, answer: bytes) -> None:
    with suppress(OSError):
        while True:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(65_536)
                connection.sendall(answer)
