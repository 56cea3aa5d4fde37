"""A single message, image or answer that goes wrong stops no mailbox, and is said."""

from __future__ import annotations

import base64
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from crawling.crawls import Run, archiving, events, source
from crawling.letters import PNG, article, letter
from crawling.site import Reply, serving
from services.databases import database_at
from services.imap_server import Answer, plausible, scripted

from archive.index.pages import Pages
from config.source import Source
from scheduler.run import honest

MOVES = b"* CAPABILITY IMAP4rev1 MOVE\r\n"


def mailbox(port: int, **more: Any) -> Source:
    told = {"host": "127.0.0.1", "port": port, "tls": "none", "user": "ann", "password": {"secret": "PW"}}
    facts = more.pop("facts", {})
    return source(imap=told | more, **facts)


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "hunter-22")


@pytest.fixture
def moved() -> list[bytes]:
    return []


def moving(messages: dict[int, bytes], moved: list[bytes]) -> Answer:
    """A server with MOVE, which takes what was moved out of the folder."""

    def move(tag: bytes, rest: bytes) -> bytes:
        moved.append(rest)
        messages.pop(int(rest.split()[2]))
        return tag + b" OK done\r\n"

    return plausible(messages, move=move, capability=lambda tag, _: MOVES + tag + b" OK done\r\n")


def test_a_message_that_the_server_does_not_give_is_named_and_the_others_are_archived(run: Run) -> None:
    messages = {uid: letter(f"Number {uid}") for uid in (1, 2, 3)}
    whole = plausible(messages)

    def fetch(tag: bytes, rest: bytes) -> bytes | None:
        refused = rest.startswith(b"UID FETCH 2 ")
        return tag + b" NO it can't be converted\r\n" if refused else whole(tag, rest)

    with scripted(plausible(messages, fetch=fetch)) as port:
        outcome = run(mailbox(port))
    assert [one.body for one, _, _ in run.archive.derived] == [messages[1], messages[3]]
    assert outcome.outcome == "partial"
    assert outcome.reason == "2 new messages archived; the mail server did not give 1 message; the run log names each"
    [event, _] = events(run)
    assert (event["event"], str(event["url"]).rpartition("/")[2]) == ("not-given", ";UID=2")
    assert "it can't be converted" in str(event["reason"])


def test_a_message_with_an_encoding_that_is_none_is_archived_with_its_images(run: Run, moved: list[bytes]) -> None:
    bad = letter("Bad", html=article(image='<img src="cid:image1@example.org">'), images=1)
    bad = bad.replace(b'charset="utf-8"', b'charset="undefined"').replace(b"was closed", "wäs clösed".encode())
    with scripted(moving({1: bad, 2: letter("Two")}, moved)) as port:
        outcome = run(mailbox(port, mark="move", move_to="A"))
    assert (outcome.outcome, outcome.captures, len(moved)) == ("done", 3, 2)


@pytest.mark.parametrize("status", [503, 200])
def test_a_message_is_moved_only_when_its_images_are_archived(run: Run, moved: list[bytes], status: int) -> None:
    with serving() as site:
        site.routes["/a.png"] = Reply(status=status, body=PNG, type="image/png")
        html = article(image=f'<img src="{site.url}/a.png">')
        with scripted(moving({1: letter(html=html)}, moved)) as port:
            told = mailbox(port, remote_images=True, mark="move", move_to="A")
            outcome = run(told)
            if status == 200:
                assert (outcome.outcome, len(moved)) == ("done", 1)
                return
            assert (outcome.outcome, moved) == ("partial", [])
            assert outcome.reason.startswith("1 new message archived; 1 image could not be fetched")
            site.routes["/a.png"] = Reply(body=PNG, type="image/png")
            assert (run(told).captures, len(moved)) == (1, 1)


def test_a_later_run_fetches_what_is_missing_of_a_message_that_is_never_marked(tmp_path: Path) -> None:
    with (
        serving() as site,
        archiving() as archive,
        closing(database_at(tmp_path / "a.db")) as database,
        scripted(plausible({1: letter(html=article(image=f'<img src="{site.url}/a.png">'))})) as port,
    ):
        run, told = Run(tmp_path, archive, memory=Pages(database)), mailbox(port, remote_images=True)
        site.routes["/a.png"] = Reply(status=503)
        first, second = run(told), run(told)
        site.routes["/a.png"] = Reply(body=PNG, type="image/png")
        third, fourth = run(told), run(told)

    assert [one.outcome for one in (first, second, third, fourth)] == ["partial", "partial", "done", "unchanged"]
    assert second.reason.startswith("no new messages in the folder INBOX; 1 image could not be fetched")
    assert third.reason == "no new messages in the folder INBOX; 1 missing image archived"
    assert (third.captures, fourth.captures, site.times("/a.png")) == (1, 0, 3)


@pytest.mark.parametrize("archived", [True, False])
def test_a_run_that_archives_nothing_because_a_message_is_not_given_says_so(run: Run, *, archived: bool) -> None:
    messages = {uid: letter(f"Number {uid}") for uid in (1, 2)}
    whole = plausible(messages)

    def fetch(tag: bytes, rest: bytes) -> bytes | None:
        given = archived and rest.startswith(b"UID FETCH 1 ")
        return whole(tag, rest) if given or b"FLAGS" in rest else tag + b" NO it can't be converted\r\n"

    with scripted(plausible(messages, fetch=fetch)) as port:
        run(mailbox(port))
        outcome = run(mailbox(port))
    said = "no new messages in the folder INBOX; the mail server did not give"
    count = "1 message" if archived else "2 messages"

    assert honest(outcome) == ("partial" if archived else "failed", f"{said} {count}; the run log names each")


def test_a_limit_between_images_leaves_the_message_to_the_next_run(run: Run, moved: list[bytes]) -> None:
    with serving() as site:
        for name in "ab":
            site.routes[f"/{name}.png"] = Reply(body=PNG + name.encode(), type="image/png")
        html = article(image="".join(f'<img src="{site.url}/{name}.png">' for name in "ab"))
        facts = {"limits": {"time": "1s"}, "politeness": {"delay": "1500ms", "robots": "ignore"}}
        with scripted(moving({1: letter(html=html)}, moved)) as port:
            first = run(mailbox(port, facts=facts, remote_images=True, mark="move", move_to="A"))
            assert (first.outcome, moved) == ("limited", [])
            second = run(mailbox(port, remote_images=True, mark="move", move_to="A"))
        assert ([one.path for one in site.asked], len(moved)) == (["/a.png", "/b.png"], 1)
        assert second.outcome != "failed"


def test_a_later_run_sets_a_mark_that_the_server_refused_once(run: Run) -> None:
    asked: list[bytes] = []

    def store(tag: bytes, rest: bytes) -> bytes:
        asked.append(rest)
        return tag + (b" NO not now" if len(asked) == 1 else b" OK done") + b"\r\n"

    with scripted(plausible({1: letter()}, store=store)) as port:
        assert run(mailbox(port, mark="seen")).outcome == "partial"
        assert run(mailbox(port, mark="seen")).outcome == "unchanged"
    assert len(asked) == 2


@pytest.mark.parametrize("form", ["quoted", "base64"])
def test_a_refused_login_shows_no_form_of_the_password(run: Run, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    password = 'hunter"22'
    monkeypatch.setenv("PW", password)
    tags: list[bytes] = []

    def begin(tag: bytes, rest: bytes) -> bytes:
        tags.append(tag)
        return b"+ \r\n"

    ability = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" if form == "base64" else b"* CAPABILITY IMAP4rev1\r\n"
    whole = plausible(
        {},
        login=lambda tag, rest: tag + b" NO bad " + rest + b"\r\n",
        capability=lambda tag, _: ability + tag + b" OK done\r\n",
        authenticate=begin,
    )

    def answer(tag: bytes, rest: bytes) -> bytes | None:
        return whole(tag, rest) if rest else tags[-1] + b" NO invalid " + tag + b"\r\n"

    with scripted(answer) as port:
        outcome = run(mailbox(port))
    assert outcome.reason == f"127.0.0.1 port {port} refused the login; check user and password"
    shown = outcome.reason + run.log.read_text()
    assert "hunter" not in shown
    assert base64.b64encode(f"\0ann\0{password}".encode()).decode() not in shown


def test_an_answer_of_many_literals_is_cut_off(run: Run) -> None:
    whole = plausible({1: letter()})
    piece = b"* 1 FETCH (UID 1 BODY[] {60000}\r\n" + b"x" * 60000 + b")\r\n"

    def fetch(tag: bytes, rest: bytes) -> bytes | None:
        return whole(tag, rest) if b"RFC822.SIZE" in rest else piece * 20 + tag + b" OK done\r\n"

    with scripted(plausible({1: letter()}, fetch=fetch)) as port:
        outcome = run(mailbox(port, facts={"limits": {"page_bytes": "64KiB"}}))
    assert (outcome.outcome, outcome.captures) == ("failed", 0)
    assert "are allowed" in outcome.reason
