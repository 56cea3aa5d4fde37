"""Machines that only answer publish the keys of those that sign: the database has their public halves."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from services.postgresql import PostgresServer
from services.retrieving import Retrieving, served
from services.two_machines import two_machines
from sqlalchemy import text
from wire.message_signatures import Message, verified

from config.settings import load_settings
from config.source import Source
from crawler.wire.bot_key import BotKey, signing_key
from crawler.wire.signatures import WELL_KNOWN, RequestSigner
from pressmark.service.assembly import open_pressmark
from pressmark.service.keys import announcing_signer
from pressmark.service.service import Service

pytestmark = pytest.mark.postgresql

SIGNED = Source(name="gazette", seeds=("https://example.org/",), walk="page", sign_requests=True)
UNSIGNED = SIGNED.model_copy(update={"sign_requests": None})


@pytest.fixture
def machines(
    tmp_path: Path, postgresql: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Service, Service, BotKey]]:
    """A worker with a key, and a machine without one that answers, on one database."""
    key = signing_key(tmp_path / "worker" / "crawler-keys")
    monkeypatch.setenv("PRESSMARK_PUBLIC_URL", "https://archive.example.org")
    with two_machines(tmp_path, postgresql, monkeypatch, names=("worker", "api")) as (worker, api):
        yield worker, api, key


def signer(service: Service, source: Source) -> RequestSigner | None:
    return announcing_signer(service.settings, service.database, service.now)(source)


def published(service: Service) -> tuple[int, dict[str, str], bytes, str]:
    """Return the status, the fields and the body of the list of keys, and the page about the crawler."""
    with served(service) as url:
        pages = Retrieving(url, service, [])
        status, headers, body = pages.get(WELL_KNOWN)
        return status, {name.lower(): value for name, value in headers.items()}, body, pages.text("/crawler")


def test_a_machine_without_keys_publishes_those_of_the_workers(machines: tuple[Service, Service, BotKey]) -> None:
    worker, api, key = machines
    assert signer(worker, UNSIGNED) is None
    status, _, _, page = published(api)
    assert status == 404 and "It does not sign its requests." in page

    assert signer(worker, SIGNED) is not None
    status, headers, body, page = published(api)
    [jwk] = json.loads(body)["keys"]
    assert (status, jwk) == (200, key.jwk)
    assert key.id in page and "It does not sign its requests." not in page
    message = Message("GET", "archive.example.org", WELL_KNOWN, headers)
    assert verified(message, {jwk["kid"]: jwk["x"]}.__getitem__, datetime.now(UTC), "key1")["keyid"] == key.id
    assert not (api.settings.home / "crawler-keys").exists()


def test_no_private_key_is_in_the_database(machines: tuple[Service, Service, BotKey]) -> None:
    worker, _, key = machines
    signer(worker, SIGNED)
    with worker.database.reading() as connection:
        [value] = connection.execute(text("SELECT value FROM marks WHERE name LIKE 'crawler-directory/%'")).scalars()
    private = base64.urlsafe_b64encode(key.private.private_bytes_raw()).rstrip(b"=").decode()
    assert key.jwk["x"] in value and private not in value and '"d"' not in value and "PRIVATE" not in value


def test_signatures_are_renewed_daily_and_not_sent_once_they_have_expired(
    machines: tuple[Service, Service, BotKey],
) -> None:
    worker, api, _ = machines
    signer(worker, SIGNED)
    first = published(api)[1]["signature"]
    signer(worker, SIGNED)
    same = published(api)[1]["signature"]
    signer(replace(worker, now=lambda: datetime.now(UTC) + timedelta(hours=25)), SIGNED)
    renewed = published(api)[1]["signature"]
    late = published(replace(api, now=lambda: datetime.now(UTC) + timedelta(days=9)))

    assert first == same != renewed
    assert late[0] == 200 and "signature" not in late[1] and json.loads(late[2])["keys"]


def test_a_machine_at_another_address_publishes_nothing(
    machines: tuple[Service, Service, BotKey], tmp_path: Path
) -> None:
    worker, _, _ = machines
    signer(worker, SIGNED)
    with open_pressmark(load_settings({"home": tmp_path / "b", "public_url": "https://other.example"})) as other:
        assert published(other)[0] == 404
