"""The captures of the pieces of a file are found by their URLs, and only those of the requested range."""

from __future__ import annotations

from pathlib import Path

import pytest
from specimens.plans import asked, plan

from archive.database.engine import open_database
from archive.index.records import capture_of_record, captures_at
from archive.values.byte_span import Span
from archive.values.errors import CaptureNotFound
from archive.values.media import MediaFile, Piece
from config.settings import Settings
from pressmark.service.assembly import open_pressmark
from pressmark.views.media.found import captures_of

PIECES = tuple(Piece(f"<urn:uuid:{n}>", f"https://example.org/{n}.ts", 100) for n in range(1200))


def test_pieces_are_found_without_reading_all_captures(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'pressmark.db'}")
    with asked(database) as made:
        captures_at(database, [(one.url, one.record) for one in PIECES])
    with asked(database) as searching:
        capture_of_record(database, PIECES[0].record)
    plans = [told for one in made if (told := plan(database, *one))]
    control = [plan(database, *one) for one in searching]
    database.close()

    assert len(plans) == 3, "500 pieces each"
    assert not any("SCAN captures" in one for one in plans)
    assert all("urlkey=?" in one for one in plans)
    assert any("SCAN captures" in one for one in control)


def test_the_pieces_of_a_range_are_needed_and_no_others(tmp_path: Path) -> None:
    file, missed = MediaFile("both", "ts", PIECES), []

    with open_pressmark(Settings(home=tmp_path)) as service:
        for span in (Span(0, 1), Span(99, 2), Span(100, 1), Span(119_999, 1)):
            with pytest.raises(CaptureNotFound) as error:
                captures_of(service, file, span)
            missed.append(error.value.url)

    assert missed == [PIECES[n].url for n in (0, 0, 1, 1199)]
