"""WARC files of other tools, written record by record: requests first, revisits that name little."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

DATE = "2026-01-31T12:00:00Z"


def record(kind: str, url: str, block: str, *, date: str = DATE, id_: str | None = None, **fields: str) -> str:
    """Return an uncompressed record; `fields` have underscores for hyphens."""
    given = {
        "WARC-Type": kind,
        "WARC-Record-ID": id_ or f"<urn:uuid:{uuid4()}>",
        "WARC-Date": date,
        "WARC-Target-URI": url,
        "Content-Type": "application/http" if kind != "metadata" else "application/warc-fields",
        **{name.replace("_", "-"): value for name, value in fields.items()},
        "Content-Length": str(len(block.encode())),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"WARC/1.1\r\n{head}\r\n{block}\r\n\r\n"


def response(url: str, body: str, *, date: str = DATE, id_: str | None = None, **fields: str) -> str:
    block = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n{body}"
    return record("response", url, block, date=date, id_=id_, **fields)


def request(url: str, cookie: str, *, date: str = DATE, id_: str | None = None, **fields: str) -> str:
    block = f"GET / HTTP/1.1\r\nHost: example.org\r\nCookie: {cookie}\r\n\r\n"
    return record("request", url, block, date=date, id_=id_, **fields)


def revisit(url: str, *, date: str, **fields: str) -> str:
    """Return a revisit of the same payload; `fields` say of which."""
    profile = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    return record("revisit", url, "HTTP/1.1 200 OK\r\n\r\n", date=date, WARC_Profile=profile, **fields)


def written(path: Path, *records: str) -> Path:
    path.write_text("".join(records), newline="")
    return path
