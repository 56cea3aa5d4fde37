"""The messages of a folder are archived as Dovecot gives them: each once, with its images, and marked when they are."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from crawling.crawls import Run, events, source
from crawling.letters import PNG, article, chinese, japanese, letter
from crawling.site import Reply, serving
from crawling.warcs import WarcArchive
from services.imap_server import NEEDS_DOVECOT, Dovecot
from wire.warcs import by_warcio

from config.source import Source
from crawler.mail.known import KnownMail
from extractor.mail.message import MAIL

pytestmark = [*NEEDS_DOVECOT, pytest.mark.usefixtures("trusted")]

TWO_IMAGES = letter(html=article(image='<img src="cid:image1@example.org">'), images=2)


def mailbox(server: Dovecot, user: str, *, facts: dict[str, Any] | None = None, **imap: Any) -> Source:
    return source(imap=server.mailbox(user, **imap), **(facts or {}))


def messages(run: Run) -> list[bytes]:
    return [derived.body for derived, _, _ in run.archive.derived if derived.mime == MAIL and not derived.same_as]


def test_each_message_is_a_record_byte_for_byte_with_its_images_beside_it(
    server: Dovecot, user: str, tmp_path: Path
) -> None:
    letters = [TWO_IMAGES, chinese(), japanese()]
    server.put(user, *letters)
    archive = WarcArchive(tmp_path / "spool")
    outcome = Run(tmp_path, archive, index=archive)(mailbox(server, user))  # type: ignore[arg-type]
    archive.close()
    records = [one for path in (tmp_path / "spool").rglob("*.warc.gz") for one in by_warcio(path)]
    resources = [one for one in records if one.kind == "resource"]

    assert (outcome.outcome, outcome.reason) == ("done", "3 new messages archived")
    assert (outcome.pages, outcome.captures) == (3, 5)
    assert [one.block for one in resources if one.fields["content-type"] == MAIL] == letters
    first, *images = resources[:3]
    assert first.url is not None
    assert first.url.startswith(f"imap://localhost:{server.secure}/INBOX;UIDVALIDITY=")
    assert first.url.endswith("/;UID=1")
    assert first.fields["warc-ip-address"] in ("127.0.0.1", "::1")
    assert [one.url for one in images] == [f"{first.url}/;SECTION=2.2", f"{first.url}/;SECTION=2.3"]
    assert [one.block for one in images] == [PNG + b"\x01", PNG + b"\x02"]
    assert {one.fields["warc-concurrent-to"] for one in images} == {first.fields["warc-record-id"]}
    assert {one.fields["warc-date"] for one in images} == {first.fields["warc-date"]}
    assert not [one for one in records if user in str(one.headers) or b"hunter" in one.block]


def test_images_have_the_numbers_that_the_server_gives_to_parts(server: Dovecot, user: str, run: Run) -> None:
    server.put(user, TWO_IMAGES)
    run(mailbox(server, user))
    sections = [one.url.rpartition("=")[2] for one, _, _ in run.archive.derived if one.mime == "image/png"]
    with server.client(user) as client:
        client.select("INBOX", readonly=True)
        for section in sections:
            _, [(_, head), *_] = client.fetch("1", f"(BODY.PEEK[{section}.MIME])")  # type: ignore[misc]
            assert b"image/png" in head
    assert len(sections) == 2


def test_a_second_run_takes_only_what_is_new(server: Dovecot, user: str, run: Run) -> None:
    server.put(user, letter("One"), letter("Two"))
    assert run(mailbox(server, user)).reason == "2 new messages archived"
    again = run(mailbox(server, user))
    assert (again.outcome, again.reason, again.captures) == ("unchanged", "no new messages in the folder INBOX", 0)
    server.put(user, letter("Three"))
    assert run(mailbox(server, user)).reason == "1 new message archived"
    assert messages(run) == [letter("One"), letter("Two"), letter("Three")]


def test_messages_that_get_other_numbers_are_not_stored_again(server: Dovecot, user: str, run: Run) -> None:
    server.put(user, TWO_IMAGES, folder="News")
    run(mailbox(server, user, folder="News"))
    with server.client(user) as client:
        client.delete("News")
    server.put(user, TWO_IMAGES, letter("New"), folder="News")
    outcome = run(mailbox(server, user, folder="News"))
    third = run(mailbox(server, user, folder="News"))
    [same] = [one for one, _, _ in run.archive.derived if one.same_as]
    first, _, capture = run.archive.derived[0]

    assert (outcome.reason, outcome.revisits) == ("1 new message archived", 1)
    assert third.captures == 0
    assert same.same_as is not None
    assert (same.same_as.record_id, same.same_as.url) == (capture.record_id, first.url)
    assert same.url != first.url
    assert messages(run) == [TWO_IMAGES, letter("New")]


@pytest.mark.parametrize(("mark", "flagged"), [("none", False), ("seen", True)])
def test_messages_are_marked_as_read_only_where_the_source_says_so(
    server: Dovecot, user: str, run: Run, mark: str, flagged: bool
) -> None:
    server.put(user, TWO_IMAGES)
    run(mailbox(server, user, mark=mark))
    assert [b"\\Seen" in one for one in server.flags(user)] == [flagged]


def test_archived_messages_are_moved_and_stay_archived_once(server: Dovecot, user: str, run: Run) -> None:
    server.put(user, letter("One"), letter("Two"))
    target = "Archiv.äöü & 邮件"
    told = mailbox(server, user, mark="move", move_to=target)
    with server.client(user) as client:
        client.create('"Archiv.&AOQA9gD8- &- &kK5O9g-"')
    assert run(told).outcome == "done"
    assert server.flags(user) == []
    assert run(told).reason == "no new messages in the folder INBOX"
    read = run(mailbox(server, user, folder=target))
    assert (read.revisits, len(messages(run))) == (2, 2)


def test_a_message_that_can_not_be_moved_is_archived_and_the_run_says_so(server: Dovecot, user: str, run: Run) -> None:
    server.put(user, letter())
    outcome = run(mailbox(server, user, mark="move", move_to="Nowhere"))
    assert outcome.outcome == "partial"
    assert "the mail server did not mark or move 1 message" in outcome.reason
    assert [one["event"] for one in events(run)] == ["not-marked", "over"]
    assert messages(run) == [letter()]


def test_filters_leave_other_messages_alone(server: Dovecot, user: str, run: Run) -> None:
    daily = letter("港口关闭", more={"List-Id": "The Daily <daily.example.org>"})
    server.put(user, letter("Bill", sender="Shop <shop@example.com>"), daily, letter("Weekly"))
    run(mailbox(server, user, sender="daily@example.org", list_id="daily.example.org", subject="港口"))
    assert messages(run) == [daily]
    none = run(mailbox(server, user, sender='no"body\\'))
    assert none.outcome == "unchanged"


def test_an_empty_folder_is_named(server: Dovecot, user: str, run: Run) -> None:
    outcome = run(mailbox(server, user, subject="x"))
    assert (outcome.outcome, outcome.reason) == ("empty", "the folder INBOX of localhost has no messages that match")


def test_a_message_that_is_too_large_is_counted_and_the_others_are_archived(
    server: Dovecot, user: str, run: Run
) -> None:
    server.put(user, letter("Large", plain="x" * 60 + "\n" * 4000), letter("Small"))
    outcome = run(mailbox(server, user, facts={"limits": {"page_bytes": "2KiB"}}))
    assert outcome.reason == "1 new message archived; 1 message is larger than allowed and not archived"
    assert outcome.dropped == {"too-large": 1}
    assert messages(run) == [letter("Small")]


def test_a_limit_ends_the_run_after_whole_messages_and_the_next_run_continues(
    server: Dovecot, user: str, run: Run
) -> None:
    server.put(user, TWO_IMAGES, letter("Two"))
    told = mailbox(server, user, facts={"limits": {"pages": 1}}, mark="seen")
    outcome = run(told)
    assert (outcome.outcome, outcome.captures) == ("limited", 3)
    assert [b"\\Seen" in one for one in server.flags(user)] == [True, False]
    assert run(told).outcome == "done"
    assert messages(run) == [TWO_IMAGES, letter("Two")]


@pytest.mark.parametrize("complete", [True, False])
def test_a_run_that_was_killed_between_a_message_and_its_images_continues_with_them(
    server: Dovecot, user: str, run: Run, monkeypatch: pytest.MonkeyPatch, complete: bool
) -> None:
    server.put(user, TWO_IMAGES, letter("Two"))
    run(mailbox(server, user), run="killed")
    del run.archive.derived[1:]  # what a kill right after the first message leaves
    if not complete:  # the negative control: a run that does not look at what it began
        monkeypatch.setattr(KnownMail, "began_in_this_run", lambda self, url: False)
    outcome = run(mailbox(server, user, mark="seen" if complete else "none"), run="killed")
    found = [hashlib.sha256(one.body).hexdigest() for one, _, _ in run.archive.derived]
    assert (len(found), len(set(found))) == ((4, 4) if complete else (2, 2))
    if complete:
        assert (outcome.pages, outcome.captures) == (2, 4)
        assert all(b"\\Seen" in one for one in server.flags(user))


@pytest.mark.parametrize("wanted", [True, False])
def test_images_of_other_servers_are_fetched_only_if_the_source_says_so(
    server: Dovecot, user: str, run: Run, wanted: bool
) -> None:
    with serving() as site:
        site.routes["/pixel.png"] = Reply(body=PNG, type="image/png")
        server.put(user, letter(html=article(image=f'<img src="{site.url}/pixel.png?id=ann">')))
        outcome = run(mailbox(server, user, remote_images=wanted))
        assert [one.path for one in site.asked] == (["/pixel.png?id=ann"] if wanted else [])
    assert outcome.outcome == "done"
    assert outcome.captures == (2 if wanted else 1)
