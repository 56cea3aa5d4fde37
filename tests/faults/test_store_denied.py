"""When a person must act, one clear message says so, without a secret; then shipping resumes by itself."""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from faults.harm import fail
from faults.proxy import Fault, FaultProxy
from faults.segments import seal
from faults.shipping import Works, running, works
from services.buckets import admin
from services.seaweedfs import READER, S3Server

from archive.store import ObjectStore, open_store
from archive.store.s3_settings import S3Settings
from archive.values.digest import sha256
from archive.values.errors import ArchiveError, StoreDenied, StoreError, StoreUnreachable

pytestmark = pytest.mark.s3


def error_of(settings: S3Settings) -> ArchiveError:
    """Return the error of a put. No secret is in it, nor in its cause."""
    store = open_store(settings)
    with pytest.raises(StoreError) as caught:
        store.put("a", io.BytesIO(b"one"), sha256(b"one"))
    store.close()
    told = f"{caught.value!r} {caught.value} {caught.value.__cause__!r}"
    for secret in (settings.access_key, settings.secret_key):
        assert secret is None or secret not in told
    return caught.value


def test_an_unknown_access_key_is_denied(bucket: S3Settings) -> None:
    error = error_of(replace(bucket, access_key="AKIANOBODY"))

    assert isinstance(error, StoreDenied)
    assert str(error) == (
        f"the bucket pressmark-tests at {bucket.endpoint} refused (InvalidAccessKeyId): "
        "check the access key and the secret key"
    )


def test_a_wrong_secret_key_is_denied(bucket: S3Settings) -> None:
    error = error_of(replace(bucket, secret_key="not-the-secret"))

    assert isinstance(error, StoreDenied)
    assert "check the access key and the secret key" in str(error)


def test_a_missing_right_is_denied_and_named(bucket: S3Settings) -> None:
    error = error_of(replace(bucket, access_key=READER[0], secret_key=READER[1]))

    assert isinstance(error, StoreDenied)
    assert "lack a right: a writer needs to put, get, list and abort uploads" in str(error)


def test_a_missing_bucket_is_named(bucket: S3Settings) -> None:
    error = error_of(replace(bucket, bucket="no-such-bucket"))

    assert str(error) == (
        f"the bucket no-such-bucket at {bucket.endpoint} does not exist: create it, or correct the bucket's name"
    )


def test_an_object_is_not_reported_missing_when_its_bucket_is(bucket: S3Settings) -> None:
    store = open_store(replace(bucket, bucket="no-such-bucket"))
    with pytest.raises(StoreError, match=r"no-such-bucket at .* does not exist: create it"):
        store.stat("a")
    store.close()


def test_a_port_without_a_listener_is_unreachable(bucket: S3Settings) -> None:
    error = error_of(replace(bucket, endpoint="http://127.0.0.1:1"))

    assert isinstance(error, StoreUnreachable)
    assert "check that it is running, and the host and port of the endpoint" in str(error)


def test_an_unknown_host_is_unreachable(bucket: S3Settings) -> None:
    assert isinstance(error_of(replace(bucket, endpoint="http://no-such-host.invalid:80")), StoreUnreachable)


def test_a_certificate_without_a_trusted_issuer_is_rejected(bucket: S3Settings) -> None:
    error = error_of(replace(bucket, ca=None))

    assert isinstance(error, StoreUnreachable)
    assert "no trust in its certificate: check the endpoint, or name the file of its authority as `ca`" in str(error)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (fail(403, "RequestTimeTooSkewed"), "set the time of this machine"),
        (fail(400, "ExpiredToken"), "have expired: renew them"),
        (fail(403, "AccessDenied"), "lack a right"),
        (fail(301, "PermanentRedirect"), "another region"),
        (fail(400, "AuthorizationHeaderMalformed"), "another region"),
        (fail(418, "Teapot"), "refused the request \\(418 Teapot\\)"),
    ],
    ids=["clock", "expired", "denied", "moved", "region", "other"],
)
def test_each_refusal_says_what_to_check(
    proxy: FaultProxy, proxied_bucket: S3Settings, fault: Fault, words: str
) -> None:
    proxy.faults = [fault]
    error = error_of(proxied_bucket)

    assert str(error).startswith(f"the bucket pressmark-tests at {proxy.url} ")
    with pytest.raises(StoreError, match=words):
        raise error


def test_settings_never_show_their_secrets() -> None:
    shown = repr(S3Settings("b", access_key="the-access-key", secret_key="the-secret-key", session_token="the-token"))

    assert "the-" not in shown


@pytest.mark.parametrize(
    "wrong",
    [{"bucket": ""}, {"endpoint": "ftp://a"}, {"endpoint": "a"}, {"endpoint": "https://me:word@a"}, {"prefix": "/a"}],
    ids=str,
)
def test_settings_that_can_reach_nothing_are_refused_without_repeating_a_secret(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"bucket|key") as caught:
        S3Settings(**{"bucket": "b", **wrong})  # type: ignore[arg-type]
    assert "word" not in str(caught.value)


# Shipping resumes by itself


def assert_pauses_and_resumes(at: Works, words: str, mend: Callable[[], object], patience: float = 60) -> None:
    sealed = seal(at.spool, 1)
    at.shipper.add(sealed)
    with running(at.shipper):
        for _ in range(20):
            assert not at.shipper.drain(2.5)
            if at.shipper.state().problem:
                break  # sooner or later: the store of the tests may be busy
        row = at.index.segment(sealed.name)
        assert row is not None
        assert row.problem is not None
        assert words in row.problem
        assert at.shipper.state().problem == row.problem
        assert at.shipper.state().failures <= 3
        mend()
        assert at.shipper.drain(patience)
    row = at.index.segment(sealed.name)
    assert row is not None
    assert (row.state, row.problem) == ("committed", None)


def test_shipping_waits_while_credentials_are_refused(
    tmp_path: Path, proxy: FaultProxy, proxied_bucket: S3Settings
) -> None:
    proxy.faults = [fail(403, "AccessDenied")]
    with works(tmp_path, open_store(proxied_bucket)) as at:
        assert_pauses_and_resumes(at, "lack a right", lambda: setattr(proxy, "faults", []))


def test_a_shipper_that_does_not_resume_is_caught(
    tmp_path: Path, proxy: FaultProxy, proxied_bucket: S3Settings
) -> None:
    proxy.faults = [fail(403, "AccessDenied")]
    with (
        works(tmp_path, open_store(proxied_bucket)) as at,
        pytest.raises(AssertionError),
    ):
        assert_pauses_and_resumes(at, "lack a right", lambda: None, patience=3)


def test_shipping_waits_for_its_bucket_to_be_created(tmp_path: Path, s3_server: S3Server, bucket: S3Settings) -> None:
    name = f"made-later-{secrets.token_hex(4)}"

    def make() -> None:
        with admin(s3_server) as client:
            client.create_bucket(Bucket=name)

    with works(tmp_path, open_store(replace(bucket, bucket=name))) as at:
        assert_pauses_and_resumes(at, f"the bucket {name} at {bucket.endpoint} does not exist", make)


def test_a_reader_of_a_store_needs_no_write_permission(s3_server: S3Server, bucket: S3Settings) -> None:
    writer: ObjectStore = open_store(bucket)
    writer.put("a", io.BytesIO(b"one"), sha256(b"one"))
    writer.close()
    reader = open_store(replace(bucket, access_key=READER[0], secret_key=READER[1]))

    with reader.get("a") as file:
        assert file.read() == b"one"
    assert (reader.size("a"), list(reader.keys())) == (3, ["a"])
    reader.close()
