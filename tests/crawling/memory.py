"""A recorder and an index in memory that can refuse: as a full disk does."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from archive.values.capture import Capture, Context, Location
from archive.values.digest import digest_payload
from archive.values.errors import ArchiveError
from archive.values.urlkey import Match, key_ranges, urlkey
from archive.warc.derived import Derived, capture_of_derived
from archive.warc.exchange import Exchange
from archive.warc.exchange_records import Written
from crawler.policy.shared import ArchivedBody


@dataclass(frozen=True)
class Receipt:
    token: object
    capture: Capture | None
    error: ArchiveError | None


@dataclass
class MemoryArchive:
    """Acknowledges in groups from a thread of its own, like the recorder; answers like the index."""

    wait: float = 0.01
    not_before: threading.Event | None = None
    """Nothing is acknowledged until it is set."""
    refuse: Callable[[Exchange], ArchiveError | None] = lambda exchange: None
    deaf: Iterator[Exception] = field(default_factory=lambda: iter(()))
    """The exceptions of the next queries of the index, in order."""
    kept: list[tuple[Exchange, Context, Capture]] = field(default_factory=list)
    acknowledged: Callable[[Sequence[Receipt]], None] = lambda receipts: None
    derived: list[tuple[Derived, Context, Capture]] = field(default_factory=list)
    bodies: dict[str, ArchivedBody] = field(default_factory=dict)
    """By record id."""

    def __post_init__(self) -> None:
        self._waiting: list[tuple[Exchange | Derived, Context, object]] = []
        self._some = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def backlog(self) -> int:
        return len(self._waiting)

    def record(self, exchange: Exchange | Derived, context: Context, token: object = None) -> None:
        with self._some:
            self._waiting.append((exchange, context, token))
            self._some.notify()

    def latest_many(self, collection: str, urls: Sequence[str]) -> Mapping[str, Capture]:
        if (error := next(self.deaf, None)) is not None:
            raise error
        wanted = set(urls)
        found = {}
        for _, context, capture in list(self.kept):
            if capture.url in wanted and context.collection == collection and capture.status == 200:
                found[capture.url] = capture
        return found

    def captures(self, url: str, *, match: Match = "exact") -> Iterator[Capture]:
        found = [capture for _, _, capture in (*self.kept, *self.derived)]
        ranges = key_ranges(url, match)
        return (one for one in found if any(low <= one.urlkey < high for low, high in ranges))

    def reread(self, capture: Capture) -> ArchivedBody | None:
        return self.bodies.get(capture.refers_to.record_id if capture.refers_to else capture.record_id)

    def close(self) -> None:
        with self._some:
            self._closed = True
            self._some.notify()
        self._thread.join(10)
        for exchange, _, _ in self.kept:
            if exchange.response and not isinstance(exchange.response.body, bytes):
                exchange.response.body.close()

    def _run(self) -> None:
        while True:
            with self._some:
                while not self._waiting and not self._closed:
                    self._some.wait()
                if not self._waiting:
                    return
            threading.Event().wait(self.wait)
            if self.not_before is not None:
                self.not_before.wait(30)
            with self._some:
                group, self._waiting = self._waiting, []
            self.acknowledged([self._keep(*one) for one in group])

    def _keep(self, exchange: Exchange | Derived, context: Context, token: object) -> Receipt:
        if isinstance(exchange, Derived):
            return Receipt(token, self._derive(exchange, context), None)
        if error := self.refuse(exchange):
            return Receipt(token, None, error)
        capture = self._capture(exchange, context)
        self.kept.append((exchange, context, capture))
        return Receipt(token, capture, None)

    def _derive(self, derived: Derived, context: Context) -> Capture:
        record = Written(f"<urn:uuid:{uuid.uuid4()}>", 0, 0, 1)
        payload = digest_payload(derived.body)
        capture = capture_of_derived(derived, context, record, ("memory", 0), payload=payload, urlkey=urlkey)
        self.derived.append((derived, context, capture))
        return capture

    def _capture(self, exchange: Exchange, context: Context) -> Capture:
        response = exchange.response
        payload = digest_payload(response.body if response else b"")
        same = any(payload.length and old.sha256 == payload.sha256 for _, _, old in self.kept)
        headers = {name.lower(): value.decode("latin-1") for name, value in (response.headers if response else ())}
        kind = (
            "failed"
            if response is None
            else "not-modified"
            if response.status == 304
            else "revisit"
            if same
            else "response"
        )
        capture = Capture(
            collection=context.collection,
            urlkey=urlkey(exchange.request.url),
            url=exchange.request.url,
            at=exchange.at.astimezone(UTC) if exchange.at else datetime.now(UTC),
            kind=kind,  # type: ignore[arg-type]
            status=response.status if response else None,
            mime=headers.get(b"content-type", "").partition(";")[0] or None,
            digest=payload.sha1,
            sha256=payload.sha256,
            payload_length=payload.length,
            location=Location("memory", 0, 0),
            span=0,
            record_id=f"<urn:uuid:{uuid.uuid4()}>",
            source=context.source,
            run=context.run,
            refers_to=context.not_modified if kind == "not-modified" else None,
            truncated=exchange.truncated if kind == "response" else None,
            etag=headers.get(b"etag"),
            last_modified=headers.get(b"last-modified"),
            error=exchange.error,
        )
        if response is not None and isinstance(response.body, bytes):
            content_type = headers.get(b"content-type")
            self.bodies[capture.record_id] = ArchivedBody(response.body, content_type)
        return capture
