"""A connection to a mail server at an address that was checked, with answers of limited length."""

from __future__ import annotations

import imaplib
import socket
import ssl
from collections.abc import Callable

from config.values.mailbox import Mailbox

Hold = Callable[[socket.socket], None]
_CONNECT = 10.0
"""Seconds until a server accepts a connection."""
_MOST_IN_LINES = 4_000_000
"""Bytes of an answer beside its literals: imaplib allows a million for each line."""


class Connection(imaplib.IMAP4):
    """A connection to an address that was checked, which reads no answer longer than allowed."""

    def __init__(self, box: Mailbox, address: str, timeout: float, most: int, hold: Hold) -> None:
        """Connect. `most` are the bytes of all literals of an answer; `hold` gets each socket."""
        self._box, self._address, self._most, self._hold = box, address, most, hold
        self.begin()
        super().__init__(box.host, box.port_used, timeout)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self._address, self.port), min(timeout or _CONNECT, _CONNECT))
        self._hold(plain)
        plain.settimeout(timeout)
        if self._box.tls != "implicit":
            return plain
        try:
            secure = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise
        self._hold(secure)
        return secure

    def begin(self) -> None:
        """Begin to count: the next answer is that of another command."""
        self._literals = self._lines = 0

    def read(self, size: int) -> bytes:
        self._literals += size
        if self._literals > self._most:
            raise self.abort(f"it sends {self._literals} bytes at once, and {self._most} are allowed")
        return bytes(super().read(size))

    def readline(self) -> bytes:
        line = bytes(super().readline())
        self._lines += len(line)
        if self._lines > _MOST_IN_LINES:
            raise self.abort(f"it sends lines without end, and {_MOST_IN_LINES} bytes are allowed")
        return line
