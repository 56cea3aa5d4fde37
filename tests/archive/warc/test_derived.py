"""What a browser drew of a page is a record of its own, with the same capture by the journal and by the WARC."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from specimens.captures import reference_to
from specimens.exchanges import MORNING, numbered
from specimens.spools import assert_sealed, crashed, recovered_later

from archive.values.capture import SCREENSHOT, Reference
from archive.values.urlkey import urlkey
from archive.warc.derived import Derived
from archive.warc.facts import captures_of
from archive.warc.integrity.verify import verify
from archive.warc.journal import load
from archive.warc.record import read

ORIGINAL = Reference("<urn:uuid:0a0a0a0a-0000-4000-8000-000000000000>", "http://example.org/5", MORNING)
DOCUMENT = Derived(
    "conversion",
    "http://example.org/5",
    "text/html;charset=utf-8",
    "<p>Mond \N{GREEK SMALL LETTER MU}".encode(),
    ORIGINAL,
)
PICTURE = replace(
    DOCUMENT, kind="resource", url=f"{SCREENSHOT}{DOCUMENT.url}", mime="image/webp", body=b"RIFF\0\xff" * 9
)

MESSAGE = Derived(
    "resource",
    "imap://imap.example.org:993/INBOX;UIDVALIDITY=7/;UID=1",
    "message/rfc822",
    b"Subject: One\r\n\r\nText.\r\n",
    received=MORNING,
    ip="192.0.2.7",
)
AGAIN = replace(MESSAGE, url=MESSAGE.url.replace("=7/", "=8/"), same_as=replace(ORIGINAL, url=MESSAGE.url))


def test_a_message_and_its_revisit_give_the_same_captures_by_the_journal_and_by_the_warc(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [MESSAGE, AGAIN])
    with warc.open("rb") as file:
        message, again = [(dict(record.headers), record.read_payload()) for record in read(file)][1:]

    (sealed,) = recovered_later(tmp_path).segments

    assert list(verify(sealed.path)) == []
    with sealed.path.open("rb") as file:
        assert list(captures_of(read(file), sealed.name, "default", urlkey)) == captures
    assert [(one.kind, one.mime, one.payload_length) for one in captures] == [
        ("resource", "message/rfc822", len(MESSAGE.body)),
        ("revisit", None, len(MESSAGE.body)),
    ]
    assert (message[1], again[1]) == (MESSAGE.body, b"")
    assert message[0]["WARC-IP-Address"] == "192.0.2.7"
    assert again[0]["WARC-Refers-To-Target-URI"] == MESSAGE.url
    assert captures[0].digest == captures[1].digest


def test_a_document_and_a_picture_give_the_same_captures_by_the_journal_and_by_the_warc(tmp_path: Path) -> None:
    captures, _ = crashed(tmp_path, [numbered(5), DOCUMENT, PICTURE, numbered(6)])

    (sealed,) = recovered_later(tmp_path).segments

    assert_sealed(sealed, captures)
    with sealed.path.open("rb") as file:
        assert list(captures_of(read(file), sealed.name, "default", urlkey)) == captures
    assert [(one.kind, one.url, one.mime) for one in captures[1:3]] == [
        ("conversion", DOCUMENT.url, "text/html"),
        ("resource", PICTURE.url, "image/webp"),
    ]
    assert all(one.at == ORIGINAL.at for one in captures[1:3])


def test_a_record_names_the_capture_that_it_was_made_from(tmp_path: Path) -> None:
    _, warc = crashed(tmp_path, [DOCUMENT, PICTURE])

    with warc.open("rb") as file:
        _, document, picture = [(dict(record.headers), record.read_payload()) for record in read(file)]

    assert list(verify(warc)) == []
    assert (document[1], picture[1]) == (DOCUMENT.body, PICTURE.body)
    assert document[0]["WARC-Refers-To"] == picture[0]["WARC-Concurrent-To"] == ORIGINAL.record_id
    assert "WARC-Concurrent-To" not in document[0], "ISO 28500:2017, 5.9 forbids it in a conversion"


def test_records_that_no_journal_lists_are_found_again(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(5), DOCUMENT, PICTURE])
    warc.with_name(warc.name.removesuffix(".warc.gz.open") + ".journal.jsonl").unlink()

    (sealed,) = recovered_later(tmp_path).segments

    assert list(load(sealed.journal).captures) == captures


def test_a_damaged_document_costs_no_other_record(tmp_path: Path) -> None:
    captures, warc = crashed(tmp_path, [numbered(5), DOCUMENT, PICTURE])
    where = captures[1].location
    with warc.open("r+b") as file:
        file.seek(where.offset + where.length // 2)
        file.write(b"\0\0\0\0")

    recovered = recovered_later(tmp_path)

    assert list(recovered.lost) == [captures[1]]
    (sealed,) = recovered.segments
    kept = list(load(sealed.journal).captures)
    assert [(one.kind, reference_to(one)) for one in kept] == [
        (one.kind, reference_to(one)) for one in (captures[0], captures[2])
    ]
