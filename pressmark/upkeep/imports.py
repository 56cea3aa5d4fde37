"""Import files of other crawlers, and store objects that no manifest names, with their texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.archive import Archive
from archive.intake.foreign.import_file import ImportedFile, import_file
from archive.intake.foreign.unpack import MOST_UNPACKED, Allowance, RefusedRecord
from archive.shipping.run_texts import RunTexts
from archive.texts.texts import Texts
from archive.values.errors import RefusedWarc
from archive.values.observed_file import Observer, unobserved
from pressmark.service.readers import reader_of
from pressmark.service.service import Service


def import_files(
    service: Service,
    files: Iterable[Path],
    collection: str,
    *,
    most: int = MOST_UNPACKED,
    before: Callable[[Path], None] = lambda _: None,
    observer: Observer = unobserved,
) -> Iterator[ImportedFile]:
    """Import files one after the other; `before` gets each, and `observer` the progress within it.

    Together they may unpack to `most` bytes. Rejected records are in the results.

    Raises StoreError, OSError.
    """
    run_texts = RunTexts(service.database, service.store, new=service.settings.reading.run_texts)
    allowance = Allowance(most)
    with reading_archive(service, observer) as archive:
        for file in files:
            before(file)
            try:
                for taken in import_file(
                    file, collection, archive.ingest, service.index, allowance=allowance, observer=observer
                ):
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
