"""A full audit is counted, whoever runs it, and remembered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from specimens.archives import SEGMENTS

from config.settings import load_settings
from pressmark.assembly import open_pressmark
from pressmark.audit import audit, last_full
from pressmark.cli import main
from pressmark.metrics import metrics


def test_what_verify_finds_is_told_to_those_who_measure(tmp_path: Path) -> None:
    home = tmp_path / "home"
    settings = load_settings({"home": home})
    with open_pressmark(settings) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
    spoilt = sorted((home / "store" / "warc").rglob("*.warc.gz"))[0]
    spoilt.chmod(0o644)
    spoilt.write_bytes(spoilt.read_bytes()[:-9])

    with pytest.raises(SystemExit) as ended:
        main(["--home", str(home), "verify", "--all"])

    with open_pressmark(settings) as service:
        told, at = metrics(service).decode(), last_full(service.database)
        assert at is not None
        assert (service.now() - at).total_seconds() < 600
    assert ended.value.code == 10
    assert 'pressmark_fixity_checked_total{result="ok"} 1.0' in told
    assert 'pressmark_fixity_checked_total{result="wrong"} 1.0' in told
    [said] = re.findall(r"^pressmark_fixity_last_full_timestamp_seconds (\S+)$", told, re.MULTILINE)
    assert float(said) == at.timestamp()


def test_an_audit_that_was_broken_off_was_none(tmp_path: Path) -> None:
    with open_pressmark(load_settings({"home": tmp_path / "home"})) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
        begun = audit(service)
        next(begun)
        begun.close()  # type: ignore[attr-defined]
        assert last_full(service.database) is None
        assert len(list(audit(service))) == 2
        first = last_full(service.database)
        list(audit(service))
        again = last_full(service.database)
        assert first is not None and again is not None and again >= first
