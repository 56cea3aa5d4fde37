"""Read private keys in PEM from the settings."""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from archive.values.errors import BadKey


def private_key(pem: str, *, made_by: str) -> PrivateKeyTypes:
    """Read a key of any kind. Raises BadKey, which names the command that makes a key and never shows the key."""
    try:
        return load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        raise BadKey("the key needs a password; use a key without one") from None
    except (ValueError, UnsupportedAlgorithm):
        raise BadKey(f"it is not a private key in PEM; create one with {made_by}") from None
