"""Which addresses may be listened on: beyond loopback, a login must be needed, and possible."""

from __future__ import annotations

from contextlib import closing
from ipaddress import ip_address
from pathlib import Path

from archive.database.access.person_rows import PersonRows
from archive.database.access.token_rows import TokenRows
from archive.database.engine import open_database
from config.errors import ConfigError, Problem
from config.settings import Settings

SHORTEST_TOKEN = 16
_MARKER = "access"
_TOLD = "People or tokens were added to this home. While this file is here, nobody has access without them.\n"


class UnprotectedAddress(ConfigError):
    def __init__(self, host: str) -> None:
        hint = "set PRESSMARK_TOKEN, e.g. to the output of openssl rand -hex 32, or run 'pressmark user add'"
        super().__init__(
            Problem(f"without a token, the service listens on loopback only, not on {host}", "host", None, hint)
        )


class WeakToken(ConfigError):
    def __init__(self, host: str) -> None:
        hint = "set PRESSMARK_TOKEN, e.g. to the output of openssl rand -hex 32"
        sentence = f"to listen on {host}, the token must have at least {SHORTEST_TOKEN} characters"
        super().__init__(Problem(sentence, "token", None, hint))


def check_protection(settings: Settings, host: str) -> None:
    """Raise UnprotectedAddress or WeakToken if others could reach the service there and use it."""
    if is_loopback(host):
        return
    if settings.token is not None:
        if len(settings.token.get_secret_value()) < SHORTEST_TOKEN:
            raise WeakToken(host)
    elif settings.oidc.issuer is None and not is_marked(settings.home) and not _has_rows(settings):
        raise UnprotectedAddress(host)


def _has_rows(settings: Settings) -> bool:
    """Return whether a database that several homes share has people or tokens."""
    if settings.database is None:
        return False
    with closing(open_database(settings.database_url)) as database:
        return PersonRows(database).count() > 0 or TokenRows(database).count() > 0


def is_marked(home: Path) -> bool:
    """Return whether people or tokens were added: if the database is lost, nobody must have access then."""
    return (home / _MARKER).exists()


def mark(home: Path, *, protected: bool) -> None:
    """Note in the home whether there are people or tokens."""
    file = home / _MARKER
    if protected and not file.exists():
        file.write_text(_TOLD, "utf-8")
    elif not protected:
        file.unlink(missing_ok=True)


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach what listens there."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
