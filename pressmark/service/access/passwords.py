"""Passwords, hashed by Argon2id with the parameters of RFC 9106 for little memory (64 MiB, three passes)."""

from __future__ import annotations

import secrets
from functools import lru_cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 12
"""Characters of a password, at least. `people.html` and its Chinese sentence have this number, too."""
LONGEST = 256
"""Characters of a password, at most: a longer one only takes time."""
_AT_ONCE = BoundedSemaphore(2)
"""Each hash takes 64 MiB."""


class UnfitPassword(ValueError):
    def __init__(self) -> None:
        super().__init__(f"a password must have between {SHORTEST} and {LONGEST} characters")


def hash_password(password: str) -> str:
    """Return the hash, in the PHC string format. Raises UnfitPassword."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise UnfitPassword
    with _AT_ONCE:
        return _hasher().hash(password)


def is_password(password: str, hashed: str | None) -> bool:
    """Return whether the hash is that of the password. Without a hash, the result is False after the same time."""
    from argon2.exceptions import InvalidHashError, VerificationError

    if len(password) > LONGEST:
        return False
    with _AT_ONCE:
        try:
            return _hasher().verify(hashed or _nobodys(), password) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher
    from argon2.profiles import RFC_9106_LOW_MEMORY

    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    """Return a hash that no password has: so the time of an answer doesn't say which names exist."""
    return _hasher().hash(secrets.token_hex(32))
