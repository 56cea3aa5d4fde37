"""Responses that no S3 server gives are recognized."""

from __future__ import annotations

import io
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.model import ServiceModel

from archive.store.s3_answers import StrangeAnswerError, check

OPERATIONS = (
    "PutObject",
    "GetObject",
    "HeadObject",
    "UploadPart",
    "ListObjectsV2",
    "DeleteObject",
    "CreateMultipartUpload",
    "AbortMultipartUpload",
)
SERVICE = ServiceModel({"metadata": {}, "operations": {name: {"name": name} for name in OPERATIONS}})
XML, HTML = {"Content-Type": "application/xml"}, {"Content-Type": "text/html; charset=utf-8"}


def strange(operation: str, parsed: dict[str, Any], status: int = 200, headers: dict[str, str] = XML) -> bool:
    answer = AWSResponse("http://127.0.0.1/", status, headers, None)
    try:
        check(answer, parsed, SERVICE.operation_model(operation))
    except StrangeAnswerError:
        return True
    return False


@pytest.mark.parametrize(
    ("operation", "parsed"),
    [
        ("PutObject", {"ETag": '"a"'}),
        ("ListObjectsV2", {"IsTruncated": False}),
        ("CreateMultipartUpload", {"UploadId": "a"}),
        ("DeleteObject", {}),
        ("AbortMultipartUpload", {}),
    ],
)
def test_responses_of_s3_pass(operation: str, parsed: dict[str, Any]) -> None:
    assert not strange(operation, parsed)
    assert not strange(operation, {"Error": {"Code": "SlowDown"}}, 503)
    assert not strange(operation, {"Error": {"Code": "500"}}, 500)


@pytest.mark.parametrize("operation", ["PutObject", "GetObject", "HeadObject", "UploadPart", "ListObjectsV2"])
def test_a_response_without_a_field_of_every_server_is_strange(operation: str) -> None:
    assert strange(operation, {})
    assert not strange(operation, {}, 304)


def test_a_web_page_and_a_redirect_to_a_login_page_are_strange() -> None:
    assert strange("DeleteObject", {"Error": {"Code": "500"}}, 200, HTML)
    assert strange("DeleteObject", {}, 302)
    assert strange("GetObject", {"ETag": '"a"'}, 303)
    assert not strange("GetObject", {"Error": {"Code": "PermanentRedirect"}}, 301)


def test_the_body_of_a_strange_response_is_closed() -> None:
    body = io.BytesIO(b"Please log in")

    assert strange("GetObject", {"Body": body})
    assert body.closed
