"""Forms as browsers send them: small ones, and those with a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qs

from starlette.requests import Request

from pressmark.http.problems import Refused

_LONGEST = 64 * 1024
_FIELDS = 50


async def form(request: Request, longest: int = _LONGEST) -> dict[str, str]:
    """Return the fields of a form of at most `longest` bytes, the last value of each. Raises Refused."""
    return {name: values[-1] for name, values in (await form_lists(request, longest)).items()}


async def form_lists(request: Request, longest: int = _LONGEST, fields: int = _FIELDS) -> Mapping[str, Sequence[str]]:
    """Return all values of the fields of a form, which has at most `fields` of them. Raises Refused."""
    if _kind(request) != "application/x-www-form-urlencoded":
        raise Refused(415, "a form is required")
    try:
        return parse_qs((await _body(request, longest)).decode(), keep_blank_values=True, max_num_fields=fields)
    except ValueError:
        raise Refused(422, "invalid form") from None


async def form_with_files(request: Request, longest: int) -> dict[str, bytes]:
    """Return the fields and files of a form of at most `longest` bytes (multipart/form-data, RFC 7578).

    Raises Refused.
    """
    if _kind(request) != "multipart/form-data":
        raise Refused(415, "a form is required")
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode("latin-1")
    message = BytesParser(policy=HTTP).parsebytes(head + await _body(request, longest))
    return dict(_parts(message))


def _parts(message: Message) -> Iterator[tuple[str, bytes]]:
    if not message.is_multipart() or message.defects:
        raise Refused(422, "invalid form")
    for part in message.get_payload():
        assert isinstance(part, Message), "it has several parts"
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            yield name, content


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _body(request: Request, longest: int) -> bytes:
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > longest:
            raise Refused(413, "the form is too long")
    return body
