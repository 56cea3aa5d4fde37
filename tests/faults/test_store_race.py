"""Several uploaders of one segment, and servers that overwrite existing objects: one object, one manifest."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from conftest import figure
from faults.harm import lose_answer, only, times
from faults.lying import signed, without
from faults.proxy import Answer, Call, Fault, FaultProxy, Forward, proxying
from faults.segments import seal
from faults.shipping import Works, works
from services.atomic_moto import one_at_a_time

from archive.spool.sealed import Sealed
from archive.store import open_store
from archive.store.s3 import S3Store
from archive.store.s3_settings import S3Settings
from archive.values.digest import sha256
from archive.values.errors import IntegrityError
from archive.warc import journal
from archive.warc.manifest import Manifest

pytestmark = pytest.mark.s3

UPLOADERS = 8
ROUNDS = figure(3, 63, 63)


def unconditional(call: Call, forward: Forward) -> Answer:
    """A server that does not know If-None-Match: the last put wins."""
    if any(name.lower() == "if-none-match" for name, _ in call.headers):
        call = signed(without(call, "if-none-match"))
    return forward(call)


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "control"])
def test_the_server_of_moto_handles_one_request_at_a_time(alone: bool) -> None:
    both = Barrier(2)

    def app(environ: dict[str, Any], _start_response: object) -> list[bytes]:
        try:
            both.wait(timeout=0.5 if alone else 60)
        except BrokenBarrierError:
            return [b"alone"]
        return [b"together"]

    asked = one_at_a_time(app) if alone else app
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: asked({"wsgi.input": io.BytesIO()}, None), range(2)))

    assert answers == [[b"alone" if alone else b"together"]] * 2


@pytest.fixture(params=["seaweedfs", "moto"])
def faulty(request: pytest.FixtureRequest) -> Iterator[tuple[FaultProxy, S3Settings]]:
    """A proxy in front of each kind of server, and a store behind it."""
    if request.param == "seaweedfs":
        yield request.getfixturevalue("proxy"), request.getfixturevalue("proxied_bucket")
        return
    settings: S3Settings = request.getfixturevalue("moto_bucket")
    with proxying(settings.endpoint or "") as proxy:
        yield proxy, replace(settings, endpoint=proxy.url)


@pytest.mark.parametrize("faults", [[], [unconditional]], ids=["conditional", "unconditional"])
def test_eight_uploaders_of_one_segment_give_one_of_everything(
    tmp_path: Path, faulty: tuple[FaultProxy, S3Settings], faults: list[Fault]
) -> None:
    proxy, settings = faulty
    proxy.faults = faults
    with ExitStack() as stack:
        crews = [stack.enter_context(works(directory(tmp_path, n), open_store(settings))) for n in range(UPLOADERS)]
        for number in range(ROUNDS):
            sealed = seal(tmp_path / "spool", number)
            copies = [copied(sealed, at.spool) for at in crews]
            with ThreadPoolExecutor(UPLOADERS) as pool:
                manifests = list(pool.map(lambda pair: pair[0].shipper.ship(pair[1]), zip(crews, copies, strict=True)))

            assert manifests == [manifests[0]] * UPLOADERS
            assert len(crews[0].manifests()) == number + 1
            assert [not_once(at, sealed) for at in crews] == [[]] * UPLOADERS
        assert len(list(crews[0].store.keys())) == 4 * ROUNDS


def not_once(at: Works, sealed: Sealed) -> list[str]:
    """Return what does not exist exactly once of a shipped segment: its manifest, its bytes, its rows."""
    manifests = [manifest for manifest in at.manifests() if manifest.segment == sealed.name]
    if len(manifests) != 1:
        return [f"manifests: {len(manifests)}"]
    found = [] if sha256(at.read(manifests[0].warc.key)) == sealed.sha256 else ["other bytes"]
    listed = sorted(capture.record_id for capture in journal.read(sealed.journal) if capture.kind != "failed")
    indexed = sorted(capture.record_id for capture in at.indexed(sealed))
    return found if indexed == listed else [*found, f"rows: {len(indexed)} of {len(listed)}"]


def test_an_uploader_that_puts_other_bytes_and_writes_no_rows_is_caught(
    tmp_path: Path, proxy: FaultProxy, proxied_bucket: S3Settings
) -> None:
    with works(tmp_path, open_store(proxied_bucket)) as at:
        sealed, without_rows = seal(at.spool, 1), seal(at.spool, 2)
        key = at.shipper.ship(sealed).warc.key
        assert not_once(at, sealed) == []
        at.store.put(key, io.BytesIO(b"another's"), sha256(b"another's"), replace=True)

        assert not_once(at, sealed) == ["other bytes"]
        assert not_once(at, without_rows) == ["manifests: 0"]


def directory(parent: Path, number: int) -> Path:
    made = parent / f"crew-{number}"
    made.mkdir()
    return made


def copied(sealed: Sealed, spool: Path) -> Sealed:
    """Return the same segment in another spool, as after a disk was copied."""
    path, marked = spool / "sealed" / sealed.path.name, spool / "sealed" / sealed.journal.name
    path.write_bytes(sealed.path.read_bytes())
    marked.write_bytes(sealed.journal.read_bytes())
    return replace(sealed, path=path, journal=marked)


def test_a_server_without_conditional_puts_is_recognised(proxy: FaultProxy, proxied_bucket: S3Settings) -> None:
    honest = S3Store(proxied_bucket)
    assert (honest.abilities().conditional, honest.abilities().vouches) == (True, True)
    honest.close()
    proxy.faults = [unconditional]
    lax = S3Store(proxied_bucket)
    assert (lax.abilities().conditional, lax.abilities().vouches) == (False, True)
    lax.close()


def test_a_server_that_checks_nothing_is_recognised(moto_bucket: S3Settings) -> None:
    store = S3Store(moto_bucket)
    assert (store.abilities().conditional, store.abilities().vouches) == (True, False)
    store.close()


def test_the_probe_asks_once_and_leaves_nothing_listed(proxy: FaultProxy, proxied_bucket: S3Settings) -> None:
    store = S3Store(proxied_bucket)
    store.abilities()
    asked = len(proxy.calls)
    store.abilities()

    assert len(proxy.calls) == asked == 5
    assert list(store.keys()) == []
    store.close()


@pytest.mark.parametrize("role", ["warc", "cdxj", "text", "manifest"])
def test_a_lost_answer_to_any_put_is_found_done(
    tmp_path: Path, proxy: FaultProxy, proxied_bucket: S3Settings, role: str
) -> None:
    proxy.faults = [only(times(lose_answer, 1), lambda call: call.method == "PUT" and f"/{role}/" in call.path)]
    with works(tmp_path, open_store(proxied_bucket)) as at:
        sealed = seal(at.spool, 1)
        manifest: Manifest = at.shipper.ship(sealed)

        assert at.manifests() == [manifest]
        assert len(list(at.store.keys())) == 4


def test_a_damaged_object_is_an_alarm_with_and_without_conditional_puts(
    tmp_path: Path, proxy: FaultProxy, proxied_bucket: S3Settings
) -> None:
    for number, faults in enumerate(([], [unconditional])):
        proxy.faults = faults
        with works(directory(tmp_path, number), open_store(proxied_bucket)) as at:
            sealed = seal(at.spool, number)
            key = at.shipper.ship(sealed).warc.key
            other = tmp_path / "other"
            other.write_bytes(b"something else")
            with other.open("rb") as body:
                at.store.put(key, body, sha256(b"something else"), replace=True)
            with pytest.raises(IntegrityError, match="holds other bytes"):
                at.shipper.ship(sealed)
            at.shipper.ship(sealed)
            assert sha256(at.read(key)) == sealed.sha256
