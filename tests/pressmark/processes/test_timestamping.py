"""The root of each day gets a time stamp from a real authority, which a stranger verifies with openssl alone."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest
from services.authority import Authority, running_authority
from specimens.archives import SEGMENTS

from archive.shipping.ledger import Ledger
from archive.shipping.roots import Root, put_root, root_keys, stamps_of, unstamped
from archive.store.memory import MemoryStore
from archive.store.object_reader import octets_of
from archive.values.digest import sha256
from archive.values.errors import Finding, IntegrityError
from archive.warc.integrity.timestamps import certificates_in, request_for, time_of
from archive.warc.keys import MANIFESTS, ROOTS
from archive.warc.ledger import Record
from config.errors import ConfigError
from pressmark.processes.timestamping import NoTimestamp, Timestamping
from pressmark.service.service import Service
from pressmark.upkeep.audit import audit_chain
from pressmark.upkeep.ledger.saving import LedgerSaving

DOCS = Path(__file__).parents[3] / "docs" / "how-to" / "timestamps.md"
pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed: make system does that"),
]


class Counting(MemoryStore):
    """A store that knows what was read."""

    read: list[str]

    def get(self, key: str, offset: int = 0, length: int | None = None) -> BinaryIO:
        self.read = [*getattr(self, "read", []), key]
        return super().get(key, offset, length)


def findings(service: Service) -> list[Finding]:
    return [finding for checked in audit_chain(service) for finding in checked.findings]


def on(service: Service, day: int) -> Timestamping:
    """Return the time-stamping of a service on a later day."""
    return Timestamping(replace(service, now=lambda: datetime.now(UTC) + timedelta(days=day)))


def test_the_root_of_a_day_is_stamped_once_and_names_all_manifests(service: Service, authority: Authority) -> None:
    began = datetime.now(UTC).replace(microsecond=0)
    assert Timestamping(service).stamp() == 1
    assert Timestamping(service).stamp() == 0
    [key] = root_keys(service.store)
    content = octets_of(service.store, key)
    root = Root.parse(content, key)

    assert [name for name, _ in root.manifests] == list(service.store.keys(MANIFESTS))
    assert [digest for _, digest in root.manifests] == [sha256(octets_of(service.store, k)) for k, _ in root.manifests]
    assert [(worker, number) for worker, number, _ in root.ledgers] == [("main", 1)]
    stamp = octets_of(service.store, stamps_of(service.store, key)[0])
    assert began <= time_of(stamp, content, certificates_in(authority.root.read_bytes())) <= datetime.now(UTC)
    assert findings(service) == []


def test_a_later_root_names_what_is_new_and_the_root_before_it(service: Service) -> None:
    Timestamping(service).stamp()
    assert on(service, 1).stamp() == 0, "nothing was new"
    for segment in sorted(SEGMENTS.glob("*.warc.gz")):
        service.archive.ingest(segment)
    on(service, 1).stamp()
    first, second = (Root.parse(octets_of(service.store, key), key) for key in root_keys(service.store))

    assert second.previous == sha256(first.to_bytes())
    assert {key for key, _ in first.manifests}.isdisjoint(key for key, _ in second.manifests)
    assert {key for root in (first, second) for key, _ in root.manifests} == set(service.store.keys(MANIFESTS))
    assert findings(service) == []


def test_a_root_without_a_stamp_is_found_and_stamped_later(service: Service, authority: Authority) -> None:
    authority.status = 503
    with pytest.raises(NoTimestamp, match="answered 503"):
        Timestamping(service).stamp()
    assert [finding.kind for finding in findings(service)] == ["unstamped"]
    authority.status = 200
    assert Timestamping(service).stamp() == 1

    assert unstamped(service.store) == []
    assert findings(service) == []


def test_a_root_that_is_gone_is_missed(service: Service) -> None:
    Timestamping(service).stamp()
    assert findings(service) == []
    for key in list(service.store.keys(ROOTS)):
        service.store.delete(key)
    assert [(finding.kind, finding.file.startswith(ROOTS)) for finding in findings(service)] == [("missing", True)]


def test_a_wrong_answer_of_the_authority_is_not_stored(service: Service, authority: Authority) -> None:
    other = authority.reply(request_for(b"other bytes").der)
    for answer in (b"", b"no stamp", other, other[:-9]):
        authority.answers = [answer]
        with pytest.raises(NoTimestamp):
            Timestamping(service).stamp()
    [key] = root_keys(service.store)
    authority.answers = [authority.reply(request_for(octets_of(service.store, key)).der)]
    with pytest.raises(NoTimestamp, match="another request"):
        Timestamping(service).stamp()
    assert stamps_of(service.store, key) == []


def test_a_stamp_of_another_authority_is_not_valid(service: Service, authority: Authority) -> None:
    with running_authority() as stranger:
        content = b"some bytes"
        stamp = stranger.reply(request_for(content).der)
        time_of(stamp, content, certificates_in(stranger.root.read_bytes()))
        with pytest.raises(IntegrityError, match="not valid"):
            time_of(stamp, content, certificates_in(authority.root.read_bytes()))


def test_the_guard_refuses_a_server_in_a_private_network(service: Service, authority: Authority) -> None:
    stamping = Timestamping(service)
    stamping._settings = stamping._settings.model_copy(update={"addresses": ()})
    with pytest.raises(NoTimestamp, match="loopback"):
        stamping.stamp()
    assert authority.asked == 0


def test_what_is_changed_afterwards_is_found(service: Service) -> None:
    Timestamping(service).stamp()
    [key] = root_keys(service.store)
    [manifest] = service.store.keys(MANIFESTS)
    for changed, kinds in (
        (manifest, {"manifest", "root"}),
        (stamps_of(service.store, key)[0], {"stamp"}),
        (key, {"root"}),
    ):
        before = octets_of(service.store, changed)
        content = before[:-3] + b"???"
        service.store.put(changed, io.BytesIO(content), sha256(content), replace=True)
        assert {finding.kind for finding in findings(service)} == kinds
        service.store.put(changed, io.BytesIO(before), sha256(before), replace=True)
    assert findings(service) == []
    service.store.delete(manifest)
    assert "missing" in {finding.kind for finding in findings(service)}


def test_a_damaged_manifest_is_named_by_a_root_when_it_is_healed(service: Service) -> None:
    [key] = service.store.keys(MANIFESTS)
    content = octets_of(service.store, key)
    damaged = bytes([content[0], content[1] ^ 1]) + content[2:]
    service.store.put(key, io.BytesIO(damaged), sha256(damaged), replace=True)
    Timestamping(service).stamp()
    service.store.put(key, io.BytesIO(content), sha256(content), replace=True)
    on(service, 1).stamp()

    named = [Root.parse(octets_of(service.store, root), root).manifests for root in root_keys(service.store)]
    assert named == [(), ((key, sha256(content)),)]
    assert findings(service) == []


def test_a_damaged_root_does_not_end_the_chain(service: Service) -> None:
    Timestamping(service).stamp()
    [key] = root_keys(service.store)
    content = octets_of(service.store, key)
    service.store.put(key, io.BytesIO(b"x"), sha256(b"x"), replace=True)
    on(service, 1).stamp()
    first, second = root_keys(service.store)
    assert first == key
    assert Root.parse(octets_of(service.store, second), second).previous == sha256(content)
    assert {finding.file for finding in findings(service)} == {key}

    service.store.put(key, io.BytesIO(content), sha256(content), replace=True)
    assert findings(service) == []


def test_a_removed_root_is_found_by_the_next_one(service: Service) -> None:
    Timestamping(service).stamp()
    for segment in sorted(SEGMENTS.glob("*.warc.gz")):
        service.archive.ingest(segment)
    on(service, 1).stamp()
    service.store.delete(root_keys(service.store)[0])

    assert "chain" in {finding.kind for finding in findings(service)}


def test_a_root_of_a_later_day_stops_none_of_the_days_before_it(service: Service) -> None:
    Timestamping(service).stamp()
    for number, day in enumerate((5, 5, 6, 1, 1, 2, 5, 6, 7)):  # the clock is ahead, and then right
        service.pauses.pause(f"source-{number}")
        LedgerSaving(service).save()
        on(service, day).stamp()

    roots = [Root.parse(octets_of(service.store, key), key) for key in root_keys(service.store)]
    assert sorted((root.at - min(one.at for one in roots)).days for root in roots) == [0, 1, 2, 5, 5, 6, 7]
    assert unstamped(service.store) == []
    assert findings(service) == []


def test_two_roots_that_name_the_same_one_before_them_are_found(service: Service) -> None:
    Timestamping(service).stamp()
    [key] = root_keys(service.store)
    first = Root.parse(octets_of(service.store, key), key)
    second = replace(first, at=first.at + timedelta(days=1))
    service.store.put(second.key, io.BytesIO(second.to_bytes()), sha256(second.to_bytes()))

    assert {finding.kind for finding in findings(service)} == {"chain", "unstamped"}


def test_a_root_is_put_without_an_authority_for_nothing(service: Service) -> None:
    assert put_root(service.store, datetime.now(UTC))
    assert put_root(service.store, datetime.now(UTC)) is None
    assert [key for key in service.store.keys(ROOTS) if key.endswith(".tsr")] == []


def test_no_root_is_read_when_the_newest_is_of_today() -> None:
    store, now = Counting(), datetime(2026, 1, 1, tzinfo=UTC)
    for day in range(9):
        Ledger(store, "main", now=lambda: now).append([Record("run", (str(day),), {"id": day})])
        assert put_root(store, now + timedelta(days=day))
    store.read = []

    assert put_root(store, now + timedelta(days=8, hours=5)) is None
    assert store.read == []
    assert put_root(store, now + timedelta(days=9)) is None, "nothing is new"
    assert len([key for key in store.read if key.startswith(ROOTS)]) == 9


def test_certificates_that_are_none_are_named(service: Service, tmp_path: Path) -> None:
    file = tmp_path / "none.pem"
    file.write_text("no certificate")
    broken = replace(service, settings=service.settings.model_copy(deep=True))
    wrong = broken.settings.timestamps.model_copy(update={"certificates": file})
    broken = replace(service, settings=service.settings.model_copy(update={"timestamps": wrong}))
    with pytest.raises(ConfigError, match="timestamps"):
        list(audit_chain(broken))


def test_a_stranger_verifies_with_the_commands_of_the_documentation(
    service: Service, authority: Authority, tmp_path: Path
) -> None:
    Timestamping(service).stamp()
    store = tmp_path / "home" / "store"
    shutil.copy(authority.root, store / "authority.pem")
    [commands] = re.findall(r"```sh\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands], check=False, cwd=store, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert "Verification: OK" in done.stdout + done.stderr
    assert done.stdout.count(": OK") + done.stderr.count(": OK") >= 3
    root = next(store.glob("root/v1/*/*/*/*.json"))
    root.write_bytes(root.read_bytes() + b" ")
    broken = subprocess.run(["bash", "-euo", "pipefail", "-c", commands], check=False, cwd=store, capture_output=True)
    assert broken.returncode != 0
