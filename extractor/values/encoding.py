"""Decode a page whose labels may be wrong: detect the encoding from its bytes first, then from labels."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from extractor.values.plausible import is_plausible

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
}
"""What labels mean on the web: the superset that browsers use (WHATWG Encoding, 4.2), by Python's names."""
_LABELS = {
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "euc-cn": "gb18030",
    "hz-gb-2312": "gb18030",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "ks_c_5601-1987": "cp949",
    "windows-949": "cp949",
    "x-x-big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "unicode": "utf-16-le",
    "utf8": "utf-8",
}
_NO_ENCODING = frozenset(("idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"))
_UNBELIEVED = frozenset(("utf-8", "utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"))
"""Labels that the bytes would already have borne out."""
_TOLERATED = 3
_META_WINDOW = 4096
_DETECTION_WINDOW = 1 << 20
_META = re.compile(
    rb"""<(?:meta|\?xml)\s[^>]{0,400}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE
)
_HTTP = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)


def decode(body: bytes, content_type: str | None = None) -> tuple[str, str]:
    """Return the text of a page, and the Python name of its encoding. Never raises.

    A byte order mark decides; then UTF-8, if the body is (nearly) valid; then the labels of HTTP and of the page, if
    they decode without errors to plausible text; then detection.
    """
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(name, "replace"), name
    try:
        return body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        nearly = _nearly_utf8(body)
    if nearly is not None:
        return nearly, "utf-8"
    return _decode_legacy(body, content_type)


def declared(body: bytes, content_type: str | None = None) -> Iterator[str]:
    """Yield the encodings that HTTP and the page name, as existing Python names."""
    http = _HTTP.search(content_type or "")
    meta = _META.search(body[:_META_WINDOW])
    labels = [http.group(1)] if http else []
    labels += [meta.group(1).decode("ascii", "replace")] if meta else []
    yield from filter(None, map(_known, labels))


def _nearly_utf8(body: bytes) -> str | None:
    """Decode UTF-8 with at most three damaged places, or with a truncated last character."""
    text = body.decode("utf-8", "replace")
    damaged = text.count("\ufffd") - body.count(b"\xef\xbf\xbd")
    whole = len(text) - len(text.encode("ascii", "ignore")) - damaged
    return text if damaged <= _TOLERATED and whole > damaged * 4 else None


def _decode_legacy(body: bytes, content_type: str | None) -> tuple[str, str]:
    """Decode with the first encoding that gives plausible text without errors, or else with the best one."""
    best: tuple[tuple[bool, int], str, str] | None = None
    for name in _candidates(body, content_type):
        text = body.decode(name, "replace")
        rank = (not is_plausible(text, name), text.count("\ufffd"))
        if rank == (False, 0):
            return text, name
        if best is None or rank < best[0]:
            best = (rank, text, name)
    if best is None:
        return body.decode("cp1252", "replace"), "cp1252"
    return best[1], best[2]


def _candidates(body: bytes, content_type: str | None) -> Iterator[str]:
    """Yield encodings to try, each once, the costly detectors last."""
    seen: set[str] = set()
    for name in _named_then_detected(body, content_type):
        if name and name not in seen and name not in _UNBELIEVED:
            seen.add(name)
            yield name


def _named_then_detected(body: bytes, content_type: str | None) -> Iterator[str | None]:
    yield from declared(body, content_type)
    import cchardet
    from resiliparse.parse.encoding import detect_encoding

    window = body[:_DETECTION_WINDOW]
    yield _known(cchardet.detect(window)["encoding"] or "")
    yield _known(detect_encoding(window, from_html_meta=False) or "")
    yield from ("gb18030", "big5hkscs")


def _known(label: str) -> str | None:
    """Return the Python codec for a web label; None if there is no text codec."""
    label = label.strip().lower()
    if not label:
        return None
    if label in _LABELS:
        return _LABELS[label]
    try:
        name = codecs.lookup(label).name
        b"a".decode(name, "replace")
    except (LookupError, ValueError):  # no codec, or not a text codec
        return None
    return None if name in _NO_ENCODING else _WIDER.get(name, name)
