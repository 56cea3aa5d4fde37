"""Whatever is sent to the API, right or wrong, the answer is never 500: cases made from its own OpenAPI document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from conftest import figure
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from services.retrieving import Retrieving, retrieving
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pressmark.service.source_editing import add_source

CASES = figure(200, 20_000, 100_000)
ENDLESS = ("/events",)
"""Streams that last as long as the client reads."""
GOES_OUT = "/save/{url}"
"""It waits for a run, and none begins here."""
SECONDS = 600

Send = Callable[[Case], int]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Retrieving]:
    with retrieving(tmp_path) as made:
        add_source(made.service, "source: one\nseeds: ['http://news.example/']\n", "somebody")
        yield made


def operations(document: dict[str, Any]) -> list[Any]:
    schema = schemathesis.openapi.from_dict(document)
    found = [result.ok() for result in schema.get_all_operations()]  # type: ignore[union-attr]
    return [one for one in found if not one.path.endswith(ENDLESS) and one.path != GOES_OUT]


def tried(document: dict[str, Any], cases: int, send: Send) -> tuple[Counter[int], list[str]]:
    """Send so many cases, as the document allows and as it does not.

    Return how often each status was answered, and the cases that were answered with 500.
    """
    answers: Counter[int] = Counter()
    failed: list[str] = []
    there = operations(document)
    kinds = [(one, mode) for one in there for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]
    for operation, mode in kinds:

        @seed(18)
        @settings(
            max_examples=-(-cases // len(kinds)),
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def sent(case: Case) -> None:
            status = send(case)
            answers[status] += 1
            if status == 500:  # not raised here: shrinking would send the same case hundreds of times
                failed.append(f"{case.method} {case.formatted_path} {case.query} {case.body!r}"[:500])

        with suppress(Unsatisfiable):  # an operation without parameters has no wrong ones
            sent()
    return answers, failed


def sender(url: str) -> Send:
    session = requests.Session()
    session.trust_env = False

    def send(case: Case) -> int:
        if isinstance(case.body, dict):
            case.body.pop("url", None)  # nothing is fetched for these cases
        return case.call(base_url=url, session=session, timeout=SECONDS, allow_redirects=False).status_code

    return send


def test_no_case_of_the_api_is_answered_with_500(archive: Retrieving) -> None:
    document = requests.get(f"{archive.url}/openapi.json", timeout=SECONDS).json()
    answers, failed = tried(document, CASES, sender(archive.url))

    assert failed == []
    assert answers.total() >= CASES * 0.9
    assert {200, 404, 422} <= answers.keys(), "right and wrong ones"


def test_a_defect_of_a_route_is_found() -> None:
    """The negative control: a route that fails on one kind of input."""
    import threading

    import uvicorn
    from services.waiting import eventually

    def broken(request: Request) -> JSONResponse:
        return JSONResponse({}, 500 if len(request.query_params.get("q", "")) > 3 else 200)

    parameter = {"name": "q", "in": "query", "schema": {"type": "string"}, "required": True}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "a", "version": "1"},
        "paths": {"/broken": {"get": {"parameters": [parameter], "responses": {"200": {"description": "ok"}}}}},
    }
    server = uvicorn.Server(
        uvicorn.Config(Starlette(routes=[Route("/broken", broken)]), port=0, log_config=None, lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        eventually(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        _, failed = tried(document, 200, sender(f"http://127.0.0.1:{port}"))
        assert failed and all(one.startswith("GET /broken ") for one in failed)
    finally:
        server.should_exit = True
        thread.join(30)
