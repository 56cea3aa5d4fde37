"""How connections are opened, kept, found dead, and cut."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from wire.crawls import Kept, Loop, handling, in_loop
from wire.framing import PAGE, head, sized
from wire.ledger import Case, playing

from crawler.wire.bot_key import signing_key
from crawler.wire.connect import connect_to_first
from crawler.wire.guard import EVERYTHING, Guard
from crawler.wire.recording import WireLimits
from crawler.wire.signatures import RequestSigner

FIRST = Case("first", sized(b"first"), b"first")
SECOND = Case("second", sized(b"second"), b"second")


@pytest.fixture(params=["asyncio", "uvloop"])
def loop(request: pytest.FixtureRequest) -> Loop:
    name: Loop = request.param
    return name


@pytest.fixture
def silent() -> Iterator[tuple[str, int]]:
    """An address that answers no SYN: its backlog is full, and nobody accepts."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.2", 0))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        time.sleep(0.05)
        yield listener.getsockname()


async def to_loopback(host: str, port: int) -> Sequence[str]:
    """Resolve every name to this machine."""
    return ["127.0.0.1"]


def test_exchanges_of_one_host_share_a_connection(loop: Loop) -> None:
    with playing([FIRST, SECOND]) as server:

        async def fetches() -> None:
            async with handling(Kept()) as handler:
                for case in (FIRST, SECOND, FIRST):
                    assert (await handler.download_request(Request(server.url(case)))).body == case.body

        in_loop(fetches(), loop)

        assert server.connections == 1


@pytest.mark.parametrize(
    "case",
    [
        Case("says close", sized(b"a", b"Connection: close"), b"a"),
        Case("http 1.0", sized(b"a", status=b"HTTP/1.0 200 OK"), b"a"),
        Case("two lengths", head(b"Content-Length: 1", b"Content-Length: 0"), b"a"),
        Case("too much", head(b"Content-Length: 1"), b"a", excess=b"more"),
    ],
    ids=lambda case: case.name,
)
def test_a_connection_that_may_not_be_kept_is_not_used_again(case: Case, loop: Loop) -> None:
    with playing([case]) as server:

        async def fetches() -> None:
            async with handling(Kept()) as handler:
                for _ in range(2):
                    await handler.download_request(Request(server.url(case)))

        in_loop(fetches(), loop)

        assert server.connections == 2


def test_a_connection_that_was_idle_too_long_is_not_used_again(loop: Loop) -> None:
    with playing([FIRST]) as server:

        async def fetches() -> None:
            async with handling(Kept(limits=WireLimits(idle=0.0))) as handler:
                for _ in range(2):
                    await handler.download_request(Request(server.url(FIRST)))

        in_loop(fetches(), loop)

        assert server.connections == 2


def test_unrequested_bytes_are_not_part_of_the_next_answer(loop: Loop) -> None:
    answer = sized(b"a")
    late = Case("late", answer, b"a", excess=sized(b"evil"), cuts=(len(answer) + 1,))
    with playing([late]) as server:

        async def fetches() -> None:
            async with handling(Kept()) as handler:
                for _ in range(2):
                    assert (await handler.download_request(Request(server.url(late)))).body == b"a"
                    await asyncio.sleep(0.2)

        in_loop(fetches(), loop)

        assert server.connections == 2


@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_request_on_a_dead_idle_connection_is_sent_again_and_both_are_recorded(how: str, loop: Loop) -> None:
    dead = Case("dead", then="close" if how == "close" else "reset")
    alive = Case("dead", sized(PAGE), PAGE)
    recording = Kept()
    with playing([FIRST, dead, alive]) as server:

        async def fetches() -> None:
            async with handling(recording) as handler:
                await handler.download_request(Request(server.url(FIRST)))
                assert (await handler.download_request(Request(server.url(dead)))).body == PAGE

        in_loop(fetches(), loop)

        sent, again = recording.of(server.url(dead))
        assert [sent.request.head, again.request.head] == [entry.received for entry in server.entries(dead.path)]
        assert (sent.response, sent.received) == (None, b"")
        assert "sent again" in (sent.error or "")
        assert again.response is not None
        assert again.response.body == PAGE
        assert again.error is None


def test_a_request_that_is_sent_again_is_signed_again(loop: Loop, tmp_path: Path) -> None:
    recording = Kept(signer=RequestSigner(signing_key(tmp_path), "https://archive.example.org"))
    dead = Case("dead", then="close")
    with playing([FIRST, dead, Case("dead", sized(PAGE), PAGE)]) as server:

        async def fetches() -> None:
            async with handling(recording) as handler:
                await handler.download_request(Request(server.url(FIRST)))
                assert (await handler.download_request(Request(server.url(dead)))).body == PAGE

        in_loop(fetches(), loop)

        received = [entry.received for entry in (*server.entries(FIRST.path), *server.entries(dead.path))]
        nonces = [re.search(rb';nonce="([^"]+)"', head) for head in received]
        assert len(received) == 3
        assert len({nonce and nonce[1] for nonce in nonces} - {None}) == 3
        assert [one.request.head for one in recording.of(server.url(dead))] == received[1:]


def test_a_post_is_not_sent_again(loop: Loop) -> None:
    dead = Case("dead", method="POST", then="close")
    recording = Kept()
    with playing([FIRST, dead]) as server:

        async def fetches() -> None:
            async with handling(recording) as handler:
                await handler.download_request(Request(server.url(FIRST)))
                with pytest.raises(DownloadFailedError):
                    await handler.download_request(Request(server.url(dead), method="POST", body=b"a"))

        in_loop(fetches(), loop)

        assert len(server.entries(dead.path)) == len(recording.of(server.url(dead))) == 1


def test_a_server_that_speaks_first_is_heard(loop: Loop) -> None:
    recording = Kept()

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sized(b"hasty") + b"hasty")
        await reader.read(1)
        writer.close()

    async def fetches() -> None:
        server = await asyncio.start_server(speak, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, handling(recording) as handler:
            assert (await handler.download_request(Request(f"http://127.0.0.1:{port}/"))).body == b"hasty"

    in_loop(fetches(), loop)

    assert len(recording.exchanges) == 1


def test_a_walk_over_many_hosts_leaves_few_connections_open(loop: Loop) -> None:
    recording = Kept(guard=Guard(allow=EVERYTHING, resolver=to_loopback))
    with playing([FIRST]) as server:

        async def fetches() -> None:
            async with handling(recording) as handler:
                for number in range(100):
                    await handler.download_request(Request(f"http://host{number}.example:{server.port}/first"))
                deadline = time.monotonic() + 20
                while server.open_connections > 65 and time.monotonic() < deadline:
                    await asyncio.sleep(0.02)
                assert server.open_connections <= 65

        in_loop(fetches(), loop)

        assert server.connections == 100


def test_each_of_many_concurrent_exchanges_gets_its_own_answer(loop: Loop) -> None:
    cases = [Case(f"page {number}", sized(b"%d" % number), b"%d" % number) for number in range(60)]
    with playing(cases) as server:

        async def fetches() -> None:
            async with handling(Kept()) as handler:
                for _ in range(3):
                    asked = [handler.download_request(Request(server.url(case))) for case in cases]
                    assert [case.body for case in cases] == [got.body for got in await asyncio.gather(*asked)]

        in_loop(fetches(), loop)

        assert len(server.ledger) == 180


def test_a_stopped_crawl_records_the_part_of_an_answer_that_arrived(loop: Loop) -> None:
    half = Case("half", sized(PAGE + PAGE), PAGE, then="stall")
    recording = Kept()
    with playing([half]) as server:

        async def stopped() -> None:
            async with handling(recording) as handler:
                task = asyncio.ensure_future(handler.download_request(Request(server.url(half))))
                while not (server.ledger and len(server.ledger[0].sent) == len(half.octets)):
                    await asyncio.sleep(0.02)
                await asyncio.sleep(0.1)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task

        in_loop(stopped(), loop)

        (exchange,) = recording.exchanges
        assert exchange.truncated == "unspecified"
        assert "stopped" in (exchange.error or "")
        assert exchange.response is not None
        assert exchange.response.body == PAGE


def test_a_refused_connection_records_no_exchange(loop: Loop) -> None:
    recording = Kept()
    with socket.socket() as taken:  # bound, but it does not listen
        taken.bind(("127.0.0.1", 0))

        async def fetches() -> None:
            async with handling(recording) as handler:
                with pytest.raises(DownloadConnectionRefusedError, match="refused"):
                    await handler.download_request(Request(f"http://127.0.0.1:{taken.getsockname()[1]}/"))

        in_loop(fetches(), loop)

    assert recording.exchanges == []


def test_a_host_without_an_address_can_not_be_resolved(loop: Loop) -> None:
    async def nowhere(host: str, port: int) -> Sequence[str]:
        return []

    async def fetches() -> None:
        async with handling(Kept(guard=Guard(resolver=nowhere))) as handler:
            with pytest.raises(CannotResolveHostError, match="nowhere\\.example"):
                await handler.download_request(Request("http://nowhere.example/"))

    in_loop(fetches(), loop)


def test_a_connection_that_is_not_made_in_time_is_late(silent: tuple[str, int], loop: Loop) -> None:
    recording = Kept()

    async def fetches() -> None:
        async with handling(recording) as handler:
            with pytest.raises(DownloadTimeoutError):
                await handler.download_request(
                    Request(f"http://{silent[0]}:{silent[1]}/", meta={"download_timeout": 0.5})
                )

    in_loop(fetches(), loop)

    assert recording.exchanges == []


def test_an_address_that_does_not_answer_delays_the_next_one_only_a_little(silent: tuple[str, int], loop: Loop) -> None:
    with socket.create_server(("127.0.0.1", silent[1])):

        async def connect() -> None:
            sock = await asyncio.wait_for(connect_to_first([silent[0], "127.0.0.1"], silent[1]), 10)
            with sock:
                assert sock.getpeername()[0] == "127.0.0.1"

        in_loop(connect(), loop)


def test_an_address_that_refuses_is_followed_by_the_next_one_at_once(loop: Loop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        async def connect() -> None:
            with await connect_to_first(["::1", "127.0.0.3", "127.0.0.1"], port) as sock:
                assert sock.getpeername()[0] == "127.0.0.1"
            with pytest.raises(OSError, match=r"refused|Connect call failed"):
                await connect_to_first(["::1", "127.0.0.3"], port)

        in_loop(connect(), loop)
