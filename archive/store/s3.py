"""A store in a bucket of any S3-compatible service. The only place that imports boto3."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache
from threading import Lock
from typing import Any, BinaryIO

from archive.digest import Sha256, sha256_file
from archive.errors import IntegrityError, ObjectNotFound, StoreError, StoreUnreachable
from archive.keys import check_key, is_key
from archive.store import s3_errors
from archive.store.measure import Measured, Part, measure
from archive.store.protocol import Stat, Stored
from archive.store.s3_probe import Abilities, probe
from archive.store.s3_settings import S3Settings
from archive.store.streams import as_file

__all__ = ["S3Settings", "S3Store"]

_REGION = "us-east-1"
_making_clients = Lock()
_PART_TRIES = 5
_PRECONDITION_FAILED = 412


class S3Store:
    """Objects in a bucket, below a prefix.

    Every upload carries its MD5 and SHA-256, so that a server which checks them refuses what was damaged on the way.
    What the server can do is asked once, by putting a tiny object (`archive.store.s3_probe`).
    """

    def __init__(self, settings: S3Settings, *, pause: Callable[[float], None] = time.sleep) -> None:
        self._settings = settings
        self._base = f"{settings.prefix}/" if settings.prefix else ""
        self._pause = pause
        self._clients: dict[int, Any] = {}
        self._abilities: Abilities | None = None

    def put(self, key: str, body: BinaryIO, digest: Sha256, *, replace: bool = False) -> Stored:
        measured = measure(body)
        if measured.sha256 != digest:
            raise IntegrityError(f"the bytes for {check_key(key)} have the SHA-256 {measured.sha256}, not {digest}")
        abilities = self.abilities()
        # A long upload is not begun in vain, and without conditions a look before is all there is.
        look_first = len(measured.parts) > 1 or not abilities.conditional
        if not replace and look_first and (stat := self._held(key, measured)):
            return _stored(measured, stat.etag, abilities)
        try:
            etag = self._upload(key, body, measured, conditional=abilities.conditional and not replace)
        except _AlreadyThereError:
            stat = self._held(key, measured)
            if stat is None:
                raise StoreUnreachable(f"{self} has no {key}, but refuses it as if it had") from None
            etag = stat.etag
        return _stored(measured, etag, abilities)

    def get(self, key: str, offset: int = 0, length: int | None = None) -> BinaryIO:
        asked = {} if offset == 0 and length is None else {"Range": _range(offset, length)}
        if length == 0:
            return io.BytesIO()
        try:
            with self._clear_errors(key):
                answer = self._client(attempts=3).get_object(**self._name(key), **asked)
        except _NothingThereError:
            return io.BytesIO()
        if asked and not answer.get("ContentRange", "").startswith(f"bytes {offset}-"):
            answer["Body"].close()
            raise StoreError(f"{self} does not answer requests for a range of bytes")
        return as_file(answer["Body"], lambda: self._clear_errors(key))

    def stat(self, key: str) -> Stat | None:
        with suppress(ObjectNotFound), self._clear_errors(key):
            facts = self._client().head_object(**self._name(key), ChecksumMode="ENABLED")
            vouched = self._abilities is not None and self._abilities.vouches
            return Stat(
                size=facts["ContentLength"],
                etag=_unquoted(facts.get("ETag")),
                checksum=facts.get("ChecksumSHA256") if vouched else None,
                at=facts.get("LastModified"),
                framed="aws-chunked" in facts.get("ContentEncoding", ""),
            )
        return None

    def size(self, key: str) -> int | None:
        stat = self.stat(key)
        return None if stat is None else stat.size

    def keys(self, prefix: str = "") -> Iterator[str]:
        pages = self._client(attempts=3).get_paginator("list_objects_v2")
        with self._clear_errors():
            found = [
                entry["Key"].removeprefix(self._base)
                for page in pages.paginate(Bucket=self._settings.bucket, Prefix=self._base + prefix)
                for entry in page.get("Contents", ())
            ]
        yield from filter(is_key, sorted(found))  # servers differ in what they think of a slash

    def delete(self, key: str) -> None:
        with self._clear_errors():
            self._client().delete_object(**self._name(key))

    def sweep(self, before: datetime) -> int:
        swept = 0
        with self._clear_errors():
            pages = self._client().get_paginator("list_multipart_uploads")
            for page in pages.paginate(Bucket=self._settings.bucket, Prefix=self._base):
                for upload in page.get("Uploads", ()):
                    if upload["Initiated"] < before:
                        self._abort(upload["Key"], upload["UploadId"])
                        swept += 1
        return swept

    def close(self) -> None:
        with _making_clients:
            for client in self._clients.values():
                client.close()
            self._clients = {}

    def abilities(self) -> Abilities:
        """What the server can do: asked at the first call. Raises StoreError."""
        if self._abilities is None:
            with self._clear_errors():
                self._abilities = probe(self._client(), self._settings.bucket, self._base)
        return self._abilities

    def __str__(self) -> str:
        at = self._settings.endpoint or f"Amazon in {self._settings.region or _REGION}"
        return f"the bucket {self._settings.bucket} at {at}"

    def _held(self, key: str, measured: Measured) -> Stat | None:
        """What the store has under that key if it is the same; None if it has nothing. Raises IntegrityError."""
        stat = self.stat(key)
        if stat is None:
            return None
        same = stat.size == measured.size and not stat.framed
        if same and stat.checksum != measured.checksum:  # none, or composed of other parts: the bytes decide
            with self.get(key) as held:
                same = sha256_file(held) == measured.sha256
        if not same:
            raise IntegrityError(f"{self} holds other bytes under {key}")
        return stat

    def _upload(self, key: str, body: BinaryIO, measured: Measured, *, conditional: bool) -> str | None:
        name = self._name(key)
        condition = {"IfNoneMatch": "*"} if conditional else {}
        with self._clear_errors(key):
            if len(measured.parts) > 1:
                return self._upload_parts(key, body, measured, condition)
            content, sums = measured.parts[0].read(body), self._sums(measured.parts[0])
            return _unquoted(self._client().put_object(**name, **sums, **condition, Body=content)["ETag"])

    def _upload_parts(self, key: str, body: BinaryIO, measured: Measured, condition: dict[str, str]) -> str | None:
        name = self._name(key)
        algorithm = {"ChecksumAlgorithm": "SHA256"} if self.abilities().sha256 else {}
        upload = self._client().create_multipart_upload(**name, **algorithm)["UploadId"]
        try:
            parts = [self._upload_part(key, upload, part, part.read(body)) for part in measured.parts]
            answer = self._client().complete_multipart_upload(
                **name, **condition, UploadId=upload, MultipartUpload={"Parts": parts}
            )
        except BaseException:
            self._abort(name["Key"], upload)
            raise
        return _unquoted(answer["ETag"])

    def _upload_part(self, key: str, upload: str, part: Part, content: bytes) -> dict[str, Any]:
        """One part. It is tried a few times by itself: a passing fault does not cost the parts before it."""
        place = {**self._name(key), "UploadId": upload, "PartNumber": part.number}
        sums = self._sums(part)
        for tries_left in reversed(range(_PART_TRIES)):
            try:
                with self._clear_errors():
                    etag = self._client().upload_part(**place, **sums, Body=content)["ETag"]
                    break
            except StoreUnreachable:
                if not tries_left:
                    raise
                self._pause(random.uniform(1, 2))  # noqa: S311 - jitter, no secret
        del sums["ContentMD5"]
        return {"PartNumber": part.number, "ETag": etag, **sums}

    def _sums(self, part: Part) -> dict[str, str]:
        # MD5 is the one checksum that all servers verify; SHA-256 is the one that they give back.
        return {"ContentMD5": part.md5} | ({"ChecksumSHA256": part.sha256} if self.abilities().sha256 else {})

    def _abort(self, name: str, upload: str) -> None:
        with suppress(StoreError), self._clear_errors():  # what can't be aborted now, `sweep` will find
            self._client().abort_multipart_upload(Bucket=self._settings.bucket, Key=name, UploadId=upload)

    def _name(self, key: str) -> dict[str, str]:
        return {"Bucket": self._settings.bucket, "Key": self._base + check_key(key)}

    def _client(self, attempts: int = 1) -> Any:
        """A client that tries each request that often. Writing has its own patience: see `archive.ship`."""
        with _making_clients:
            if attempts not in self._clients:
                self._clients[attempts] = _connect(self._settings, attempts)
            return self._clients[attempts]

    @contextmanager
    def _clear_errors(self, key: str | None = None) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except ClientError as error:
            code, status = _verdict(error.response)
            if status == _PRECONDITION_FAILED:
                raise _AlreadyThereError from error
            if code == "InvalidRange":
                raise _NothingThereError from error
            raise s3_errors.answered(str(self), code, status, key) from error
        except BotoCoreError as error:
            raise s3_errors.failed(str(self), error) from error


class _AlreadyThereError(Exception):
    """The server refused a put because the key is taken."""


class _NothingThereError(Exception):
    """The range lies behind the end of the object."""


@cache
def _session() -> Any:
    """One for all clients: it reads a megabyte of descriptions of services, once."""
    import boto3

    return boto3.session.Session()


def _connect(settings: S3Settings, attempts: int) -> Any:
    """A boto3 client, which is safe to be used by several threads; making one is not."""
    from botocore.config import Config

    path_style = settings.endpoint is not None if settings.path_style is None else settings.path_style
    return _session().client(
        "s3",
        endpoint_url=settings.endpoint,
        region_name=settings.region or _REGION,
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.secret_key,
        aws_session_token=settings.session_token,
        verify=str(settings.ca) if settings.ca else None,
        config=Config(
            # boto3's own checksums come as trailers, and some servers store the framing of those inside the object.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            connect_timeout=settings.connect_timeout.total_seconds(),
            read_timeout=settings.read_timeout.total_seconds(),
            retries={"mode": "standard", "total_max_attempts": attempts},
            s3={"addressing_style": "path" if path_style else "auto"},
            user_agent_extra="pressmark",
        ),
    )


def _stored(measured: Measured, etag: str | None, abilities: Abilities) -> Stored:
    checksum = measured.checksum if abilities.vouches else None
    return Stored(measured.size, measured.sha256, etag, len(measured.parts), checksum)


def _range(offset: int, length: int | None) -> str:
    return f"bytes={offset}-" if length is None else f"bytes={offset}-{offset + length - 1}"


def _unquoted(etag: str | None) -> str | None:
    return etag and etag.strip('"')


def _verdict(answer: Any) -> tuple[str, int]:
    """The S3 error code and the HTTP status of an answer that boto3 took for an error."""
    return str(answer.get("Error", {}).get("Code", "")), int(answer["ResponseMetadata"].get("HTTPStatusCode", 0))
