"""A store in a bucket of any S3-compatible service. The only place that imports boto3."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import cache, partial
from typing import Any, BinaryIO

from archive.store import s3_errors
from archive.store.measure import Measured, Part, measure
from archive.store.protocol import Stat, Stored
from archive.store.s3_calls import AlreadyThereError, Calls, NothingThereError
from archive.store.s3_probe import Abilities, probe
from archive.store.s3_settings import S3Settings
from archive.store.streams import as_file
from archive.values.digest import Sha256, sha256_file
from archive.values.errors import IntegrityError, ObjectNotFound, StoreDenied, StoreError, StoreUnreachable
from archive.warc.keys import check_key, is_key

__all__ = ["S3Settings", "S3Store"]

_REGION = "us-east-1"
_UNSENT = 1 << 15
"""Maximum unsent bytes of a connection in the kernel."""


class S3Store:
    """Objects in a bucket, below a prefix.

    Every upload carries its MD5 and SHA-256, so that a server which checks them refuses data damaged in transit.
    One tiny object is uploaded to find out what the server supports (`archive.store.s3_probe`).
    """

    def __init__(self, settings: S3Settings, *, pause: Callable[[float], object] | None = None) -> None:
        """Create a store. `pause` waits some seconds between attempts; by default, closing the store ends the wait."""
        at = settings.endpoint or f"Amazon in {settings.region or _REGION}"
        self._where = f"the bucket {settings.bucket} at {at}"
        self._bucket = settings.bucket
        self._base = f"{settings.prefix}/" if settings.prefix else ""
        self._call = Calls(partial(_connect, settings), settings.bucket, self._where, pause)
        self._abilities: Abilities | None = None
        self.before_writing: Callable[[], None] = lambda: None
        """Called before an object is written or deleted. Raises StoreError where neither may be done."""

    def put(self, key: str, body: BinaryIO, digest: Sha256, *, replace: bool = False) -> Stored:
        measured = measure(body)
        if measured.sha256 != digest:
            raise IntegrityError(f"the bytes for {check_key(key)} have the SHA-256 {measured.sha256}, not {digest}")
        self.before_writing()
        can = self.abilities()
        # Check first, to avoid a long upload for nothing; without conditional requests, it is the only check.
        look_first = len(measured.parts) > 1 or not can.conditional
        if not replace and look_first and (stat := self._held(key, measured)):
            return _stored(measured, stat.etag, can)
        condition = {"IfNoneMatch": "*"} if can.conditional and not replace else {}
        try:
            etag = self._upload(key, body, measured, condition)
        except AlreadyThereError:
            stat = self._held(key, measured)
            if stat is None:
                raise StoreUnreachable(f"{self._where} has no {key}, but rejects it as if it existed") from None
            etag = stat.etag
        return _stored(measured, etag, can)

    def get(self, key: str, offset: int = 0, length: int | None = None) -> BinaryIO:
        if length == 0:
            return io.BytesIO()
        asked = {} if offset == 0 and length is None else {"Range": _range(offset, length)}
        try:
            answer = self._call("get_object", key, Key=self._name(key), **asked)
        except NothingThereError:
            return io.BytesIO()
        if asked and not answer.get("ContentRange", "").startswith(f"bytes {offset}-"):
            answer["Body"].close()
            raise StoreError(f"{self._where} does not answer requests for a range of bytes")
        return as_file(answer["Body"], partial(self._call.guard, key))

    def stat(self, key: str) -> Stat | None:
        try:
            facts = self._call("head_object", key, Key=self._name(key), ChecksumMode="ENABLED")
        except ObjectNotFound:
            self._check_bucket()
            return None
        vouched = self._abilities is not None and self._abilities.vouches
        return Stat(
            size=facts["ContentLength"],
            etag=_unquoted(facts.get("ETag")),
            checksum=facts.get("ChecksumSHA256") if vouched else None,
            at=facts.get("LastModified"),
            framed="aws-chunked" in facts.get("ContentEncoding", ""),
        )

    def size(self, key: str) -> int | None:
        stat = self.stat(key)
        return None if stat is None else stat.size

    def keys(self, prefix: str = "") -> Iterator[str]:
        pages = self._call.patiently(lambda: list(self._call.pages("list_objects_v2", Prefix=self._base + prefix)))
        found = [entry["Key"].removeprefix(self._base) for page in pages for entry in page.get("Contents", ())]
        yield from filter(is_key, sorted(found))  # servers sort the slash differently

    def delete(self, key: str) -> None:
        self.before_writing()
        self._call("delete_object", Key=self._name(key))

    def delete_versions(self, key: str) -> None:
        """Delete all versions of an object from a bucket that keeps them. Raises StoreError, as of locked versions."""
        name = self._name(key)
        if self._call("get_bucket_versioning").get("Status") is None:
            return
        pages = self._call.patiently(lambda: list(self._call.pages("list_object_versions", Prefix=name)))
        for page in pages:
            for entry in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                if entry["Key"] == name:
                    self._call("delete_object", Key=name, VersionId=entry["VersionId"])

    def abort_unfinished(self, before: datetime) -> int:
        pages = self._call.pages("list_multipart_uploads", Prefix=self._base)
        uploads = [upload for page in pages for upload in page.get("Uploads", ())]
        old = [upload for upload in uploads if upload["Initiated"] < before]
        for upload in old:
            self._abort(upload["Key"], upload["UploadId"])
        return len(old)

    def close(self) -> None:
        self._call.close()

    def silence(self, now: datetime) -> str | None:
        return self._call.silence.sentence(now)

    def abilities(self) -> Abilities:
        """What the server supports, found out at the first use. Raises StoreError."""
        if self._abilities is None:
            self._abilities = self._call.patiently(self._probe)
        return self._abilities

    def _check_bucket(self) -> None:
        """Raise StoreError if the bucket is missing: a response to HEAD has no body that would say so."""
        try:
            self._call("head_bucket", self._bucket)
        except ObjectNotFound:
            raise s3_errors.answered(self._where, "NoSuchBucket", 404) from None
        except StoreDenied:
            return  # the credentials may not ask, so the bucket exists

    def _probe(self) -> Abilities:
        with self._call.guard():
            return probe(self._call.client, self._bucket, self._base)

    def _held(self, key: str, measured: Measured) -> Stat | None:
        """Return the stored object if it is the same; None if there is none. Raises IntegrityError."""
        stat = self.stat(key)
        if stat is None:
            return None
        same = stat.size == measured.size and not stat.framed
        if same and stat.checksum != measured.checksum:  # missing, or of other parts: compare the bytes
            with self.get(key) as held:
                same = sha256_file(held) == measured.sha256
        if not same:
            raise IntegrityError(f"{self._where} holds other bytes under {key}")
        return stat

    def _upload(self, key: str, body: BinaryIO, measured: Measured, condition: dict[str, str]) -> str | None:
        if len(measured.parts) > 1:
            return self._upload_parts(key, body, measured, condition)
        content, sums = measured.parts[0].read(body), self._sums(measured.parts[0])
        answer = self._call("put_object", key, Key=self._name(key), Body=content, **sums, **condition)
        return _unquoted(answer["ETag"])

    def _upload_parts(self, key: str, body: BinaryIO, measured: Measured, condition: dict[str, str]) -> str | None:
        algorithm = {"ChecksumAlgorithm": "SHA256"} if self.abilities().sha256 else {}
        begun = self._call.once("create_multipart_upload", Key=self._name(key), **algorithm)
        upload = {"Key": self._name(key), "UploadId": begun["UploadId"]}
        try:
            parts = [self._upload_part(upload, part, part.read(body)) for part in measured.parts]
            # Don't repeat this request alone: if only the response was lost, the upload no longer exists.
            done = self._call.once("complete_multipart_upload", MultipartUpload={"Parts": parts}, **upload, **condition)
        except BaseException:
            self._abort(**upload)
            raise
        return _unquoted(done["ETag"])

    def _upload_part(self, upload: dict[str, str], part: Part, content: bytes) -> dict[str, Any]:
        sums = self._sums(part)
        answer = self._call("upload_part", PartNumber=part.number, Body=content, **upload, **sums)
        del sums["ContentMD5"]
        return {"PartNumber": part.number, "ETag": answer["ETag"], **sums}

    def _sums(self, part: Part) -> dict[str, str]:
        # All servers verify MD5; they return SHA-256.
        return {"ContentMD5": part.md5} | ({"ChecksumSHA256": part.sha256} if self.abilities().sha256 else {})

    def _abort(self, Key: str, UploadId: str) -> None:  # noqa: N803 - the words of S3
        with suppress(StoreError):  # `abort_unfinished` finds what can't be aborted now
            self._call.once("abort_multipart_upload", Key=Key, UploadId=UploadId)

    def _name(self, key: str) -> str:
        return self._base + check_key(key)


@cache
def _session() -> Any:
    """Return one session for all clients, since it reads a megabyte of service descriptions."""
    import boto3

    return boto3.session.Session()


def _connect(settings: S3Settings) -> Any:
    """Create a boto3 client. It makes no retries itself: `archive.store.s3_calls` does."""
    from botocore.config import Config

    path_style = settings.endpoint is not None if settings.path_style is None else settings.path_style
    client = _session().client(
        "s3",
        endpoint_url=settings.endpoint,
        region_name=settings.region or _REGION,
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.secret_key,
        aws_session_token=settings.session_token,
        verify=str(settings.ca) if settings.ca else None,
        config=Config(
            # boto3 sends its own checksums as trailers, and some servers store their framing inside the object.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            connect_timeout=settings.connect_timeout.total_seconds(),
            read_timeout=settings.read_timeout.total_seconds(),
            retries={"mode": "standard", "total_max_attempts": 1},
            s3={"addressing_style": "path" if path_style else "auto"},
            user_agent_extra="pressmark",
        ),
    )
    if settings.endpoint is not None:
        client.meta.events.register("before-parameter-build.s3", _stay_there)
    _hold_little(client)
    return client


def _hold_little(client: Any) -> None:
    """Limit unsent bytes in the kernel.

    It would buffer megabytes, and over a slow line, waiting for the response would time out while the body is still
    being sent.
    """
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        bound = (socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
        client._endpoint.http_session._socket_options.append(bound)


def _stay_there(context: dict[str, Any], **_: Any) -> None:
    """Skip the search for the region of a bucket: with a server that redirects everything, it would never end."""
    context.setdefault("s3_redirect", {})["redirected"] = True


def _stored(measured: Measured, etag: str | None, can: Abilities) -> Stored:
    checksum = measured.checksum if can.vouches else None
    return Stored(measured.size, measured.sha256, etag, len(measured.parts), checksum)


def _range(offset: int, length: int | None) -> str:
    return f"bytes={offset}-" if length is None else f"bytes={offset}-{offset + length - 1}"


def _unquoted(etag: str | None) -> str | None:
    return etag and etag.strip('"')
