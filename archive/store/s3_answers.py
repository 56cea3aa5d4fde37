"""Check that a response is from an S3 server: a network's login page answers every request with 200, too."""

from __future__ import annotations

from typing import Any

_TOLD = {
    "PutObject": "ETag",
    "GetObject": "ETag",
    "HeadObject": "ETag",
    "UploadPart": "ETag",
    "CreateMultipartUpload": "UploadId",
    "CompleteMultipartUpload": "ETag",
    "ListObjectsV2": "IsTruncated",
    "ListMultipartUploads": "IsTruncated",
}
"""Fields of every successful S3 response, by operation (the API reference of Amazon S3)."""


class StrangeAnswerError(Exception):
    """A response that is not from an S3 server."""


_REDIRECTS = frozenset({302, 303})
"""Redirects of login pages; S3 redirects with 301 and 307."""


def check(http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
    """Check a response that botocore has parsed, as a handler of ``after-call``. Raises StrangeAnswerError."""
    element, error = _TOLD.get(model.name), parsed.get("Error")
    lacks = error is None and http_response.status_code < 300 and element is not None and element not in parsed
    if lacks or http_response.status_code in _REDIRECTS or _is_page(http_response, error):
        if "Body" in parsed:
            parsed["Body"].close()
        raise StrangeAnswerError(model.name)


def _is_page(http_response: Any, error: dict[str, Any] | None) -> bool:
    """Return whether the response is a web page: botocore turns any, even with 200, into a nameless error 500."""
    html = http_response.headers.get("Content-Type", "").startswith("text/html")
    return html and error is not None and error.get("Code") == "500"
