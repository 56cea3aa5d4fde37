"""Whether a browser starts is found out by starting it."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.browser.probe import browser_problem

pytestmark = pytest.mark.system


def test_a_browser_that_starts_has_no_problem() -> None:
    assert browser_problem("chromium") is None


def test_a_missing_browser_is_named() -> None:
    assert browser_problem("no-such-browser") == (
        "there is no browser 'no-such-browser' on this machine; install Debian's package chromium"
    )


def test_a_browser_that_does_not_start_says_why(tmp_path: Path) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho 'no usable sandbox' >&2\nexit 1\n")
    broken.chmod(0o755)

    assert browser_problem(str(broken)) == f"the browser {broken} does not start: no usable sandbox"


def test_a_browser_that_is_mended_is_found_without_a_new_start(tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    assert browser_problem(str(program)) is not None

    program.write_text('#!/bin/sh\nexec chromium "$@"\n')

    assert browser_problem(str(program)) is None
