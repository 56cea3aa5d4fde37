"""Keys for tests, as openssl makes them."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from archive.warc.integrity.signing import Signer


def pem(key: object) -> str:
    """Return a private key as text."""
    octets: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())  # type: ignore[attr-defined]
    return octets.decode()


def new_ed25519(file: Path) -> Path:
    file.write_text(pem(Ed25519PrivateKey.generate()))
    return file


def new_p384(file: Path) -> Path:
    file.write_text(pem(generate_private_key(SECP384R1())))
    return file


def public_line(file: Path) -> str:
    """Return the settings' form of the public half of a key in a file."""
    return Signer(file.read_text()).public.text
