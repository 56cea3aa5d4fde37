"""The compose file of several machines, run as it is: it crawls, loses a worker, is restarted and comes up again."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from conftest import FORM
from crawling.site import html, serving
from services.composing import POSTGRES, Composed, needs_compose, postgres_image
from services.networks import needs_network, own_network
from services.podman import copied, needs_podman, podman
from services.waiting import eventually

OURS = "11.22.33.44"
"""A public address, which the namespace has and nobody outside sees: sources need no permission for it."""
TOKEN = "the-reading-room-has-a-kettle"
PAGES = 40
SERVICES = ("clock", "worker-1", "worker-2", "reader", "api-1", "api-2", "database", "s3")

pytestmark = [
    pytest.mark.system,
    pytest.mark.costly,
    needs_podman,
    needs_compose,
    needs_network,
    pytest.mark.skipif(FORM == "sample", reason="images take minutes to build: make test-faults"),
    pytest.mark.timeout(7_200),
]


BODIES = {
    f"/{n}": html(*(f"/{one}" for one in (n * 2 + 1, n * 2 + 2) if one < PAGES), text=f"The kettle of room {n} sings.")
    for n in range(PAGES)
}


def described(url: str) -> dict[str, Any]:
    """Return the body that adds the source of the site, which is crawled slowly enough to be interrupted."""
    politeness = {"delay": "200ms", "robots": "ignore"}
    reached = {"ports": [urlsplit(url).port], "politeness": politeness}
    return {"description": {"source": "news", "seeds": [f"{url}/0"], "walk": "site", **reached}}


@dataclass
class Api:
    """One of the two services with pages and API, at the port that it publishes."""

    at: str

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """Return status and body of an answer; 0 if there is none."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(f"{self.at}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 0, b""

    def begin(self) -> str:
        """Request a run, as soon as the source is known."""
        status, body = eventually(lambda: _accepted(self.ask("POST", "/api/v1/sources/news/runs")))
        assert status == 202
        return str(json.loads(body)["id"])

    def fact(self, run: str, name: str) -> Any:
        status, body = self.ask("GET", f"/api/v1/runs/{run}")
        return json.loads(body)[name] if status == 200 else None

    def kept(self, url: str) -> set[str]:
        """Return the paths of the pages that can be read back, with each byte that was sent."""
        found = {path: self.ask("GET", f"/api/v1/snapshots/latest/raw/{url}{path}") for path in BODIES}
        return {path for path, answer in found.items() if answer == (200, str(BODIES[path].body).encode())}


def _accepted(answer: tuple[int, bytes]) -> tuple[int, bytes] | None:
    return answer if answer[0] == 202 else None


@contextmanager
def visited(apis: list[Api]) -> Iterator[list[int]]:
    """Ask both services for pages all the time, as a balancer would; give how many of the two answered each time."""
    over, answered = threading.Event(), list[int]()

    def visit() -> None:
        while not over.wait(0.5):
            answered.append(sum(api.ask("GET", "/api/v1/runs")[0] == 200 for api in apis))

    thread = threading.Thread(target=visit)
    thread.start()
    try:
        yield answered
    finally:
        over.set()
        thread.join()


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    """The file as it is, its images built here: only the name of that of PostgreSQL is another one."""
    directory = tmp_path_factory.mktemp("compose")
    with podman(directory) as images:
        copied(directory / "source")
        for tag in ("pressmark-s3", "pressmark"):
            images.build(directory / "source", tag, "--target", tag.removeprefix("pressmark-"))
        postgres_image(images)
        environment = {
            "PRESSMARK_TOKEN": TOKEN,
            "PRESSMARK_POSTGRES_SECRET": "the-samovar-is-silent",
            "PRESSMARK_S3_SECRET": "the-teapot-is-cold",
            "PRESSMARK_POSTGRES_IMAGE": POSTGRES,
        }
        made = Composed(images, directory / "source" / "deploy" / "compose.yaml", environment)
        with own_network(f"{OURS}/32"):  # only now: images are built from packages, which come from outside
            try:
                yield made
            finally:
                made.compose("down", "--volumes")


def test_the_services_of_the_compose_file_crawl_lose_a_worker_are_restarted_and_come_up_again(
    composed: Composed,
) -> None:
    first, second = Api("http://127.0.0.1:8600"), Api("http://127.0.0.1:8610")
    figures = dict[str, Any]()
    with composed.checked(), serving(BODIES, OURS) as site:
        began = time.monotonic()
        composed.compose("up", "--no-build", "--detach")
        eventually(lambda: composed.healthy() >= set(SERVICES) - {"s3"})
        figures["up"] = round(time.monotonic() - began, 1)
        status, told = first.ask("POST", "/api/v1/sources", described(site.url))
        assert status == 201, told

        run = second.begin()
        worker = eventually(lambda: composed.selected(f"SELECT worker FROM runs WHERE id = '{run}'"))
        eventually(lambda: len(site.asked) > PAGES // 4)
        os.kill(killed := composed.main_process(worker), signal.SIGKILL)
        eventually(lambda: composed.main_process(worker) not in (0, killed))
        eventually(lambda: first.fact(run, "status") == "over")
        assert second.fact(run, "outcome") == "done"
        assert first.kept(site.url) == second.kept(site.url) == BODIES.keys()

        with visited([first, second]) as answered:
            for service in SERVICES[:6]:
                composed.compose("restart", service)
                eventually(lambda name=service: composed.is_healthy(name))  # type: ignore[misc]
        assert min(answered) > 0, "no page was answered for a moment"
        assert min(answered) < 2, "the control: the visitor sees a service that is away"
        again = first.begin()
        eventually(lambda: second.fact(again, "status") == "over")
        composed.compose("down")
        assert composed.states() == {}

        composed.compose("up", "--no-build", "--detach")
        eventually(lambda: composed.healthy() >= set(SERVICES) - {"s3"})
        assert {first.fact(run, "status"), second.fact(again, "status")} == {"over"}
        assert first.kept(site.url) == second.kept(site.url) == BODIES.keys()
        composed.run("worker-1", "pressmark", "verify", "--all")
        figures |= {"requests": len(site.asked), "visits": len(answered), "load": os.getloadavg()[0]}
        print(json.dumps(figures))

        composed.compose("down", "--volumes")
        composed.compose("up", "--no-build", "--detach")
        eventually(lambda: composed.healthy() >= set(SERVICES) - {"s3"})
        assert first.kept(site.url) == set(), "the control: what was deleted with its volumes is missed"
