"""Buckets on the S3 server of the tests, and stores in them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from faults.proxy import FaultProxy, proxying
from services.moto_server import running_moto
from services.seaweedfs import S3Server, running_server

from archive.store.s3 import S3Settings

BUCKET = "pressmark-tests"


def access_to(bucket: S3Settings) -> dict[str, str]:
    """Return the settings, as variables of the environment, by which a process reaches the server of a bucket."""
    return {
        "PRESSMARK_S3__ENDPOINT": str(bucket.endpoint),
        "PRESSMARK_S3__ACCESS_KEY": str(bucket.access_key),
        "PRESSMARK_S3__SECRET_KEY": str(bucket.secret_key),
        "PRESSMARK_S3__CA_BUNDLE": str(bucket.ca),
    }


def store_in(bucket: S3Settings) -> dict[str, str]:
    """Return the settings of a store in a bucket."""
    place = {"PRESSMARK_S3__BUCKET": bucket.bucket, "PRESSMARK_S3__PREFIX": bucket.prefix}
    return {"PRESSMARK_STORE": "s3", **place, **access_to(bucket)}


@pytest.fixture
def proxy(s3_server: S3Server) -> Iterator[FaultProxy]:
    """A faulty proxy in front of the server, with TLS on both sides."""
    with proxying(s3_server.tls, ca=s3_server.ca, certificate=s3_server.certificate) as proxy:
        yield proxy


@pytest.fixture
def proxied_bucket(proxy: FaultProxy, bucket: S3Settings) -> S3Settings:
    """An empty store of its own, reached through the proxy."""
    return replace(bucket, endpoint=proxy.url)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """One server for all tests of a process: it takes seconds to start, and hundreds of MiB."""
    with running_server() as server:
        with admin(server) as client:
            client.create_bucket(Bucket=BUCKET)
        yield server


@pytest.fixture
def bucket(s3_server: S3Server) -> S3Settings:
    """An empty store of its own, reached over TLS: the one bucket of the tests, under a new prefix."""
    return S3Settings(
        BUCKET,
        s3_server.tls,
        access_key=s3_server.access_key,
        secret_key=s3_server.secret_key,
        prefix=f"{secrets.token_hex(6)}/here",
        ca=s3_server.ca,
    )


@pytest.fixture
def plain_bucket(s3_server: S3Server, bucket: S3Settings) -> S3Settings:
    """An empty store of its own, reached without TLS."""
    return replace(bucket, endpoint=s3_server.plain, ca=None)


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    """The URL of a second kind of server, which has the same bucket and takes any keys."""
    with running_moto() as url:
        with admin_of(url, "any", "any") as client:
            client.create_bucket(Bucket=BUCKET)
        yield url


@pytest.fixture
def moto_bucket(moto_url: str) -> S3Settings:
    """An empty store of its own on the second kind of server."""
    prefix = f"{secrets.token_hex(6)}/here"
    return S3Settings(BUCKET, moto_url, access_key="any", secret_key="any", prefix=prefix)


@contextmanager
def admin(server: S3Server) -> Iterator[Any]:
    """A plain boto3 client with all rights, for changes that a store does not see."""
    with admin_of(server.plain, server.access_key, server.secret_key) as client:
        yield client


@contextmanager
def admin_of(url: str, access_key: str, secret_key: str) -> Iterator[Any]:
    """The same for any server."""
    import boto3
    from botocore.config import Config

    client = boto3.session.Session().client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=Config(request_checksum_calculation="when_required", s3={"addressing_style": "path"}),
    )
    try:
        yield client
    finally:
        client.close()
