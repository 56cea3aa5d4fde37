"""The pages of jobs that services share: what is left and why, what was found, and the button that cancels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from services.retrieving import served
from specimens.archives import SEGMENTS

from config.settings import load_settings
from pressmark.processes.reading.batches import BatchLoop
from pressmark.service.assembly import open_pressmark
from pressmark.service.readers import batches_of, reading_jobs
from pressmark.service.service import Service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with open_pressmark(load_settings({"home": tmp_path / "home"})) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
        yield service


def get(url: str, language: str = "en") -> str:
    request = Request(url, headers={"Accept": "text/html", "Accept-Language": language})
    with urlopen(request, timeout=30) as answer:
        return str(answer.read().decode())


def press(url: str) -> int:
    own = {"Content-Type": "application/x-www-form-urlencoded", "Origin": url.partition("/settings")[0]}
    try:
        with urlopen(Request(url, data=b"", method="POST", headers=own), timeout=30) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def test_an_audit_is_on_the_pages_with_its_jobs_and_what_it_found_and_is_cancelled_there(service: Service) -> None:
    batches, loop = batches_of(service), BatchLoop(service)
    first = min((service.settings.home / "store").rglob("*.warc.gz"))
    batch, _ = batches.request("audit", {}, "anna")
    with served(service) as url:
        page = f"{url}/settings/jobs/{batch.id}"
        assert "No audit, rebuild, export or extraction" not in get(f"{url}/settings/jobs")
        assert f'href="/settings/jobs/{batch.id}"' in get(f"{url}/settings/jobs")
        loop.turn()
        for _ in range(3):  # as many failures as are reported
            job = batches.claim("a service on attic")
            assert job is not None
            failing = job.name
            batches.give_back(job, "its machine was tired")
            with service.database.writing() as connection:
                connection.exec_driver_sql("UPDATE batch_jobs SET due_at = 0")
        shown = get(page)
        assert (failing in shown, "its machine was tired" in shown, "failed several times" in shown) == (True,) * 3
        assert press(f"{page}/cancel") == 200
        assert batches.get(batch.id).outcome == "cancelled"
        assert f"{page.removeprefix(url)}/cancel" not in get(page)
        assert press(f"{page}/cancel") == 409

        first.write_bytes(first.read_bytes()[:-9])
        damaged, _ = batches.request("audit", {}, "anna")
        while batches.get(damaged.id).outcome is None:
            loop.turn()
        found = get(f"{url}/settings/jobs/{damaged.id}")
        assert first.name in found
        assert "检查" in get(f"{url}/settings/jobs", "zh")


def test_texts_that_are_left_to_services_are_on_the_pages_and_are_cancelled_there(service: Service) -> None:
    [name, *_] = [one.name for one in service.index.segments("committed", "releasing", "released")]
    with served(service) as url:
        page = f"{url}/settings/jobs/extraction"
        assert "No audit, rebuild, export or extraction was left to services." in get(f"{url}/settings/jobs")
        reading_jobs(service).add([(name, {"r1"})])
        assert 'href="/settings/jobs/extraction"' in get(f"{url}/settings/jobs")
        assert name in get(page)
        assert press(f"{page}/cancel") == 200
        assert reading_jobs(service).waiting().count == 0
        assert name not in get(page)
