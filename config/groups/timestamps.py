"""Settings of trusted time stamps (RFC 3161)."""

from __future__ import annotations

from pathlib import Path

from config.groups.group import Group
from config.values.urls import Network, Url


class Timestamps(Group):
    """A server that confirms each day when the archive had its manifests."""

    server: Url | None = None
    """URL of a time-stamping authority (RFC 3161); default: no time stamps."""
    certificates: Path | None = None
    """A PEM file with the root certificates of that authority, for checking its time stamps."""
    addresses: tuple[Network, ...] = ()
    """Private networks (CIDR) that the server may be in."""
