"""Webhooks that are added, changed, tested and removed in the pages, the API and the command line."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from crawling.site import Site
from services.retrieving import Retrieving, served
from services.webhook_service import NOON, SECRET
from standardwebhooks import Webhook

from config.groups.watches import Watch
from config.settings import Settings, load_settings
from pressmark.cli import main
from pressmark.notify.watches.watch_editing import add_watch
from pressmark.notify.webhooks.dispatch import Dispatch
from pressmark.notify.webhooks.webhook_state import webhook_shape
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.service.webhook_settings import Hooks
from scheduler.notices.page_watches import PageWatch
from scheduler.notices.page_webhooks import PageWebhooks

FORM = {"url": "TEAM_URL", "secret": "TEAM_KEY", "events": "run.over", "sources": ""}
ALLOW = {"addresses": ["127.0.0.0/8"]}


@dataclass
class Pages:
    service: Service
    door: Retrieving
    site: Site
    home: Path

    def show(self, path: str) -> str:
        return self.door.get(path)[2].decode()

    def send(self, path: str, /, **fields: str) -> tuple[int, str]:
        """Send the form of a page with these fields."""
        seen = re.search('name="seen" value="([0-9a-f]*)"', self.show(path.replace("/remove", "/edit")))
        body = urlencode({"seen": seen[1] if seen else ""} | fields).encode()
        status, page = self.door.send_body("POST", path, body, "application/x-www-form-urlencoded")
        return status, page.decode()

    def api(self, method: str, name: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        path, text = f"/api/v1/webhooks/{name}", b"" if body is None else json.dumps(body).encode()
        status, answer = self.door.send_body(method, path, text, "application/json", **headers)
        return status, json.loads(answer) if answer else None

    def end(self, run: str) -> None:
        """Have a run end, and look what is to be sent."""
        self.service.events.append(NOON, "run.over", source="gazette", run=run)
        self.deliver()

    def deliver(self) -> None:
        asyncio.run(Dispatch(self.service).once())

    def runs(self, path: str = "/hook/team") -> list[str]:
        """Return the runs whose ends a receiver got, each signed with its key."""
        told = []
        for asked in (one for one in self.site.asked if one.path == path):
            message = Webhook(SECRET).verify(asked.body, {name: asked.headers[name] for name in SIGNED})
            told.append(message["data"].get("run", "test"))
        return told


SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature")


def write_secret(home: Path, name: str, value: str) -> None:
    (home / "secrets").mkdir(mode=0o700, exist_ok=True)
    (home / "secrets" / name).write_text(f"{value}\n")
    (home / "secrets" / name).chmod(0o600)


@pytest.fixture
def pages(tmp_path: Path, site: Site) -> Iterator[Pages]:
    write_secret(tmp_path, "TEAM_URL", f"{site.url}/hook/team")
    write_secret(tmp_path, "B_URL", f"{site.url}/hook/b")
    write_secret(tmp_path, "TEAM_KEY", SECRET)
    write_secret(tmp_path, "BAD_HOST", "http://[fe80::1/hook/x")
    write_secret(tmp_path, "BAD_PORT", "http://127.0.0.1:99999/hook/x")
    in_file = {"paper": {"url": f"{site.url}/hook/file", "secret": SECRET, **ALLOW}}
    with (
        open_pressmark(Settings(home=tmp_path, allow=ALLOW, webhooks=in_file)) as service,  # type: ignore[arg-type]
        served(service) as url,
    ):
        yield Pages(service, Retrieving(url, service, []), site, tmp_path)


def test_a_webhook_that_is_added_in_the_pages_gets_events_is_tested_changed_and_removed_and_that_is_undone(
    pages: Pages,
) -> None:
    pages.end("before")
    added = pages.send("/add/webhook", name="team", **FORM)
    pages.end("one")
    tested = pages.door.send_body("POST", "/webhooks/team/test", b"", "text/plain")[1].decode()
    changed = pages.send("/webhooks/team/edit", **FORM | {"url": "B_URL"})[0]
    pages.end("two")
    former = pages.show("/webhooks/team/edit?former=true")
    removed = pages.send("/webhooks/team/remove")[1]
    pages.end("meanwhile")
    listed = pages.show("/webhooks")
    undone = pages.send("/add/webhook", name="team", **FORM | {"url": "B_URL"})[0]
    pages.deliver()

    assert (added[0], changed, undone) == (303, 303, 303), added[1]
    assert (pages.runs(), pages.runs("/hook/b")) == (["one", "test"], ["two", "meanwhile"])
    assert "127.0.0.1 answered 204" in tested
    assert 'value="TEAM_URL"' in former
    assert ("To undo this" in removed, 'value="B_URL"' in removed) == (True, True)
    assert ("/webhooks/team" in listed, "/webhooks/paper" in listed, "the settings file" in listed) == (
        False,
        True,
        True,
    )
    trail = pages.show("/settings/trail")
    assert [trail.count(path) for path in ("/add/webhook", "/webhooks/{name}/edit", "/webhooks/{name}/remove")] == [
        2,
        1,
        1,
    ]
    for shown in (trail, removed, tested, pages.show("/webhooks/team"), pages.show("/webhooks/team/edit")):
        assert SECRET not in shown
        assert "/hook/" not in shown


def test_another_webhook_of_a_former_name_gets_nothing_of_the_former_one(pages: Pages) -> None:
    pages.send("/add/webhook", name="team", **FORM)
    pages.end("one")
    pages.send("/webhooks/team/remove")
    pages.end("meanwhile")
    pages.send("/add/webhook", name="team", **FORM | {"url": "B_URL"})
    pages.deliver()

    assert (pages.runs(), pages.runs("/hook/b")) == (["one"], [])
    assert pages.api("GET", "team/messages")[1]["items"] == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "A team"}, "invalid name"),
        ({"name": "paper"}, "already exists"),
        ({"url": ""}, "url"),
        ({"url": "PRESSMARK_TOKEN"}, "belongs to the service itself"),
        ({"url": "ELSEWHERE"}, "the secret ELSEWHERE is not permitted"),
        ({"url": "TEAM_KEY"}, "the secret TEAM_KEY is not the URL of a webhook"),
        ({"url": "BAD_HOST"}, "the secret BAD_HOST is not the URL of a webhook"),
        ({"url": "BAD_PORT"}, "the secret BAD_PORT is not the URL of a webhook"),
        ({"secret": "TEAM_URL"}, "the secret TEAM_URL is not the signing key of a webhook"),
        ({"events": "page.gone"}, "page.gone"),
        ({"sources": "nobody"}, "no source named"),
    ],
)
def test_a_wrong_webhook_is_refused_with_its_field_and_not_saved(
    pages: Pages, fields: dict[str, str], said: str
) -> None:
    status, page = pages.send("/add/webhook", **{"name": "team"} | FORM | fields)

    assert (status, said in page) == (422, True), page
    assert PageWebhooks(pages.service.database).all() == {}
    assert "/hook/" not in page


def test_the_api_adds_replaces_removes_and_undoes_only_what_its_caller_has_read(pages: Pages) -> None:
    asked = {"url_name": "TEAM_URL", "secret_name": "TEAM_KEY", "events": ["run.over"]}
    added, shape = pages.api("PUT", "team", asked)
    blind, _ = pages.api("PUT", "team", asked | {"events": ["page.new"]})
    changed, now = pages.api("PUT", "team", asked | {"url_name": "B_URL"}, **{"If-Match": f'"{shape["version"]}"'})
    stale, _ = pages.api("PUT", "team", asked, **{"If-Match": f'"{shape["version"]}"'})
    undone = pages.api("POST", "team/undo")[1]
    removed, gone = pages.api("DELETE", "team")[0], pages.api("GET", "team")[0]
    back = pages.api("POST", "team/undo")[1]
    of_file = [pages.api(*each)[0] for each in (("PUT", "paper", asked), ("DELETE", "paper"), ("POST", "paper/undo"))]

    assert (added, blind, changed, stale, removed, gone) == (201, 428, 200, 412, 204, 404)
    assert [one["url_name"] for one in (shape, now, undone, back)] == ["TEAM_URL", "B_URL", "TEAM_URL", "TEAM_URL"]
    assert of_file == [422, 422, 422]
    assert pages.api("POST", "nobody/undo")[0] == 409


def test_a_webhook_without_its_secret_says_so_and_its_messages_wait(pages: Pages) -> None:
    pages.send("/add/webhook", name="team", **FORM)
    url = (pages.home / "secrets" / "TEAM_URL").read_text().strip()
    (pages.home / "secrets" / "TEAM_URL").unlink()
    pages.end("one")
    shown, tried = pages.show("/webhooks/team"), pages.api("POST", "team/test")[1]
    said = [told := "the secret TEAM_URL is not permitted", told in shown, told in pages.show("/webhooks")]
    write_secret(pages.home, "TEAM_URL", url)
    pages.deliver()

    assert said[1:] == [True, True]
    assert (tried["taken"], "TEAM_URL" in tried["sentence"]) == (False, True)
    assert pages.runs() == ["one"]


def test_a_webhook_whose_url_is_mistyped_later_is_shown_and_removed_and_keeps_no_other_from_its_work(
    pages: Pages,
) -> None:
    pages.send("/add/webhook", name="good", **FORM | {"url": "B_URL"})
    pages.send("/add/webhook", name="team", **FORM)
    write_secret(pages.home, "TEAM_URL", "http://[fe80::1/hook/x")
    pages.end("one")
    listed, shown = pages.show("/webhooks"), pages.api("GET", "team")[1]

    assert pages.runs("/hook/b") == ["one"]
    assert ("/webhooks/good" in listed, "the secret TEAM_URL is not the URL of a webhook" in listed) == (True, True)
    assert shown["problem"] == "the secret TEAM_URL is not the URL of a webhook"
    assert (pages.api("DELETE", "team")[0], pages.api("GET", "team")[0]) == (204, 404)


def test_of_two_people_who_add_a_name_at_the_same_time_one_is_refused(pages: Pages) -> None:
    start = threading.Barrier(2)

    def add(number: int, url: str) -> int:
        start.wait()
        return pages.api("PUT", f"team-{number}", {"url_name": url, "secret_name": "TEAM_KEY"})[0]

    with ThreadPoolExecutor(2) as both:
        answers = [sorted(both.map(add, [number] * 2, ["TEAM_URL", "B_URL"])) for number in range(8)]

    assert all(one[0] == 201 and one[1] in (409, 428) for one in answers), answers


def test_a_webhook_of_the_settings_gets_no_messages_of_one_of_the_pages_with_its_name(pages: Pages) -> None:
    write_secret(pages.home, "TEAM_URL", "http://127.0.0.1:9/hook/dead")
    pages.send("/add/webhook", name="team", **FORM)
    pages.end("one")
    (pages.home / "pressmark.yaml").write_text(
        f"webhooks: {{team: {{url: '{pages.site.url}/hook/file', secret: {SECRET}, addresses: [127.0.0.0/8]}}}}\n"
    )
    settings = load_settings({"home": pages.home}, dotenv=pages.home / ".env")
    taken = replace(pages.service, webhooks=Hooks(settings, pages.service.database))
    asyncio.run(Dispatch(taken).once())

    assert (pages.runs("/hook/file"), webhook_shape(taken, "team").waiting) == ([], 0)
    assert pages.api("GET", "team")[1]["waiting"] == 1


def test_an_undone_removal_is_undone_once(pages: Pages) -> None:
    pages.send("/add/webhook", name="team", **FORM)
    pages.api("DELETE", "team")

    assert [pages.api("POST", "team/undo")[0] for _ in range(2)] == [200, 409]


def test_the_command_line_adds_changes_removes_and_undoes(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRESSMARK_HOME", str(pages.home))
    monkeypatch.setenv("PRESSMARK_ALLOW", json.dumps(ALLOW))

    def run(*words: str) -> int:
        with pytest.raises(SystemExit) as ended:
            main(["webhooks", *words])
        return int(ended.value.code or 0)

    codes = [
        run("add", "team", "--url", "TEAM_URL", "--secret", "TEAM_KEY", "--event", "run.over"),
        run("add", "team", "--url", "TEAM_URL", "--secret", "TEAM_KEY"),
        run("change", "team", "--url", "B_URL"),
        run("change", "nobody", "--url", "B_URL"),
        run("remove", "team"),
        run("remove", "team"),
        run("undo", "team"),
        run("undo", "nobody"),
        run("list", "--json"),
    ]
    shown = capsys.readouterr()
    pages.end("one")

    assert codes == [0, 4, 0, 5, 0, 5, 0, 5, 0], shown.err
    assert '"url_name":"B_URL"' in shown.out.replace(" ", "")
    assert pages.runs("/hook/b") == ["one"]


def test_a_webhook_that_names_a_watch_gets_the_sentences_of_no_other_one(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRESSMARK_HOME", str(pages.home))
    monkeypatch.setenv("PRESSMARK_ALLOW", json.dumps(ALLOW))
    for name in ("port", "dock"):
        add_watch(pages.service, name, PageWatch(Watch(phrases=(name,))))
    wanted = {"url_name": "TEAM_URL", "secret_name": "TEAM_KEY", "events": ["watch.matched", "run.over"]}
    unknown, said = pages.api("PUT", "team", wanted | {"watches": ["quay"]})
    useless, why = pages.api("PUT", "team", wanted | {"watches": ["port"], "events": ["run.over"]})
    made = pages.api("PUT", "team", wanted | {"watches": ["port"]})[1]
    for name in ("port", "dock"):
        facts = {"watch": name, "sentence": name, "record_id": name, "url": "https://example.org/", "novelty": "new"}
        pages.service.events.append(NOON, "watch.matched", source="gazette", run=None, **facts)
    pages.end("one")
    form = pages.show("/webhooks/team/edit")
    in_pages = pages.send("/webhooks/team/edit", **FORM | {"events": "watch.matched", "watches": "dock, port"})[0]
    changed = pages.api("GET", "team")[1]["watches"]
    with pytest.raises(SystemExit):
        main(["webhooks", "change", "team", "--watch", "dock", "--json"])
    by_command = json.loads(capsys.readouterr().out)["watches"]

    told = [json.loads(one.body)["data"] for one in pages.site.asked if one.path == "/hook/team"]
    assert [one.get("sentence", one["run"]) for one in told] == ["port", "one"]
    assert (unknown, "no watch named" in json.dumps(said)) == (422, True)
    assert (useless, "watches are chosen, but not the event watch.matched" in json.dumps(why)) == (422, True)
    assert (made["watches"], in_pages, changed, by_command) == (["port"], 303, ["dock", "port"], ["dock"])
    assert 'name="watches" value="port"' in form
