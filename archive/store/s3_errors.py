"""Translate failures of S3 requests into the archive's errors: sentences with bucket, endpoint and what to check.

They never contain a secret: they repeat the server's error code and none of its text."""

from __future__ import annotations

from archive.values.errors import (
    ArchiveError,
    IntegrityError,
    ObjectNotFound,
    StoreDenied,
    StoreError,
    StoreUnreachable,
)

_CREDENTIALS = "check the access key and the secret key"
_DENIED = {
    "InvalidAccessKeyId": _CREDENTIALS,
    "SignatureDoesNotMatch": _CREDENTIALS,
    "InvalidToken": _CREDENTIALS,
    "ExpiredToken": "the credentials have expired: renew them",
    "ExpiredTokenException": "the credentials have expired: renew them",
    "RequestTimeTooSkewed": "its clock and ours differ too much: set the time of this machine",
    "AccessDenied": "the credentials lack a right: a writer needs to put, get, list and abort uploads",
    "403": f"{_CREDENTIALS}, and their rights: a writer needs to put, get, list and abort uploads",
    "AccountProblem": "the account has a problem: contact the provider",
    "AllAccessDisabled": "the account has a problem: contact the provider",
}
_SPECIAL: dict[str, tuple[type[StoreError], str]] = {
    "NoSuchBucket": (StoreError, "does not exist: create it, or correct the bucket's name"),
    "NoSuchUpload": (StoreUnreachable, "aborted a multipart upload before it was complete"),
}
_DAMAGED = {"BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "IncompleteBody"}
_REDIRECTED = {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301"}
STRANGE = (
    "can't be reached: what answers there is not S3: check the endpoint, and whether a proxy or the login page of a"
    " network answers in its place"
)
_FAILURES = {
    "EndpointConnectionError": "no connection: check that it is running, and the host and port of the endpoint",
    "ConnectTimeoutError": "no connection in time: check the network and the endpoint's host and port",
    "ReadTimeoutError": "no response in time: look at the store and the network between",
    "ConnectionClosedError": "the connection was cut",
    "IncompleteReadError": "the response was incomplete",
    "ResponseStreamingError": "the response was incomplete",
    "SSLError": "no trust in its certificate: check the endpoint, or name the file of its authority as `ca`",
    "ProxyConnectionError": "no connection to the proxy that the environment names",
}


def answered(where: str, code: str, status: int, key: str | None = None) -> ArchiveError:
    """Return the error for an S3 error code and HTTP status. `where` names bucket and endpoint."""
    if key is not None and status == 404 and code not in _SPECIAL:
        return ObjectNotFound(key)
    kind, why = _judged(code, status)
    return kind(f"{where} {why}")


def _judged(code: str, status: int) -> tuple[type[StoreError], str]:
    if special := _SPECIAL.get(code):
        return special
    if code in _DENIED or status in (401, 403):
        return StoreDenied, f"refused ({code}): {_DENIED.get(code, _DENIED['AccessDenied'])}"
    if code in _DAMAGED:
        return IntegrityError, f"refused an object: the bytes that arrived do not have its checksum ({code})"
    if code in _REDIRECTED or status in (301, 307, 308):
        return StoreError, f"is in another region ({code}): correct the region or the endpoint"
    if status >= 500 or status in (408, 409, 429):
        return StoreUnreachable, f"can't answer now ({status} {code})"
    return StoreError, f"refused the request ({status} {code})"


def failed(where: str, error: Exception) -> ArchiveError:
    """Return the error for a request without a response."""
    name = type(error).__name__
    if name == "ResponseParserError":
        return StoreUnreachable(f"{where} {STRANGE}")
    if name in ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"):
        return StoreDenied(f"no credentials for {where}: set the access key and the secret key")
    for kind in type(error).__mro__:
        if why := _FAILURES.get(kind.__name__):
            return StoreUnreachable(f"{where} can't be reached: {why}")
    return StoreUnreachable(f"{where} can't be reached ({name})")
