"""Ed25519 signatures (RFC 8032) of manifests: who made one can be told, by whoever has the public key.

A key is known by the SHA-256 of its 32 octets.
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
        """From a line in base64, or a whole PEM. Raises BadKey."""
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
        """The line by which the settings name it."""
        return base64.b64encode(self._key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()

    def made(self, manifest: Manifest) -> bool:
        """Whether the signature of a manifest is by this key, and is of what the manifest says."""
        if manifest.signature is None or manifest.signature.key != self.id:
            return False
        try:
            self._key.verify(bytes.fromhex(manifest.signature.value), manifest.signed_bytes())
        except (InvalidSignature, ValueError):
            return False
        return True


class Signer:
    def __init__(self, pem: str) -> None:
        """Raises BadKey, whose sentence does not hold the key."""
        key = private_key(pem, made_by=_MADE_BY)
        if not isinstance(key, Ed25519PrivateKey):
            raise BadKey(f"the private key is not an Ed25519 key: create one with {_MADE_BY}")
        self._key = key
        self.public = PublicKey(key.public_key())

    def sign(self, manifest: Manifest) -> Manifest:
        """The same manifest with a signature. The same key and manifest give the same one."""
        value = self._key.sign(manifest.signed_bytes()).hex()
        return manifest.signed(Signature(self.public.id, value))
