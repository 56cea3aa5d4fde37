"""Sentences of the packages in Chinese: each as the package really writes it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import Markup, escape

from archive.values.errors import CaptureNotFound, DatabaseFull, DatabaseReadOnly, DatabaseRefused
from archive.values.timestamps import BadTime
from config.load import UnknownSource
from config.values.urls import BadUrl, check_url
from crawler.frontier.failures import unwritable
from crawler.policy.robots import rules_of, too_many_redirects, unreachable
from crawler.wire.guard import AddressForbidden
from pressmark.discover.forecast import PARTS
from pressmark.discover.visit import SiteUnreachable
from pressmark.http import render
from pressmark.http.catalog import translator
from pressmark.http.former_sentences import FORMER
from pressmark.http.reader import Reader, reader
from pressmark.http.sentences import SENTENCES, plain, translated_sentence
from pressmark.notify.webhooks.webhook_state import UnknownWebhook
from pressmark.service.states import condition
from scheduler.ledger.ledger_restored import LOST
from scheduler.run import RunOver, UnknownRun

ORIGIN = "https://example.org"
_FIELD = re.compile(r"%\(\w+\)s")


def _refused(url: str) -> str:
    with pytest.raises(BadUrl) as refused:
        check_url(url)
    return str(refused.value)


@pytest.fixture(scope="module", autouse=True)
def chinese() -> Iterator[None]:
    token = reader.set(Reader("zh-Hans"))
    yield
    reader.reset(token)


@pytest.mark.parametrize(
    "sentence",
    [
        rules_of(ORIGIN, 200, b"").reason,
        rules_of(ORIGIN, 403, b"").reason,
        rules_of(ORIGIN, 404, b"").reason,
        rules_of(ORIGIN, 503, b"").reason,
        too_many_redirects(ORIGIN).reason,
        unreachable(ORIGIN, "timeout").reason,
        str(CaptureNotFound(f"{ORIGIN}/a; b")),
        str(DatabaseRefused("postgresql://here", "no")),
        str(DatabaseFull("postgresql://here", "no")),
        str(DatabaseReadOnly("postgresql://here", "no")),
        str(unwritable(Path("/srv/frontiers/a.db"), sqlite3.OperationalError("disk I/O error"))),
        str(UnknownSource("nobody", [])),
        str(UnknownRun("x")),
        str(RunOver("x")),
        LOST,
        str(UnknownWebhook("x")),
        str(BadTime("moon")),
        str(SiteUnreachable(f"{ORIGIN}/", "timeout")),
        str(AddressForbidden("example.org", "127.0.0.1", "loopback")),
        condition("disk-read-only", uses="spool", path="/disk").sentence,
        condition("objects-damaged", at="2026-01-31 12:00", count=3, first="warc/v1/x").sentence,
        _refused("moon"),
        _refused("https://a b/"),
        f"the server of {ORIGIN}/ can't be reached ({unreachable(ORIGIN, 'timeout').reason})",
        f"the server of {ORIGIN}/ can't be reached",
        "43 pages fetched, 1 new or changed file archived",
        (
            "0 pages fetched, 2 new or changed files archived; 1 file was larger than allowed, so only its beginning "
            "is archived"
        ),
        "every 6h",
        "https://a.example/x: 404 Not Found, and 3 more",
        "the run archived nothing; no changes in 43 pages",
        (
            "the run was interrupted, as the crawling process w (epoch 7) ended or stopped responding; this "
            "was attempt 5 of 5, and Pressmark does not try again; to try again, start another run"
        ),
        "the run was interrupted, as the crawling process w (epoch 7) ended or stopped responding; the run "
        "continues automatically",
        "12 pages get their text from scripts, so the archive does not have this text",
        "1 of 3 pages could not be fetched; 1 page gets its text from scripts, so the archive does not have this text",
        "pages 2-7 of the forum thread https://forum.example/t/7 are missing from this run",
        "pages of 3 forum threads are missing from this run, such as page 2 of https://forum.example/t/7",
        "the start URLs of the source show no forum boards or threads; choose another walk (crawl method)",
        "71 pages were not fetched, as it is not yet time for the next fetch",
        "3 pages were not fetched, as the entry in the list of the site can't be read",
        "1 list of the site could not be read in full, so pages may be missing",
        f"Pressmark will archive {PARTS['feed']}.",
        "Pressmark will archive all pages of the site that it finds by following links.",
        "Pressmark will archive all pages below http://a.example/news/ that it finds by following links. "
        "To archive the whole site instead, add http://a.example/",
        f"Pressmark will archive {PARTS['page'].replace('the whole site', 'all pages below http://a.example/n/')}.",
        "at least 16 pages: this page, the feed and the items on the feed's first page",
        "its disk is not mounted at /mnt/replica",
        "all its lists of files (manifests) are missing",
        "its files disappeared while Pressmark copied other files to it",
    ],
)
def test_frequent_sentences_of_the_packages_are_in_chinese(sentence: str) -> None:
    assert 'lang="en"' not in translated_sentence(sentence)
    assert translated_sentence(sentence) != sentence


@pytest.mark.parametrize("sentence", SENTENCES)
def test_no_sentence_is_read_as_another_one(sentence: str) -> None:
    filled, translated = (_FIELD.sub("7", each) for each in (sentence, str(translator("zh-Hans")(sentence))))

    assert plain(filled, "zh-Hans") == translated


@pytest.mark.parametrize(("former", "present"), FORMER.items())
def test_a_sentence_of_an_earlier_version_is_translated_as_the_present_one(former: str, present: str) -> None:
    assert present in SENTENCES
    assert plain(_FIELD.sub("7", former), "zh-Hans") == plain(_FIELD.sub("7", present), "zh-Hans")


@pytest.mark.parametrize(
    "sentence",
    [
        "interrupted: the worker main (epoch 3) died or stalled; it resumes automatically",
        "interrupted: the worker main (epoch 3) died or stalled; attempt 5 of 5: start another run",
        "nothing was archived; the seeds redirect in a loop",
        "https://a.example/: host-unreachable (https://a.example/robots.txt could not be fetched (timeout), so nothing"
        " may be fetched until it can be read)",
    ],
)
def test_parts_of_sentences_of_earlier_versions_are_translated(sentence: str) -> None:
    assert not re.search("[a-z]{2,} [a-z]{2,}", plain(sentence, "zh-Hans"))


def test_no_template_looks_for_the_pattern_of_a_fixed_sentence() -> None:
    templates = Path(render.__file__).with_name("templates").glob("*.html")

    assert [each.name for each in templates if re.search("[\"'] *\\| *translated_sentence", each.read_text())] == []


def test_any_other_sentence_is_marked_as_english_and_no_word_or_number_is() -> None:
    assert translated_sentence("the moon is <full>") == Markup('<span lang="en">the moon is &lt;full&gt;</span>')
    assert [translated_sentence(each) for each in ("timeout", "404", "没有", None)] == ["timeout", "404", "没有", ""]


def test_every_sentence_stays_unchanged_in_english() -> None:
    token = reader.set(Reader("en"))
    said = translated_sentence("the moon is <full>")
    reader.reset(token)

    assert (said, isinstance(said, Markup)) == ("the moon is <full>", False)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.text(), st.text())
def test_the_content_of_a_sentence_is_escaped(url: str, why: str) -> None:
    html = str(escape(translated_sentence(f"the run archived nothing; invalid URL {url}<b>: {why}")))

    assert "<b>" not in html
