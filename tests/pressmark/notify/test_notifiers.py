"""Notices delivered to real servers on loopback."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from crawling.site import Reply, Site, redirect, serving
from pydantic import ValidationError
from services.mail_server import Letters
from services.retrieving import Retrieving, served

from config.groups.notify import Notify
from config.settings import Settings, load_settings
from pressmark.notify import NOTIFIERS, notifiers_of
from pressmark.notify.apprise import send_by_apprise
from pressmark.notify.delivery import Delivery
from pressmark.notify.notice import Notice, NoticeRefused
from pressmark.service import logs
from pressmark.service.assembly import open_pressmark
from scheduler.notices.alarms import turn
from scheduler.run import Run

NOTICE = Notice("zgc-forum", "blocked", datetime(2026, 11, 24, 12, tzinfo=UTC), "got 9 captcha", "run-1")


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.otherwise = Reply(204)
        yield site


def mail(port: int, **facts: Any) -> Notify:
    known = {"server": "127.0.0.1", "port": port, "tls": "none", "sender": "p@example.org", "to": "a@x.org, b@x.org"}
    return Notify.model_validate({"mail": known | facts})


def test_a_mail_says_what_happened_to_all_recipients(port: int, letters: Letters) -> None:
    notifiers_of(mail(port, user="ann", password="hunter22"))["mail"](NOTICE)

    [letter] = letters.letters
    assert letters.envelopes[0].rcpt_tos == ["a@x.org", "b@x.org"]
    assert (letter["Subject"], letter["From"]) == ("Pressmark: zgc-forum is blocked", "p@example.org")
    assert "got 9 captcha" in str(letter.get_payload())


@pytest.mark.parametrize("facts", [{"user": "ann", "password": "wrong-one"}, {"to": "refused@example.org"}])
def test_a_refusing_mail_server_is_reported_in_a_sentence_without_the_password(
    port: int, letters: Letters, facts: dict[str, str]
) -> None:
    with pytest.raises(NoticeRefused, match=f"the mail server 127.0.0.1:{port} refused") as refused:
        notifiers_of(mail(port, **facts))["mail"](NOTICE)

    assert "wrong-one" not in str(refused.value)
    assert letters.letters == []


def test_a_server_without_tls_gets_no_mail_unless_the_settings_say_so(port: int, letters: Letters) -> None:
    with pytest.raises(NoticeRefused, match="STARTTLS"):
        notifiers_of(mail(port, tls="starttls"))["mail"](NOTICE)

    assert letters.letters == []


def test_a_missing_mail_server_is_an_os_error(unused: int) -> None:
    with pytest.raises(OSError, match="refused"):
        notifiers_of(mail(unused))["mail"](NOTICE)


@pytest.fixture
def unused() -> int:
    with serving() as gone:
        return int(gone.url.rpartition(":")[2])


def webhook(url: str, secret: str | None = None) -> Notify:
    return Notify.model_validate({"webhook": {"url": url, "secret": secret, "addresses": ["127.0.0.0/8"]}})


def test_a_webhook_gets_json_signed_with_the_shared_secret(site: Site) -> None:
    notifiers_of(webhook(f"{site.url}/hook/abc", "key"))["webhook"](NOTICE)

    [asked] = site.asked
    assert (asked.method, asked.path, asked.headers["content-type"]) == ("POST", "/hook/abc", "application/json")
    assert (
        asked.headers["x-pressmark-signature"] == f"sha256={hmac.new(b'key', asked.body, hashlib.sha256).hexdigest()}"
    )
    fields = json.loads(asked.body)
    assert (fields["event"], fields["source"], fields["since"]) == (
        "source.blocked",
        "zgc-forum",
        "2026-11-24T12:00:00+00:00",
    )


@pytest.mark.parametrize("answer", [Reply(500), redirect("/elsewhere")])
def test_a_refusing_webhook_is_reported_without_its_path(site: Site, answer: Reply) -> None:
    site.otherwise = answer

    with pytest.raises(NoticeRefused, match=r"the webhook was not delivered: 127\.0\.0\.1 answered") as refused:
        notifiers_of(webhook(f"{site.url}/hook/abc"))["webhook"](NOTICE)

    assert "abc" not in str(refused.value)
    assert [asked.path for asked in site.asked] == ["/hook/abc"]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x"])
def test_only_http_urls_are_accepted(url: str) -> None:
    with pytest.raises(ValidationError, match="an http or https URL"):
        webhook(url)


def test_a_webhook_in_a_private_network_is_notified_only_if_the_settings_name_the_network(site: Site) -> None:
    settings = Notify.model_validate({"webhook": {"url": f"{site.url}/hook/abc"}})

    with pytest.raises(NoticeRefused, match=r"loopback") as refused:
        notifiers_of(settings)["webhook"](NOTICE)

    assert "abc" not in str(refused.value)
    assert site.asked == []


def test_a_missing_webhook_is_reported_in_a_sentence(unused: int) -> None:
    with pytest.raises(NoticeRefused, match=r"127\.0\.0\.1 could not be reached"):
        notifiers_of(webhook(f"http://127.0.0.1:{unused}/hook"))["webhook"](NOTICE)


OLD_PYTHON = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@OLD_PYTHON
def test_apprise_delivers_a_notice(site: Site) -> None:
    settings = Notify.model_validate({"apprise": {"urls": f"json://{site.url.removeprefix('http://')}/one"}})
    notifiers_of(settings)["apprise"](NOTICE)

    assert json.loads(site.asked[0].body)["title"] == "Pressmark: zgc-forum is blocked"
    site.otherwise = Reply(500)
    with pytest.raises(NoticeRefused, match="could not deliver it"):
        notifiers_of(settings)["apprise"](NOTICE)


@OLD_PYTHON
def test_apprise_takes_a_text_for_text_where_a_service_shows_html(site: Site) -> None:
    urls = f"json://{site.url.removeprefix('http://')}/one?format=html"
    send_by_apprise(Notify.model_validate({"apprise": {"urls": urls}}), "a title", "<a href='//x'>Renew</a>")

    said = json.loads(site.asked[0].body)["message"]
    assert "<a" not in said and "&lt;a" in said


@OLD_PYTHON
@pytest.mark.parametrize("status", [302, 307, 308])
def test_the_answer_of_a_service_of_apprise_leads_nowhere(site: Site, status: int) -> None:
    with serving() as elsewhere:
        site.otherwise = Reply(status, headers=(("Location", f"{elsewhere.url}/inside"),))
        elsewhere.otherwise = Reply(204)
        settings = Notify.model_validate({"apprise": {"urls": f"json://{site.url.removeprefix('http://')}/one"}})

        with pytest.raises(NoticeRefused, match="could not deliver it"):
            send_by_apprise(settings, "a title", "a text")
        assert len(site.asked) == 1 and not elsewhere.asked


@OLD_PYTHON
def test_a_service_unknown_to_apprise_is_reported_by_its_number() -> None:
    settings = Notify.model_validate({"apprise": {"urls": "json://a secretservice://token"}})

    with pytest.raises(NoticeRefused, match=r"URL 2 of notify\.apprise\.urls"):
        notifiers_of(settings)["apprise"](NOTICE)


def test_nobody_is_notified_by_default() -> None:
    assert notifiers_of(Notify()) == {}
    assert list(NOTIFIERS) == ["mail", "webhook", "apprise"]


@pytest.mark.parametrize("people", [False, True])
def test_a_change_of_state_is_logged_and_mailed_and_so_is_the_recovery(
    tmp_path: Path, port: int, letters: Letters, people: bool, root_log: logging.Logger
) -> None:
    written = io.StringIO()
    logs.configure("info", stream=written, people=people)
    with open_pressmark(load_settings({"home": str(tmp_path / "home")})) as service:
        delivery = Delivery(replace(service, settings=service.settings.model_copy(update={"notify": mail(port)})))
        for number, (outcome, reason) in enumerate((("blocked", "9 login"), ("done", "pages: 3"))):
            at = NOTICE.since + timedelta(hours=number)
            with service.database.writing() as connection:
                turn(connection, Run(f"r{number}", "paper", "over", at, outcome=outcome, reason=reason), at)
            assert delivery.deliver()
            assert delivery.deliver()  # and nothing is delivered twice

    lines = [line for line in written.getvalue().splitlines() if "paper" in line]
    assert [letter["Subject"] for letter in letters.letters] == [
        "Pressmark: paper is blocked",
        "Pressmark: paper is no longer blocked",
    ]
    if people:
        assert [" warning " in line for line in lines] == [True, False]
        assert 'a source became blocked  source="paper"' in lines[0] and 'reason="9 login"' in lines[0]
        assert 'a source is no longer blocked  source="paper"' in lines[1]
    else:
        told = [json.loads(line) for line in lines]
        assert [(one["level"], one["event"], one["source"], one["reason"]) for one in told] == [
            ("warning", "a source became blocked", "paper", "9 login"),
            ("info", "a source is no longer blocked", "paper", "pages: 3"),
        ]


@pytest.fixture
def root_log() -> Iterator[logging.Logger]:
    """Restore the root logger afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    root.handlers[:] = handlers
    root.setLevel(level)


def test_notifications_are_tested_from_the_page_and_a_failure_is_explained(
    tmp_path: Path, port: int, letters: Letters, unused: int
) -> None:
    def tested(settings: Notify, channel: str) -> tuple[int, str]:
        with open_pressmark(Settings(home=tmp_path, notify=settings)) as service, served(service) as url:
            door = Retrieving(url, service, [])
            status, page = door.send_body("POST", f"/settings/notifications/{channel}/test", b"", "text/plain")
            return status, page.decode()

    accepted, refused = tested(mail(port), "mail"), tested(mail(unused), "mail")
    unknown = tested(mail(port), "apprise")

    [letter] = letters.letters
    assert letter["Subject"] == "Pressmark: a test"
    assert "notifications of Pressmark arrive here" in str(letter.get_payload())
    assert (accepted[0], refused[0], unknown[0]) == (200, 200, 404)
    assert (
        "The receiver accepted the test message." in accepted[1]
        and "The receiver accepted the test message." not in refused[1]
    )
    assert "refused" in refused[1]
