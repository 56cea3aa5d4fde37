"""A ledger for each test, and orders for three sources."""

from __future__ import annotations

from pathlib import Path

import pytest
from services.ledgers import Ledger, ledger_on

from archive.database.engine import Database
from config.load import Sources
from scheduler.workers.orders import Orders


@pytest.fixture
def ledger(either: Database) -> Ledger:
    return ledger_on(either)


@pytest.fixture
def orders(tmp_path: Path) -> Orders:
    (tmp_path / "sources").mkdir()
    for name in ("a", "b", "c"):
        text = f"source: {name}\nseeds: https://{name}.example.org/\nlimits: {{quota: 1000}}\n"
        (tmp_path / "sources" / f"{name}.yaml").write_text(text)
    return Orders(Sources(tmp_path / "sources"), tmp_path)
