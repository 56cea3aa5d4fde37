"""What all tests share. `PRESSMARK_LONG=1` runs the long form of every law and fault test."""

from __future__ import annotations

import os
import sys

import pytest
from hypothesis import HealthCheck, settings
from services.buckets import bucket, plain_bucket, proxied_bucket, proxy, s3_server  # noqa: F401 - fixtures
from services.databases import another, either, postgresql  # noqa: F401 - fixtures

# Hundreds of processes are started: a variable of many images makes each of them compile all that it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

LONG = bool(os.environ.get("PRESSMARK_LONG"))

settings.register_profile("quick", max_examples=100, deadline=None, print_blob=True)
settings.register_profile(
    "long", max_examples=20_000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("long" if LONG else "quick")
if LONG:  # 20,000 inputs take 20 seconds of CPU, but that may be many minutes by the clock
    os.environ.setdefault("PYTEST_TIMEOUT", "3600")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules with slow tests come first: with several workers, the last minutes are not those of one alone."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
