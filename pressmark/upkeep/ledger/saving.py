"""Save the ledger in the store: files of sources, and rows of runs, slots, pauses, alarms and pages.

What is saved is what changed since the last time. `pressmark rebuild` restores it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

from archive.database.marks import Marks
from archive.index.objects import Objects
from archive.shipping.ledger import End, Ledger
from archive.shipping.ledger_parts import parts_of
from archive.store.failover import with_failover
from archive.values.digest import sha256
from archive.warc.keys import ledger_prefix
from archive.warc.ledger import Part, Record, gaps
from config.files.stamp import Stamp, stamps
from config.load import SUFFIXES
from pressmark.service.service import Service
from scheduler import unsaved
from scheduler.ledger.ledger_rows import records_of, text_of
from scheduler.ledger.review_marks import ReviewMarks

log = logging.getLogger(__name__)

MARKS = "ledger/"
READ = "read/"
"""How the names of marks begin that say, of each worker, up to which part this database knows its ledger."""
BY_EARLIER_VERSION = "takedowns"
"""The mark of a database that a version before these marks compared with the ledger."""
_END, _LACKS, _SOURCE, _SOURCE_OF = "end/", "lacks/", "source/", "source-of/"
_BEGUN, _REVIEWS = "begun", "reviews"
_GONE = ""
"""The mark of a source file that was deleted."""
_LOST = "lost"
"""The mark of a source file whose last version the store may have lost."""
_LOOKED_AT = 500
"""Source files that are checked at each look, about 1.5 ms of CPU. One that a run reads first is noticed at once."""


class LedgerSaving:
    """What one worker saves. The caller holds its spool."""

    def __init__(self, service: Service, *, looked_at: int = _LOOKED_AT) -> None:
        """`looked_at` is how many source files are checked at each look."""
        self._service = service
        self._looked_at = looked_at
        self._worker = service.settings.worker.name
        self._store = with_failover(service.store, writes=True)
        self._marks = Marks(service.database, MARKS)
        self._end = _end(self._marks.get(_END + self._worker))
        forget = Objects(service.database).forget
        self._ledger = Ledger(self._store, self._worker, now=service.now, deleted=forget, known=self._end)
        self._files = _files_of(service)
        self._seen: Mapping[str, Stamp] = {}
        self._version = -1
        """The version of the sources that was saved last."""
        self._digests: dict[str, str] | None = None
        self._begun = False

    def save(self) -> bool:
        """Put what changed into the store; return whether anything did. Raises StoreError, DatabaseUnusable."""
        self._begin()
        self._service.sources.poll(self._looked_at)
        version = self._service.sources.version
        stamped = self._stamps(version)
        files = self._changed_files(stamped)
        with self._service.database.reading() as connection:
            changed = unsaved.changes(connection)
            records = self._records(files, records_of(connection, changed))
            first = next(records, None)
            part = self._ledger.append(chain([first], records)) if first else None
        if changed:
            unsaved.saved(self._service.database, changed)
        self._seen, self._version = stamped, version
        if part is None:
            return False
        Objects(self._service.database).note_keys([part.key], self._service.now())  # replicas copy it at once
        self._note(part, {name: _digest(text) for name, text in files.items()})
        if not part.last % 16:
            self._ledger.roll_up()
        return True

    def _begin(self) -> None:
        """Note everything as changed in a database of an earlier version, whose changes nobody noted.

        A version after it noted all but the reviews.
        """
        if not self._begun and self._marks.get(_BEGUN) is None:
            with self._service.database.writing() as connection:
                unsaved.note(connection, "everything", [()])
            self._marks.set(_BEGUN, text_of(self._service.now()))
        if not self._begun and self._marks.get(_REVIEWS) is None:
            ReviewMarks(self._service.database).note_all()
            self._marks.set(_REVIEWS, text_of(self._service.now()))
        if not self._begun:
            self._look_for_gaps()
        self._begun = True

    def _look_for_gaps(self) -> None:
        """Note everything as changed if the store has lost parts, and with them what changed then."""
        lost = gaps(parts_of(self._store, ledger_prefix(self._worker)), self._end.number if self._end else 0)
        mark, noted = json.dumps(lost), _LACKS + self._worker
        if not lost or self._marks.get(noted) == mark:
            return
        log.error("the store has lost parts of the ledger; all that the database knows is saved again")
        with self._service.database.writing() as connection:
            unsaved.note(connection, "everything", [()])
        ReviewMarks(self._service.database).note_all()
        self._digests = dict.fromkeys(self._known(), _LOST)
        self._marks.set_all({self._files + name: _LOST for name in self._digests} | {noted: mark})

    def _records(self, files: Mapping[str, str | None], rows: Iterator[Record]) -> Iterator[Record]:
        at = text_of(self._service.now())
        whose = (self._worker,) if self._service.database.is_shared else ()
        for name, text in files.items():
            value = {"sha256": _digest(text), "text": text, "at": at}
            yield Record("source", (name, at, *whose), value)
        yield from rows

    def _stamps(self, version: int) -> Mapping[str, Stamp]:
        """Return the stamps of all source files. None is looked at while this version of them is saved already.

        A directory that is not there, or can't be read, deletes no source: the stamps stay as they were.
        """
        directory = self._service.settings.sources
        if version == self._version:
            return self._seen
        try:
            return dict(stamps(directory, SUFFIXES)) if directory.is_dir() else self._seen
        except OSError:
            return self._seen

    def _changed_files(self, now: Mapping[str, Stamp]) -> dict[str, str | None]:
        """Return the text of each source file that changed; None if it was deleted."""
        if now is self._seen:
            return {}
        known = self._known()
        files = dict[str, str | None]()
        directory = self._service.settings.sources
        for name, stamp in now.items():
            if self._seen.get(name) == stamp:
                continue
            text = _text_of(directory / name)
            if text is not None and known.get(name) != _digest(text):
                files[name] = text
        return files | {name: None for name, digest in known.items() if digest != _GONE and name not in now}

    def _known(self) -> dict[str, str]:
        if self._digests is None:
            noted = self._marks.all(self._files)
            self._digests = {name.removeprefix(self._files): value for name, value in noted.items()}
        return self._digests

    def _note(self, part: Part, digests: Mapping[str, str]) -> None:
        """Note the last part of the ledger, and the digests of the files that it has."""
        end = json.dumps({"number": part.last, "sha256": part.sha256})
        noted = {_END + self._worker: end} | {self._files + name: value for name, value in digests.items()}
        # The database knows the parts of this object, also those that it could not note; parts of others, perhaps not.
        read, first = int(self._marks.get(READ + self._worker) or 0), self._ledger.first or part.first
        if first - 1 <= read < part.last:
            noted[READ + self._worker] = str(part.last)
        self._marks.set_all(noted)
        if digests:
            self._known().update(digests)


def ends_of(service: Service) -> dict[str, int]:
    """Return each worker whose ledger this database wrote, with the number of its last part."""
    known = Marks(service.database, MARKS).all(_END)
    return {name.removeprefix(_END): end.number for name, value in known.items() if (end := _end(value))}


def gaps_saved_again(service: Service) -> dict[str, list[tuple[int, int]]]:
    """Return each worker with the parts that the store had lost when the worker saved everything again."""
    with service.database.reading() as connection:
        if unsaved.keys_of(connection, "everything"):  # not yet
            return {}
    noted = Marks(service.database, MARKS).all(_LACKS)
    return {
        name.removeprefix(_LACKS): [(first, last) for first, last in json.loads(value)] for name, value in noted.items()
    }


def _end(mark: str | None) -> End | None:
    noted = json.loads(mark) if mark else None
    return End(noted["number"], noted["sha256"]) if noted else None


def note_restored(service: Service, name: str, text: str) -> None:
    """Note that the store has this text of a source file."""
    Marks(service.database, MARKS).set(_files_of(service) + name, _digest(text))


def _files_of(service: Service) -> str:
    """Return how the marks of the source files begin that this worker saved.

    Workers that share a database have directories of their own: none may take the files of another for deleted.
    """
    return f"{_SOURCE_OF}{service.settings.worker.name}/" if service.database.is_shared else _SOURCE


def _digest(text: str | None) -> str:
    return _GONE if text is None else sha256(text.encode())


def _text_of(file: Path) -> str | None:
    """Return the text of a file; None if it is gone or not UTF-8, and so not a source."""
    try:
        return file.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None
