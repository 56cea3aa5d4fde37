from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from pressmark.service import logs
from pressmark.service.redaction import redaction


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure("info", stream=stream)
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


def test_verbose_libraries_are_logged_from_warning_up(log: io.StringIO) -> None:
    logging.getLogger("scrapy").info("chatter")
    logging.getLogger("scrapy").warning("news")

    assert [line["event"] for line in lines(log)] == ["news"]


def test_no_control_character_reaches_the_terminal(log: io.StringIO) -> None:
    structlog.get_logger("a").warning("title", title="\x1b[2J\x9b31m\u202e\nforged")

    assert log.getvalue().count("\n") == 1
    assert log.getvalue().isascii()
    assert all(character == "\n" or character >= " " for character in log.getvalue())


def test_secrets_are_hidden_by_name_by_value_and_by_shape(log: io.StringIO) -> None:
    redaction.hide(["hunter2-canary"])
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


def test_a_traceback_contains_no_secret(log: io.StringIO) -> None:
    redaction.hide(["in-traceback-canary"])
    try:
        raise ValueError("password in-traceback-canary was refused")
    except ValueError:
        structlog.get_logger("a").exception("failed")

    assert "in-traceback-canary" not in log.getvalue()
    assert "was refused" in lines(log)[0]["exception"]


def test_what_ends_a_thread_is_logged_without_secrets(log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ValueError("password of-a-thread-canary was refused")

    redaction.hide(["of-a-thread-canary"])
    monkeypatch.setattr(threading, "excepthook", logs.log_failed_thread)
    thread = threading.Thread(target=fail, name="busy")
    thread.start()
    thread.join()

    [line] = lines(log)
    assert (line["event"], "was refused" in line["exception"]) == ("the thread busy failed", True)
    assert "of-a-thread-canary" not in log.getvalue()


def test_each_log_entry_for_people_is_one_line(log: io.StringIO) -> None:
    logs.configure("info", stream=log, people=True)
    structlog.get_logger("a").info("late\n\x1b[2J", url="https://example.org/")

    [line] = log.getvalue().splitlines()
    assert "info" in line
    assert line.endswith('late\\x0a\\x1b[2J  url="https://example.org/"')
