"""Channels of notifications that are set up, changed, tested and removed in the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from crawling.site import Reply, serving
from services.mail_server import Letters
from services.retrieving import Retrieving, served

from config.settings import Settings
from pressmark.notify.channels import channels_of
from pressmark.notify.delivery import Delivery
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from scheduler.notices.alarms import turn
from scheduler.notices.page_channels import PageChannels
from scheduler.run import Run

AT = datetime(2026, 11, 30, tzinfo=UTC)


@dataclass
class Pages:
    service: Service
    door: Retrieving

    def show(self, path: str) -> str:
        return self.door.get(path)[2].decode()

    def send(self, channel: str, action: str = "", **fields: str) -> tuple[int, str]:
        """Send the form of a channel as it is shown, with these fields changed."""
        form = self.show(f"/settings/notifications/{channel}")
        seen = re.search('name="seen" value="([0-9a-f]+)"', form)
        assert seen is not None
        body = urlencode({"seen": seen[1]} | fields).encode()
        path = f"/settings/notifications/{channel}{action}"
        status, page = self.door.send_body("POST", path, body, "application/x-www-form-urlencoded")
        return status, page.decode()


def opened(home: Path, **settings: object) -> Iterator[Pages]:
    allow = {"addresses": ["127.0.0.0/8"]}
    given = Settings(home=home, secrets=("MAIL_PASSWORD", "HOOK"), **{"allow": allow, **settings})  # type: ignore[arg-type]
    with open_pressmark(given) as service, served(service) as url:
        yield Pages(service, Retrieving(url, service, []))


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pages]:
    monkeypatch.setenv("MAIL_PASSWORD", "hunter22")
    yield from opened(tmp_path)


def mail(port: int) -> dict[str, str]:
    return {
        "server": "127.0.0.1", "port": str(port), "tls": "none", "user": "ann", "password": "MAIL_PASSWORD",
        "sender": "p@example.org", "to": "a@x.org, b@x.org",
    }  # fmt: skip


def block(service: Service, number: int) -> None:
    with service.database.writing() as connection:
        turn(connection, Run(f"r{number}", "paper", "over", AT, outcome="blocked", reason="9 login"), AT)


def test_a_channel_that_was_set_up_sends_is_tested_changed_and_removed_and_that_is_undone(
    pages: Pages, port: int, letters: Letters
) -> None:
    delivery = Delivery(pages.service)

    assert pages.send("mail", **mail(port))[0] == 303
    block(pages.service, 1)
    assert delivery.deliver(), "a running service sends by a new channel"
    tested = pages.door.send_body("POST", "/settings/notifications/mail/test", b"", "text/plain")[1].decode()
    changed = pages.send("mail", **mail(port) | {"to": "c@x.org"})[0]
    before = pages.show("/settings/notifications/mail?former=true")
    removed = pages.send("mail", "/remove")[1]
    nothing = channels_of(pages.service)

    assert [each.rcpt_tos for each in letters.envelopes] == [["a@x.org", "b@x.org"]] * 2
    assert ("The receiver accepted the test message." in tested, changed) == (True, 303)
    assert 'value="a@x.org, b@x.org"' in before
    assert nothing.origins == {}
    assert "To undo this" in removed
    assert 'value="c@x.org"' in removed
    assert pages.send("mail", **mail(port))[0] == 303  # undone
    assert channels_of(pages.service).origins == {"mail": "pages"}
    trail = pages.show("/settings/trail")
    assert trail.count("/settings/notifications/{channel}") >= 4
    assert "hunter22" not in trail + removed + pages.show("/settings/notifications/mail")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"to": ""}, "to"),
        ({"to": "nobody"}, "is not an e-mail address"),
        ({"port": "x"}, "port"),
        ({"password": "PRESSMARK_TOKEN"}, "the secret PRESSMARK_TOKEN is not permitted"),
        ({"password": "NOT_LISTED"}, "the secret NOT_LISTED is not permitted"),
        ({"server": "mail.example.org/x"}, "the name of the mail server alone"),
    ],
)
def test_a_wrong_channel_is_refused_with_the_field_and_not_saved(
    pages: Pages, fields: dict[str, str], said: str
) -> None:
    status, page = pages.send("mail", **mail(25) | fields)

    assert (status, said in page) == (422, True)
    assert PageChannels(pages.service.database).all() == {}


def test_what_another_person_changed_meanwhile_is_not_overwritten(pages: Pages, port: int) -> None:
    old = PageChannels(pages.service.database).digest("mail")
    pages.send("mail", **mail(port))

    body = urlencode(mail(9) | {"seen": old}).encode()
    kind = "application/x-www-form-urlencoded"
    status, page = pages.door.send_body("POST", "/settings/notifications/mail", body, kind)
    gone, _ = pages.door.send_body("POST", "/settings/notifications/mail/remove", b"seen=" + old.encode(), kind)

    assert (status, gone, "your changes are not saved" in page.decode()) == (422, 409, True)
    kept = PageChannels(pages.service.database).get("mail")
    assert kept is not None
    assert kept.model_dump()["port"] == port


def test_a_channel_of_the_settings_is_listed_and_changed_only_there(
    tmp_path: Path, port: int, letters: Letters
) -> None:
    of_file = {"mail": {"server": "127.0.0.1", "port": port, "tls": "none", "to": "file@x.org"}}
    for pages in opened(tmp_path, notify=of_file):
        listed = pages.show("/webhooks")
        refused = pages.door.get("/settings/notifications/mail")[0]
        pages.door.send_body("POST", "/settings/notifications/mail/test", b"", "text/plain")

    assert "the settings file" in listed
    assert refused == 422
    assert [each.rcpt_tos for each in letters.envelopes] == [["file@x.org"]]


@pytest.mark.parametrize("allowed", [True, False])
def test_the_mail_server_of_a_channel_is_at_an_address_that_is_permitted(
    tmp_path: Path, port: int, letters: Letters, *, allowed: bool
) -> None:
    addresses = ["127.0.0.0/8"] if allowed else []
    for pages in opened(tmp_path, allow={"addresses": addresses}):
        sent = pages.send("mail", **mail(port) | {"user": "", "password": ""})[0]
        tested = pages.door.send_body("POST", "/settings/notifications/mail/test", b"", "text/plain")[1].decode()

    assert (sent, len(letters.letters)) == (303, int(allowed))
    assert ("do not permit its address 127.0.0.1 (loopback)" in tested) is not allowed


def test_a_webhook_has_its_url_by_the_name_of_a_secret_and_says_when_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as site:
        site.otherwise = Reply(204)
        monkeypatch.setenv("HOOK", f"{site.url}/hook/token")
        for pages in opened(tmp_path):
            saved = pages.send("webhook", url="HOOK")[0]
            block(pages.service, 1)
            delivered = Delivery(pages.service).deliver()
            monkeypatch.delenv("HOOK")
            listed = pages.show("/webhooks")
            block(pages.service, 2)
            waits = Delivery(pages.service).deliver()

        assert (saved, delivered, site.times("/hook/token")) == (303, True, 1)
    assert "neither HOOK nor HOOK_FILE is set" in listed
    assert "/hook/token" not in listed
    assert not waits or "paper" not in listed


def test_the_page_of_an_unknown_channel_is_404(pages: Pages) -> None:
    assert pages.door.get("/settings/notifications/pigeon")[0] == 404
