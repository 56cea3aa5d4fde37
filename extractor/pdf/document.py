"""Read the text and metadata of a PDF, page by page.

A PDF can be hostile: streams that unpack to gigabytes, endless pages, recursive objects. All have limits here, and the
reading process also has limits on memory and CPU.
"""

from __future__ import annotations

import io
import logging
import re
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import islice
from typing import Any

from extractor.metadata.bylines import clean_name
from extractor.metadata.titles import one_line
from extractor.pdf.first_page import printed_fields, printed_title
from extractor.pdf.layout import parts_of
from extractor.pdf.printed_lines import printed_lines
from extractor.pdf.writing import as_markdown, as_text
from extractor.values.dates import read_date

ENGINE = f"pypdf-{version('pypdf')}"
PRINTED = "first page"
"""The origin of an author or a date that is printed there."""
_SIGN = b"%PDF-"
_SIGN_WINDOW = 1024
_TYPES = ("application/pdf", "application/x-pdf")
_MOST_PAGES = 1_000
_LONGEST_TEXT = 4_000_000
_LARGEST_STREAM = 16 << 20
_STREAMS = (
    "array_based_stream_maximum_output_length",
    "lzw_maximum_output_length",
    "run_length_maximum_output_length",
    "zlib_maximum_output_length",
)
_NO_TITLE = re.compile(
    r"untitled|microsoft|powerpoint|slide \d|document\d*$|.*\.(?:docx?|pdf|pptx?|tex|dvi|indd|qxd|rtf|odt)$",
    re.IGNORECASE,
)
_MOMENT = re.compile(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:(Z)|([+-]\d\d)'?(\d\d)?)?")
_ACCOUNT = re.compile(
    r"\(?anonymous\)?|(?:windows|microsoft|微软|office)?[ _-]?(?:office )?(?:user|用户)\d*|"
    r"microsoft(?: corporation)?|微软中国|lenovo|dell|asus|acer|hp|thinkpad|mc system|walkinnet|(?:pc|desktop)-\w+",
    re.IGNORECASE,
)
"""Default authors that software writes: the name of an account, or of the computer's manufacturer."""
_SEVERAL = re.compile(r"\s*(?:;|、|，|,|\band\b|\bund\b)\s*")
_FEW_LETTERS = 20
"""Letters of a page below which it has no text."""


class UnreadableDocument(Exception):
    """The document is damaged, encrypted or too large; the message says why."""


@dataclass(frozen=True, slots=True)
class Document:
    title: str | None
    authors: tuple[str, ...]
    date: str | None
    """The printed date, or when the file was created, in ISO 8601."""
    modified: str | None
    language: str | None
    """As declared, e.g. ``de-AT``."""
    text: str
    """The paragraphs, one per line, without page numbers; at the end footnotes, then each running head once."""
    pages: int
    origins: dict[str, str] = field(default_factory=dict)
    scanned: bool = False
    """Whether its pages are pictures with almost no text."""
    markdown: str = ""
    """The same parts as Markdown, with headings and tables."""


def is_document(body: bytes, content_type: str | None) -> bool:
    """Return whether it is a PDF, by its first bytes; the Content-Type alone is not enough."""
    window = body[:_SIGN_WINDOW]
    named = (content_type or "").partition(";")[0].strip().lower() in _TYPES
    return _SIGN in window if named else window.lstrip().startswith(_SIGN)


def read_document(body: bytes) -> Document:
    """Read a PDF. Raises UnreadableDocument."""
    from pypdf import PdfReader, apply_configuration

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    limits: dict[str, Any] = dict.fromkeys(_STREAMS, _LARGEST_STREAM)
    try:
        with apply_configuration(None, **limits):
            return _read(PdfReader(io.BytesIO(body), strict=False))
    except (MemoryError, UnreadableDocument):
        raise
    except RecursionError:
        raise UnreadableDocument("the document holds itself") from None
    except Exception as error:  # a damaged document may make the library raise anything
        raise UnreadableDocument(f"the document is damaged: {type(error).__name__}: {str(error)[:200]}") from error


def _read(reader: Any) -> Document:
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnreadableDocument("the document is locked with a password")
    info: dict[str, Any] = reader.metadata or {}
    pages = [printed_lines(page, number) for number, page in enumerate(islice(reader.pages, _MOST_PAGES))]
    first = pages[0] if pages else []
    claimed = _string(info, "/Title")
    title = printed_title(first, "" if _NO_TITLE.match(claimed) else claimed)
    named = title[0] if title else None
    declared = _authors(_string(info, "/Author"))
    fields = printed_fields(first, named or "", declared)
    parts = parts_of(pages, named, fields.lines)
    text = as_text(parts)[:_LONGEST_TEXT]
    marked = as_markdown(parts)[:_LONGEST_TEXT]
    authors = fields.authors or declared
    date = fields.date or _moment(_string(info, "/CreationDate"))
    modified, language = _moment(_string(info, "/ModDate")), _string(reader.root_object, "/Lang") or None
    scanned = len(text) < _FEW_LETTERS * len(pages) and all(_is_picture(page) for page in islice(reader.pages, 3))
    said = {"author": authors, "date": date, "modified": modified, "language": language}
    printed = {"author": fields.authors, "date": fields.date}
    origins = {name: PRINTED if printed.get(name) else "pdf" for name, value in said.items() if value}
    origins |= {"title": title[1]} if title else {}
    return Document(named, authors, date, modified, language, text, len(pages), origins, scanned, marked)


def _is_picture(page: Any) -> bool:
    """Return whether a page holds an image, without reading it."""
    objects = page.get("/Resources", {}).get("/XObject")
    parts = objects.get_object().values() if objects is not None else ()
    return any(part.get_object().get("/Subtype") == "/Image" for part in islice(parts, 20))


def _string(holder: Any, key: str) -> str:
    value = holder.get(key)
    return one_line(str(value)) if isinstance(value, str) else ""


def _authors(written: str) -> tuple[str, ...]:
    names = filter(None, map(clean_name, _SEVERAL.split(written)))
    return tuple(name for name in names if not _ACCOUNT.fullmatch(name))[:20]


def _moment(written: str) -> str | None:
    """Convert ``D:20261124100533+08'00'`` (ISO 32000-1, 7.9.4) to ISO 8601, with its precision."""
    match = _MOMENT.match(written)
    if match is None:
        return read_date(written)
    year, month, day, hour, minute, second, utc, hours, minutes = match.groups()
    if not day:
        return None
    clock = f" {hour}:{minute}" + (f":{second}" if second else "") if hour and minute else ""
    zone = "Z" if utc else f"{hours}:{minutes or '00'}" if hours and clock else ""
    return read_date(f"{year}-{month}-{day}{clock}{zone}")
