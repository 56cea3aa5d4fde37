"""Format rows as lines, without a library: listings have millions of them."""

from __future__ import annotations

from json.encoder import encode_basestring_ascii as quoted

from archive.index.cdx.row import Row, mime_of, timestamp_of, url_of


def cdxj_line(row: Row) -> str:
    return f"{row.urlkey} {timestamp_of(row.at)} {{{_facts(row)}}}\n"


def json_line(row: Row) -> str:
    return f'{{"urlkey": {quoted(row.urlkey)}, "timestamp": "{timestamp_of(row.at)}", {_facts(row)}}}\n'


def _facts(row: Row) -> str:
    """Return the fields of a row after its key and time in pywb's dialect: all as text, unknown ones left out."""
    status = "" if row.status is None else f', "status": "{row.status}"'
    digest = "" if row.digest is None else f', "digest": {quoted(row.digest)}'
    return (
        f'"url": {quoted(row.url)}, "mime": {quoted(mime_of(row))}{status}{digest}, "length": "{row.length}", '
        f'"offset": "{row.offset}", "filename": {quoted(row.segment + ".warc.gz")}, "source": {quoted(row.source)}, '
        f'"source-coll": {quoted(row.collection)}, "access": "allow"'
    )


def seven_fields(row: Row) -> str:
    """Return the line of the Internet Archive's dialect."""
    status = "-" if row.status is None else row.status
    timestamp, mime, digest = timestamp_of(row.at), mime_of(row), row.digest or "-"
    return f"{row.urlkey} {timestamp} {url_of(row)} {mime} {status} {digest} {row.length}\n"
