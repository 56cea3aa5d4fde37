"""Whose mailbox a source reads: URLs of messages do not name the user, and another user's may have the same numbers."""

from __future__ import annotations

import hashlib
from datetime import datetime

from crawler.policy.shared import Parts

_COST = 1 << 12
"""Of scrypt: some 15 ms, once in a run. Names of users are short, and a database is copied more often than a file."""


class Account:
    """The user whose mailbox a source reads, and since when."""

    def __init__(self, parts: Parts, source: str, server_url: str, user: str) -> None:
        """Set up. Without a memory, every run takes the user for the one before."""
        self._memory, self._now, self._source = parts.memory, parts.now, source
        salt = f"{source}\n{server_url}".encode()
        self._digest = hashlib.scrypt(user.encode(), salt=salt, n=_COST, r=8, p=1, dklen=16).hex()

    def since(self) -> datetime | None:
        """Return when the source got this user; None if it never had another one. Raises DatabaseUnusable.

        It is stored at once, before a message is archived: a run may end at any message. A source whose user is not
        known yet, as after an older version, is taken to have had this one always.
        """
        if self._memory is None:
            return None
        known = self._memory.mail_account(self._source)
        user, _, began = (known or f"{self._digest} ").partition(" ")
        if user != self._digest:
            began = self._now().isoformat()
        if known != (told := f"{self._digest} {began}"):
            self._memory.note_mail_account(self._source, told)
        return datetime.fromisoformat(began) if began else None
