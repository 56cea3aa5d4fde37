"""The Ed25519 keys (RFC 8032) by which sites recognise the crawler, as files in HOME/crawler-keys.

`current.pem` signs. All others, `*.pem`, are published beside it: the next key before it signs, a former one while
sites still remember it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from archive.values.errors import BadKey
from archive.warc.integrity.pem import private_key
from config.files.atomic_write import sync_directory

DIRECTORY = "crawler-keys"
_CURRENT = "current.pem"
_MADE_BY = "openssl genpkey -algorithm ed25519"


class BotKey:
    """A key that signs requests."""

    def __init__(self, pem: str) -> None:
        """Read a private key in PEM. Raises BadKey, whose message never shows the key."""
        key = private_key(pem, made_by=_MADE_BY)
        if not isinstance(key, Ed25519PrivateKey):
            raise BadKey(f"it is not an Ed25519 key: create one with {_MADE_BY}")
        self.private = key
        public = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(key.public_key().public_bytes_raw())}
        self.id: str = _base64url(hashlib.sha256(json.dumps(public, separators=(",", ":")).encode()).digest())
        """The thumbprint of the public key (RFC 7638; RFC 8037, A.3)."""
        self.jwk: dict[str, str] = public | {"kid": self.id, "use": "sig"}
        """The public key as JSON Web Key (RFC 8037)."""


def bot_keys(directory: Path) -> list[BotKey]:
    """Return the keys of a directory, the one that signs first. Empty without that one. Raises BadKey, OSError."""
    current = directory / _CURRENT
    if not current.exists():
        return []
    others = sorted(file for file in directory.glob("*.pem") if file != current)
    return list({key.id: key for key in map(_read, (current, *others))}.values())


def current_key(directory: Path) -> BotKey | None:
    """Return the key that signs; None if there is none. Raises BadKey, OSError."""
    current = directory / _CURRENT
    return _read(current) if current.exists() else None


def signing_key(directory: Path) -> BotKey:
    """Return the key that signs; create it if there is none. Raises BadKey, OSError."""
    current = directory / _CURRENT
    if not current.exists():
        _create(current)
    return _read(current)


def _read(file: Path) -> BotKey:
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        raise BadKey(f"others can read {file} (mode {mode:o}): run chmod 600 {file}")
    try:
        return BotKey(file.read_text("ascii"))
    except ValueError as error:
        raise BadKey(f"{file} is not a private key in PEM; create one with {_MADE_BY}") from error
    except BadKey as error:
        raise BadKey(f"{file}: {error}") from error


def _create(file: Path) -> None:
    """Write a new key to a file, unless another process is faster."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".new.", dir=file.parent)  # mode 600
    new = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as writing:
            writing.write(pem)
            writing.flush()
            os.fsync(writing.fileno())
        try:
            os.link(new, file)  # fails, unlike a renaming, when the file is there
        except FileExistsError:
            return
    finally:
        new.unlink()
    sync_directory(file.parent)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
