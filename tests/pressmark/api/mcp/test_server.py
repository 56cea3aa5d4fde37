"""The archive for language models, asked by the SDK's own client: in this process, over HTTP and standard input."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from services.waiting import eventually
from specimens.versions import THREAD, URL, Version, keep, thread_version
from sqlalchemy import text
from starlette.types import ASGIApp

from config.settings import Settings
from pressmark.api.mcp.server import PATH, application, server
from pressmark.processes.serve import bound, url_of
from pressmark.service.access.roles import Role
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service

PUBLIC = "https://archive.example"


def written(home: Path, service: Service) -> None:
    segments = home / "segments"
    segments.mkdir()
    keep(
        service,
        segments,
        Version("The clock of the tower stood still. " + "It was repaired. " * 40, minute=0),
        Version("The clock of the tower goes again. " + "It was repaired. " * 40, minute=60),
        thread_version([("1", "The reactor started."), ("2", "It did not.")], 120),
    )


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with open_pressmark(Settings(home=tmp_path, public_url=PUBLIC)) as opened:
        written(tmp_path, opened)
        yield opened


def asked(service: Service, tool: str, *, writing: bool = False, **arguments: Any) -> Any:
    """Return the structured answer of a tool; a sentence if it was refused."""

    async def ask() -> Any:
        async with Client(server(service, writing=writing)) as client:
            return answer_of(await client.call_tool(tool, arguments))

    return asyncio.run(ask())


def answer_of(result: Any) -> Any:
    return result.content[0].text if result.is_error else result.structured_content


def test_a_search_answers_with_evidence_that_can_be_followed(service: Service) -> None:
    found = asked(service, "search_texts", query="clock", current=True)

    [hit] = found["items"]
    evidence = hit["evidence"]
    assert evidence["url"] == URL
    assert evidence["link"].startswith(f"{PUBLIC}/snapshot/2026")
    assert len(evidence["sha256"]) == 64
    text = asked(service, "read_page", url=evidence["url"], at=evidence["link"].split("/")[4])
    assert text["evidence"] == evidence
    assert "goes again" in text["text"]


def test_a_page_is_read_as_it_was_then_and_cited(service: Service) -> None:
    [newest, oldest] = asked(service, "list_versions", url=URL)["items"]
    assert newest["evidence"]["at"] > oldest["evidence"]["at"]

    then = asked(service, "read_page", url=URL, at=oldest["evidence"]["at"])

    assert "stood still" in then["text"]
    assert then["evidence"]["record_id"] == oldest["evidence"]["record_id"]
    assert then["citation"].startswith("The clock. (n.d.). example.org. Archived January 31, 2026")


def test_a_long_text_comes_in_parts_that_join_to_the_whole(service: Service) -> None:
    whole = asked(service, "read_page", url=URL)["text"]
    parts, offset = [], 0
    while offset is not None:
        part = asked(service, "read_page", url=URL, offset=offset, length=100)
        parts.append(part["text"])
        offset = part["next_offset"]

    assert len(parts) > 5
    assert "".join(parts) == whole


def test_differences_name_both_versions(service: Service) -> None:
    found = asked(service, "compare_versions", url=URL)

    assert found["changed"]
    assert found["old"]["record_id"] != found["new"]["record_id"]
    assert any("goes again" in (line["new"] or "") for line in found["lines"])


def test_a_thread_is_read_post_by_post(service: Service) -> None:
    found = asked(service, "read_thread", url=THREAD)

    assert [post["text"] for post in found["posts"]] == ["The reactor started.", "It did not."]
    assert found["total"] == 2


def test_news_come_newest_first_page_by_page(service: Service) -> None:
    seen: list[tuple[str, str]] = []
    cursor = None
    while True:
        page = asked(service, "whats_new", limit=1, cursor=cursor)
        seen += [(one["evidence"]["url"], one["novelty"]) for one in page["items"]]
        if (cursor := page["next"]) is None:
            break

    assert seen == [(THREAD, "new"), (URL, "changed"), (URL, "new")]


@pytest.mark.parametrize(
    ("tool", "arguments", "sentence"),
    [
        ("read_page", {"url": "https://nowhere.example/"}, "no capture"),
        ("list_versions", {"url": "https://nowhere.example/"}, "no capture"),
        ("read_page", {"url": URL, "at": "yesterday-ish"}, "time"),
        ("whats_new", {"source": "unknown"}, "no source"),
        ("whats_new", {"cursor": "nonsense"}, "invalid cursor"),
        ("show_run", {"run": "none"}, "no run"),
        ("search_texts", {"query": "clock", "limit": 1000}, "50"),
    ],
)
def test_what_cannot_be_answered_is_a_sentence(
    service: Service, tool: str, arguments: dict[str, Any], sentence: str
) -> None:
    assert sentence in asked(service, tool, **arguments)


def tools_of(service: Service, *, writing: bool) -> dict[str, bool]:
    async def ask() -> dict[str, bool]:
        async with Client(server(service, writing=writing)) as client:
            listed = await client.list_tools()
            return {tool.name: bool(tool.annotations and tool.annotations.read_only_hint) for tool in listed.tools}

    return asyncio.run(ask())


def test_a_model_only_reads_unless_the_operator_allows_more(service: Service) -> None:
    reading = tools_of(service, writing=False)
    assert all(reading.values())
    assert "archive_page" not in reading
    assert "Unknown tool" in asked(service, "archive_page", url="https://example.org/new")
    assert not service.runs.list(limit=1)

    assert tools_of(service, writing=True) == {**reading, "archive_page": False}
    requested = asked(service, "archive_page", writing=True, url="https://example.org/new")
    assert requested["state"] == "queued"
    assert asked(service, "show_run", run=requested["run"])["url"] == "https://example.org/new"


@contextmanager
def listening(app: ASGIApp) -> Iterator[str]:
    with bound("127.0.0.1", 0) as listener:
        running = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            eventually(lambda: running.started)
            yield url_of(listener)
        finally:
            running.should_exit = True
            thread.join(20)


async def _over_http(url: str, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(f"{url}{PATH}", http_client=http)) as client,
    ):
        return answer_of(await client.call_tool("search_texts", {"query": "clock"}))


def test_over_http_the_token_is_needed(tmp_path: Path) -> None:
    token = "a token of some length"
    with open_pressmark(Settings(home=tmp_path, token=token)) as service:
        written(tmp_path, service)
        with listening(application(service)) as url:
            assert len(asyncio.run(_over_http(url, token))["items"]) == 2
            for wrong in ({}, {"Authorization": "Bearer another token of length"}):
                assert httpx2.post(f"{url}{PATH}", json={}, headers=wrong).status_code == 401


def test_over_http_without_a_token_a_rebound_host_name_is_refused(service: Service) -> None:
    with listening(application(service)) as url:
        assert asyncio.run(_over_http(url, ""))["items"]
        assert httpx2.post(f"{url}{PATH}", json={}, headers={"Host": "evil.example"}).status_code == 421


def test_the_command_answers_a_client_that_starts_it(tmp_path: Path) -> None:
    with open_pressmark(Settings(home=tmp_path)) as service:
        written(tmp_path, service)
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "pressmark", "--home", str(tmp_path), "mcp"], cwd=tmp_path
    )

    async def ask() -> Any:
        async with Client(stdio_client(command)) as client:
            return answer_of(await client.call_tool("read_page", {"url": URL}))

    assert "goes again" in asyncio.run(ask())["text"]


def test_a_tool_that_archives_needs_a_token_with_the_role_trigger(service: Service) -> None:
    tokens = {role: service.access.add_token(role.value, role)[1] for role in (Role.READ, Role.TRIGGER)}

    async def archived(url: str, role: Role) -> Any:
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {tokens[role]}"}, timeout=30) as http,
            Client(streamable_http_client(f"{url}{PATH}", http_client=http)) as client,
        ):
            return await client.call_tool("archive_page", {"url": "https://a.example/"})

    with listening(application(service, writing=True)) as url:
        refused = asyncio.run(archived(url, Role.READ))
        done = asyncio.run(archived(url, Role.TRIGGER))

    assert refused.is_error and "role trigger" in refused.content[0].text
    assert not done.is_error
    assert trail_of(service) == [
        ("token trigger", "127.0.0.1", "tool archive_page", "https://a.example/", "done"),
        ("token read", "127.0.0.1", "tool archive_page", "https://a.example/", "refused: 403"),
    ]


def trail_of(service: Service) -> list[tuple[str, ...]]:
    entries = [row.entry for row in service.access.trail.newest(limit=9)]
    return [(one.who, one.origin, one.action, one.target, one.outcome) for one in entries]


def test_the_trail_has_what_a_model_of_this_machine_changes_or_fails_to(service: Service) -> None:
    asked(service, "archive_page", writing=True, url="https://a.example/")
    asked(service, "archive_page", writing=True, url="ftp://a.example/")
    asked(service, "read_page", writing=True, url=URL)

    rows = [(who.partition(" ")[0], *rest) for who, *rest in trail_of(service)]
    assert rows == [
        ("user", "command line", "tool archive_page", "ftp://a.example/", "failed"),
        ("user", "command line", "tool archive_page", "https://a.example/", "done"),
    ]


def test_a_page_is_archived_though_the_trail_can_not_be_written(service: Service) -> None:
    with service.database.writing() as connection:
        connection.execute(text("ALTER TABLE audit_trail RENAME TO audit_trail_gone"))

    assert asked(service, "archive_page", writing=True, url="https://a.example/")["state"] == "queued"
