"""Import files of other crawlers, and store objects that no manifest names, with their texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.archive import Archive
from archive.intake.foreign.take import ImportedFile, take
from archive.intake.foreign.unpack import RefusedRecord
from archive.shipping.run_texts import RunTexts
from archive.texts.texts import Texts
from archive.values.errors import RefusedWarc
from archive.values.observed_file import Observer, unobserved
from pressmark.service.readers import reader_of
from pressmark.service.service import Service


def take_in(
    service: Service,
    files: Iterable[Path],
    collection: str,
    *,
    before: Callable[[Path], None] = lambda _: None,
    observer: Observer = unobserved,
) -> Iterator[ImportedFile]:
    """Import files one after the other; `before` gets each, and `observer` the progress within it.

    Rejected records are in the results.

    Raises StoreError, OSError.
    """
    run_texts = RunTexts(service.database, service.store)
    with reading_archive(service, observer) as archive:
        for file in files:
            before(file)
            try:
                for taken in take(file, collection, archive.ingest, service.index, observer):
                    if taken.segment:
                        run_texts.put(taken.segment)
                    yield taken
            except RefusedWarc as refused:
                yield ImportedFile(
                    file.name, None, 0, again=False, converted=False, refused=(RefusedRecord(0, refused.why),)
                )


@contextmanager
def reading_archive(service: Service, observer: Observer = unobserved) -> Iterator[Archive]:
    """Open the archive of a service, with a reader of texts for imports."""
    with reader_of(service.settings, observer=observer) as reader:
        texts, sign = Texts(service.database), service.keys.sign
        yield Archive(service.index, texts, service.store, read_texts=reader.read_texts, sign=sign, observer=observer)
