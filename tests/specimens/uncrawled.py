"""WARCs of records not fetched over HTTP, written by warcio as warcit and Browsertrix do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PAGE = "http://site.example/docs/index.html"
FOLDER = "http://site.example/docs/"
PICTURE = "http://site.example/docs/a.png"
SCREENSHOT = "urn:view:http://site.example/"
FILE = "file:///srv/report.html"
TEXT = "http://site.example/docs/index.html"
LOST = "http://site.example/moved"

HTML = (
    "<!DOCTYPE html><html lang='en'><title>Directories</title><article><h1>Directories</h1><p>A directory that was"
    " never on a server is an archive as well, naïve as that is. It holds pages, pictures and what links them, and"
    " people want to search it.</p><p>Each of its files is one record.</p></article>"
)
ELSEWHERE = b"what was moved"
"""The payload of a page that is in no record here."""
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)

_CODE = """
import io, sys
from archive.values.digest import sha1_base32
from warcio.warcwriter import WARCWriter
from specimens.uncrawled import *

WHEN = "2020-05-04T03:02:01Z"
with open(sys.argv[1], "wb") as file:
    writer = WARCWriter(file, gzip=True)

    def put(kind, url, media_type, content, **more):
        fields = {"WARC-Date": WHEN, **{name.replace("_", "-"): value for name, value in more.items()}}
        record = writer.create_warc_record(
            url, kind, payload=io.BytesIO(content), warc_content_type=media_type, warc_headers_dict=fields
        )
        writer.write_record(record)
        return record.rec_headers

    writer.write_record(writer.create_warcinfo_record("warcit.warc.gz", {"software": "warcit"}))
    page = put("resource", PAGE, "text/html; charset=utf-8", HTML.encode(), WARC_Source_URI="file://index.html")
    folder = writer.create_revisit_record(FOLDER, page["WARC-Payload-Digest"], PAGE, WHEN)
    writer.write_record(folder)
    put("resource", PICTURE, "image/png", PNG)
    put("resource", SCREENSHOT, "image/png", PNG, WARC_Concurrent_To=page["WARC-Record-ID"])
    put("resource", FILE, "text/html; charset=iso-8859-1", HTML.encode("latin-1"))
    put("metadata", PAGE, "application/warc-fields", b"via: http://site.example/\\r\\n",
        WARC_Concurrent_To=page["WARC-Record-ID"])
    put("conversion", TEXT, "text/plain", b"Directories", WARC_Refers_To=page["WARC-Record-ID"])
    put("continuation", PAGE, "application/octet-stream", b"...", WARC_Segment_Number="2",
        WARC_Segment_Origin_ID=page["WARC-Record-ID"])
    lost = writer.create_revisit_record(LOST, "sha1:" + sha1_base32(ELSEWHERE), "http://elsewhere.example/", WHEN)
    writer.write_record(lost)
"""


def write_uncrawled(path: Path) -> Path:
    """Write ten records: a warcinfo, four resources, a conversion, two revisits, and two that are not captures."""
    tests = Path(__file__).parents[1]
    subprocess.run(
        [sys.executable, "-c", _CODE, path], check=True, cwd=tests, env={"PYTHONPATH": f"{tests}:{tests.parent}"}
    )
    return path
