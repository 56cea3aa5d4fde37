"""Whose mailbox a source reads: URLs of messages do not name the user, and another user's may have the same numbers."""

from __future__ import annotations

import hashlib

from crawler.policy.revisit import Memory

_COST = 1 << 12
"""Of scrypt: some 15 ms, once in a run. Names of users are short, and a database is copied more often than a file."""


class Account:
    """The user that the archived messages of a source are from."""

    def __init__(self, memory: Memory | None, source: str, server_url: str, user: str) -> None:
        """Set up. Without a memory, every run takes the user for the one before."""
        self._memory, self._source = memory, source
        salt = f"{source}\n{server_url}".encode()
        self._digest = hashlib.scrypt(user.encode(), salt=salt, n=_COST, r=8, p=1, dklen=16).hex()

    def is_another(self) -> bool:
        """Return whether the last complete run read the mailbox of another user. Raises DatabaseUnusable."""
        known = self._memory.mail_account(self._source) if self._memory else None
        return known is not None and known != self._digest

    def note(self) -> None:
        """Note that all messages of this user's mailbox were looked at. Raises DatabaseUnusable."""
        if self._memory and self._memory.mail_account(self._source) != self._digest:
            self._memory.note_mail_account(self._source, self._digest)
