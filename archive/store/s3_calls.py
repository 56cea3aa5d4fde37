"""Make requests to an S3 server: retry passing faults, and translate errors."""

from __future__ import annotations

import random
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock
from time import monotonic
from typing import Any, TypeVar

from archive.store import s3_answers, s3_errors
from archive.store.hung_calls import Silence, UploadBody
from archive.values.errors import StoreUnreachable

T = TypeVar("T")

_TRIES = 3
"""How often a request is made before its error is reported; the pause between two tries is random."""
_PAUSE = (1.0, 2.0)
"""Seconds between two tries of a request: at least, at most."""
_TRY_FOR = 15.0
"""Seconds after which no retry starts: a slow server costs one wait, and not three."""
_PRECONDITION_FAILED = 412
_making_clients = Lock()


class AlreadyThereError(Exception):
    """The server refused an upload because the key exists."""


class NothingThereError(Exception):
    """The range is beyond the end of the object."""


class Calls:
    """The operations of boto3's client, on one bucket.

    A request with a passing fault is retried a few times, at most once per second: an occasional fault costs a pause
    and not the work before it. A longer outage raises StoreUnreachable.
    """

    def __init__(
        self, connect: Callable[[], Any], bucket: str, where: str, pause: Callable[[float], object] | None
    ) -> None:
        """Create the calls. `where` names the bucket and its server in messages. `connect` creates the client."""
        self._connect = connect
        self._bucket = bucket
        self._where = where
        self._closed = Event()
        self._pause = pause or self._closed.wait
        self._client: Any = None
        self.silence = Silence(where)

    def __call__(self, operation: str, key: str | None = None, **arguments: Any) -> Any:
        """Make a request, with retries. Raises StoreError; with `key`, also ObjectNotFound."""
        return self.patiently(lambda: self.once(operation, key, **arguments))

    def once(self, operation: str, key: str | None = None, **arguments: Any) -> Any:
        """Make a request without retries: it may not be repeated alone, or is not worth it."""
        if "Body" in arguments:
            arguments["Body"] = UploadBody(arguments["Body"], self.silence)
        with self.guard(key):
            return getattr(self.client, operation)(Bucket=self._bucket, **arguments)

    def pages(self, operation: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        with self.guard():
            yield from self.client.get_paginator(operation).paginate(Bucket=self._bucket, **arguments)

    def patiently(self, work: Callable[[], T]) -> T:
        """Do something that may be repeated, with retries."""
        began = monotonic()
        for tries_left in reversed(range(_TRIES)):
            try:
                return work()
            except StoreUnreachable:
                if not tries_left or self._closed.is_set() or monotonic() - began > _TRY_FOR:
                    raise
                self._pause(random.uniform(*_PAUSE))  # noqa: S311 - jitter, no secret
        raise AssertionError("the last try returns or raises")

    @property
    def client(self) -> Any:
        """Return the boto3 client. Several threads may use it; creating it is not thread-safe."""
        with _making_clients:
            if self._client is None:
                self._client = self._connect()
                self._client.meta.events.register("after-call.s3", self.silence.note_progress)
                self._client.meta.events.register("after-call.s3", s3_answers.check)
            return self._client

    def close(self) -> None:
        """Close the connections. Calls that wait for a retry return at once."""
        self._closed.set()
        with _making_clients:
            if self._client is not None:
                self._client.close()
                self._client = None

    @contextmanager
    def guard(self, key: str | None = None) -> Iterator[None]:
        """Translate errors inside the block into the archive's."""
        from botocore.exceptions import BotoCoreError, ClientError
        from urllib3.exceptions import HTTPError

        try:
            with self.silence.waiting():
                yield
        except s3_answers.StrangeAnswerError as error:
            raise StoreUnreachable(f"{self._where} {s3_errors.STRANGE}") from error
        except ClientError as error:
            code, status = _verdict(error.response)
            if status == _PRECONDITION_FAILED:
                raise AlreadyThereError from error
            if code == "InvalidRange":
                raise NothingThereError from error
            raise s3_errors.answered(self._where, code, status, key) from error
        except BotoCoreError as error:
            raise s3_errors.failed(self._where, error) from error
        except (HTTPError, ConnectionError, ssl.SSLError) as error:  # while reading a body, boto3 does not wrap these
            raise StoreUnreachable(f"{self._where} can't be reached: the response was incomplete") from error


def _verdict(answer: Any) -> tuple[str, int]:
    """Return the S3 error code and the HTTP status of a response that boto3 treats as an error."""
    return str(answer.get("Error", {}).get("Code", "")), int(answer["ResponseMetadata"].get("HTTPStatusCode", 0))
