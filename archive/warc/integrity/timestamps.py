"""Time stamps of RFC 3161: an authority confirms that it saw a digest at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from archive.values.digest import sha256
from archive.values.errors import BadKey, IntegrityError

TYPE = "application/timestamp-query"
"""The media type of a request."""
_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")


Authority = Sequence[x509.Certificate]
"""The root certificates of an authority."""


class Request(NamedTuple):
    der: bytes
    nonce: int | None


def request_for(content: bytes) -> Request:
    """Return a request for a time stamp of the SHA-256 of `content`, with the certificates of the authority."""
    built = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()
    return Request(built.as_bytes(), built.nonce)


def certificates_in(pem: bytes) -> Authority:
    """Return the certificates in a PEM file. Raises BadKey."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise BadKey("timestamps.certificates has no certificate in PEM") from None


def time_of(stamp: bytes, content: bytes, roots: Authority = (), *, nonce: int | None = None) -> datetime:
    """Return the time that a response confirms for `content`. Raises IntegrityError if it does not.

    With `roots`, also the signature and its certificates are checked, as they were valid at that time.
    """
    try:
        response = decode_timestamp_response(stamp)
        _check_imprint(response, content)
        if nonce is not None and response.tst_info.nonce != nonce:
            raise IntegrityError("the time stamp answers another request")
        if roots:
            VerifierBuilder(roots=list(roots)).build().verify_message(response, content)
    except (ValueError, VerificationError) as error:
        raise IntegrityError(f"the time stamp is not valid: {error}") from error
    return response.tst_info.gen_time


def _check_imprint(response: TimeStampResponse, content: bytes) -> None:
    if response.status != 0:
        told = "; ".join(map(str, response.status_string)) or f"status {response.status}"
        raise IntegrityError(f"the authority refused a time stamp: {told}")
    imprint = response.tst_info.message_imprint
    if imprint.hash_algorithm != _SHA256 or imprint.message.hex() != sha256(content):
        raise IntegrityError("the time stamp is of other bytes")
