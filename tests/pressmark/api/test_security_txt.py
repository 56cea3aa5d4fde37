"""security.txt names the contact of the settings, to everybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.retrieving import Retrieving, served

from config.settings import Settings
from pressmark.service.assembly import open_pressmark

PATH = "/.well-known/security.txt"


def fields(home: Path, **settings: str) -> tuple[int, dict[str, str]]:
    made = Settings(home=home, token="a token of some length", **settings)  # type: ignore[arg-type]
    with open_pressmark(made) as service, served(service) as url:
        status, headers, body = Retrieving(url, service, []).get(PATH)
    if status != 200:
        return status, {}
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = (line.partition(": ") for line in body.decode().splitlines())
    return status, {name: value for name, _, value in lines}


def test_the_contact_is_named_without_a_login(tmp_path: Path) -> None:
    status, found = fields(tmp_path, contact="https://library.example/contact", public_url="https://archive.example")

    assert (status, found["Contact"]) == (200, "https://library.example/contact")
    assert found["Canonical"] == f"https://archive.example{PATH}"
    left = datetime.strptime(found["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) - datetime.now(UTC)
    assert timedelta() < left < timedelta(days=365)


def test_without_a_contact_there_is_none(tmp_path: Path) -> None:
    assert fields(tmp_path) == (404, {})
