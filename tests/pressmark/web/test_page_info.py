"""The page of a record shows what a browser noted of the page, also where facts are missing or of the wrong type."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

from services.reading_house import STAMP, command, warc
from services.retrieving import Retrieving, served

from config.settings import Settings
from pressmark.service.assembly import open_pressmark

ERROR = {"level": "error", "text": "it failed"}
NOTED: dict[str, object] = {
    "browsertrix": {"urls": {"http://files.example/": {"status": 200}}, "counts": {"jsErrors": 0}},
    "no-place": {"urls": {}, "counts": {"jsErrors": 1}, "console": [ERROR], "timing": {}},
    "no-paint": {"urls": {}, "console": [ERROR | {"url": "http://files.example/a.js"}], "timing": {"loadMs": 5}},
    "odd": {"urls": {"a": {"status": True, "method": [1], "type": {}}}, "console": [{"url": 5, "level": 1}, {}]},
    "huge": {"urls": {"a": {"status": 10**400}}, "counts": {"jsErrors": 10**400}, "timing": {"loadMs": 10**400}},
}


def test_a_record_without_all_facts_is_shown_with_those_that_it_has(tmp_path: Path) -> None:
    records = []
    for name, noted in NOTED.items():
        url = f"http://info.example/{name}"
        records += [warc(tmp_path / "one.warc", url, f"Ordinary {name}").read_bytes(), _noted(url, noted)]
    (tmp_path / "all.warc").write_bytes(b"".join(records))
    command(tmp_path / "home", "ingest", "--collection", "open", str(tmp_path / "all.warc"))

    with open_pressmark(Settings(home=tmp_path / "home")) as service, served(service) as url:
        door = Retrieving(url, service, [])
        shown = {name: door.get(f"/view/record/{STAMP}/http://info.example/{name}") for name in NOTED}

    assert {name: status for name, (status, _, _) in shown.items()} == dict.fromkeys(NOTED, 200)
    assert all(b"How a browser rendered the page" in body for _, _, body in shown.values())
    assert b"it failed" in shown["no-place"][2]
    assert b"5 ms" in shown["no-paint"][2].replace(b"\xc2\xa0", b" ")


def _noted(url: str, noted: object) -> bytes:
    body = json.dumps(noted).encode()
    fields = {
        "WARC-Type": "resource",
        "WARC-Record-ID": f"<urn:uuid:{uuid4()}>",
        "WARC-Date": "2026-01-31T12:00:00Z",
        "WARC-Target-URI": f"urn:pageinfo:{url}",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"WARC/1.1\r\n{head}\r\n".encode() + body + b"\r\n\r\n"
