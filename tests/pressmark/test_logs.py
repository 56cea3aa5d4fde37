from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from pressmark import logs
from pressmark.redaction import redaction


@pytest.fixture
def log(tmp_path: Path) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure("info", stream=stream, runs=tmp_path / "runs")
    yield stream
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_line_of_json(log: io.StringIO) -> None:
    structlog.get_logger("a").info("run finished", run="r1", captures=3)

    [line] = lines(log)
    assert (line["event"], line["run"], line["captures"], line["level"]) == ("run finished", "r1", 3, "info")


def test_records_of_libraries_are_events_too(log: io.StringIO) -> None:
    logging.getLogger("somebody").warning("it is %s", "late")

    assert lines(log)[0]["event"] == "it is late"


def test_libraries_that_chatter_are_heard_from_warning_up(log: io.StringIO) -> None:
    logging.getLogger("scrapy").info("chatter")
    logging.getLogger("scrapy").warning("news")

    assert [line["event"] for line in lines(log)] == ["news"]


def test_no_control_character_reaches_the_terminal(log: io.StringIO) -> None:
    structlog.get_logger("a").warning("title", title="\x1b[2J\x9b31m\u202e\nforged")

    assert log.getvalue().count("\n") == 1
    assert log.getvalue().isascii()
    assert all(character == "\n" or character >= " " for character in log.getvalue())


def test_secrets_are_hidden_by_name_by_value_and_by_shape(log: io.StringIO) -> None:
    redaction.tell(["hunter2-canary"])
    structlog.get_logger("a").warning(
        "sent hunter2-canary",
        token="abcdef-canary",
        url="https://me:pw-canary@example.org/",
        headers={"Authorization": "Basic Y2FuYXJ5"},
        deep=[{"note": "Bearer xyz-canary"}],
    )

    assert "canary" not in log.getvalue()
    assert "Y2FuYXJ5" not in log.getvalue()
    assert "example.org" in log.getvalue()


def test_a_traceback_tells_no_secret(log: io.StringIO) -> None:
    redaction.tell(["in-traceback-canary"])
    try:
        raise ValueError("password in-traceback-canary was refused")
    except ValueError:
        structlog.get_logger("a").exception("failed")

    assert "in-traceback-canary" not in log.getvalue()
    assert "was refused" in lines(log)[0]["exception"]


def test_what_a_run_logs_is_in_a_file_of_its_own_too(log: io.StringIO, tmp_path: Path) -> None:
    structlog.get_logger("a").info("page failed", run="r-1")
    structlog.get_logger("a").info("unrelated")

    kept = (tmp_path / "runs" / "r-1.jsonl").read_text().splitlines()
    assert [json.loads(line)["event"] for line in kept] == ["page failed"]


def test_a_run_by_a_strange_name_writes_no_file(log: io.StringIO, tmp_path: Path) -> None:
    structlog.get_logger("a").info("page failed", run="../../etc/r")

    assert not (tmp_path / "runs").exists()
