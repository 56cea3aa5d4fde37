"""Hosts that do not answer, answer a byte at a time or cut the connection.

Each attempt ends, and no other host waits.
"""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import pytest
from conftest import figure
from crawling.site import Asked, Reply, Site, html, serving
from journeys.household import Household, Served
from services.waiting import eventually

PAGES = figure(30, 300, 3_000)
"""Pages of each healthy host."""
Harm = Callable[[socket.socket, "Line"], None]
SOURCE = """
source: {name}
seeds: ["{url}/"]
walk: site
politeness: {{delay: 0s, concurrency: 2, robots: ignore, timeout: {timeout}, retries: {retries}}}
addresses: [127.0.0.0/8]
"""


class Line:
    """A server that harms each connection in its way until it is stopped."""

    def __init__(self, harm: Harm, host: str) -> None:
        self._harm = harm
        self.accepted = self.open = 0
        self.stopped = threading.Event()
        self._listener = socket.create_server((host, 0), backlog=64)
        self.url = f"http://{host}:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    def _listen(self) -> None:
        with suppress(OSError):
            while not self.stopped.is_set():
                connection, _ = self._listener.accept()
                self.accepted += 1
                self._threads.append(threading.Thread(target=self._serve, args=[connection]))
                self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        self.open += 1
        with suppress(OSError), connection:
            connection.settimeout(0.2)
            self._harm(connection, self)
        self.open -= 1

    def close(self) -> None:
        """Close all connections. A second call does nothing."""
        self.stopped.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()


def partition(connection: socket.socket, line: Line) -> None:
    """Requests arrive, and nothing comes back."""
    while not line.stopped.is_set():
        with suppress(TimeoutError):
            if not connection.recv(1 << 16):
                return


def loris_head(connection: socket.socket, line: Line) -> None:
    """An endless header field, a byte at a time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    drip(connection, line)


def loris_body(connection: socket.socket, line: Line) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000000\r\n\r\n")
    drip(connection, line)


def drip(connection: socket.socket, line: Line) -> None:
    while not line.stopped.wait(0.1):
        connection.sendall(b"x")


def reset(connection: socket.socket, _line: Line) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def cut_in_body(connection: socket.socket, _line: Line) -> None:
    connection.recv(1 << 16)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000000\r\n\r\n<p>half")


HANGING: tuple[Harm, ...] = (partition, loris_head, loris_body)
ENDING: tuple[Harm, ...] = (reset, cut_in_body)


@contextmanager
def lines(*harms: Harm) -> Iterator[list[Line]]:
    with ExitStack() as stack:
        opened = [Line(harm, f"127.0.0.{number}") for number, harm in enumerate(harms, 3)]
        for line in opened:
            stack.callback(line.close)
        yield opened


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(host="127.0.0.2") as site:
        site.otherwise = page
        yield site


def page(asked: Asked) -> Reply:
    number = int(asked.path.strip("/") or 0)
    return html(*(f"/{n}" for n in range(number * 3 + 1, number * 3 + 4) if n < PAGES), text=f"page {number}")


def sources(household: Household, site: Site, hostile: list[Line], *, timeout: str, retries: int = 0) -> list[str]:
    for number, line in enumerate(hostile):
        about = {"name": f"hostile-{number}", "url": line.url, "timeout": timeout, "retries": retries}
        household.source(f"hostile-{number}", SOURCE.format(**about))
    household.source("healthy", SOURCE.format(name="healthy", url=site.url, timeout="60s", retries=2))
    return [f"hostile-{number}" for number in range(len(hostile))]


@contextmanager
def serving_sources(household: Household, site: Site, hostile: list[Line]) -> Iterator[tuple[Served, list[str]]]:
    names = sources(household, site, hostile, timeout="1h")
    with household.serving() as served:
        yield served, names
        for line in hostile:
            line.close()  # their runs end, and so does the service


def begin(served: Served, name: str) -> str:
    run: str = served.ask("POST", f"/api/v1/sources/{name}/runs").json["id"]
    return run


def over(served: Served, run: str) -> dict[str, Any] | None:
    shape: dict[str, Any] = served.get(f"/api/v1/runs/{run}").json
    return shape if shape["status"] == "over" else None


def share(household: Household, site: Site, *, runs: int) -> float:
    """Return how much of the healthy host is archived while the run waits for all hanging hosts."""
    household.environment["PRESSMARK_WORKER__RUNS"] = str(runs)
    with lines(*HANGING) as hostile, serving_sources(household, site, hostile) as (served, names):
        waiting = [begin(served, name) for name in names]
        eventually(lambda: sum(line.open for line in hostile) >= min(runs, len(hostile)))
        run = begin(served, "healthy")
        if runs > len(hostile):
            eventually(lambda: over(served, run), within=figure(120, 1_200, 3_600))
        else:
            time.sleep(2)  # nothing can come; this only gives it a chance
        assert not all(over(served, one) for one in waiting), "they hang all the while"
        return len({asked.path for asked in site.asked}) / PAGES


def test_a_host_is_crawled_completely_while_others_hang(household: Household, site: Site) -> None:
    assert share(household, site, runs=4) >= 0.9


@pytest.mark.costly
def test_hosts_that_occupy_every_run_delay_the_others_and_that_is_detected(household: Household, site: Site) -> None:
    assert share(household, site, runs=3) < 0.9


@pytest.mark.parametrize("harm", figure(HANGING[:2] + ENDING[:2], HANGING + ENDING, HANGING + ENDING))
def test_each_attempt_at_a_hostile_host_ends_and_its_run_says_why(household: Household, site: Site, harm: Harm) -> None:
    with lines(harm) as hostile:
        sources(household, site, hostile, timeout="1s", retries=1)
        ended = household.run("run", "hostile-0", "--json", code=None)
        [line] = hostile
        tried = line.accepted
    [run] = ended.json["items"]

    assert ended.code != 0
    assert run["outcome"] in ("failed", "partial")
    assert run["reason"]
    assert 1 <= tried <= 4


@pytest.mark.parametrize("every", figure([20], [20, 5], [20, 5]))
def test_every_page_of_a_host_that_loses_answers_is_archived(household: Household, site: Site, every: int) -> None:
    """5 % of the answers are lost, or a fifth."""
    times: Counter[str] = Counter()

    def lossy(asked: Asked) -> Reply:
        times[asked.path] += 1
        number = int(asked.path.strip("/") or 0)
        return Reply(cut=True) if number % every == 1 and times[asked.path] == 1 else page(asked)

    site.otherwise = lossy
    sources(household, site, [], timeout="60s")
    run = household.run("run", "healthy", "--json").json["items"][0]

    assert run["outcome"] == "done"
    assert len(times) == PAGES
    assert sum(times.values()) - PAGES == len([n for n in range(PAGES) if n % every == 1])
