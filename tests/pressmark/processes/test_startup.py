"""The cost of a start is its imports: `pressmark --help`, and a worker."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pressmark.cli import command_in
from pressmark.cli.app import app, narrowed

HEAVY = {"scrapy", "sqlalchemy", "fastapi", "starlette", "uvicorn", "py3langid", "lxml", "boto3", "rich", "config"}


def imported_by(*arguments: str, then: str = "print('MODULES', *sys.modules)") -> set[str]:
    code = (
        "import sys, contextlib\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, given: opened.append(str(given[0])) if event == 'open' else None)\n"
        "from pressmark.cli import main\n"
        "with contextlib.suppress(SystemExit):\n"
        f"    main({list(arguments)!r})\n"
        f"{then}\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.rpartition("MODULES")[2].split())


def test_help_imports_nothing_slow() -> None:
    found = imported_by("--help")

    assert "typer" in found
    assert found & (HEAVY | {"pydantic"}) == set()


@pytest.mark.parametrize("arguments", [("run", "--help"), ("snapshot", "get", "--help"), ("--version",)])
def test_help_of_a_command_imports_no_more_than_typer_does(arguments: tuple[str, ...]) -> None:
    assert imported_by(*arguments) & HEAVY == set()  # Typer checks options with pydantic


def test_a_slow_import_is_detected() -> None:
    assert {"config", "pydantic"} <= imported_by("config", "show", "--home", "/nonexistent")


def loaded_by(module: str) -> set[str]:
    code = f"import sys, {module}; print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_a_process_that_delegates_extraction_does_not_load_the_extractor() -> None:
    assert {"numpy", "py3langid", "extractor.article.article"} & loaded_by("pressmark.processes.worker") == set()
    assert {"numpy", "extractor.article.article"} <= loaded_by("extractor.reading")


def test_a_service_loads_what_crawls_and_what_reads_pages_only_when_a_request_needs_it() -> None:
    not_needed = {"scrapy", "twisted", "numpy", "extractor.reading", "pypdf", "boto3", "lxml", "lxml.etree", "rensa"}
    not_needed |= {"rapidfuzz", "alembic", "cryptography"}

    assert loaded_by("pressmark.processes.app, pressmark.replay.app") & not_needed == set()
    assert {"scrapy", "twisted"} <= loaded_by("crawler.spiders")


def test_a_worker_loads_what_crawls_what_signs_and_what_reads_pages_only_when_a_run_needs_it() -> None:
    not_needed = {"scrapy", "twisted", "cryptography", "http_message_signatures", "selectolax", "extractor.html.page"}
    not_needed |= {"archive.export", "archive.texts.text_as_markdown"}

    assert loaded_by("pressmark.processes.worker") & not_needed == set()
    assert {"scrapy", "twisted", "selectolax"} <= loaded_by("crawler.engine.active_run")
    assert "cryptography" in loaded_by("crawler.wire.signatures")


def test_a_read_only_command_loads_neither_the_web_nor_the_clock_nor_the_yaml_editor(tmp_path: Path) -> None:
    not_needed = {"fastapi", "starlette", "apscheduler", "ruamel.yaml", "scrapy", "numpy", "lxml"}

    assert imported_by("--home", str(tmp_path), "captures", "http://a.example/") & not_needed == set()
    assert {"ruamel.yaml"} <= loaded_by("config.source_files.write")


def collections_of(*arguments: str, freely: bool = False) -> int:
    """Return how often the collector of cycles ran in a command, its end included."""
    code = (
        "import gc, os, sys\n"
        "gc.callbacks.append(lambda phase, info: phase == 'stop' and os.write(2, b'collected\\n'))\n"
        "from extractor.values import collector\n"
        f"if {freely}: collector.for_a_command = collector.seldom\n"
        "from pressmark.cli import main\n"
        f"main({list(arguments)!r})\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return done.stderr.count("collected\n")


@pytest.mark.parametrize("arguments", [("captures", "http://a.example/"), ("source", "list"), ("--help",)])
def test_a_short_command_collects_nothing_after_it_has_begun(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    arguments = ("--home", str(tmp_path), *arguments)

    assert collections_of(*arguments) <= 6
    assert collections_of(*arguments, freely=True) > 6


def test_a_command_loads_only_what_it_uses(tmp_path: Path) -> None:
    of_sources = {
        "config.load",
        "config.source",
        "yaml",
        "scheduler.timetables.timetable",
        "pressmark.views.run_shapes",
    }
    of_writing = {"archive.intake.ingest", "archive.shipping.upload", "archive.texts.version_rows", "warcio"}
    of_reading = {"archive.retrieval.retrieval", "archive.texts.search.search", "selectolax", "extractor.html.page"}
    elsewhere = {"sqlalchemy.dialects.postgresql", "pressmark.service.database_repair"}

    arguments = ("--home", str(tmp_path), "captures", "http://a.example/")
    imported_by(*arguments)  # makes the database
    listing = imported_by(*arguments)

    assert listing & (of_sources | of_writing | of_reading | elsewhere) == set()
    assert of_sources - {"yaml", "pressmark.views.run_shapes"} <= imported_by("--home", str(tmp_path), "source", "list")


def test_a_command_reads_neither_the_source_of_its_models_nor_what_is_installed(tmp_path: Path) -> None:
    sources = "import linecache; print('MODULES', *(name for name in linecache.cache if 'config' in name))"
    plugins = "print('MODULES', *(name for name in opened if name.endswith('entry_points.txt')))"
    described = (
        f"from config.values.described import descriptions as of; import config.settings as s; of(s.S3); {sources}"
    )
    arguments = ("--home", str(tmp_path), "captures", "http://a.example/")

    assert imported_by(*arguments, then=sources) == imported_by(*arguments, then=plugins) == set()
    assert imported_by(*arguments, then=described), "a source that is read would not be seen"


def test_only_the_command_that_is_named_is_made() -> None:
    assert command_in(["--home", "x", "-q", "captures", "--json"]) == "captures"
    assert command_in(["--home=x", "--help", "captures"]) is None
    assert command_in([]) is None
    assert [one.name for one in narrowed(app, "captures").registered_commands] == ["captures"]
    assert [one.name for one in narrowed(app, "source").registered_groups] == ["source"]
    assert narrowed(app, "captuers") is narrowed(app, None) is app
