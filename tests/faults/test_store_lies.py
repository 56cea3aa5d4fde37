"""A server that lies about what it stored is always caught before a segment is committed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import figure
from faults.lying import LIES, Liar, Lie, flipped, framed
from faults.proxy import Answer, Call, FaultProxy, Forward, proxying
from faults.segments import seal
from faults.shipping import Works, works

from archive.spool.sealed import Sealed
from archive.store import open_store
from archive.store.measure import SINGLE_BYTES
from archive.store.s3_settings import S3Settings
from archive.values.digest import sha256
from archive.values.errors import IntegrityError

pytestmark = pytest.mark.s3

ROLES = ("warc", "cdxj", "text", "manifest")
ROUNDS = figure(1, 50, 50)


def of_role(role: str) -> Callable[[Call], bool]:
    return lambda call: f"/{role}/v1/" in call.path


def everything(_call: Call) -> bool:
    return True


def state_of(at: Works, sealed: Sealed) -> str | None:
    row = at.index.segment(sealed.name)
    return row.state if row else None


def assert_store_is_whole(at: Works) -> None:
    for manifest in at.manifests():
        for entry in manifest.objects:
            assert sha256(at.read(entry.key)) == entry.sha256


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_lie_is_caught_before_the_commit_and_repaired_once_the_server_is_honest(
    tmp_path: Path, proxy: FaultProxy, proxied_bucket: S3Settings, lie: Lie, role: str
) -> None:
    with works(tmp_path, open_store(proxied_bucket)) as at:
        for number in range(ROUNDS):
            sealed, liar = seal(at.spool, number), Liar(lie, of_role(role))
            proxy.faults = [liar]
            with pytest.raises(IntegrityError):
                at.shipper.ship(sealed)
            assert liar.lied == 1
            assert state_of(at, sealed) == "sealed"
            assert role == "manifest" or len(list(at.store.keys("manifest/v1/"))) == number

            proxy.faults = []
            ship_until_whole(at, sealed)
        assert_store_is_whole(at)


def ship_until_whole(at: Works, sealed: Sealed) -> None:
    """Ship until complete: what the liar left is an alarm at most once more, and is then replaced."""
    for _ in range(2):
        try:
            at.shipper.ship(sealed)
        except IntegrityError:
            continue
        break
    assert state_of(at, sealed) == "committed"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_lie_backed_by_false_checksums_is_caught_by_reading_back(
    tmp_path: Path, proxy: FaultProxy, proxied_bucket: S3Settings, lie: Lie, role: str
) -> None:
    proxy.faults = [Liar(lie, of_role(role), cunning=True)]
    with works(tmp_path, open_store(proxied_bucket), verify="get") as at:
        sealed = seal(at.spool, 1)
        with pytest.raises(IntegrityError):
            at.shipper.ship(sealed)
        assert state_of(at, sealed) == "sealed"


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_server_that_always_lies_is_never_trusted(
    tmp_path: Path, proxy: FaultProxy, proxied_bucket: S3Settings, lie: Lie
) -> None:
    """It lies from the first request on, and backs it with false checksums; all settings are defaults."""
    proxy.faults = [Liar(lie, everything, cunning=True)]
    with works(tmp_path, open_store(proxied_bucket)) as at:
        sealed = seal(at.spool, 1)
        with pytest.raises(IntegrityError):
            at.shipper.ship(sealed)
        assert state_of(at, sealed) == "sealed"
        assert at.manifests() == []


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_lie_of_a_server_that_checks_nothing_is_caught(tmp_path: Path, moto_bucket: S3Settings, lie: Lie) -> None:
    with proxying(moto_bucket.endpoint or "") as proxy:
        settings = replace(moto_bucket, endpoint=proxy.url)
        with works(tmp_path, open_store(settings)) as at:
            at.shipper.ship(seal(at.spool, 1))
            sealed = seal(at.spool, 2)
            proxy.faults = [Liar(lie, of_role("warc"))]
            with pytest.raises(IntegrityError):
                at.shipper.ship(sealed)
            assert state_of(at, sealed) == "sealed"


def test_a_lie_in_one_part_of_a_large_object_is_caught(
    tmp_path: Path, proxy: FaultProxy, proxied_bucket: S3Settings
) -> None:
    proxy.faults = [Liar(flipped, lambda call: "partNumber=2" in call.query)]
    with works(tmp_path, open_store(proxied_bucket)) as at:
        sealed = seal(at.spool, 1, pages=2, page_bytes=SINGLE_BYTES // 2)
        with pytest.raises(IntegrityError):
            at.shipper.ship(sealed)
        assert state_of(at, sealed) == "sealed"
        proxy.faults = []
        ship_until_whole(at, sealed)
        (manifest,) = at.manifests()
        assert manifest.warc.parts == 3
        assert sha256(at.read(manifest.warc.key)) == sealed.sha256


# Controls: without the guard, the lie is committed


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_without_verification_the_same_lie_is_committed(
    tmp_path: Path, proxy: FaultProxy, proxied_bucket: S3Settings, lie: Lie
) -> None:
    proxy.faults = [Liar(lie, of_role("warc"))]
    with works(tmp_path, open_store(proxied_bucket), verify="off") as at:
        sealed = seal(at.spool, 1)
        manifest = at.shipper.ship(sealed)
        assert state_of(at, sealed) == "committed"
        assert sha256(at.read(manifest.warc.key)) != sealed.sha256


def test_a_lie_that_begins_after_the_probe_and_has_false_checksums_needs_reading_back(
    tmp_path: Path, proxy: FaultProxy, proxied_bucket: S3Settings
) -> None:
    """Why `verify: get` exists: `auto` trusts a server that has shown that it checks."""
    proxy.faults = [Liar(flipped, of_role("warc"), cunning=True)]
    with works(tmp_path, open_store(proxied_bucket), verify="auto") as at:
        sealed = seal(at.spool, 1)
        at.shipper.ship(sealed)
        assert state_of(at, sealed) == "committed"


def test_a_framed_object_is_recognised_from_its_encoding_alone(
    tmp_path: Path, proxy: FaultProxy, proxied_bucket: S3Settings
) -> None:
    """What boto3's own checksums did to objects on some servers."""
    liar = Liar(framed, of_role("warc"))

    def says_so(call: Call, forward: Forward) -> Answer:
        answer = liar(call, forward)
        if call.method == "HEAD" and "/warc/" in call.path:
            return replace(answer, headers=(*answer.headers, ("Content-Encoding", "gzip,aws-chunked")))
        return answer

    proxy.faults = [says_so]
    with (
        works(tmp_path, open_store(proxied_bucket)) as at,
        pytest.raises(IntegrityError, match="kept the framing of the upload"),
    ):
        at.shipper.ship(seal(at.spool, 1))
