"""A mail server on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from services.mail_server import Letters, mail_server


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def port(letters: Letters) -> Iterator[int]:
    with mail_server(letters) as port:
        yield port
