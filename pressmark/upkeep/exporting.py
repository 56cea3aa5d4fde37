"""Exports, as the doors of Pressmark ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.export import EXPORTERS, Exporter, Exports
from archive.export.wacz import Wacz
from archive.index.selection import Selection
from archive.texts.texts import Texts
from archive.values.errors import BadKey
from archive.values.timestamps import parse_timestamp
from config.errors import ConfigError, Problem
from config.load import UnknownSource
from config.names import EVERYTHING
from pressmark.service.service import Service
from pressmark.views.collections import Collections
from pressmark.views.feeds import UnknownCollection

if TYPE_CHECKING:
    from archive.export.wacz_signature import WaczSigner


def exports_of(service: Service) -> Exports:
    return Exports(service.database, service.index, Texts(service.database), service.store)


def exporter_of(service: Service, form: str, *, sign: bool = False) -> Exporter:
    """The exporter of a format. Raises ValueError when another format than WACZ is to be signed; ConfigError when there
    is no key to sign by, or none of its kind."""
    if not sign:
        return EXPORTERS[form]
    if form != Wacz.name:
        raise ValueError(f"a file in the format {form} can't be signed, only a WACZ")
    return Wacz(wacz_signer(service))


def wacz_signer(service: Service) -> WaczSigner:
    """Raises ConfigError, which names the setting, when there is no key or none of its kind."""
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
    collection: str | None = None,
    url: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Selection:
    """Raises ValueError for what is no time; UnknownSource and UnknownCollection for names that nobody knows, and that
    nothing was kept under: an export of nothing is asked for by mistake only.
    """
    if source and source not in service.sources.good and not service.index.has_source(source):
        raise UnknownSource(source, service.sources.good)
    if collection and not Collections(service).knows(collection):
        raise UnknownCollection(collection)
    return Selection(
        source=source,
        collection=None if collection == EVERYTHING else collection,
        url=url,
        since=parse_timestamp(since) if since else None,
        until=parse_timestamp(until, end=True) if until else None,
    )
