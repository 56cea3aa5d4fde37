"""A store that hangs, trickles, or is not a store.

One sentence says so, with the time since when while a call hangs.
"""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from faults.deaf import deaf, trickle
from faults.proxy import Answer, Call, Fault, FaultProxy, Forward
from faults.segments import seal
from faults.shipping import running, works
from services.waiting import PATIENCE, eventually

from archive.store import open_store
from archive.store.hung_calls import Silence, UploadBody
from archive.store.s3 import S3Store
from archive.store.s3_settings import S3Settings
from archive.values.digest import sha256
from archive.values.errors import StoreUnreachable

pytestmark = pytest.mark.s3

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
STRANGE = "what answers there is not S3: check the endpoint"


def portal(body: bytes) -> Fault:
    """The login page of a network, in place of every answer."""
    return lambda _call, _forward: Answer(200, (("Content-Type", "text/html"),), body)


def redirect(_call: Call, _forward: Forward) -> Answer:
    return Answer(302, (("Location", "http://login.invalid/"),), b"")


NONSENSE = {
    "html": portal(b"<!DOCTYPE html><p>Please log in<br>to this network"),
    "xhtml": portal(b"<html><body><p>Please log in</p></body></html>"),
    "empty": portal(b""),
    "redirect": redirect,
}


def read(store: S3Store) -> bytes:
    with store.get("a/b") as file:
        return file.read()


USES: dict[str, Callable[[S3Store], object]] = {
    "put": lambda store: store.put("a/b", io.BytesIO(b"one"), sha256(b"one")),
    "get": read,
    "stat": lambda store: store.stat("a/b"),
    "keys": lambda store: list(store.keys()),
}


def a_store(settings: S3Settings) -> S3Store:
    return S3Store(settings, pause=lambda _seconds: None)


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("name", NONSENSE)
def test_a_server_that_is_not_s3_is_named_in_one_sentence(
    proxied_bucket: S3Settings, proxy: FaultProxy, name: str, use: str
) -> None:
    store = a_store(proxied_bucket)
    USES["put"](store)
    known = store.abilities()
    proxy.faults = [NONSENSE[name]]
    with pytest.raises(StoreUnreachable) as caught:
        USES[use](store)
    with closing(a_store(proxied_bucket)) as fresh, pytest.raises(StoreUnreachable, match=STRANGE):
        USES[use](fresh)
    proxy.faults = []

    assert str(caught.value).startswith(f"the bucket pressmark-tests at {proxy.url} can't be reached: {STRANGE}")
    assert read(store) == b"one"
    assert store.abilities() == known
    store.close()


@pytest.mark.parametrize("answer", [lambda _client: None, trickle], ids=["hangs", "one byte a second"])
def test_a_hanging_call_is_known_within_seconds_with_its_start(
    tmp_path: Path, bucket: S3Settings, answer: Callable[[socket.socket], object]
) -> None:
    with deaf(answer) as url:
        store = open_store(replace(bucket, endpoint=url, ca=None))
        with works(tmp_path, store) as at:
            sealed = seal(at.spool, 1)
            at.shipper.add(sealed)
            thread = threading.Thread(target=at.shipper.run, daemon=True)
            assert at.shipper.note_silence() is None
            thread.start()
            told = eventually(at.shipper.note_silence)
            row, state = at.index.segment(sealed.name), at.shipper.state()
            at.shipper.stop()
    thread.join(60)

    assert told.startswith(f"the bucket pressmark-tests at {url} has not responded since ")
    assert row is not None and row.problem is not None
    assert row.problem.startswith(f"the bucket pressmark-tests at {url} has not responded since ")
    assert state.problem == row.problem
    assert not thread.is_alive()


def test_the_note_of_a_silence_is_deleted_when_the_store_answers(
    tmp_path: Path, proxied_bucket: S3Settings, proxy: FaultProxy
) -> None:
    answers = threading.Event()

    def wait(call: Call, forward: Forward) -> Answer:
        answers.wait(50)
        return forward(call)

    proxy.faults = [wait]
    with works(tmp_path, open_store(proxied_bucket)) as at:
        sealed = seal(at.spool, 1)
        at.shipper.add(sealed)
        with running(at.shipper):
            assert eventually(at.shipper.note_silence)
            answers.set()
            assert at.shipper.drain(PATIENCE)
        row = at.index.segment(sealed.name)
        assert row is not None
        assert (row.state, row.problem, at.shipper.note_silence()) == ("committed", None, None)


def test_a_long_upload_in_progress_is_not_silent() -> None:
    silence = Silence("the bucket b at c")
    with silence.waiting():
        sent = UploadBody(b"a" * 100, silence)
        time.sleep(0.2)
        before = silence.seconds()
        sent.read(1)
        after = silence.seconds()

    assert before >= 0.2 > after
    assert silence.seconds() == 0
    assert silence.sentence(NOW) is None


@pytest.mark.slow
def test_a_server_that_times_out_is_not_asked_again(bucket: S3Settings) -> None:
    asked: list[socket.socket] = []
    with deaf(asked.append) as url:
        settings = replace(bucket, endpoint=url, ca=None, read_timeout=timedelta(seconds=16))
        store = a_store(settings)
        with pytest.raises(StoreUnreachable, match="no response in time"):
            store.size("a")
        store.close()

    assert len(asked) == 1
