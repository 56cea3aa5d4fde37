"""Sources in and out, as lists of other programs: OPML of feed readers, CSV tables, and URLs, one per line.

A list can give name, seeds, walk, series, times, collection and tags of a source. The rest is in its file.
"""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from archive.values.csv_cells import as_written, inert
from archive.values.errors import ArchiveError
from archive.values.os_errors import is_refusal
from config.errors import ConfigError, Problem
from config.source import Source
from config.values.series import Series, with_bounds
from extractor.links.opml import Outline, read_opml, write_opml
from pressmark.discover.draft import plain_text
from pressmark.discover.propose import free_name, name_of
from pressmark.service.redaction import redaction
from pressmark.service.service import Service
from pressmark.service.source_editing import SecretsInText, SourceExists, add_source, check_new, unwritten

Form = Literal["opml", "csv"]
ReadForm = Literal["opml", "csv", "urls"]

COLUMNS = ("source", "seeds", "walk", "series", "every", "cron", "at", "timezone", "collection", "tags")
_SERIES = "write its step, its first and its last document into the column series: month 2024-01 2024-12"
_TIMES = ("every", "cron", "at", "timezone")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a list says of a source; what it does not say is empty."""

    name: str
    facts: Mapping[str, str]
    """By the names in `COLUMNS`, without ``source``."""

    @property
    def seeds(self) -> list[str]:
        return self.facts.get("seeds", "").split()


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of an entry: a new source, an existing one, or neither and why."""

    seed: str
    name: str | None
    state: Literal["new", "known", "refused"]
    why: str | None = None


def is_listable(source: Source) -> bool:
    """Return whether a source has start URLs. A mailbox and a spider of one's own have none."""
    return bool(source.seeds)


def write_list(sources: Iterable[Source], form: Form) -> bytes:
    """Write a list of sources. Those without start URLs (see `is_listable`) are left out."""
    rows = [(source, _facts(source)) for source in filter(is_listable, sources)]
    if form == "opml":
        return write_opml("Sources of Pressmark", [_outline(source, facts) for source, facts in rows])
    file = io.StringIO()
    table = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\r\n")
    table.writeheader()
    for _, facts in rows:
        table.writerow({key: inert(value) for key, value in facts.items()})
    return file.getvalue().encode()


def guess_form(content: bytes) -> ReadForm:
    """Return the form of a list: OPML begins as XML does, and a table has a column ``seeds``. Raises ValueError."""
    first = _decoded_xml_or_text(content).lstrip().partition("\n")[0]
    if first.startswith("<"):
        return "opml"
    return "csv" if "seeds" in re.split(r"[,;\t]", first.replace('"', "").strip()) else "urls"


def read_list(content: bytes, form: ReadForm) -> list[Entry]:
    """Read the entries of a list. Raises ValueError for an invalid one."""
    try:
        entries = list(_READERS[form](content))
    except csv.Error as error:
        raise ValueError(f"this is not a table: {error}") from None
    if not entries:
        raise ValueError("the list contains no sources")
    return entries


def import_list(
    service: Service,
    entries: Iterable[Entry],
    *,
    defaults: Mapping[str, str],
    by: str,
    with_secrets: bool = False,
    dry_run: bool = False,
) -> Iterator[Imported]:
    """Make a source of each entry. An entry with a seed of an existing source is known: importing twice adds nothing.

    `defaults` are facts for entries that do not give them; a time of their own replaces the default times.
    An entry that can't be written keeps no other from its result; once the disk or the database accepts nothing, the
    rest is refused without an attempt, because each may wait a minute. `by` names who does this, as in the audit trail;
    `with_secrets` says that their seeds may have values that may be secret.
    """
    service.sources.reload()
    seeds = {seed: source.name for source in service.sources for seed in source.seeds}
    names = set(service.sources.good)
    refused: str | None = None
    for entry in entries:
        first = next(iter(entry.seeds), "")
        if known := next((seeds[seed] for seed in entry.seeds if seed in seeds), None):
            yield Imported(first, known, "known")
            continue
        if refused is not None:
            yield Imported(first, entry.name or None, "refused", refused)
            continue
        try:
            source = _made(service, entry, defaults, names, None if dry_run else by, with_secrets=with_secrets)
        except (ConfigError, ArchiveError, OSError) as error:
            refused = _why(error) if is_refusal(error) else None
            yield Imported(first, entry.name or None, "refused", _why(error))
            continue
        names.add(source.name)
        seeds |= dict.fromkeys(source.seeds, source.name)
        yield Imported(first, source.name, "new")


def _why(error: ConfigError | ArchiveError | OSError) -> str:
    """Return why an entry made no source; without the place, which is in a file that was never written."""
    if isinstance(error, SecretsInText):
        return "; ".join(f"{problem.message}; {problem.suggestion}" for problem in error.problems)
    if isinstance(error, ConfigError):
        return "; ".join(problem.message for problem in error.problems)
    return unwritten(error) if isinstance(error, OSError) else redaction.text(str(error))


def _made(
    service: Service,
    entry: Entry,
    defaults: Mapping[str, str],
    names: Collection[str],
    by: str | None,
    *,
    with_secrets: bool,
) -> Source:
    """Make a source of an entry; without `by`, only check it. Raises ConfigError."""
    own_times = any(entry.facts.get(key) for key in _TIMES)
    facts = {key: value for key, value in defaults.items() if not (own_times and key in _TIMES)}
    facts |= {key: value for key, value in entry.facts.items() if value}
    name = entry.name or free_name(name_of(next(iter(entry.seeds), "")), list(names))
    text = plain_text(_description(name, facts, service.now().date()))
    if by is not None:
        return add_source(service, text, by, with_secrets=with_secrets)
    if name in names:
        raise SourceExists(name, service.settings.sources / f"{name}.yaml")
    return check_new(service, text, with_secrets=with_secrets)


def _description(name: str, facts: Mapping[str, str], today: date) -> dict[str, Any]:
    """Return the description as in the file of a source."""
    described: dict[str, Any] = {"source": name, "seeds": facts.get("seeds", "").split()}
    if walk := facts.get("walk"):
        described["walk"] = walk
    if series := _series(described["seeds"], facts.get("series", "").split(), today):
        described |= {"walk": "series", "series": series}
    if times := {key: facts[key] for key in _TIMES if facts.get(key)}:
        described["timetable"] = {**times, **({"at": times["at"].split()} if "at" in times else {})}
    if collection := facts.get("collection"):
        described["keep"] = {"collection": collection}
    if tags := [tag for part in facts.get("tags", "").split(",") if (tag := part.strip())]:
        described["tags"] = tags
    return described


def _series(seeds: list[str], written: list[str], today: date) -> dict[str, Any] | None:
    """Return the key `series` of a row: its step, first and last document, or what the places of its URLs say."""
    given = dict(zip(("each", "first", "last"), written, strict=False))
    if len(written) > len(given):
        raise ConfigError(Problem(f"{' '.join(written)!r} is not a series", suggestion=_SERIES))
    try:
        return with_bounds(next(iter(seeds), ""), given, today)
    except ValueError as error:
        raise ConfigError(Problem(str(error), suggestion=_SERIES)) from None


def _facts(source: Source) -> dict[str, str]:
    """Return the facts by the names in `COLUMNS`."""
    times = source.timetable.model_dump(mode="json") if source.timetable else {}
    facts = {
        "source": source.name,
        "seeds": " ".join(source.seeds),
        "walk": source.walk or "",
        "series": _series_in_a_cell(source.series),
        "every": times.get("every") or "",
        "cron": times.get("cron") or "",
        "at": " ".join(times.get("at") or ()),
        "timezone": times.get("timezone") or "",
        "collection": source.keep.collection,
        "tags": ", ".join(source.tags),
    }
    return {key: value for key, value in facts.items() if value}


def _series_in_a_cell(series: Series | None) -> str:
    """Return a series as a cell that no spreadsheet takes for a date: ``month 2024-01 2024-12``."""
    return "" if series is None else " ".join(filter(None, (series.each, series.first, series.last)))


def _outline(source: Source, facts: Mapping[str, str]) -> Outline:
    is_feed = source.walk == "feed"
    feed, page = (source.seeds[0], None) if is_feed else (None, source.seeds[0])
    return Outline(source.name, feed, page, facts)


def _from_opml(content: bytes) -> list[Entry]:
    entries = []
    for outline in read_opml(content):
        facts = {key: outline.ours[key] for key in COLUMNS if key in outline.ours}
        if not facts.get("seeds"):
            facts |= {"seeds": outline.feed or outline.page or "", **({"walk": "feed"} if outline.feed else {})}
        entries.append(Entry(facts.pop("source", ""), facts))
    return entries


def _from_urls(content: bytes) -> Iterator[Entry]:
    for line in map(str.strip, _decoded(content).splitlines()):
        if line and not line.startswith("#"):
            yield Entry("", {"seeds": line})


def _from_csv(content: bytes) -> Iterator[Entry]:
    text = _decoded(content)
    between = max(",;\t", key=text.partition("\n")[0].count)
    table = csv.DictReader(io.StringIO(text), delimiter=between)
    if "seeds" not in (table.fieldnames or ()):
        raise ValueError(f"the table has no column seeds; the known columns are {', '.join(COLUMNS)}")
    for row in table:
        facts = {key: _plain(value) for key, value in row.items() if key in COLUMNS and isinstance(value, str)}
        yield Entry(facts.pop("source", ""), facts)


_READERS: Mapping[ReadForm, Callable[[bytes], Iterable[Entry]]] = {
    "opml": _from_opml,
    "csv": _from_csv,
    "urls": _from_urls,
}


def _decoded_xml_or_text(content: bytes) -> str:
    """Return the beginning as text. XML says its encoding itself, and begins in ASCII in those that we read."""
    return content.decode("latin-1") if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else _decoded(content)


def _decoded(content: bytes) -> str:
    """Decode a table as spreadsheets write it: UTF-8, or UTF-16 with its mark.

    Guessing another encoding would guess at addresses.
    """
    try:
        return content.decode("utf-16" if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not valid UTF-8; save the table as UTF-8") from None


def _plain(value: str) -> str:
    return as_written(value.strip())
