"""Anonymous signatures of WACZ files (wacz-auth 0.1.0): they prove that the holder of the key made the package.

They are ECDSA on P-384 with SHA-256, as two numbers of 48 bytes: ArchiveWeb.page writes this form, and the WebCrypto of
ReplayWeb.page reads no other. The signed text is the hash of datapackage.json, ``sha256:…``.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP384R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from archive.values.errors import BadKey
from archive.warc.integrity.pem import private_key

VERSION = "0.1.0"

_HALF = 48
"""Bytes of each of the two numbers."""
_MADE_BY = "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384"
_ANONYMOUS = frozenset({"hash", "created", "software", "version", "signature", "publicKey"})
_BY_DOMAIN = _ANONYMOUS - {"publicKey"} | {"domain", "domainCert", "timeSignature", "timestampCert", "crossSignedCert"}


class WaczSigner:
    def __init__(self, pem: str) -> None:
        """Read the key. Raises BadKey, whose message never shows the key."""
        key = private_key(pem, made_by=_MADE_BY)
        if not (isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP384R1)):
            raise BadKey(f"the private key is not an ECDSA P-384 key: create one with {_MADE_BY}")
        self._key = key
        spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.public = base64.b64encode(spki).decode()
        """The public key, in the form of signed data."""

    def signed(self, digest: str, *, created: str, software: str) -> dict[str, str]:
        """Return the ``signedData`` of a package. It is deterministic (RFC 6979)."""
        r, s = decode_dss_signature(self._key.sign(digest.encode(), ECDSA(SHA256(), deterministic_signing=True)))
        return {
            "hash": digest,
            "created": created,
            "software": software,
            "version": VERSION,
            "signature": base64.b64encode(r.to_bytes(_HALF) + s.to_bytes(_HALF)).decode(),
            "publicKey": self.public,
        }


def flaw_of(signed: Any, *, digest: str, created: str | None) -> str | None:
    """Return what is wrong with the ``signedData`` of a package, as a sentence. Domain certificates are not checked."""
    if not isinstance(signed, dict) or not (signed.keys() == _ANONYMOUS or signed.keys() <= _BY_DOMAIN):
        return "signedData has neither the keys of an anonymous signature nor those of a domain signature"
    if signed.get("hash") != digest:
        return f"signedData belongs to another datapackage.json: {signed.get('hash')}"
    if signed.get("created") != created:
        return f"signedData was made at {signed.get('created')}, datapackage.json at {created}"
    if "publicKey" in signed and not _made(signed["publicKey"], signed["signature"], digest):
        return "the signature of datapackage.json was not made with the key in signedData"
    return None


def _made(public: str, signature: str, digest: str) -> bool:
    """Return whether a key made a signature, in either of the two forms in use."""
    try:
        key = load_der_public_key(base64.b64decode(public, validate=True))
        content = base64.b64decode(signature, validate=True)
        if not isinstance(key, EllipticCurvePublicKey):
            return False
        half = (key.curve.key_size + 7) // 8
        if len(content) == 2 * half:
            content = encode_dss_signature(int.from_bytes(content[:half]), int.from_bytes(content[half:]))
        key.verify(content, digest.encode(), ECDSA(SHA256()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError, binascii.Error):
        return False
    return True
