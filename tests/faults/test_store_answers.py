"""Whatever goes wrong on the way to the store: a clear error, no partial object, and the next try succeeds."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from conftest import figure
from faults.harm import cut, cut_answer, delay, fail, flip_answer, flip_upload, lose_answer, only, sometimes, times
from faults.lying import Liar, flipped
from faults.proxy import Answer, Call, FaultProxy, Forward
from faults.segments import seal
from faults.shipping import Works, works
from services.buckets import admin
from services.seaweedfs import S3Server

from archive.spool.sealed import Sealed
from archive.store.confirm import confirm
from archive.store.measure import SINGLE_BYTES
from archive.store.s3 import S3Store
from archive.store.s3_settings import S3Settings
from archive.values.digest import sha256
from archive.values.errors import IntegrityError, StoreError, StoreUnreachable

pytestmark = pytest.mark.s3

CONTENT = os.urandom(50_000)
LARGE = os.urandom(1 << 20) * 17
PASSING = {
    "500": fail(500, "InternalError"),
    "503": fail(503, "SlowDown"),
    "429": fail(429, "TooManyRequests"),
    "409": fail(409, "ConditionalRequestConflict"),
    "reset": cut,
    "lost": lose_answer,
}


@pytest.fixture
def store(proxied_bucket: S3Settings) -> Iterator[S3Store]:
    settings = replace(proxied_bucket, read_timeout=timedelta(seconds=1.5))
    store = S3Store(settings, pause=lambda _seconds: None)
    store.abilities()
    yield store
    store.close()


def put(store: S3Store, content: bytes = CONTENT) -> None:
    confirm(store, "a/b", store.put("a/b", io.BytesIO(content), sha256(content)))


def read(store: S3Store) -> bytes:
    with store.get("a/b") as file:
        return file.read()


def is_put(call: Call) -> bool:
    return call.method == "PUT"


def is_completion(call: Call) -> bool:
    return call.method == "POST" and "uploadId" in call.query


@pytest.mark.parametrize("name", PASSING)
def test_a_temporary_fault_is_tolerated(store: S3Store, proxy: FaultProxy, name: str) -> None:
    proxy.faults = [only(times(PASSING[name], 2), is_put)]
    put(store)

    assert read(store) == CONTENT


@pytest.mark.parametrize("name", PASSING)
def test_a_permanent_fault_is_located_and_the_next_put_succeeds(store: S3Store, proxy: FaultProxy, name: str) -> None:
    proxy.faults = [only(fail(500, "InternalError") if name == "lost" else PASSING[name], is_put)]
    with pytest.raises(StoreUnreachable, match=f"the bucket pressmark-tests at {proxy.url} can't"):
        put(store)
    assert store.size("a/b") is None
    proxy.faults = []
    put(store)

    assert read(store) == CONTENT


def test_retries_are_more_than_a_second_apart(proxied_bucket: S3Settings, proxy: FaultProxy) -> None:
    pauses: list[float] = []
    store = S3Store(proxied_bucket, pause=pauses.append)
    proxy.faults = [fail(503, "SlowDown")]
    with pytest.raises(StoreUnreachable, match="503 SlowDown"):
        put(store)
    store.close()

    assert len(pauses) == len(proxy.calls) - 1
    assert all(1 <= pause <= 2 for pause in pauses)


def test_closing_a_store_ends_its_retries(proxied_bucket: S3Settings, proxy: FaultProxy) -> None:
    store = S3Store(proxied_bucket)
    proxy.faults = [fail(503, "SlowDown")]
    store.close()
    with pytest.raises(StoreUnreachable):
        put(store)
    store.close()

    assert len(proxy.calls) == 1


def test_a_server_that_does_not_answer_in_time_is_unreachable(store: S3Store, proxy: FaultProxy) -> None:
    proxy.faults = [times(delay(3), 3)]
    with pytest.raises(StoreUnreachable, match="no response in time"):
        put(store)
    put(store)

    assert read(store) == CONTENT


def test_bytes_damaged_on_the_way_to_the_server_are_refused_by_it(store: S3Store, proxy: FaultProxy) -> None:
    proxy.faults = [only(times(flip_upload, 1), is_put)]
    with pytest.raises(IntegrityError, match="do not have its checksum"):
        put(store)
    assert store.size("a/b") is None


def test_bytes_damaged_on_the_way_back_are_detected(store: S3Store, proxy: FaultProxy) -> None:
    stored = store.put("a/b", io.BytesIO(CONTENT), sha256(CONTENT))
    proxy.faults = [flip_answer]
    with pytest.raises(IntegrityError, match="returns other bytes for a/b"):
        confirm(store, "a/b", stored, "get")


def test_an_answer_cut_short_is_an_error_and_not_a_short_object(store: S3Store, proxy: FaultProxy) -> None:
    put(store)
    proxy.faults = [only(cut_answer(30_000), lambda call: call.method == "GET")]
    with pytest.raises(StoreUnreachable, match="the response was incomplete"):
        read(store)


# Large objects


@pytest.mark.parametrize("name", PASSING)
def test_a_failed_part_alone_is_retried(store: S3Store, proxy: FaultProxy, name: str) -> None:
    proxy.faults = [only(times(PASSING[name], 2), lambda call: "partNumber=2" in call.query)]
    put(store, LARGE)

    assert read(store) == LARGE


@pytest.mark.parametrize("part", [1, 2, 3])
def test_a_part_that_fails_permanently_leaves_no_upload_behind(
    store: S3Store, proxy: FaultProxy, s3_server: S3Server, proxied_bucket: S3Settings, part: int
) -> None:
    proxy.faults = [only(fail(500, "InternalError"), lambda call: f"partNumber={part}" in call.query)]
    with pytest.raises(StoreUnreachable):
        put(store, LARGE)

    assert uploads(s3_server, proxied_bucket) == []
    proxy.faults = []
    put(store, LARGE)
    assert read(store) == LARGE


def test_an_error_inside_a_successful_answer_is_an_error(store: S3Store, proxy: FaultProxy) -> None:
    """S3 answers 200 before it knows how the completion of an upload ends."""
    proxy.faults = [only(times(fail(200, "InternalError"), 1), is_completion)]
    with pytest.raises(StoreUnreachable, match="InternalError"):
        put(store, LARGE)
    put(store, LARGE)

    assert read(store) == LARGE


def test_a_completion_whose_answer_is_lost_is_found_done(store: S3Store, proxy: FaultProxy) -> None:
    proxy.faults = [only(times(lose_answer, 1), is_completion)]
    with pytest.raises(StoreUnreachable):
        put(store, LARGE)
    before = len(proxy.calls)
    put(store, LARGE)

    assert read(store) == LARGE
    assert not [call for _, call in proxy.calls[before:] if call.startswith("PUT")]


def test_an_upload_cut_in_the_middle_of_a_body_is_retried(store: S3Store, proxy: FaultProxy) -> None:
    proxy.upload_limit = 20_000
    with pytest.raises(StoreUnreachable):
        put(store)
    proxy.upload_limit = None
    put(store)

    assert read(store) == CONTENT


def test_a_slow_connection_is_tolerated(store: S3Store, proxy: FaultProxy) -> None:
    proxy.upload_rate = 40_000
    put(store)

    assert read(store) == CONTENT


def test_a_line_of_ten_kilobytes_a_second_is_borne_for_minutes(proxied_bucket: S3Settings, proxy: FaultProxy) -> None:
    """The body takes longer than the time-outs; the buffers of the kernel would take all of it at once."""
    seconds = figure(4, 150, 1_200)
    proxy.upload_rate = 80_000 if seconds < 10 else 10_000
    content = os.urandom(int(proxy.upload_rate * seconds))
    timeouts = {"connect_timeout": timedelta(seconds=2), "read_timeout": timedelta(seconds=2)} if seconds < 10 else {}
    store = S3Store(replace(proxied_bucket, **timeouts), pause=lambda _seconds: None)
    put(store, content)

    assert read(store) == content
    store.close()
    assert len([call for _, call in proxy.calls if call.startswith("PUT") and "a/b" in call]) == 1


def test_what_is_sent_through_large_buffers_is_seen_to_fail_on_such_a_line(
    proxied_bucket: S3Settings, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy.upload_rate = 80_000
    two = timedelta(seconds=2)
    store = S3Store(replace(proxied_bucket, connect_timeout=two, read_timeout=two), pause=lambda _seconds: None)
    store._call.client._endpoint.http_session._socket_options.clear()
    with pytest.raises(StoreUnreachable, match="no response in time"):
        put(store, os.urandom(320_000))
    store.close()


def test_old_uploads_of_killed_processes_are_deleted(
    store: S3Store, s3_server: S3Server, proxied_bucket: S3Settings
) -> None:
    with admin(s3_server) as client:
        client.create_multipart_upload(Bucket=proxied_bucket.bucket, Key=f"{proxied_bucket.prefix}/left")
        client.create_multipart_upload(Bucket=proxied_bucket.bucket, Key="somebody/elses")
    now = datetime.now(UTC)

    assert store.abort_unfinished(now - timedelta(hours=24)) == 0
    assert len(uploads(s3_server, proxied_bucket)) == 1
    assert store.abort_unfinished(now + timedelta(minutes=5)) == 1
    assert uploads(s3_server, proxied_bucket) == []


def uploads(server: S3Server, bucket: S3Settings) -> list[str]:
    with admin(server) as client:
        listed = client.list_multipart_uploads(Bucket=bucket.bucket, Prefix=bucket.prefix).get("Uploads", [])
    return [upload["Key"] for upload in listed]


# After a race or a lost answer


def test_a_put_whose_answer_is_lost_gets_412_and_is_found_done(store: S3Store, proxy: FaultProxy) -> None:
    statuses: list[int] = []

    def listening(call: Call, forward: Forward) -> Answer:
        answer = forward(call)
        if call.method == "PUT":
            statuses.append(answer.status)
        return answer

    proxy.faults = [only(times(lose_answer, 1), is_put), listening]
    put(store)

    assert statuses == [200, 412]
    assert read(store) == CONTENT


def test_different_bytes_behind_a_412_are_an_alarm(
    store: S3Store, s3_server: S3Server, proxied_bucket: S3Settings
) -> None:
    with admin(s3_server) as client:
        client.put_object(Bucket=proxied_bucket.bucket, Key=f"{proxied_bucket.prefix}/a/b", Body=CONTENT[::-1])
    with pytest.raises(IntegrityError, match="other bytes under a/b"):
        put(store)


def test_the_same_bytes_uploaded_differently_are_the_same(
    store: S3Store, s3_server: S3Server, proxied_bucket: S3Settings
) -> None:
    """In other parts, or without a checksum: then the bytes decide."""
    with admin(s3_server) as client:
        client.put_object(Bucket=proxied_bucket.bucket, Key=f"{proxied_bucket.prefix}/a/b", Body=LARGE)
    put(store, LARGE)


# Many faults at once


@pytest.mark.parametrize("name", ["500", "503", "429", "reset", "lost"])
def test_everything_arrives_when_a_third_of_all_requests_fail(
    tmp_path: Path, store: S3Store, proxy: FaultProxy, name: str
) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    proxy.faults = [sometimes(PASSING[name], 0.3, seed)]
    with works(tmp_path, store) as at:
        segments = [seal(at.spool, number) for number in range(figure(3, 12, 12))]
        for sealed in segments:
            for _ in range(200):
                try:
                    at.shipper.ship(sealed)
                    break
                except StoreError:
                    assert (row := at.index.segment(sealed.name)) is None or row.state == "sealed"
        proxy.faults = []
        assert not_there(at, segments) == []
        assert len(list(store.keys())) == 4 * len(segments)


def not_there(at: Works, segments: Sequence[Sealed]) -> list[str]:
    """Return what is committed, or should be, and is not in the store as its manifest says."""
    manifests = {manifest.segment: manifest for manifest in at.manifests()}
    found = [sealed.name for sealed in segments if sealed.name not in manifests]
    for manifest in manifests.values():
        found += [entry.key for entry in manifest.objects if not is_whole(at, entry.key, entry.sha256)]
    return found


def is_whole(at: Works, key: str, digest: str) -> bool:
    try:
        return sha256(at.read(key)) == digest
    except StoreError:
        return False


def test_a_missing_committed_object_is_detected_when_nothing_is_verified(
    tmp_path: Path, store: S3Store, proxy: FaultProxy
) -> None:
    proxy.faults = [Liar(flipped, lambda call: "/cdxj/" in call.path)]
    with works(tmp_path, store, verify="off") as at:
        sealed = seal(at.spool, 1)
        key = at.shipper.ship(sealed).cdxj.key

        assert not_there(at, [sealed]) == [key]


def test_several_threads_share_a_store(store: S3Store) -> None:
    def work(number: int) -> None:
        content = CONTENT + b"%d" % number
        store.put(f"shared/{number}", io.BytesIO(content), sha256(content))

    threads = [Thread(target=work, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert list(store.keys("shared/")) == [f"shared/{number}" for number in range(8)]


def test_large_objects_are_uploaded_in_parts(store: S3Store) -> None:
    assert store.put("a/b", io.BytesIO(LARGE), sha256(LARGE)).parts == 3
    assert len(LARGE) > SINGLE_BYTES
