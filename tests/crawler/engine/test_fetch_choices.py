"""What goes wrong while a run decides how a page is fetched costs no page."""

from __future__ import annotations

from datetime import UTC, datetime

from crawling.crawls import archiving

from crawler.engine.fetch_choices import FetchChoices
from crawler.policy.shared import Parts
from crawler.run.run_log import RunLog
from extractor.values.verdict import DRAWN, Verdict

NO_URL = "https://[example"
SHELL = Verdict(DRAWN, 'the empty element "root"')


def now() -> datetime:
    return datetime(2026, 11, 29, tzinfo=UTC)


def test_a_page_without_a_pattern_is_decided_by_its_own_answer() -> None:
    with archiving() as archive:
        choices = FetchChoices("gazette", Parts(archive, archive, now), RunLog(None, now))

        shell, text = (choices.choose(NO_URL, verdict, b"") for verdict in (SHELL, None))
        choices.note(NO_URL, SHELL, None, "<p>Text</p>")

    assert (shell.draw, shell.reason) == (True, SHELL.why)
    assert not text.draw
