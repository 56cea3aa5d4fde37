"""What a mail server refuses, breaks or claims ends a run in a state with its reason, and stores nothing wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from crawling.crawls import Run, remembering, source
from crawling.letters import letter
from services.imap_server import NEEDS_DOVECOT, PASSWORD, Dovecot, plausible, scripted

from config.groups.permissions import Allow, Permissions
from config.source import Source
from crawler.process import Crawls

SECRET = "hunter-22"
GREETING = b"* OK ready\r\n"


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", SECRET)


def mailbox(port: int, **more: Any) -> Source:
    told = {"host": "127.0.0.1", "port": port, "tls": "none", "user": "ann", "password": {"secret": "PW"}}
    facts = more.pop("facts", {})
    return source(imap=told | more, **facts)


def failing(run: Run, port: int, **more: Any) -> str:
    """Run, and return why it failed."""
    outcome = run(mailbox(port, **more))
    assert (outcome.outcome, outcome.captures) == ("failed", 0)
    assert SECRET not in outcome.reason + run.log.read_text()
    return outcome.reason


def test_a_plausible_server_is_archived(run: Run) -> None:
    """The control of what follows: the same server, without the fault."""
    with scripted(plausible({3: letter("One"), 9: letter("Two")})) as port:
        outcome = run(mailbox(port))
    assert outcome.reason == "2 new messages archived"
    assert [one.url.rpartition("/")[2] for one, _, _ in run.archive.derived] == [";UID=3", ";UID=9"]


def test_a_server_that_is_not_there_is_named(run: Run) -> None:
    with scripted(plausible({})) as port:
        pass
    assert failing(run, port) == f"127.0.0.1 port {port} can't be reached: Connection refused"


def test_a_server_of_another_kind_is_named(run: Run) -> None:
    with scripted(plausible({}), greeting=b"220 mail ESMTP\r\n") as port:
        assert "unexpected response: 220 mail ESMTP" in failing(run, port)


def test_a_server_that_hangs_is_given_up_in_time(run: Run) -> None:
    with scripted(plausible({}), greeting=b"") as port:
        reason = failing(run, port, facts={"politeness": {"timeout": "1s"}})
    assert reason == f"127.0.0.1 port {port} did not answer in time"


def test_a_refused_login_says_what_to_check_and_not_the_password(run: Run) -> None:
    def login(tag: bytes, rest: bytes) -> bytes:
        return tag + b" NO bad password " + rest + b"\r\n"

    with scripted(plausible({}, login=login)) as port:
        reason = failing(run, port)
    assert reason == f"127.0.0.1 port {port} refused the login; check user and password"


def test_a_server_without_uidvalidity_is_refused(run: Run) -> None:
    with scripted(plausible({1: letter()}, examine=lambda tag, _: tag + b" OK opened\r\n")) as port:
        assert "gives no UIDVALIDITY" in failing(run, port)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"* 1 FETCH (UID 2 BODY[] {5}\r\nother)\r\n", "sent another message"),
        (b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\n", "are allowed"),
        (b"* 1 FETCH (BODY[] {5}\r\nother)\r\n", "sent another message"),
    ],
)
def test_what_is_not_the_message_is_never_archived(run: Run, answer: bytes, told: str) -> None:
    def fetch(tag: bytes, rest: bytes) -> bytes:
        if b"RFC822.SIZE" in rest:
            return b"* 1 FETCH (UID 1 RFC822.SIZE 5)\r\n" + tag + b" OK done\r\n"
        return answer + tag + b" OK done\r\n"

    with scripted(plausible({1: letter()}, fetch=fetch)) as port:
        assert told in failing(run, port)


def test_a_connection_that_breaks_inside_a_message_keeps_those_before(run: Run) -> None:
    whole = plausible({1: letter("One"), 2: letter("Two")})

    def half(tag: bytes, rest: bytes) -> bytes | None:
        said = whole(tag, rest) or b""
        return said[: len(said) // 2] if rest.startswith(b"UID FETCH 2 ") else said

    with scripted(plausible({1: letter("One"), 2: letter("Two")}, fetch=half)) as port:
        outcome = run(mailbox(port, facts={"politeness": {"timeout": "1s"}}))
        assert (outcome.outcome, outcome.captures) == ("partial", 1)
        assert outcome.reason == f"1 new message archived; 127.0.0.1 port {port} did not answer in time"
    assert [one.body for one, _, _ in run.archive.derived] == [letter("One")]


def test_a_message_that_is_deleted_after_the_search_is_left_out(run: Run) -> None:
    def fetch(tag: bytes, rest: bytes) -> bytes:
        sizes = b"* 1 FETCH (UID 1 RFC822.SIZE 5)\r\n" if b"RFC822.SIZE" in rest else b""
        return sizes + tag + b" OK done\r\n"

    with scripted(plausible({1: letter()}, fetch=fetch)) as port:
        outcome = run(mailbox(port))
    assert (outcome.outcome, outcome.captures) == ("unchanged", 0)


def test_another_mailbox_with_the_same_numbers_is_archived_too(run: Run) -> None:
    """Servers number the messages of each mailbox from 1, and often with the same UIDVALIDITY."""
    hers, his = {1: letter("Hers"), 2: letter("Also hers")}, {1: letter("His, and longer"), 2: letter("Also his")}
    now = dict(hers)
    with scripted(plausible(now)) as port:
        assert run(mailbox(port)).captures == 2
        now.clear()
        now.update(his)
        assert run(mailbox(port)).reason == "2 new messages archived"
        assert run(mailbox(port)).captures == 0


def test_a_user_who_follows_one_whose_mails_were_not_all_read_has_all_mails_archived(tmp_path: Path) -> None:
    """His third mail comes later, and has the number and the size of one of hers."""
    hers, his = {n: letter(f"Hers {n}") for n in (1, 2, 3)}, {n: letter(f"Hiss {n}") for n in (1, 2)}
    now = dict(hers)
    with remembering(tmp_path) as run, scripted(plausible(now)) as port:
        some = run(mailbox(port, facts={"limits": {"pages": 2}}))
        now.clear()
        now.update(his)
        first = [run(mailbox(port, user="bob", facts={"limits": {"pages": 1}})).captures for _ in range(3)]
        now[3] = letter("Hiss 3")
        third = run(mailbox(port, user="bob"))
        now.clear()
        now.update(hers)
        back = [run(mailbox(port)) for _ in range(2)]

    assert (some.captures, first, third.captures) == (2, [1, 1, 0], 1)
    assert [(one.captures, one.reason) for one in back] == [
        (3, "1 new message archived"),  # the other two are revisits
        (0, "no new messages in the folder INBOX"),
    ]


@pytest.mark.parametrize("other", ["bob", "ann"])
def test_a_mail_of_another_user_is_archived_though_its_number_and_size_are_the_same(tmp_path: Path, other: str) -> None:
    now = {1: letter("Hers"), 2: letter("Both"), 3: letter("All")}
    with remembering(tmp_path) as run, scripted(plausible(now)) as port:
        first = run(mailbox(port))
        now[1] = letter("Hiss")
        reasons = [run(mailbox(port, user=other)).reason for _ in range(2)]

    assert (first.captures, len(letter("Hers"))) == (3, len(letter("Hiss")))
    nothing = "no new messages in the folder INBOX"
    assert reasons == (["1 new message archived", nothing] if other == "bob" else [nothing] * 2)  # ann is the control


def test_a_server_that_only_estimates_sizes_has_its_messages_read_again_and_archived_once(run: Run) -> None:
    letters = {uid: letter(f"Number {uid}") for uid in range(1, 9)}
    whole, read = plausible(letters), list[bytes]()

    def fetch(tag: bytes, rest: bytes) -> bytes:
        if b"RFC822.SIZE" in rest:
            sizes = (b"* %d FETCH (UID %d RFC822.SIZE 7)\r\n" % (uid, uid) for uid in letters)
            return b"".join(sizes) + tag + b" OK done\r\n"
        read.append(rest)
        return whole(tag, rest) or b""

    with scripted(plausible(letters, fetch=fetch)) as port:
        assert run(mailbox(port)).captures == 8
        read.clear()
        again = run(mailbox(port))
    assert (again.outcome, again.captures, len(read)) == ("unchanged", 0, 5)


def test_a_server_that_can_not_move_single_messages_is_refused_before_any_is_read(run: Run) -> None:
    with scripted(plausible({1: letter()})) as port:
        assert "can't move single messages" in failing(run, port, mark="move", move_to="Archive")


@pytest.mark.parametrize(("allowed", "outcome"), [([], "failed"), (["127.0.0.0/8"], "done")])
def test_a_private_address_needs_the_permission_that_crawls_need(run: Run, allowed: list[str], outcome: str) -> None:
    with scripted(plausible({1: letter()})) as port:
        ended = run(mailbox(port, facts={"addresses": allowed}))
    assert ended.outcome == outcome
    assert ("not on the public internet (loopback)" in ended.reason) == (outcome == "failed")


def test_the_operator_decides_which_addresses_a_source_may_name(run: Run) -> None:
    with scripted(plausible({1: letter()})) as port:
        ended = run(mailbox(port), permissions=Permissions(Allow(), secrets=frozenset({"PW"})))
    assert (ended.outcome, ended.captures) == ("failed", 0)
    assert "HOME/pressmark.yaml: 'allow: {addresses: [" in ended.reason


def test_the_operator_decides_which_secrets_a_source_may_send(run: Run) -> None:
    with scripted(plausible({1: letter()})) as port:
        told = mailbox(port, password={"secret": "AWS_SECRET_ACCESS_KEY"})
        ended = run(told)
    assert ended.outcome == "failed"
    assert "AWS_SECRET_ACCESS_KEY is not permitted" in ended.reason


@pytest.mark.parametrize("greeting", [b"", GREETING])
def test_a_run_that_is_cancelled_ends_within_seconds(run: Run, greeting: bytes) -> None:
    """The server accepts the connection, or the login, and then says nothing."""

    async def cancel(crawls: Crawls) -> None:
        await asyncio.sleep(0.5)
        crawls.cancel("01", "cancelled by ann")

    silent: Callable[[bytes, bytes], bytes] = lambda tag, rest: b""  # noqa: E731
    with scripted(plausible({}, login=silent, capability=silent), greeting=greeting) as port:
        outcome = run(mailbox(port), run="01", beside=cancel, within=20)
    assert (outcome.outcome, outcome.reason) == ("cancelled", "cancelled by ann")


class TestDovecot:
    pytestmark = NEEDS_DOVECOT

    @pytest.fixture(autouse=True)
    def password(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PW", PASSWORD)

    def failing(self, run: Run, server: Dovecot, user: str, **more: Any) -> str:
        outcome = run(source(imap=server.mailbox(user, **more)))
        assert (outcome.outcome, outcome.captures) == ("failed", 0)
        assert PASSWORD not in outcome.reason
        return outcome.reason

    @pytest.mark.usefixtures("trusted")
    def test_a_wrong_password_is_named(
        self, run: Run, server: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PW", "wrong")
        reason = self.failing(run, server, user)
        assert reason == f"localhost port {server.secure} refused the login; check user and password"

    @pytest.mark.usefixtures("trusted")
    def test_a_folder_that_is_not_there_is_named(self, run: Run, server: Dovecot, user: str) -> None:
        assert "has no folder 'Nowhere' that can be opened" in self.failing(run, server, user, folder="Nowhere")

    def test_an_untrusted_certificate_is_refused_before_the_password_is_sent(
        self, run: Run, server: Dovecot, user: str
    ) -> None:
        before = (server.directory / "log").read_text().count(user)
        assert f"the certificate of localhost port {server.secure} is not valid" in self.failing(run, server, user)
        assert (server.directory / "log").read_text().count(user) == before

    @pytest.mark.usefixtures("trusted")
    def test_starttls_protects_the_login_on_the_plain_port(self, run: Run, server: Dovecot, user: str) -> None:
        server.put(user, letter())
        outcome = run(source(imap=server.mailbox(user, tls="starttls", port=server.plain)))
        assert outcome.reason == "1 new message archived"

    def test_starttls_with_a_server_that_has_none_sends_no_password(self, run: Run) -> None:
        asked: list[bytes] = []

        def login(tag: bytes, rest: bytes) -> bytes:
            asked.append(rest)
            return tag + b" OK done\r\n"

        with scripted(plausible({}, login=login)) as port:
            assert "offers no STARTTLS" in failing(run, port, tls="starttls")
        assert asked == []


def test_the_log_of_a_run_names_no_secret(run: Run, tmp_path: Path) -> None:
    with scripted(plausible({1: letter()})) as port:
        run(mailbox(port))
    assert SECRET not in run.log.read_text()


def test_folders_whose_names_differ_only_in_case_are_not_mixed_up(run: Run) -> None:
    with scripted(plausible({1: letter("News"), 2: letter("More")})) as port:
        first = run(mailbox(port, folder="News"))
        mixed = run(mailbox(port, folder="news"))
        again = run(mailbox(port, folder="News"))
    assert (first.outcome, first.captures, again.outcome) == ("done", 2, "unchanged")
    assert (mixed.outcome, mixed.captures) == ("failed", 0)
    assert "differs from" in mixed.reason
    assert "rename one of the two on the server" in mixed.reason


def test_inbox_is_one_folder_however_it_is_written(run: Run) -> None:
    with scripted(plausible({1: letter()})) as port:
        assert [run(mailbox(port, folder=name)).outcome for name in ("INBOX", "Inbox")] == ["done", "unchanged"]
