"""The keys of a service: those that sign manifests and requests, and those that verify signatures."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from archive.database.database_name import file_of
from archive.database.marks import Marks
from archive.values.errors import BadKey
from archive.warc.integrity.trust import Trust
from config.errors import ConfigError, Problem
from config.groups.signing import Signing, has_public_keys
from config.groups.timestamps import Timestamps

if TYPE_CHECKING:
    from archive.database.engine import Database
    from archive.shipping.upload import Sign
    from archive.warc.integrity.signing import PublicKey
    from archive.warc.integrity.timestamps import Authority
    from config.settings import Settings
    from config.source import Source
    from crawler.wire.bot_key import BotKey
    from crawler.wire.signatures import RequestSigner

log = logging.getLogger(__name__)

_DIRECTORIES = "crawler-directory/"
"""Marks with what machines that sign have told those that only answer, by the public address."""
_SIGN_AGAIN = timedelta(days=1)
_UNFIT = (BadKey, FileNotFoundError, PermissionError)
"""What is wrong with the files of keys themselves. Other errors of a disk pass, and the run continues then."""


@dataclass(frozen=True, slots=True)
class Keys:
    trust: Trust
    sign: Sign | None = None
    """Signs a manifest; None when there is no key."""
    public: str | None = None
    """The public half of that key, as in the settings."""


def keys_of(settings: Signing) -> Keys:
    """Read the keys. Raises ConfigError, which names the setting of an invalid key."""
    if settings.private_key is None and not settings.public_keys:
        return Keys(Trust())
    from archive.warc.integrity.signing import PublicKey, Signer

    known: list[PublicKey] = []
    for number, text in enumerate(settings.public_keys.split(), 1):
        try:
            known.append(PublicKey.parse(text))
        except BadKey as error:
            raise ConfigError(Problem(f"key {number} is invalid: {error}", "signing.public_keys")) from None
    if settings.private_key is None:
        return Keys(Trust(known, since=settings.since))
    try:
        signer = Signer(settings.private_key.get_secret_value())
    except BadKey as error:
        raise ConfigError(Problem(str(error), "signing.private_key")) from None
    return Keys(Trust([*known, signer.public], since=settings.since), signer.sign, signer.public.text)


def authority_of(settings: Timestamps) -> Authority:
    """Read the root certificates of the authority of time stamps; none if none are set.

    Raises ConfigError, which names the setting of an invalid file.
    """
    if settings.certificates is None:
        return ()
    from archive.warc.integrity.timestamps import certificates_in

    try:
        return certificates_in(settings.certificates.read_bytes())
    except BadKey as error:
        raise ConfigError(Problem(str(error), "timestamps.certificates", file=settings.certificates)) from None
    except OSError as error:
        told = f"the file can't be read: {error.strerror}"
        raise ConfigError(Problem(told, "timestamps.certificates", file=settings.certificates)) from None


def signer_of(settings: Settings, source: Source | None, *, creates: bool = True) -> RequestSigner | None:
    """Return what signs the requests for a source, None if they are not signed. Without a source, the settings decide.

    With `creates` it makes the first key, unless several machines can share the database: one would sign with a key
    that the others do not publish. Without, requests are not signed until there is a key. Raises ConfigError, which
    names the file of a key that can't be used, or the directory that must have one; OSError.
    """
    wanted = source.sign_requests if source is not None else None
    if not (settings.signing.requests if wanted is None else wanted) or settings.public_url is None:
        return None
    from crawler.wire.bot_key import DIRECTORY, current_key, signing_key
    from crawler.wire.signatures import RequestSigner

    directory = settings.home / DIRECTORY
    try:
        key = current_key(directory)
        if key is None and file_of(settings.database_url) is None:
            told = f"requests can't be signed: there is no key in {directory}"
            hint = f"copy {DIRECTORY} from the machine that has it, or make one key for all machines"
            raise ConfigError(Problem(told, suggestion=f"{hint}: see docs/operations/several-machines.md"))
        if key is None and creates:
            key = signing_key(directory)
    except _UNFIT as error:
        raise ConfigError(Problem(f"requests can't be signed: {error}")) from error
    return RequestSigner(key, settings.public_url) if key else None


def published_keys(settings: Settings) -> list[BotKey]:
    """Return the keys to publish, the one that signs first; none while there is none, or no https address for them.

    Raises ConfigError, which names the file of a key that can't be used; OSError.
    """
    from crawler.wire.bot_key import DIRECTORY, bot_keys

    if not has_public_keys(settings.public_url):
        return []
    try:
        return bot_keys(settings.home / DIRECTORY)
    except _UNFIT as error:
        raise ConfigError(Problem(f"the keys of the crawler can't be read: {error}")) from error


@dataclass(frozen=True, slots=True)
class KeyDirectory:
    """The list of public keys as it is sent: signed by each of them."""

    body: str
    """A JSON Web Key Set (RFC 7517)."""
    fields: Mapping[str, str]
    """Header fields with the signatures; none once those have expired."""
    signed_at: str
    """In ISO 8601."""

    @property
    def keys(self) -> Sequence[Mapping[str, str]]:
        found: Sequence[Mapping[str, str]] = json.loads(self.body)["keys"]
        return found


def announcing_signer(
    settings: Settings, database: Database, now: Callable[[], datetime]
) -> Callable[[Source | None], RequestSigner | None]:
    """Return `signer_of` for a worker, which writes its public keys to a shared database before a run signs."""
    return partial(_announced_signer, settings, database, now)


def _announced_signer(
    settings: Settings, database: Database, now: Callable[[], datetime], source: Source | None
) -> RequestSigner | None:
    signer = signer_of(settings, source)
    if signer is not None and database.is_shared:
        try:
            _announce(settings, database, now())
        except Exception:  # the run signs with a key that its own pages publish
            log.exception("the public keys of the crawler can't be written to the database")
    return signer


def _announce(settings: Settings, database: Database, at: datetime) -> None:
    own, known = _own_directory(settings, at), _announced(settings, database, at)
    if own is None or settings.public_url is None:
        return
    if known is None or known.body != own.body or datetime.fromisoformat(known.signed_at) + _SIGN_AGAIN < at:
        Marks(database, _DIRECTORIES).set(settings.public_url, json.dumps(asdict(own)))


def key_directory(settings: Settings, database: Database, at: datetime) -> KeyDirectory | None:
    """Return the keys to publish: those in the home, or else those of the machines that sign; None without any.

    Raises ConfigError, which names the file of a key that can't be used; OSError.
    """
    return _own_directory(settings, at) or _announced(settings, database, at)


def _own_directory(settings: Settings, at: datetime) -> KeyDirectory | None:
    keys = published_keys(settings)
    if not keys or settings.public_url is None:
        return None
    from crawler.wire.signatures import directory_fields

    body = json.dumps({"keys": [key.jwk for key in keys]}, separators=(",", ":"))
    return KeyDirectory(body, directory_fields(keys, settings.public_url, body.encode(), at), at.isoformat())


def _announced(settings: Settings, database: Database, at: datetime) -> KeyDirectory | None:
    """Return what a machine that signs has written. Its signatures are left out once they have expired."""
    address = settings.public_url
    if address is None or not has_public_keys(address) or not database.is_shared:
        return None
    if (text := Marks(database, _DIRECTORIES).get(address)) is None:
        return None
    from crawler.wire.signatures import DIRECTORY_VALID

    found = KeyDirectory(**json.loads(text))
    is_valid = datetime.fromisoformat(found.signed_at) + DIRECTORY_VALID > at
    return found if is_valid else KeyDirectory(found.body, {}, found.signed_at)
