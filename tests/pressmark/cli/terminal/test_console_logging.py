from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from pressmark.cli.terminal.console_logging import listen


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_warning_gives_its_reason_once_until_another_message_comes(capsys: pytest.CaptureFixture[str]) -> None:
    listen(0)
    log = logging.getLogger("pressmark.tested")
    for _ in range(3):
        log.warning("crawling pauses", extra={"reason": "the disk of the spool is full"})
    for _ in range(3):
        try:
            raise OSError("no room")
        except OSError:
            log.exception("the ledger could not be read")
    log.info("nobody hears this")
    log.warning("crawling pauses")

    assert capsys.readouterr().err.splitlines() == [
        "warning: crawling pauses: the disk of the spool is full",
        "error: the ledger could not be read: no room",
        "warning: crawling pauses",
    ]


def test_v_shows_more_and_no_escape_sequence_reaches_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    listen(1)
    logging.getLogger("pressmark.tested").info("a page\x1b[31m\nof two lines")

    assert capsys.readouterr().err == "info: a page\\x1b[31m of two lines\n"


def test_events_of_two_sources_are_shown_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    listen(0)
    for source in ("gazette", "gazette", "forum"):
        facts = {"source": source, "reason": "captcha"}
        logging.getLogger("pressmark.tested").warning("a source became blocked", extra=facts)

    assert capsys.readouterr().err.splitlines() == [
        "warning: gazette: a source became blocked: captcha",
        "warning: forum: a source became blocked: captcha",
    ]


def test_each_failing_notifier_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    listen(0)
    for notifier in ("mail", "webhook"):
        facts = {"notifier": notifier, "reason": "Connection refused"}
        logging.getLogger("pressmark.tested").error("a notification could not be sent", extra=facts)

    assert capsys.readouterr().err.splitlines() == [
        "error: mail: a notification could not be sent: Connection refused",
        "error: webhook: a notification could not be sent: Connection refused",
    ]
