"""What all tests share. `PRESSMARK_TESTS` says how much the laws and fault tests try: sample, faults or long."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Generator
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from services.buckets import (  # noqa: F401 - fixtures
    bucket,
    moto_bucket,
    moto_url,
    plain_bucket,
    proxied_bucket,
    proxy,
    s3_server,
)
from services.databases import another, either, postgresql  # noqa: F401 - fixtures
from temporary_files import in_memory

# Hundreds of processes are started: a variable of many images makes each of them compile all its imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# The sites of tests are on loopback, which no source reaches unless the operator permits it.
os.environ.setdefault("PRESSMARK_ALLOW__ADDRESSES", '["127.0.0.0/8", "::1/128"]')

gc.disable()  # until all tests are collected: they and their modules are objects of the whole session

T = TypeVar("T")
FORMS = ("sample", "faults", "long")
FORM = os.environ.get("PRESSMARK_TESTS") or "sample"
if FORM not in FORMS:
    raise pytest.UsageError(f"PRESSMARK_TESTS is {FORM}; it must be one of {', '.join(FORMS)}")
LONG = FORM == "long"
IN_MEMORY = in_memory(os.environ) if FORM == "sample" else None
if IN_MEMORY is not None:
    os.environ["TMPDIR"] = str(IN_MEMORY)
    tempfile.tempdir = None  # pytest and all processes of tests take the variable


def figure(sample: T, faults: T, long: T) -> T:
    """Return the figure of the form that runs: of `make test`, `make test-faults` or `make test-long`."""
    return {"sample": sample, "faults": faults, "long": long}[FORM]


settings.register_profile(
    "quick", max_examples=60, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("faults", settings.get_profile("quick"), max_examples=2_000)
settings.register_profile("long", settings.get_profile("quick"), max_examples=20_000)
settings.load_profile(figure("quick", "faults", "long"))
if FORM != "sample":  # 3,000 kills take hours, and the longest outage of a store is one hour
    os.environ.setdefault("PYTEST_TIMEOUT", "36000" if LONG else "3600")


_COSTLY = pytest.mark.skip(reason="it costs much CPU: make test-faults")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave costly tests to the other forms; put modules with slow tests first, so that no worker ends alone."""
    if FORM == "sample":
        for item in items:
            if item.get_closest_marker("costly"):
                item.add_marker(_COSTLY)
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """Collect garbage from now on, and leave out what is here: 15,000 tests, which each collection would look at."""
    gc.freeze()
    gc.enable()


_STATUS = pytest.StashKey[int]()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[_STATUS] = exitstatus


def pytest_unconfigure(config: pytest.Config) -> None:
    """Free the memory that temporary files take. What failed tests wrote stays until the next run."""
    if IN_MEMORY is not None and config.stash.get(_STATUS, 1) in (
        pytest.ExitCode.OK,
        pytest.ExitCode.NO_TESTS_COLLECTED,
    ):
        shutil.rmtree(IN_MEMORY, ignore_errors=True)


_TIMEOUT = pytest.StashKey[Any]()


@pytest.hookimpl(wrapper=True)
def pytest_timeout_set_timer(item: pytest.Item, settings: Any) -> Generator[None, object, object]:
    """Repeat the alarm of a test that is over its time: cleaning up (``asyncio.run``, a fixture) may hang as well."""
    done = yield
    if settings.method == "signal":
        signal.setitimer(signal.ITIMER_REAL, settings.timeout, 10)
        item.stash[_TIMEOUT] = settings
    return done


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Set the alarm again: pytest-timeout cancels it when a test fails, before its fixtures end."""
    if settings := item.stash.get(_TIMEOUT, None):
        item.ihook.pytest_timeout_set_timer(item=item, settings=settings)
    return (yield)
