"""Files as other crawlers write them, byte for byte."""

from __future__ import annotations

import base64
import gzip
import hashlib

import zstandard

PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>page %d"


def digest(octets: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(octets).digest()).decode()


def record(
    number: int = 0, block: bytes | None = None, *, version: str = "1.0", without: str = "", **fields: str
) -> bytes:
    """Return a response of http://a.example/NUMBER; `without` a field, and with others replaced."""
    block = PAGE % number if block is None else block
    named = {
        "WARC-Type": "response",
        "WARC-Record-ID": f"<urn:uuid:00000000-0000-4000-8000-{number:012}>",
        "WARC-Date": f"2019-03-0{number % 9 + 1}T10:00:00Z",
        "WARC-Target-URI": f"http://a.example/{number}",
        "WARC-Block-Digest": digest(block),
        "Content-Type": "application/http; msgtype=response",
        **{name.replace("_", "-"): value for name, value in fields.items()},
        "Content-Length": str(len(block)),
    }
    lines = [f"{name}: {value}" for name, value in named.items() if name != without]
    return "\r\n".join([f"WARC/{version}", *lines, "", ""]).encode() + block + b"\r\n\r\n"


def plain(count: int = 3) -> bytes:
    return b"".join(record(number) for number in range(count))


def by_record(count: int = 3) -> bytes:
    return b"".join(gzip.compress(record(number), mtime=0) for number in range(count))


def whole_file(count: int = 3) -> bytes:
    return gzip.compress(plain(count), mtime=0)


def zstd(count: int = 3, dictionary: bytes | None = None) -> bytes:
    """Return one frame per record; a dictionary is compressed in a skippable frame before them."""
    data = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
    compressor = zstandard.ZstdCompressor(dict_data=data, write_checksum=True, write_content_size=True)
    frames = b"".join(compressor.compress(record(number)) for number in range(count))
    if dictionary is None:
        return frames
    packed = zstandard.ZstdCompressor().compress(dictionary)
    return b"\x5d\x2a\x4d\x18" + len(packed).to_bytes(4, "little") + packed + frames


def arc(count: int = 3, *, version: int = 1) -> bytes:
    """Return an ARC, uncompressed: its description, a DNS answer, and pages."""
    columns = "URL IP-address Archive-date Content-type Archive-length"
    if version == 2:
        columns = (
            "URL IP-address Archive-date Content-type Result-code Checksum Location Offset Filename Archive-length"
        )
    described = f"{version} 0 InternetArchive\n{columns}\n\n".encode()
    more = "200 - - 0 x.arc " if version == 2 else ""
    parts = [_arc("filedesc://x.arc", "0.0.0.0", "text/plain", described, more)]
    parts.append(_arc("dns:a.example", "192.0.2.53", "text/dns", b"a.example. 60 IN A 192.0.2.7\n", more))
    parts += [_arc(f"http://a.example/{n}", "192.0.2.7", "text/html", PAGE % n, more) for n in range(count)]
    return b"\n".join(parts) + b"\n"


def arc_gzip(count: int = 3) -> bytes:
    """Return one gzip member per record, as the Internet Archive stored them."""
    whole = arc(count)
    starts = [whole.find(mark) for mark in (b"filedesc:", b"dns:", *(b"http://a.example/%d" % n for n in range(count)))]
    ends = [*starts[1:], len(whole)]
    return b"".join(gzip.compress(whole[a:b], mtime=0) for a, b in zip(starts, ends, strict=True))


def _arc(url: str, ip: str, content_type: str, body: bytes, more: str) -> bytes:
    return f"{url} {ip} 20040102030405 {content_type} {more}{len(body)}\n".encode() + body
