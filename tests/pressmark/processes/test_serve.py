from __future__ import annotations

import os
from pathlib import Path

import pytest

from archive.spool.spool import lock
from config.settings import load_settings
from pressmark.cli.operate import for_people
from pressmark.processes.serve import crawled_by, roles_of
from pressmark.service.assembly import open_pressmark


def test_the_process_that_crawls_in_a_home_already_is_named(tmp_path: Path) -> None:
    with open_pressmark(load_settings({"home": tmp_path})) as service:
        spool = service.settings.spool_path
        assert crawled_by(service) is None
        spool.mkdir(parents=True)

        with lock(spool, "a run"):
            assert crawled_by(service) == (
                f"another Pressmark process is writing to the spool {spool}, where files wait for their upload: "
                f"a run (process {os.getpid()})"
            )
        assert crawled_by(service) is None


@pytest.mark.parametrize(
    ("form", "terminal", "people"),
    [("auto", True, True), ("auto", False, False), ("console", False, True), ("json", True, False)],
)
def test_logs_are_lines_for_people_on_a_terminal_and_json_elsewhere(form: str, terminal: bool, people: bool) -> None:
    assert for_people(form, terminal=terminal) is people


def test_a_service_that_does_everything_reads_texts_itself_if_its_worker_does_not() -> None:
    assert roles_of(load_settings({})) == {"clock", "api", "work"}
    assert roles_of(load_settings({"worker": {"reads_texts": False}})) == {"clock", "api", "work", "read"}
