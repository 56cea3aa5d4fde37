"""Certificates for servers on loopback, and clients that trust who signed them."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme

from crawler.wire.connect import verifying_context


def server_context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """Return what a server with these names needs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


@contextmanager
def trusting(authority: trustme.CA, directory: Path) -> Iterator[None]:
    """Within the block, the system trusts this authority only (OpenSSL's SSL_CERT_FILE)."""
    file = directory / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    before = os.environ.get("SSL_CERT_FILE")
    os.environ["SSL_CERT_FILE"] = str(file)
    verifying_context.cache_clear()
    try:
        yield
    finally:
        verifying_context.cache_clear()
        if before is None:
            del os.environ["SSL_CERT_FILE"]
        else:
            os.environ["SSL_CERT_FILE"] = before
