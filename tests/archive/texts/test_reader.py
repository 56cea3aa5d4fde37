"""Texts are extracted in a child process: a hostile page costs its own text, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from specimens.ferry import HTML, MUCH_MEMORY, PAGE, PARAGRAPHS

from archive.texts.reader import Reader, longest
from archive.texts.reader_protocol import TextResult
from archive.values.errors import ReaderClosed
from extractor.html.page import Page
from extractor.reading import MOST_ELEMENTS
from extractor.values.verdict import Verdict

LONG_WORK = b"<input><textarea></textarea><label>x</label>" * 100_000 + HTML


def is_gone(pid: int) -> bool:
    """Return whether a process is gone; a zombie is not."""
    return not Path(f"/proc/{pid}").exists()


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def read_while_stopped(reader: Reader, *signals: signal.Signals) -> TextResult:
    """Read a page with a child that is stopped while it reads, and then gets `signals`."""
    assert reader.read(PAGE).state == "done"
    pid = reader.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    timer = threading.Timer(0.3, lambda: [os.kill(pid, each) for each in signals])
    timer.start()
    result = reader.read(PAGE)
    timer.join()
    return result


def test_a_page_is_read_in_another_process(reader: Reader) -> None:
    result = reader.read(PAGE)

    assert (result.state, result.reason) == ("done", None)
    assert result.text is not None
    assert (result.text.title, result.text.author, result.text.date) == ("The ferry waits", "Ada Quist", "2026-11-20")
    assert result.text.text.split("\n") == PARAGRAPHS
    assert reader.pid not in (None, os.getpid())


def test_no_child_is_started_before_the_first_page() -> None:
    with Reader() as reader:
        assert reader.pid is None


def test_the_child_stays_for_the_next_page(reader: Reader) -> None:
    reader.read(PAGE)
    first = reader.pid

    reader.read(PAGE)

    assert reader.pid == first


def test_a_child_is_replaced_after_a_number_of_pages() -> None:
    with Reader(pages_a_child=2) as reader:
        pids = []
        for _ in range(4):
            assert reader.read(PAGE).state == "done"
            pids.append(reader.pid)

    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_closing_leaves_neither_child_nor_zombie() -> None:
    reader = Reader()
    reader.read(PAGE)
    pid = reader.pid
    assert pid is not None

    reader.close()

    assert is_gone(pid)
    assert reader.pid is None


def test_closing_interrupts_reading_at_once_and_marks_no_page_as_failed() -> None:
    reader = Reader()
    assert reader.read(PAGE).state == "done"
    assert reader.pid is not None
    os.kill(reader.pid, signal.SIGSTOP)
    timer = threading.Timer(0.3, reader.close)
    timer.start()

    with pytest.raises(ReaderClosed, match="while reading"):
        reader.read(PAGE)

    timer.join()
    with pytest.raises(ReaderClosed):
        reader.read(PAGE)
    assert reader.pid is None


def test_a_page_without_a_text_has_a_reason(reader: Reader) -> None:
    result = reader.read(Page("https://e.org/", b"<html><body></body></html>", "text/html"))

    assert result == TextResult("none", "the page has no main text", None)


def test_a_page_without_a_text_keeps_its_title(reader: Reader) -> None:
    result = reader.read(Page("https://e.org/", b"<title>The ferry</title><body></body>", "text/html"))

    assert (result.state, result.reason) == ("none", "the page has no main text")
    assert result.text is not None
    assert (result.text.title, result.text.text) == ("The ferry", "")


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_a_page_whose_child_dies_is_failed_and_the_next_one_is_read(reader: Reader, end: signal.Signals) -> None:
    wake = (
        [] if end == signal.SIGKILL else [signal.SIGCONT]
    )  # a stopped process handles other signals only when it continues

    result = read_while_stopped(reader, end, *wake)

    assert (result.state, result.reason) == ("failed", f"the extractor process was terminated by {end.name}")
    assert reader.read(PAGE).state == "done"


def test_a_page_that_takes_too_long_is_failed_and_the_next_one_is_read() -> None:
    with Reader(wall_seconds=5) as reader:
        result = read_while_stopped(reader)
        pid = reader.pid

        assert (result.state, result.reason, pid) == ("failed", "extraction took more than 5 s", None)
        assert reader.read(PAGE).state == "done"


def test_a_page_that_takes_too_much_cpu_is_failed_and_the_next_one_is_read() -> None:
    with Reader(cpu_seconds=1) as reader:
        result = reader.read(Page("https://e.org/", LONG_WORK, "text/html"))

        assert (result.state, result.reason) == ("failed", "extraction took more than 1 s of CPU time")
        assert reader.read(PAGE).state == "done"


def test_a_reader_that_is_idle_has_no_process_and_the_next_page_gets_a_new_one() -> None:
    with Reader() as other, Reader(idle_seconds=0.2) as reader:
        assert other.read(PAGE).state == "done"
        for _ in range(2):
            assert reader.read(PAGE).state == "done"
            assert wait_until(lambda: reader.pid is None)

        assert other.pid is not None
        assert not is_gone(other.pid)


def test_a_page_that_needs_too_much_memory_is_failed_and_the_next_one_is_read() -> None:
    with Reader(memory=320 << 20) as reader:
        assert reader.read(PAGE).state == "done"

        result = reader.read(Page("https://e.org/", MUCH_MEMORY, "text/html"))

        assert (result.state, result.text) == ("failed", None)
        assert reader.read(PAGE).state == "done"


def test_with_enough_memory_the_same_page_does_not_fail(reader: Reader) -> None:
    assert reader.read(Page("https://e.org/", MUCH_MEMORY, "text/html")).state != "failed"


def test_a_child_that_died_between_two_pages_costs_no_page(reader: Reader) -> None:
    reader.read(PAGE)
    pid = reader.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z")

    assert reader.read(PAGE).state == "done"
    assert is_gone(pid)


def test_the_child_gets_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSMARK_S3__SECRET_KEY", "hush-hush")
    with Reader() as reader:
        reader.read(PAGE)

        assert b"hush-hush" not in Path(f"/proc/{reader.pid}/environ").read_bytes()


def test_the_child_ends_when_its_parent_is_killed() -> None:
    program = (
        "import sys, time; from archive.texts.reader import Reader; from extractor.html.page import Page\n"
        "reader = Reader(); reader.read(Page('https://e.org/', b'<p>Enough</p>'))\n"
        "print(reader.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert not is_gone(child)
        parent.kill()

    assert wait_until(lambda: is_gone(child))


def test_a_capture_that_is_not_a_page_gets_a_verdict(reader: Reader) -> None:
    wall = Page("https://e.org/", b"<html><title>Just a moment...</title><p>Wait</p></html>", "text/html")

    assert reader.read(wall).verdict == Verdict("captcha", 'title "Just a moment..."')


def test_several_threads_may_read(reader: Reader) -> None:
    states: list[str] = []
    threads = [
        threading.Thread(target=lambda: states.extend(reader.read(PAGE).state for _ in range(5))) for _ in range(4)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert states == ["done"] * 20


def test_a_page_may_take_longer_in_all_than_its_seconds_of_cpu() -> None:
    assert longest(30) == 60
    assert longest(300) > 300


def test_a_page_of_too_many_elements_is_read_up_to_there_and_the_text_says_so(reader: Reader) -> None:
    some = HTML + b"<!---->" * MOST_ELEMENTS + b"<p>" + b"A later paragraph of the page. " * 20
    result = reader.read(replace(PAGE, body=some))

    assert (result.state, result.reason) == (
        "done",
        "the page has more than 400,000 elements: its text is that of the first ones",
    )
    assert result.text is not None
    assert result.text.text.split("\n") == PARAGRAPHS
