"""An archive in which days pass: 40 sources, a store, two replicas, backups, and injuries each day.

The second place is a directory, the third a bucket. The clock is an argument.
"""

from __future__ import annotations

import io
import random
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from conftest import figure
from faults.segments import exchanges, seal
from services.authority import Authority

from archive.index.objects import FIRST, Objects
from archive.index.preservation_events import Events
from archive.intake.rebuild import Rebuild
from archive.shipping.fixity.share import WHOLE
from archive.shipping.ledger_parts import is_replaced
from archive.store import ObjectStore, open_store
from archive.store.failover import with_failover
from archive.store.local import LocalStore
from archive.store.object_reader import octets_of
from archive.store.replicated import Replicated
from archive.store.s3 import S3Settings
from archive.values.digest import sha256
from archive.values.errors import ObjectNotFound, StoreError
from archive.warc.keys import CDXJS, MANIFESTS, TEXTS, WARCS
from config.settings import load_settings
from pressmark.processes.fixity import AuditLoop, ReplicaLoop
from pressmark.processes.timestamping import NoTimestamp, Timestamping
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.upkeep.backup import Backup
from pressmark.upkeep.fixity import audit_share
from pressmark.upkeep.ledger.decisions_back import bring_decisions_back
from pressmark.upkeep.ledger.restoring import restore
from pressmark.upkeep.ledger.saving import LedgerSaving

PERIOD = figure(4, 8, 8)
"""Days in which everything must be read."""
SOURCES = 40
DAY = timedelta(days=1)
SECOND, THIRD = "second", "third"
WRONG_CLOCK = {5: 4, 6: 4, 12: -3, 100: 30, 180: -40}
"""By the day: by how many days the clock is wrong."""
REFUSED = {8, 9, 200, 201, 202}
"""Days on which the credentials of the third place are not valid."""
Loss = Literal["store", "second", "third", "database", "machine"]
LOST: Mapping[int, Loss] = figure(
    {10: SECOND, 14: "database", 18: "machine", 22: FIRST, 26: THIRD},
    {30: SECOND, 60: "database", 90: "machine", 120: FIRST, 150: THIRD, 220: "machine", 250: FIRST, 280: "database"},
    {30: SECOND, 60: "database", 90: "machine", 120: FIRST, 150: THIRD, 220: "machine", 250: FIRST, 280: "database"},
)
"""By the day: what is lost as a whole. In the days before, each object is injured in one place only."""
_EXCUSED = REFUSED | set(WRONG_CLOCK) | set(LOST)
_OF_SEGMENTS = (WARCS, CDXJS, TEXTS, MANIFESTS)


@dataclass
class Injury:
    places: tuple[str, ...]
    key: str
    day: int
    content: bytes
    healed_on: int | None = None
    named_on: int | None = None
    """Only of an injury of all copies. A copy is put back then."""


@dataclass
class World:
    """A home, its stores, and what happens to them."""

    tmp: Path
    authority: Authority
    bucket: S3Settings
    auditing: bool = True
    day: int = 0
    rng: random.Random = field(default_factory=lambda: random.Random(20261128))
    injuries: list[Injury] = field(default_factory=list)
    segments: list[int] = field(default_factory=list)
    read: int = 0
    """How many captures were read."""
    losses: list[Loss] = field(default_factory=list)
    opened: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.stores: dict[str, ObjectStore] = {
            FIRST: LocalStore(self.tmp / FIRST),
            SECOND: LocalStore(self.tmp / SECOND),
            THIRD: open_store(self.bucket),
        }
        self.refusing = open_store(replace(self.bucket, secret_key="that has expired"))
        self.target = LocalStore(self.tmp / "backup")
        self._open()
        self.begun = self.service.now()
        for number in (1, 2, 3, 5):  # a store without any manifest that is known proves nothing
            self._ingest(number)
        for number in range(SOURCES):
            self._write(number)

    def _open(self) -> None:
        s3 = {name: getattr(self.bucket, name) for name in ("bucket", "endpoint", "access_key", "secret_key", "prefix")}
        flags = {
            "home": self.tmp / "home",
            "store": str(self.tmp / FIRST),
            "spool.ballast": "0B",
            "replicas.second.store": str(self.tmp / SECOND),
            "replicas.third.store": "s3",
            **{f"replicas.third.s3.{name}": value for name, value in s3.items()},
            "audit.share": f"1/{PERIOD}",
            "timestamps.server": self.authority.url,
            "timestamps.certificates": str(self.authority.root),
            "timestamps.addresses": ["127.0.0.0/8"],
        }
        self.service = self.opened.enter_context(open_pressmark(load_settings(flags, dotenv=None)))

    def close(self) -> None:
        self.opened.close()

    def now(self) -> datetime:
        return self.begun + (self.day + WRONG_CLOCK.get(self.day, 0)) * DAY

    @property
    def twin(self) -> Service:
        """The service of this day: its clock may be wrong, its credentials refused."""
        third = self.refusing if self.day in REFUSED else self.stores[THIRD]
        replicas = {SECOND: self.stores[SECOND], THIRD: third}
        return replace(self.service, now=self.now, store=Replicated(self.stores[FIRST], replicas))

    def pass_day(self, injuries: int) -> None:
        self.day += 1
        if not self.day % 4:
            self._ingest(self.day)
        self._write(self.day % SOURCES)
        self.service.pauses.pause(f"source-{self.day % SOURCES}", f"day {self.day}")
        self._work()
        for _ in range(injuries):
            self._injure()
        if injuries and (lost := LOST.get(self.day)):
            self._lose(lost)
        if self.auditing:
            for place in self.stores:
                with suppress(StoreError):  # an empty store proves nothing
                    AuditLoop(self.twin, place).turn()
        self._look()
        self.check_reading(3)
        if not self.day % 7:
            Backup(self.service.settings, self.target, now=self.now).make()

    def _ingest(self, number: int) -> None:
        self.service.archive.ingest(seal(self.tmp / "spool", number, pages=2, page_bytes=300).path)
        self.segments.append(number)

    def _write(self, number: int) -> None:
        """Write the file of a source."""
        directory = self.service.settings.sources
        directory.mkdir(exist_ok=True)
        text = f"source: source-{number}\nseeds: https://news.example/{number}/\n# of day {self.day}\n"
        (directory / f"source-{number}.yaml").write_text(text)
        self.service.sources.reload()

    def _work(self) -> None:
        """Save the ledger, fill the replicas, time-stamp. What damage keeps from its work works the next day."""
        twin = self.twin
        fill = [ReplicaLoop(twin, name).turn for name in (SECOND, THIRD)]
        for work in (LedgerSaving(twin).save, Timestamping(twin).stamp, *fill):
            with suppress(StoreError, NoTimestamp):
                work()

    def _injure(self) -> None:
        """Injure some copies of an object that is healthy in all places."""
        count = 1 if self._is_near_a_loss() else self.rng.choices((1, 2, 3), (60, 35, 5))[0]
        places = tuple(self.rng.sample(list(self.stores), count))
        ill = {one.key for one in self.injuries if one.healed_on is None}
        healthy = set.intersection(*(set(store.keys()) for store in self.stores.values())) - ill
        keys = sorted(key for key in healthy if count < len(self.stores) or key.startswith(_OF_SEGMENTS))
        if not keys:
            return
        key = self.rng.choice(keys)
        content = octets_of(self.stores[places[0]], key)
        if not all(octets_of(store, key) == content for store in self.stores.values()):
            return
        self.injuries.append(Injury(places, key, self.day, content))
        for place in places:
            self._harm(self.stores[place], key, content)

    def _harm(self, store: ObjectStore, key: str, content: bytes) -> None:
        if (kind := self.rng.choice(("flip", "cut", "delete", "swap"))) == "delete":
            store.delete(key)
            return
        octets = bytearray(content)
        octets[self.rng.randrange(len(octets))] ^= 1 << self.rng.randrange(8)
        cut = content[: self.rng.randrange(len(content))]
        harmed = {"flip": bytes(octets), "cut": cut, "swap": b"another object" + content}[kind]
        store.put(key, io.BytesIO(harmed), sha256(harmed), replace=True)

    def _is_near_a_loss(self) -> bool:
        return any(0 <= day - self.day <= 2 * PERIOD for day in LOST)

    def _lose(self, lost: Loss) -> None:
        self.losses.append(lost)
        if lost in ("database", "machine"):
            self._lose_home(whole=lost == "machine")
            return
        ill = {one.key for one in self.injuries if one.healed_on is None}
        for key in sorted(set.intersection(*(set(store.keys()) for store in self.stores.values())) - ill):
            self.injuries.append(Injury((lost,), key, self.day, octets_of(self.stores[lost], key)))
        for key in list(self.stores[lost].keys()):
            self.stores[lost].delete(key)
        if lost == FIRST:
            self.check_reading(len(self.segments) * 2)
            list(audit_share(self.twin, WHOLE, repair=True, refill=FIRST, places=(FIRST,)))

    def _lose_home(self, *, whole: bool) -> None:
        """Lose the database, or the whole machine; rebuild on a new one, and compare."""
        before = self.state()
        self.opened.close()
        for path in list(self.tmp.glob("home/pressmark.db*")):
            path.unlink()
        if whole:
            shutil.rmtree(self.tmp / "home")
        self._open()
        store = with_failover(self.twin.store)
        Rebuild(store, self.service.index, level="quick", trust=self.service.keys.trust).run()
        bring_decisions_back(self.twin)
        restore(self.twin)
        changed = {name: found ^ before[name] for name, found in self.state().items()}
        assert not any(changed.values()), changed

    def state(self) -> dict[str, set[Any]]:
        """Return the sources, pauses, events and captures."""
        events = {(one.at, one.place, one.object, one.type) for one in Events(self.service.database).all()}
        sources = {(path.name, path.read_text()) for path in self.service.settings.sources.glob("*.yaml")}
        pauses = {(name, pause.reason) for name, pause in self.service.pauses.all().items()}
        return {"sources": sources, "pauses": pauses, "events": events, "captures": self._captures()}

    def _captures(self) -> set[tuple[str, str]]:
        captures = self.service.archive.captures("https://news.example/", match="host")
        return {(capture.url, str(capture.digest)) for capture in captures}

    def check_reading(self, pages: int) -> None:
        """Read pages, all or some at random: none is out of reach that has one healthy copy."""
        for number, page in self._pages(pages):
            exchange = exchanges(number, 2, 300)[page]
            assert exchange.response
            [capture] = self.twin.archive.captures(exchange.request.url, limit=1)
            with self.twin.archive.open(capture) as found:
                assert found.payload().body == exchange.response.body
            self.read += 1

    def _pages(self, count: int) -> Iterator[tuple[int, int]]:
        if any(len(one.places) == len(self.stores) and one.healed_on is None for one in self.injuries):
            return
        pages = [(number, page) for number in self.segments for page in (0, 1)]
        yield from self.rng.sample(pages, min(count, len(pages)))

    def _look(self) -> None:
        wrong = {(place, key) for key, place, *_ in Objects(self.service.database).wrong()}
        for one in self.injuries:
            if one.healed_on is None and all(self._is_healed(place, one) for place in one.places):
                one.healed_on = self.day
            if one.healed_on is None and len(one.places) == len(self.stores) and self._is_named(one, wrong):
                self.stores[FIRST].put(one.key, io.BytesIO(one.content), sha256(one.content), replace=True)

    def _is_named(self, one: Injury, wrong: set[tuple[str, str]]) -> bool:
        """Return whether an injury of all copies is named; it is put back once it was."""
        if one.named_on is not None or not all((place, one.key) in wrong for place in one.places):
            return False
        one.named_on = self.day
        return True

    def _is_healed(self, place: str, one: Injury) -> bool:
        """Return whether the bytes are back, or the part of the ledger was replaced by another."""
        try:
            return octets_of(self.stores[place], one.key) == one.content
        except ObjectNotFound:
            return is_replaced(self.stores[FIRST], one.key)

    def late(self) -> list[Injury]:
        """Return the injuries that were not healed, or of all copies: not named, in the promised time."""
        return [one for one in self.injuries if self._lasted(one, one.named_on or one.healed_on or self.day) > PERIOD]

    def _lasted(self, one: Injury, until: int) -> int:
        """Return the days of an injury, without those of a wrong clock, of refused credentials, or of a lost store.

        A new database does not know what was read before: the time begins again with it.
        """
        anew = [day for day, lost in LOST.items() if lost in ("database", "machine") and one.day <= day <= until]
        begun = max([one.day, *anew])
        return sum(day not in _EXCUSED for day in range(begun, until))
