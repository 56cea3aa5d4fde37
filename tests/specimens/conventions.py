"""Files in the form that Heritrix and Common Crawl document, made here because neither can run in a test.

They follow Heritrix's documentation of its WARC writer, and Common Crawl's of its Nutch: what is written in which
field.
"""

from __future__ import annotations

import gzip

from specimens.foreign import digest, record

INFO = "application/warc-fields"
ANSWER = "application/http; msgtype=response"
HERE = "http://a.example/"
PAGE = b"<title>A page</title><p>" + b"words of the page " * 20
PROFILE = "http://netpreserve.org/warc/1.0/revisit/"


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


def answer(body: bytes, *headers: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", "Content-Type: text/html; charset=utf-8", *headers, "", ""]).encode() + body


def packed(records: list[bytes]) -> bytes:
    """Return one gzip member per record."""
    return b"".join(gzip.compress(one, mtime=0) for one in records)


def told(number: int, of: str, block: bytes, **fields: str) -> bytes:
    """Return a record that is not an answer: `of` its type."""
    return record(number, block, WARC_Type=of, Content_Type=fields.pop("kind", INFO), **fields)


def concurrent(number: int) -> str:
    return f"<urn:uuid:00000000-0000-4000-8000-{number:012}>"


def heritrix() -> bytes:
    """Write as Heritrix does.

    An answer comes before its request. Chunked bodies stay chunked, and their digests leave out the framing. Answers
    that are too long or too slow are cut off; an end in the middle of the head is called ``head``.
    """
    info = b"software: Heritrix/3.4.0\r\nformat: WARC File Format 1.0\r\nhostname: crawler\r\nrobots: obey\r\n"
    whole, cut = answer(chunked(PAGE), "Transfer-Encoding: chunked"), answer(PAGE[:100], "Content-Length: 9999")
    named = {"WARC_Refers_To_Target_URI": HERE + "2", "WARC_Refers_To_Date": "2019-03-03T10:00:00Z"}
    seen = record(
        5, answer(b""), WARC_Type="revisit", WARC_Profile=PROFILE + "identical-payload-digest",
        WARC_Payload_Digest=digest(PAGE), WARC_Truncated="length", **named,
    )  # fmt: skip
    unchanged = record(
        6, b"HTTP/1.1 304 Not Modified\r\n\r\n", WARC_Type="revisit", WARC_Profile=PROFILE + "server-not-modified",
        WARC_Target_URI=HERE + "2", **named,
    )  # fmt: skip
    return packed([
        told(0, "warcinfo", info, without="WARC-Target-URI", WARC_Filename="WEB-20190301100000000-00000.warc.gz"),
        told(1, "response", b"20190301100000\na.example.\t60\tIN\tA\t192.0.2.7\n", kind="text/dns",
             WARC_Target_URI="dns:a.example", WARC_IP_Address="192.0.2.53"),
        record(2, whole, WARC_Payload_Digest=digest(PAGE), WARC_IP_Address="192.0.2.7"),
        told(20, "request", b"GET /2 HTTP/1.0\r\nHost: a.example\r\n\r\n", kind="application/http; msgtype=request",
             WARC_Target_URI=HERE + "2", WARC_Concurrent_To=concurrent(2)),
        told(21, "metadata", b"seed: \r\nfetchTimeMs: 47\r\noutlink: http://a.example/3 L a/@href\r\n",
             WARC_Target_URI=HERE + "2", WARC_Concurrent_To=concurrent(2)),
        record(3, cut, WARC_Payload_Digest=digest(PAGE[:100]), WARC_Truncated="length"),
        record(4, b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 900, WARC_Truncated="head"),
        seen,
        unchanged,
    ])  # fmt: skip


def common_crawl(*, year: int = 2024) -> bytes:
    """Write as Common Crawl does.

    A request comes before its answer. Bodies are decoded and cut at 1 MiB, and the headers that are no longer true are
    renamed to ``X-Crawler-…``. Until 2018 those headers were left unchanged.
    """
    info = b"isPartOf: CC-MAIN-2024-51\r\npublisher: Common Crawl\r\nsoftware: Apache Nutch 1.20\r\n"
    before = "" if year < 2018 else "X-Crawler-"
    head = (f"{before}Transfer-Encoding: chunked", f"{before}Content-Encoding: gzip")
    length = (f"Content-Length: {len(PAGE)}",) if year >= 2018 else ()
    page = {"WARC_Payload_Digest": digest(PAGE), "WARC_Concurrent_To": concurrent(2), "WARC_IP_Address": "192.0.2.7"}
    if year >= 2018:
        page["WARC_Identified_Payload_Type"] = "text/html"
    return packed([
        told(0, "warcinfo", info, without="WARC-Target-URI", WARC_Filename="CC-MAIN-20241201-00000.warc.gz"),
        told(2, "request", b"GET /3 HTTP/1.1\r\nHost: a.example\r\n\r\n", kind="application/http; msgtype=request",
             WARC_Target_URI=HERE + "3"),
        record(3, answer(PAGE, *head, *length), **page),
        told(31, "metadata", b'fetchTimeMs: 110\r\nlanguages-cld2: {"reliable":true}\r\n', WARC_Target_URI=HERE + "3",
             WARC_Concurrent_To=concurrent(3)),
        record(4, answer(PAGE[:64], f"{before}Content-Length: 99999"), WARC_Payload_Digest=digest(PAGE[:64]),
               WARC_Truncated="length"),
    ])  # fmt: skip
