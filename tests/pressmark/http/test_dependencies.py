"""The router of a part of the service."""

from __future__ import annotations

import pytest
from fastapi import APIRouter, FastAPI
from starlette.testclient import TestClient

from pressmark.http.dependencies import Part


def test_a_part_answers_for_its_own_paths_and_leaves_all_others_to_the_next() -> None:
    runs, sources = Part(prefix="/api/v1"), Part()
    runs.add_api_route("/runs/{run}", lambda run: f"run {run}")
    sources.add_api_route("/sources", lambda: "sources")
    sources.add_api_route("/", lambda: "overview")
    client = _client(runs, sources)
    assert client.get("/api/v1/runs/7").json() == "run 7"
    assert client.get("/sources").json() == "sources"
    assert client.get("/").json() == "overview"
    assert client.get("/sources/").json() == "sources", "the slash too many is redirected"
    assert client.post("/sources").status_code == 405
    assert client.get("/source").status_code == client.get("/sources/x").status_code == 404


def test_a_path_that_begins_with_a_parameter_is_refused() -> None:
    part = Part()
    part.add_api_route("/{collection}/cdx", lambda collection: collection)
    with pytest.raises(ValueError, match="begins with a parameter"):
        _client(part).get("/news/cdx")


def test_what_answers_is_built_at_the_first_request_to_a_part_and_not_at_its_import() -> None:
    runs, sources, usual = Part(prefix="/api/v1"), Part(), APIRouter()

    @runs.post("/runs/{run}", status_code=201, tags=["runs"])
    @usual.post("/usual/{run}")
    def request(run: int, deep: bool = False) -> dict[str, int | bool]:
        """Request a run."""
        return {"run": run, "deep": deep}

    sources.add_api_route("/sources", lambda: "sources")
    client = _client(runs, sources)
    assert not hasattr(runs.routes[0], "dependant")
    assert hasattr(usual.routes[0], "dependant"), "FastAPI builds it at the import"

    answer = client.post("/api/v1/runs/7?deep=yes")
    assert (answer.status_code, answer.json()) == (201, {"run": 7, "deep": True})
    assert client.post("/api/v1/runs/seven").status_code == 422
    assert not hasattr(runs.routes[0], "dependant")
    described = client.get("/openapi.json").json()["paths"]["/api/v1/runs/{run}"]["post"]
    assert (described["tags"], described["description"]) == (["runs"], "Request a run.")
    assert [one["name"] for one in described["parameters"]] == ["run", "deep"]
    assert described["responses"]["201"]["content"]["application/json"]["schema"]["type"] == "object"


def _client(*parts: Part) -> TestClient:
    app = FastAPI()
    for part in parts:
        app.include_router(part)
    return TestClient(app)
