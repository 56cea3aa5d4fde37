"""Watches in the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.settings import load_settings


@pytest.mark.parametrize(
    ("watches", "told"),
    [
        ({"a": {"phrases": []}}, "watches.a.phrases"),
        ({"a": {"phrases": ["…"]}}, "a phrase needs at least one letter or digit"),
        ({"A b": {"phrases": ["x"]}}, "invalid watch name 'A b'"),
        ({"a": {"phrases": ["x" * 201]}}, "a phrase has at most 200 characters"),
        ({"a": {"phrase": ["x"]}}, "watches.a.phrase"),
    ],
)
def test_a_mistake_in_a_watch_is_reported_with_its_place(tmp_path: Path, watches: object, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        load_settings({"home": str(tmp_path), "watches": watches})
