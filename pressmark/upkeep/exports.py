"""Exports, as the doors of Pressmark request them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.export import EXPORTERS, Exporter, Exports
from archive.export.cdxj import Cdxj
from archive.export.compressed import CODINGS, Compressed
from archive.export.jsonl import Jsonl
from archive.export.parquet import Parquet
from archive.export.posts import POSTS
from archive.export.wacz import Wacz
from archive.index.run_captures import has_captures
from archive.index.selection import Selection
from archive.texts.snapshot_notes import SnapshotNotes
from archive.texts.texts import Texts
from archive.values.errors import BadKey
from archive.values.timestamps import parse_timestamp
from config.errors import ConfigError, Problem
from config.load import UnknownSource
from config.names import EVERYTHING
from pressmark.service.service import Service
from pressmark.views.collections import Collections
from pressmark.views.feeds import UnknownCollection
from pressmark.views.reserved_texts import ReservedTexts

if TYPE_CHECKING:
    from archive.export.wacz_signature import WaczSigner


_OF_POSTS: dict[str, Exporter] = {"jsonl": Jsonl(POSTS), "parquet": Parquet(POSTS)}
_LINES = ("jsonl", "cdxj")


class UnfitExport(ValueError):
    """A format does not have the requested feature."""


def exports_of(service: Service) -> Exports:
    texts, notes = Texts(service.database), SnapshotNotes(service.database)
    binds, elsewhere = ReservedTexts(service).binds, service.archive.elsewhere
    return Exports(service.index, texts, service.store, binds=binds, notes=notes, elsewhere=elsewhere)


def exporter_of(
    service: Service, form: str, *, sign: bool = False, posts: bool = False, compress: str | None = None
) -> Exporter:
    """Return the exporter of a format: a signed one, one of posts instead of captures, or a compressed one.

    Raises UnfitExport when the format can't be signed, have posts or be compressed; ConfigError when the signing key is
    missing or invalid.
    """
    if sign and form != Wacz.name:
        raise UnfitExport(f"a file in the format {form} can't be signed, only a WACZ")
    if posts and form not in _OF_POSTS:
        raise UnfitExport(f"posts can't be exported as {form}, only as {' or '.join(_OF_POSTS)}")
    exporter = Wacz(wacz_signer(service)) if sign else (_OF_POSTS if posts else EXPORTERS)[form]
    if not compress:
        return exporter
    if not isinstance(exporter, Jsonl | Cdxj):
        raise UnfitExport(f"the format {form} can't be compressed, only {' or '.join(_LINES)}")
    return Compressed(exporter, CODINGS[compress])


def coding_in(form: str, name: str) -> str | None:
    """Return the compression that the name of a file asks for: ``zst`` for ``out.jsonl.zst``; None without one."""
    suffix = name.rpartition(".")[2]
    return suffix if suffix in CODINGS and form in _LINES else None


def wacz_signer(service: Service) -> WaczSigner:
    """Return the signer. Raises ConfigError, which names the setting, when the key is missing or invalid."""
    from archive.export.wacz_signature import WaczSigner

    key = service.settings.signing.wacz_key
    if key is None:
        where = "set signing.wacz_key_file (docs/how-to/sign.md)"
        raise ConfigError(Problem("no key for signing a WACZ is configured", "signing.wacz_key", None, where))
    try:
        return WaczSigner(key.get_secret_value())
    except BadKey as error:
        raise ConfigError(Problem(str(error), "signing.wacz_key")) from None


def selection_of(
    service: Service,
    *,
    source: str | None = None,
    run: str | None = None,
    collection: str | None = None,
    url: str | None = None,
    since: str | None = None,
    until: str | None = None,
    with_text: bool = False,
    latest: bool = False,
    language: str | None = None,
    media_type: str | None = None,
) -> Selection:
    """Return the selection.

    Raises BadTime and BadMediaType; UnknownSource, UnknownRun and UnknownCollection for unknown names without captures:
    nobody wants an empty export.
    """
    if source and source not in service.sources.good and not service.index.has_source(source):
        raise UnknownSource(source, service.sources.good)
    if run and not has_captures(service.database, run):
        service.runs.get(run)
    if collection and not Collections(service).knows(collection):
        raise UnknownCollection(collection)
    return Selection(
        source=source,
        run=run,
        collection=None if collection == EVERYTHING else collection,
        url=url,
        since=parse_timestamp(since) if since else None,
        until=parse_timestamp(until, end=True) if until else None,
        with_text=with_text,
        latest=latest,
        language=language or None,
        media_type=media_type or None,
    )
