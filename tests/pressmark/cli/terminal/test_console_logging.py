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


def test_a_warning_says_why_and_is_said_once_until_something_else_is(capsys: pytest.CaptureFixture[str]) -> None:
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


def test_with_v_more_is_heard_and_no_terminal_obeys_it(capsys: pytest.CaptureFixture[str]) -> None:
    listen(1)
    logging.getLogger("pressmark.tested").info("a page\x1b[31m\nof two lines")

    assert capsys.readouterr().err == "info: a page\\x1b[31m of two lines\n"


def test_what_happens_to_two_sources_is_said_of_each(capsys: pytest.CaptureFixture[str]) -> None:
    listen(0)
    for source in ("gazette", "gazette", "forum"):
        facts = {"source": source, "reason": "captcha"}
        logging.getLogger("pressmark.tested").warning("a source became blocked", extra=facts)

    assert capsys.readouterr().err.splitlines() == [
        "warning: gazette: a source became blocked: captcha",
        "warning: forum: a source became blocked: captcha",
    ]


def test_of_several_notifiers_that_fail_each_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    listen(0)
    for notifier in ("mail", "webhook"):
        facts = {"notifier": notifier, "reason": "Connection refused"}
        logging.getLogger("pressmark.tested").error("a notification could not be sent", extra=facts)

    assert capsys.readouterr().err.splitlines() == [
        "error: mail: a notification could not be sent: Connection refused",
        "error: webhook: a notification could not be sent: Connection refused",
    ]
