"""What the tools for language models say of runs, sources and errors names start URLs without their secrets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from services.retrieving import Retrieving
from services.source_forms import archive_with

from pressmark.api.mcp import server as door
from pressmark.api.mcp import tools
from pressmark.api.mcp.server import server
from pressmark.views import describe, source_lines
from scheduler.run import Outcome

CANARY = "S3CRETVALUE"
SEED = f"http://port.invalid/?page=2&api_key={CANARY}"
NAMED = f"http://reader:{CANARY}@port.invalid/?page=2"
FILES = {"port": f"source: port\nseeds: ['{SEED}']\nwalk: site\n"}


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Retrieving]:
    with archive_with(tmp_path, **FILES) as made:
        yield made


def everything(archive: Retrieving) -> dict[str, str]:
    """Return what each tool says, as a model gets it: of a failed run, a source, and addresses with secrets."""
    service = archive.service
    queued = service.request("port")
    run = service.runs.claim("main", service.epochs.begin("main"), only=[queued.id])
    assert run is not None
    service.runs.finish(run, Outcome(outcome="blocked", reason=f"neither {SEED} nor {NAMED} can be reached"))
    asked: list[tuple[str, dict[str, Any]]] = [
        ("show_run", {"run": run.id}),
        ("list_sources", {}),
        *((tool, {"url": SEED}) for tool in ("list_versions", "read_page", "compare_versions", "read_thread")),
        ("whats_new", {"source": SEED}),
        ("show_run", {"run": SEED}),
        ("archive_page", {"url": NAMED}),
    ]

    async def ask() -> dict[str, str]:
        async with Client(server(service, writing=True)) as client:
            answers = [(tool, await client.call_tool(tool, its)) for tool, its in asked]
        return {f"{tool} {number}": one.model_dump_json() for number, (tool, one) in enumerate(answers)}

    return asyncio.run(ask())


def test_no_answer_and_no_error_of_a_tool_names_the_secret_of_a_start_url(archive: Retrieving) -> None:
    told = everything(archive)
    trail = [repr(one.entry) for one in archive.service.access.trail.newest(limit=50)]

    assert [tool for tool, answer in told.items() if CANARY in answer] == []
    assert "can be reached" in told["show_run 0"]
    assert "api_key=[redacted]" in told["show_run 0"]
    assert "api_key=[redacted]" in told["list_sources 1"]
    assert [row for row in trail if CANARY in row] == []


@pytest.mark.costly
def test_without_the_masks_they_name_it(archive: Retrieving, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above."""
    for module in (tools, describe, source_lines, door):
        monkeypatch.setattr(module, "in_text", lambda text: text)
    named = {tool.partition(" ")[0] for tool, answer in everything(archive).items() if CANARY in answer}

    assert {"show_run", "list_sources", "read_page", "whats_new"} <= named
