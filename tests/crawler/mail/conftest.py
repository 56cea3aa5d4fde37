"""One Dovecot for all tests of mailboxes, and an archive for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from crawling.crawls import Run, archiving
from services.imap_server import PASSWORD, Dovecot, dovecot
from wire.certificates import trusting


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as server:
        yield server


@pytest.fixture
def user() -> str:
    """A user whose INBOX is empty."""
    return f"ann-{uuid4().hex[:12]}"


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", PASSWORD)


@pytest.fixture
def trusted(server: Dovecot, tmp_path: Path) -> Iterator[None]:
    with trusting(server.authority, tmp_path):
        yield


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with archiving() as archive:
        yield Run(tmp_path, archive)
