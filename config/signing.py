"""Settings of signatures: by which keys what is kept is signed, and by which it is checked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, SecretStr

from config.group import Group

SECRETS = (("signing", "private_key"), ("signing", "wacz_key"))
"""Which of these are secrets: each can be in a file, whose name the key with ``_file`` gives."""


def _in_utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _joined(value: Any) -> Any:
    """In YAML it may be a list, too."""
    return " ".join(value) if isinstance(value, list) and all(isinstance(one, str) for one in value) else value


class Signing(Group):
    """Signatures of manifests and of WACZ files."""

    private_key: SecretStr | None = None
    """The key that manifests are signed by: Ed25519 in PEM, no password; without it they are not signed."""
    private_key_file: Path | None = None
    """A file that holds the key of manifests."""
    public_keys: Annotated[str, BeforeValidator(_joined)] = ""
    """The keys that signatures are checked by, each in base64 (the middle line of a public key in PEM), with blanks
    between them; that of `private_key` counts without being named. With any, an unsigned manifest is a finding."""
    since: Annotated[datetime, AfterValidator(_in_utc)] | None = None
    """Segments that begin earlier may be without a signature, such as those from before there was a key."""
    wacz_key: SecretStr | None = None
    """The key that WACZ files are signed by: ECDSA P-384 in PEM, no password."""
    wacz_key_file: Path | None = None
    """A file that holds the key of WACZ files."""
