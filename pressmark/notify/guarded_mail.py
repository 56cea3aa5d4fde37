"""Mail by a server that people name in the pages: only at addresses that are public, or that the operator permits."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Sequence
from typing import Any

from config.groups.notify import Mail
from config.values.urls import Network
from crawler.wire.guard import AddressForbidden, Guard

PORTS = (25, 465, 587, 2525)
"""Ports of mail servers (RFC 5321, RFC 8314, RFC 6409), and the usual alternative."""


class GuardedMail(Mail):
    """Settings of mail whose server was not named by the operator."""

    allow: tuple[Network, ...] = ()
    """Private networks that it may be in."""


def checked_socket(mail: GuardedMail, timeout: float) -> socket.socket:
    """Connect to the server of a mail channel. Raises OSError: `ForbiddenServer` for a forbidden address."""
    guard, host = Guard(mail.allow, PORTS), mail.server or ""
    try:
        found = [str(address[0]) for *_, address in socket.getaddrinfo(host, mail.port, type=socket.SOCK_STREAM)]
        for address in found:
            guard.check(address, mail.port, host=host)
    except AddressForbidden as error:
        raise ForbiddenServer(error) from error
    except UnicodeError as error:
        raise OSError(f"{host[:80]!r} is not a valid host name") from error
    return _connected(found, mail.port, timeout)


class ForbiddenServer(OSError):
    """A mail server at an address or a port that is not permitted."""

    def __init__(self, error: AddressForbidden) -> None:
        why = "its port" if error.port else f"its address {error.address} ({error.reason})"
        super().__init__(
            f"Pressmark sends no mail by the server {error.host}: the settings (allow.addresses) do not permit {why}"
        )


def _connected(addresses: Sequence[str], port: int, timeout: float) -> socket.socket:
    failed: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout)
        except OSError as error:
            failed = error
    raise failed or OSError("the mail server has no address")


class GuardedSMTP(smtplib.SMTP):
    """A connection to an address that was checked."""

    def __init__(self, mail: GuardedMail, timeout: float, context: ssl.SSLContext | None) -> None:
        """Connect; with a context, over TLS from the start. Raises SMTPException, OSError."""
        self._mail, self._context = mail, context
        super().__init__(mail.server or "", mail.port, timeout=timeout)

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        plain = checked_socket(self._mail, timeout)
        if self._context is None:
            return plain
        try:
            return self._context.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise
