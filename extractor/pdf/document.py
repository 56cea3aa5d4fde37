"""Read the text and metadata of a PDF, page by page.

A PDF can be hostile: streams that unpack to gigabytes, endless pages, recursive objects. All have limits here, and the
reading process also has limits on memory and CPU.
"""

from __future__ import annotations

import io
import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import islice
from typing import Any

from extractor.metadata.bylines import clean_name
from extractor.metadata.titles import one_line
from extractor.values.dates import read_date

ENGINE = f"pypdf-{version('pypdf')}"
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
_COMBINING = {"´": "\u0301", "¨": "\u0308", "ˆ": "\u0302", "˜": "\u0303", "ˇ": "\u030c", "˚": "\u030a", "¸": "\u0327"}
_ACCENTED = re.compile(rf"([{''.join(_COMBINING)}]) ?([A-Za-zı])")
"""An accent of its own and the letter that TeX prints it over."""
_HEADING = 1.15
"""How much larger than most of the text a title is."""
_FEW_LETTERS = 20
"""Letters of a page below which it has no text."""
_NUMBERS = re.compile(r"\d+")
_ENDS_SENTENCE = tuple('.!?:;。！？：；”"»)）')
_FULL = 0.75
"""Fraction of a column's width that a line must fill to continue in the next one."""
_WIDE = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]"
_WIDE_ONE = re.compile(_WIDE)
_BETWEEN_WIDE = re.compile(rf"(?<={_WIDE}) (?={_WIDE})")


class UnreadableDocument(Exception):
    """The document is damaged, encrypted or too large; the message says why."""


@dataclass(frozen=True, slots=True)
class Document:
    title: str | None
    authors: tuple[str, ...]
    date: str | None
    """When it was created, in ISO 8601."""
    modified: str | None
    language: str | None
    """As declared, e.g. ``de-AT``."""
    text: str
    """The paragraphs, one per line, without page headers and footers."""
    pages: int
    origins: dict[str, str] = field(default_factory=dict)
    scanned: bool = False
    """Whether its pages are pictures with almost no text."""


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
    sizes: Counter[tuple[float, str]] = Counter()
    pages = [
        _lines(page, sizes if not number else None) for number, page in enumerate(islice(reader.pages, _MOST_PAGES))
    ]
    text = "\n".join(_paragraphs(_without_heads(pages)))[:_LONGEST_TEXT]
    title = _title(_string(info, "/Title"), sizes)
    authors, language = _authors(_string(info, "/Author")), _string(reader.root_object, "/Lang") or None
    date, modified = _moment(_string(info, "/CreationDate")), _moment(_string(info, "/ModDate"))
    scanned = len(text) < _FEW_LETTERS * len(pages) and all(_is_picture(page) for page in islice(reader.pages, 3))
    said = {"author": authors, "date": date, "modified": modified, "language": language}
    origins = ({"title": title[1]} if title else {}) | {name: "pdf" for name, value in said.items() if value}
    named = title[0] if title else None
    return Document(named, authors, date, modified, language, text, len(pages), origins, scanned)


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


def _title(claimed: str, sizes: Counter[tuple[float, str]]) -> tuple[str, str] | None:
    """Return the largest text on the first page, unless the title in the metadata is printed there too.

    The metadata often has the title of a template or an earlier document. Without text, it is all there is.
    """
    claimed = "" if _NO_TITLE.match(claimed) else claimed
    if claimed and _letters(claimed) in _letters("".join(text for _, text in sizes)):
        return claimed, "pdf"
    largest = max((size for size, _ in sizes), default=0.0)
    shown = _composed(one_line(" ".join(text for size, text in sizes if size == largest)))
    shown = _BETWEEN_WIDE.sub("", shown)
    is_heading = largest > _HEADING * _body_size(sizes)
    if 3 < len(shown) <= 300 and (is_heading or not claimed):
        return shown, "largest line"
    return (claimed, "pdf") if claimed else None


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).lower()))


def _body_size(sizes: Counter[tuple[float, str]]) -> float:
    """Return the size of most of the text."""
    letters: Counter[float] = Counter()
    for (size, text), count in sizes.items():
        letters[size] += len(text) * count
    return max(letters, key=lambda size: letters[size], default=0.0)


def _composed(text: str) -> str:
    """Join accents that TeX prints as signs of their own to their letters: ``´e`` is é."""
    if text.isascii():
        return text
    joined = _ACCENTED.sub(lambda found: found[2].replace("ı", "i") + _COMBINING[found[1]], text)
    return unicodedata.normalize("NFC", joined)


def _lines(page: Any, sizes: Counter[tuple[float, str]] | None) -> list[str]:
    """Return the lines of a page, including empty ones, which separate paragraphs."""

    def note(text: str, _: Any, matrix: Sequence[float], __: Any, size: float) -> None:
        if sizes is not None and text.strip():
            sizes[round(size * abs(matrix[3] or matrix[1]), 1), " ".join(text.split())] += 1

    return [_composed(" ".join(line.split())) for line in page.extract_text(visitor_text=note).splitlines()]


def _without_heads(pages: Sequence[list[str]]) -> Iterator[list[str]]:
    """Yield the pages without headers and footers: first and last lines that most pages share, except for numbers."""
    ends: Counter[str] = Counter()
    for lines in pages:
        ends.update({_folded(line) for line in _outer(lines)})
    shared = {line for line, count in ends.items() if len(pages) > 2 and count > len(pages) / 2}
    for lines in pages:
        kept = lines
        while kept and (not kept[0] or _folded(kept[0]) in shared):
            kept = kept[1:]
        while kept and (not kept[-1] or _folded(kept[-1]) in shared):
            kept = kept[:-1]
        yield kept


def _outer(lines: Sequence[str]) -> list[str]:
    written = [line for line in lines if line]
    return [*written[:1], *written[-1:]]


def _folded(line: str) -> str:
    return _NUMBERS.sub("0", line)


def _paragraphs(pages: Iterator[list[str]]) -> Iterator[str]:
    """Join lines to paragraphs: a full line, or a hyphenated word, continues in the next line, or on the next page."""
    lines = [line for page in pages for line in page]
    widths = sorted(_width(line) for line in lines if line)
    column = widths[int(len(widths) * 0.9)] * _FULL if widths else 0
    paragraph, goes_on = "", False
    for line in lines:
        if not line:
            goes_on = goes_on and not paragraph.endswith(_ENDS_SENTENCE)
            continue
        if paragraph and not goes_on:
            yield paragraph
            paragraph = ""
        paragraph = _joined(paragraph, line)
        goes_on = _width(line) >= column
    if paragraph:
        yield paragraph


def _width(line: str) -> int:
    """Return the width in columns: a Chinese character takes two."""
    return len(line) + len(_WIDE_ONE.findall(line))


def _joined(paragraph: str, line: str) -> str:
    if paragraph.endswith("-") and line[:1].islower():
        return paragraph[:-1] + line
    return _BETWEEN_WIDE.sub("", f"{paragraph} {line}") if paragraph else line
