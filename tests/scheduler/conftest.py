"""A ledger for each test."""

from __future__ import annotations

import pytest
from services.ledgers import Ledger, ledger_on

from archive.database.engine import Database


@pytest.fixture
def ledger(either: Database) -> Ledger:
    return ledger_on(either)
