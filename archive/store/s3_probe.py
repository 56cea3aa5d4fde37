"""Find out by requests what an S3 server supports: servers differ, and documentation is not evidence.

The probe uploads a tiny object under a name made of its content, which is not a valid key: probing again changes
nothing, and listings skip it. See docs/formats/store-layout.md.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

_CONTENT = b"Pressmark puts this to learn which checks the store makes.\n"
_KEY = f".probe/{hashlib.sha256(_CONTENT).hexdigest()}.txt"
_RIGHT = base64.b64encode(hashlib.sha256(_CONTENT).digest()).decode()
_WRONG = base64.b64encode(hashlib.sha256(b"something else").digest()).decode()
_MD5 = base64.b64encode(hashlib.md5(_CONTENT, usedforsecurity=False).digest()).decode()
_REFUSED = frozenset({400, 422, 501})
"""A server that does not know a header says one of these; other answers mean that it can't be asked now."""


@dataclass(frozen=True, slots=True)
class Abilities:
    sha256: bool
    """It takes uploads that carry a SHA-256."""
    vouches: bool
    """It refuses a wrong SHA-256, gives the right one back, and keeps the bytes: its word is worth a download."""
    conditional: bool
    """If-None-Match: it refuses to put what is there already."""


def probe(client: Any, bucket: str, base: str) -> Abilities:
    """Probe the server of a boto3 client with five small requests. Raises ClientError and BotoCoreError."""
    put = _Putter(client, {"Bucket": bucket, "Key": base + _KEY, "Body": _CONTENT, "ContentMD5": _MD5})
    refuses = put.status(ChecksumSHA256=_WRONG) in _REFUSED
    takes = put.status(ChecksumSHA256=_RIGHT) == 200
    if not takes and (status := put.status()) != 200:
        raise put.error(status)
    conditional = put.status(IfNoneMatch="*", **({"ChecksumSHA256": _RIGHT} if takes else {})) == 412
    return Abilities(takes, refuses and takes and _keeps(client, bucket, base + _KEY), conditional)


class _Putter:
    """Uploads the same object in several ways. Raises any error that is not a refusal."""

    def __init__(self, client: Any, arguments: dict[str, Any]) -> None:
        self._client = client
        self._arguments = arguments
        self._errors: dict[int, Exception] = {}

    def status(self, **more: str) -> int:
        from botocore.exceptions import ClientError

        try:
            self._client.put_object(**self._arguments, **more)
        except ClientError as error:
            status = int(error.response["ResponseMetadata"]["HTTPStatusCode"])
            if status not in _REFUSED | {412}:
                raise
            self._errors[status] = error
            return status
        return 200

    def error(self, status: int) -> Exception:
        return self._errors[status]


def _keeps(client: Any, bucket: str, key: str) -> bool:
    """Return whether the server reports the object's true facts and returns its bytes."""
    facts = client.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    answer = client.get_object(Bucket=bucket, Key=key)
    with answer["Body"] as body:
        return bool(facts.get("ChecksumSHA256") == _RIGHT and body.read(1 << 20) == _CONTENT)
