"""Checks of single settings: URLs of databases, stores and pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import (
    SecretStr,
)

_POSTGRESQL = ("postgresql://", "postgresql+psycopg://")


def check_database_url(url: SecretStr) -> SecretStr:
    text = url.get_secret_value()
    try:
        known = text.startswith(_POSTGRESQL) and urlsplit(text).port != 0
        known = known and text.count("@") <= 1  # with two, what follows the first would count as the host, and be shown
    except ValueError:  # about the port, which the message would show
        known = False
    if not known:
        like = "postgresql://user:password@host:5432/name"
        raise ValueError(f"this is not a PostgreSQL URL such as {like}; in a password, write @ as %40 and / as %2F")
    return url


def check_store(text: str) -> str:
    if "://" in text:
        raise ValueError(f"{text!r} is a URL; for a bucket, set store to s3, and s3.bucket, s3.prefix and s3.endpoint")
    if text not in ("local", "s3") and "/" not in text:
        raise ValueError(f"{text!r} is not a store; use local (HOME/store), s3, or a path that contains a /")
    return text


def check_public_url(url: str) -> str:
    if "?" in url or "#" in url:
        raise ValueError(f"{url!r} has a query or a fragment; links begin with it, as in https://archive.example.org")
    return url.rstrip("/")
