"""The client for Python, waiting and awaiting, against a service on loopback and a home on disk."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from services.retrieving import served
from specimens.versions import THREAD, URL, Version, keep, thread_version

from config.settings import Settings
from pressmark.client import AsyncPressmark, NotFound, Pressmark, PressmarkError, Refused
from pressmark.service.access.roles import Role
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service

TOKEN = "a token of some length"
PUBLIC = "https://archive.example"


def fill(home: Path, service: Service) -> None:
    (home / "segments").mkdir()
    keep(
        service,
        home / "segments",
        Version("The clock stood still.", minute=0),
        Version("The clock goes again.", minute=60),
        thread_version([("1", "The reactor started."), ("2", "It did not.")], 120),
    )


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("service")
    with open_pressmark(Settings(home=home, token=TOKEN, public_url=PUBLIC)) as service:
        fill(home, service)
        with served(service) as address:
            yield address


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("home")
    with open_pressmark(Settings(home=directory)) as service:
        fill(directory, service)
    return directory


class Awaited:
    """An `AsyncPressmark` asked as if it waited: lists become lists."""

    def __init__(self, client: AsyncPressmark) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        def ask(*args: Any, **kwargs: Any) -> Any:
            answer = getattr(self._client, name)(*args, **kwargs)
            return LOOP.run_until_complete(answer if inspect.isawaitable(answer) else _all(answer))

        return ask


LOOP = asyncio.new_event_loop()


async def _all(rows: Any) -> list[Any]:
    return [row async for row in rows]


@pytest.fixture(params=["waiting, over HTTP", "awaiting, over HTTP", "waiting, a home", "awaiting, a home"])
def archive(request: pytest.FixtureRequest, url: str, home: Path) -> Iterator[Any]:
    where: dict[str, Any] = {"home": home} if "home" in request.param else {"url": url, "token": TOKEN}
    if request.param.startswith("waiting"):
        with Pressmark(**where) as client:
            yield client
    else:
        asynchronous = AsyncPressmark(**where)
        yield Awaited(asynchronous)
        LOOP.run_until_complete(asynchronous.close())


def test_both_clients_have_the_same_methods_with_the_same_parameters() -> None:
    def parameters(kind: type) -> dict[str, list[str]]:
        methods = inspect.getmembers(kind, inspect.isfunction)
        return {name: list(inspect.signature(method).parameters) for name, method in methods if name[0] != "_"}

    assert parameters(Pressmark) == parameters(AsyncPressmark)


def test_a_search_finds_texts_of_any_time(archive: Any) -> None:
    found = list(archive.search("clock"))
    assert [one.url for one in found] == [URL, URL]
    assert [one.current for one in archive.search("clock", current=True)] == [True]


def test_captures_come_newest_first(archive: Any) -> None:
    newest, oldest = list(archive.captures(URL))
    assert newest.at > oldest.at
    assert [one.at for one in archive.captures(URL, until=oldest.at)] == [oldest.at]


def test_a_page_is_read_as_it_was_then(archive: Any) -> None:
    *_, oldest = list(archive.captures(URL))

    assert "stood still" in archive.text(URL, oldest.at)
    assert "goes again" in archive.text(URL, markdown=True)
    assert archive.snapshot(URL, oldest.at).sha256 == oldest.sha256
    assert archive.raw(URL, oldest.stamp) != archive.raw(URL)


def test_differences_threads_and_citations_are_there(archive: Any) -> None:
    assert archive.diff(URL).changed
    assert [post["text"] for post in archive.thread(THREAD)["posts"]] == ["The reactor started.", "It did not."]
    assert archive.cite(URL, style="csl-json").startswith("[")
    assert archive.similar(URL).items == []
    assert "The clock" in archive.article(URL)["text"]


def test_texts_and_posts_are_rows(archive: Any) -> None:
    texts = list(archive.texts(latest=True))
    assert {row["url"]: row["text"] for row in texts}[URL].strip() == "The clock goes again."
    assert [row["text"] for row in archive.posts()] == ["The reactor started.", "It did not."]


def test_a_list_is_fetched_page_by_page(url: str) -> None:
    with Pressmark(url, token=TOKEN) as archive:
        rows = archive.runs()
        first = [archive.archive(f"https://example.org/{number}").id for number in range(51)]
        assert [run.id for run in rows] == first[::-1]
        assert next(iter(rows)).id == first[-1]
        assert archive.cancel(first[0]).id == archive.run_of(first[0]).id
        assert archive.wait(first[0]).outcome == "cancelled"


def test_an_export_is_a_whole_file_or_none(archive: Any, tmp_path: Path) -> None:
    target = tmp_path / "all.warc.gz"
    assert archive.export("warc", target) == target
    assert target.read_bytes()[:2] == b"\x1f\x8b"
    with pytest.raises(FileExistsError, match=r"all\.warc\.gz"):
        archive.export("warc", target)
    with pytest.raises(Refused):
        archive.export("warc", tmp_path / "none.warc.gz", source="unknown", since="not a time")
    assert not (tmp_path / "none.warc.gz").exists()


def test_rows_are_tables_of_pandas_and_polars(url: str) -> None:
    async def tables() -> tuple[Any, Any]:
        async with AsyncPressmark(url, token=TOKEN) as archive:
            return await archive.texts().pandas(), await archive.captures(URL).polars()

    with Pressmark(url, token=TOKEN) as archive:
        frame = archive.texts(latest=True).pandas()
        assert set(frame["url"]) == {URL, THREAD}
        assert archive.captures(URL).polars()["at"].to_list() == [one.at for one in archive.captures(URL)]
        again, captures = asyncio.run(tables())
    assert len(again) == 3
    assert captures.height == 2


def test_what_the_archive_refuses_is_a_sentence_with_its_address(archive: Any) -> None:
    with pytest.raises(NotFound, match=r"nowhere.*GET http.*/api/v1/snapshots/latest"):
        archive.snapshot("https://nowhere.example/")
    with pytest.raises(NotFound, match="no source"):
        archive.source("unknown")
    with pytest.raises(Refused) as refused:
        archive.text(URL, "yesterday-ish")
    assert refused.value.status in (400, 422)
    with pytest.raises(ValueError, match="time zone"):
        archive.text(URL, datetime(2026, 1, 31))  # noqa: DTZ001
    assert archive.text(URL, datetime(2026, 1, 31, 12, tzinfo=UTC))


def test_a_wrong_token_and_a_silent_address_are_errors(url: str) -> None:
    with Pressmark(url, token="another token of length") as archive, pytest.raises(Refused, match="token"):
        list(archive.sources())
    with Pressmark("http://127.0.0.1:9") as archive, pytest.raises(PressmarkError, match=r"127\.0\.0\.1:9"):
        list(archive.sources())


def test_a_client_needs_one_place(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="url"):
        Pressmark()
    with pytest.raises(ValueError, match="url"):
        Pressmark("http://127.0.0.1:9", home=tmp_path)
    with pytest.raises(FileNotFoundError, match="nothing-here"):
        Pressmark(home=tmp_path / "nothing-here")


def test_a_home_with_people_and_tokens_is_open_to_its_own_user(tmp_path: Path) -> None:
    with open_pressmark(Settings(home=tmp_path)) as service:
        fill(tmp_path, service)
        service.access.tokens.add("notebook", Role.READ)

    with Pressmark(home=tmp_path) as archive:
        assert "goes again" in archive.text(URL)


def test_a_home_that_the_client_makes_is_private(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with Pressmark(home=tmp_path) as archive:
            assert list(archive.sources()) == []
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    assert (tmp_path / "pressmark.db").stat().st_mode & 0o077 == 0
