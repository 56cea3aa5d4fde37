"""Ed25519 signatures (RFC 8032) of manifests: anyone with the public key can verify who made one.

The id of a key is the SHA-256 of its 32 bytes.
"""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from archive.values.digest import Sha256, sha256
from archive.values.errors import BadKey
from archive.warc.integrity.pem import private_key
from archive.warc.manifest import Manifest, Signature

_MADE_BY = "openssl genpkey -algorithm ed25519"


class PublicKey:
    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        self.id: Sha256 = sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw))

    @staticmethod
    def parse(text: str) -> PublicKey:
        """Parse a line in base64, or a complete PEM. Raises BadKey."""
        try:
            base = "".join(line for line in text.split("\n") if "-----" not in line)
            key = load_der_public_key(base64.b64decode("".join(base.split()), validate=True))
        except (ValueError, binascii.Error, UnsupportedAlgorithm):
            raise BadKey("a public key is the base64 line that `openssl pkey -pubout` prints") from None
        if not isinstance(key, Ed25519PublicKey):
            raise BadKey("the public key is not an Ed25519 key")
        return PublicKey(key)

    @property
    def text(self) -> str:
        """Return the line that names the key in the settings."""
        return base64.b64encode(self._key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()

    def made(self, manifest: Manifest) -> bool:
        """Return whether the signature of a manifest was made with this key and matches the content."""
        if manifest.signature is None or manifest.signature.key != self.id:
            return False
        try:
            self._key.verify(bytes.fromhex(manifest.signature.value), manifest.signed_bytes())
        except (InvalidSignature, ValueError):
            return False
        return True


class Signer:
    def __init__(self, pem: str) -> None:
        """Read a private key. Raises BadKey, whose message never shows the key."""
        key = private_key(pem, made_by=_MADE_BY)
        if not isinstance(key, Ed25519PrivateKey):
            raise BadKey(f"the private key is not an Ed25519 key: create one with {_MADE_BY}")
        self._key = key
        self.public = PublicKey(key.public_key())

    def sign(self, manifest: Manifest) -> Manifest:
        """Return the manifest with a signature. The same key and manifest give the same signature."""
        value = self._key.sign(manifest.signed_bytes()).hex()
        return manifest.signed(Signature(self.public.id, value))
