"""The WARC equals the ledger: other tools read back what the server received and sent, byte for byte."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from scrapy import Request
from wire.cases import CASES
from wire.certificates import server_context, trusting
from wire.ledger import Case, LedgerServer, playing
from wire.warcs import TOOLS, Read, Warc, answer, as_sent, crawled

# warcio uses the module `brotli` if it is installed, and crashes on it; not on brotlicffi under that name.
WARCIO = "import sys, brotlicffi; sys.modules['brotli'] = brotlicffi; from warcio.cli import main; sys.exit(main())"
CHECKS = {
    "warcio check": [sys.executable, "-c", WARCIO, "check"],
    "fastwarc check": [str(Path(sys.executable).parent / "fastwarc"), "check", "--quiet"],
    "gzip -t": ["gzip", "-t"],
}


@dataclass
class Written:
    """All cases, crawled, recorded, and sealed in one WARC."""

    server: LedgerServer
    warc: Warc
    read: dict[str, list[Read]]
    """All records, by each tool."""

    def of(self, tool: str, case: Case, *kinds: str) -> list[Read]:
        return [record for record in self.read[tool] if record.url == self.server.url(case) and record.kind in kinds]


@pytest.fixture(scope="module", params=["http", "https"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    authority, secure = trustme.CA(), request.param == "https"
    trusted = trusting(authority, tmp_path_factory.mktemp("trusted")) if secure else nullcontext()
    with playing(CASES, server_context(authority, "127.0.0.1") if secure else None) as server, trusted:
        requests = [
            Request(server.url(case), method=case.method, body=case.sent_body, meta=dict(case.meta)) for case in CASES
        ]
        warc = crawled(tmp_path_factory.mktemp("spool"), requests)
        yield Written(server, warc, warc.read())


every = [pytest.mark.parametrize("tool", TOOLS), pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)]


def test_every_exchange_was_acknowledged(written: Written) -> None:
    assert len(written.warc.receipts) == len(written.server.ledger)
    assert [receipt.error for receipt in written.warc.receipts if receipt.error] == []


@every[0]
@every[1]
def test_request_records_are_what_the_server_received(written: Written, tool: str, case: Case) -> None:
    received = [entry.received for entry in written.server.entries(case.path)]

    assert [record.block for record in written.of(tool, case, "request")] == received


@every[0]
@every[1]
def test_response_records_are_what_the_server_sent(written: Written, tool: str, case: Case) -> None:
    answers, entries = written.of(tool, case, "response", "revisit"), written.server.entries(case.path)

    assert len(answers) == (len(entries) if case.head else 0)
    for record, entry in zip(answers, entries, strict=False):
        expected = case.body[: case.kept]
        head, body = answer(written.read[tool], record, len(expected))
        assert bytes(entry.sent).startswith(b"".join(case.interim) + case.head)
        assert case.head in as_sent(head, len(body))
        assert body == expected
        if record.kind == "response":
            assert record.fields.get("warc-truncated") == case.truncated


@every[0]
@every[1]
def test_what_fits_in_neither_record_is_in_a_metadata_record(written: Written, tool: str, case: Case) -> None:
    kept = b"".join(record.block for record in written.of(tool, case, "metadata"))

    apart = [("interimResponse", one) for one in case.interim]
    for name, octets in [*apart, ("trailers", case.trailers), ("received", case.received)]:
        if octets:
            assert f"{name}: {base64.b64encode(octets).decode()}\r\n".encode() in kept
    if case.error:
        assert case.error.encode() in kept


@every[0]
def test_the_first_record_of_an_exchange_names_the_peer_and_the_protocol(written: Written, tool: str) -> None:
    secure = written.server.root.startswith("https:")
    told = [
        record for record in written.read[tool] if record.kind != "warcinfo" and not record.all("warc-concurrent-to")
    ]

    assert {record.fields["warc-ip-address"] for record in told} == {"127.0.0.1"}
    spoken = [record.all("warc-protocol") for record in told]
    assert {http for http, *_ in spoken} == {"http/1.0", "http/1.1"}
    assert {tuple(rest) for _, *rest in spoken} == ({("tls/1.3",)} if secure else {()})
    assert all(("warc-cipher-suite" in record.fields) == secure for record in told)


@pytest.mark.parametrize("check", CHECKS)
def test_other_warc_validators_find_no_errors(written: Written, check: str) -> None:
    checked = subprocess.run(
        [*CHECKS[check], str(written.warc.path)], capture_output=True, text=True, check=False, timeout=120
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr
