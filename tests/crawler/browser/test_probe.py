"""Whether a browser starts is found out by starting it."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from crawler.browser.probe import browser_problem

pytestmark = pytest.mark.system


def test_a_browser_that_starts_has_no_problem() -> None:
    assert browser_problem("chromium") is None


def test_a_missing_browser_is_named() -> None:
    assert browser_problem("no-such-browser") == (
        "the browser 'no-such-browser' is not installed on this machine; install Debian's package chromium"
    )


def test_a_browser_that_does_not_start_says_why(tmp_path: Path) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho 'no usable sandbox' >&2\nexit 1\n")
    broken.chmod(0o755)

    assert browser_problem(str(broken)) == f"the browser {broken} does not start: no usable sandbox"


@pytest.mark.parametrize("beside", [True, False])
def test_a_script_for_a_browser_in_another_directory_fails_with_the_way_out(tmp_path: Path, beside: bool) -> None:
    """The browser is a script in the place of a large program."""
    script = tmp_path / "bin" / "chromium"
    browser = script.with_name("chrome") if beside else tmp_path / "chrome" / "chrome"
    for file, target in ((browser, "/usr/bin/chromium"), (script, str(browser))):
        file.parent.mkdir(exist_ok=True)
        file.write_text(f'#!/bin/sh\nexec {target} "$@"\n')
        file.chmod(0o755)

    problem = browser_problem(str(script))

    if beside:
        assert problem is None
        return
    assert problem is not None and "install" not in problem
    assert problem.startswith(f"the browser {script} can't use a file elsewhere: ")
    assert problem.endswith("set browser.executable to the browser itself")
    assert browser_problem(str(browser)) is None


def test_a_repaired_browser_is_found_at_once(tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    assert browser_problem(str(program)) is not None

    program.write_text('#!/bin/sh\nexec chromium "$@"\n')

    assert browser_problem(str(program)) is None


AS_ANOTHER = """#!/bin/sh
directory=DIRECTORY && cd "$directory" || exit 1
export HOME="$directory" XDG_CONFIG_HOME="$directory" XDG_CACHE_HOME="$directory"
for given in "$@"; do shift; [ "$given" = --no-sandbox ] || set -- "$@" "$given"; done
exec unshare -U --map-users=0,0,65536 --map-groups=0,0,65536 sh -c 'FORBID
exec setpriv --reuid=1000 --regid=1000 --clear-groups "$@"' sh chromium "$@" --user-data-dir="$directory"
"""
"""As root, Chromium runs without its sandbox. The other user can write only the given directory."""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a namespace in which user namespaces are forbidden")
@pytest.mark.parametrize("forbidden", [True, False])
def test_a_machine_that_forbids_user_namespaces_is_named(tmp_path: Path, forbidden: bool) -> None:
    program = tmp_path / "chromium"
    forbid = "echo 0 >/proc/sys/user/max_user_namespaces" if forbidden else ""
    with TemporaryDirectory(dir="/dev/shm", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o777)
        program.write_text(AS_ANOTHER.replace("FORBID", forbid).replace("DIRECTORY", directory))
        program.chmod(0o755)

        problem = browser_problem(str(program))

    reason = "its sandbox needs user namespaces, which this computer or container forbids"
    assert problem == (f"the browser {program} does not start: {reason}" if forbidden else None)
