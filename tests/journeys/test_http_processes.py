"""Several processes answer HTTP for one service: each knows what the others do, and each is replaced when it dies."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from urllib.parse import urlencode, urlsplit

import psutil
import pytest
from journeys.household import Answer, Household, Served, gazette
from services.waiting import eventually
from web_of_tests.newspaper import Newspaper

from pressmark.http.attempts import TRIES

PASSWORD = "a password that is long enough"
SLEEP = 2.0
"""Seconds for which the other processes sleep while one is waited for."""


@pytest.fixture
def several(household: Household) -> Household:
    household.environment |= {"PRESSMARK_HTTP__PROCESSES": "2"}
    return household


def processes(served: Served) -> list[psutil.Process]:
    """Return the processes that answer: the service first."""
    service = psutil.Process(served.process.pid)
    return [service, *(child for child in service.children() if answers(child))]


def answers(child: psutil.Process) -> bool:
    try:
        return "answer" in child.cmdline()
    except psutil.Error:  # it is ending
        return False


def complete(served: Served) -> list[psutil.Process]:
    """Return both processes, once both have accepted a connection."""
    found = eventually(lambda: those if len(those := processes(served)) == 2 else None)
    for process in found:
        assert ask(served, process, "GET", "/healthz").status == 200
    return found


def ask(served: Served, process: psutil.Process, method: str, path: str, **sent: str) -> Answer:
    """Send a request to one of the processes: the others sleep until that one has accepted the connection."""
    body = sent.pop("body", None)
    connection = eventually(partial(accepted, served, process))
    try:
        headers = {name.replace("_", "-"): value for name, value in sent.items()}
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def accepted(served: Served, process: psutil.Process) -> http.client.HTTPConnection | None:
    """Return a connection that this process has accepted; None if it has accepted none within some seconds.

    Then another try is due, after a moment in which all are awake: the service may have fallen asleep before it sent
    a new process its greeting, and it may accept one more connection before it sleeps.
    """
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=120)
    with asleep(*(each for each in processes(served) if each != process)):
        connection.connect()
        assert isinstance(connection.sock, socket.socket)
        port = connection.sock.getsockname()[1]
        until = time.monotonic() + SLEEP
        while time.monotonic() < until:
            if port in [each.raddr.port for each in process.net_connections("tcp") if each.raddr]:
                return connection
            time.sleep(0.05)
    connection.close()
    return None


@contextmanager
def asleep(*asleep: psutil.Process) -> Iterator[None]:
    for process in asleep:
        process.suspend()
    try:
        yield
    finally:
        for process in asleep:
            with suppress(psutil.NoSuchProcess):
                process.resume()


def nothing_listens(served: Served) -> bool:
    try:
        served.get("/healthz")
    except ConnectionRefusedError:
        return True
    except OSError:  # the last process is ending
        return False
    return False


def without(gone: psutil.Process, served: Served) -> list[psutil.Process] | None:
    """Return both processes, once another one has taken the place of that one."""
    now = processes(served)
    return now if len(now) == 2 and gone not in now else None


def log_in(served: Served, process: psutil.Process, password: str) -> Answer:
    body = urlencode({"name": "anna", "password": password})
    return ask(served, process, "POST", "/login", body=body, Content_Type="application/x-www-form-urlencoded")


def test_what_one_process_changes_counts_in_the_other(several: Household, paper: Newspaper) -> None:
    several.source("gazette", gazette(f"{paper.url}/"))
    with several.serving() as served:
        service, other = complete(served)
        run = json.loads(ask(served, other, "POST", "/api/v1/sources/gazette/runs").body)["id"]
        events = ask(served, service, "GET", f"/api/v1/runs/{run}/events").text
        new = json.dumps({"name": "herald", "seeds": [f"{paper.url}/"]})
        made = ask(served, other, "POST", "/api/v1/sources", body=new, Content_Type="application/json")
        found = [ask(served, each, "GET", "/api/v1/sources/herald").status for each in (service, other)]
        forbidden = json.dumps({"url": "http://10.0.0.1/"})
        ask(served, other, "POST", "/api/v1/sources", body=forbidden, Content_Type="application/json")
        blocked = 'pressmark_ssrf_blocked_total{reason="private"}'
        eventually(lambda: f"{blocked} 1.0" in ask(served, service, "GET", "/metrics").text)
        assert f"{blocked} 1.0" in ask(served, other, "GET", "/metrics").text
        there = [ask(served, each, "GET", f"/api/v1/runs/{run}").json for each in (service, other)]
        eventually(lambda: ask(served, other, "GET", "/readyz").json == ask(served, service, "GET", "/readyz").json)
        ready = ask(served, other, "GET", "/readyz").json
        page = ask(served, other, "GET", f"/snapshot/{there[0]['started_at'][:4]}/{paper.url}/").text
        frame = re.search(r'data-name="([^"]+)"[^>]* src="([^"]+)"', page)
        assert frame, page
        unknown = ask(served, other, "GET", f"/view/shown/{frame[1]}").status
        address = urlsplit(frame[2])
        replay = http.client.HTTPConnection(address.netloc, timeout=120)
        replay.request("GET", f"{address.path}")
        answered = replay.getresponse()
        answered.read()
        replay.close()
        shown = [ask(served, each, "GET", f"/view/shown/{frame[1]}").status for each in (service, other)]

    assert "event: over" in events
    assert (made.status, found) == (201, [200, 200])
    assert there[0] == there[1]
    assert there[0]["outcome"] == "done"
    assert ready["ready"] is True
    assert answered.status == 200
    assert (unknown, shown) == (404, [200, 200])


def cores_of(process: psutil.Process) -> set[frozenset[int]]:
    """Return the sets of cores that the threads of a process may use."""
    return {frozenset(os.sched_getaffinity(thread.id)) for thread in process.threads()}


@pytest.mark.costly
@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")
def test_each_process_that_answers_keeps_to_a_core_of_its_own_and_what_the_service_starts_does_not(
    several: Household,
) -> None:
    every = frozenset(os.sched_getaffinity(0))
    found = []
    for wanted in ("true", "false"):
        several.environment["PRESSMARK_HTTP__ONE_CORE"] = wanted
        with several.serving() as served:
            service, other = complete(served)
            (worker,) = (child for child in service.children() if "work" in child.cmdline())
            served.get("/captures")  # in a thread that was not there before
            crawls = frozenset(os.sched_getaffinity(worker.pid))
            found.append((cores_of(service), cores_of(other), crawls))
            assert every in cores_of(worker)

    (own, others, crawls), without = found
    assert [len(cores) for cores in (*own, *others, crawls)] == [1, 1, 1]
    assert own != others
    assert {crawls} != own
    assert without[:2] == ({every}, {every})  # the control


@pytest.mark.costly
def test_a_login_and_wrong_logins_count_in_every_process(several: Household) -> None:
    several.run("user", "add", "anna", "--role", "admin", "--password-file", "/dev/stdin", given=f"{PASSWORD}\n")
    with several.serving() as served:
        service, other = complete(served)
        right = log_in(served, other, PASSWORD)
        cookie = str(right.headers["Set-Cookie"]).partition(";")[0]
        inside = [ask(served, each, "GET", "/sources", Cookie=cookie).status for each in (service, other)]
        wrong = [log_in(served, (service, other)[number % 2], "wrong").status for number in range(TRIES)]
        after = [log_in(served, each, PASSWORD).status for each in (service, other)]

    assert (right.status, inside) == (303, [200, 200])
    assert wrong == [401] * TRIES
    assert after == [429, 429]


def test_a_process_that_is_killed_is_replaced_and_no_request_is_refused_meanwhile(several: Household) -> None:
    with several.serving() as served:
        _, other = complete(served)
        other.kill()
        meanwhile = [served.get("/sources").status for _ in range(5)]
        service, new = eventually(lambda: without(other, served))
        answered = ask(served, new, "GET", "/sources").status

    assert meanwhile == [200] * 5
    assert answered == 200
    assert not service.is_running()
    assert not new.is_running()
    assert "is killed" not in served.log.read_text()


def test_a_killed_service_leaves_no_process_on_its_socket(several: Household) -> None:
    with several.serving() as served:
        service, other = complete(served)
        other.suspend()
        service.kill()
        service.wait(60)
        eventually(lambda: nothing_listens(served))


def test_one_process_answers_unless_the_settings_name_more(household: Household) -> None:
    with household.serving() as served:
        assert len(processes(served)) == 1


def test_a_service_that_stops_while_a_process_starts_waits_for_none(several: Household) -> None:
    with several.serving() as served:
        eventually(lambda: len(processes(served)) == 2)
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(60) == 0
        assert "is killed" not in served.log.read_text()


@pytest.mark.costly
def test_a_process_that_is_replaced_has_the_settings_of_the_service_and_not_those_written_since(
    several: Household,
) -> None:
    settings = several.home / "pressmark.yaml"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text("token: the-token-at-the-start-of-the-service\n")
    given = {"Authorization": "Bearer the-token-at-the-start-of-the-service"}
    with several.serving() as served:
        _, other = eventually(lambda: those if len(those := processes(served)) == 2 else None)
        for written in ("", ": : broken ["):
            settings.write_text(written)
            other.kill()
            service, other = eventually(partial(without, other, served))
            strangers = [ask(served, each, "GET", "/api/v1/sources").status for each in (service, other)]
            known = [ask(served, each, "GET", "/api/v1/sources", **given).status for each in (service, other)]
            assert (strangers, known) == ([401, 401], [200, 200])
        facts = " ".join([*other.cmdline(), *other.environ().values()])

    assert "the-token-at-the-start" not in facts
