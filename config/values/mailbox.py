"""A mailbox whose messages are archived, over IMAP."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo, field_validator

from config.values.described import Described
from config.values.secret import Secret, Value

_HOST = re.compile(r"[A-Za-z0-9.-]+|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")
_SAFE_IN_URL = "-._~!$'()*+,:@/"
"""Characters that a mailbox in a URL may have unencoded (RFC 5092, 11: bchar); `&` and `=` are encoded, too."""
_PORTS = {"implicit": 993, "starttls": 143, "none": 143}


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError(f"invalid host {text!r}: write imap.example.org, without port and scheme")
    return text.lower()


def _line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("this should be one line of text")
    return text


Host = Annotated[str, AfterValidator(_host)]


def _ascii(text: str) -> str:
    if not text.isascii():
        raise ValueError("this should be ASCII, as addresses and ids are; compare names by subject instead")
    return _line(text)


Line = Annotated[str, AfterValidator(_line)]
AsciiLine = Annotated[str, AfterValidator(_ascii)]


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine, by its name alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Mailbox(Described):
    """A mailbox on a mail server, such as one that newsletters are sent to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: Host = Field(examples=["imap.example.org"])
    """The mail server."""
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    """implicit: TLS from the start; starttls: TLS before the login; none: only for a server on this machine. The
    certificate must be valid."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """Default: 993 with `tls: implicit`, else 143. Another port must be in `ports`, too."""
    user: Value
    """The name to log in with, or `{secret: NAME}`."""
    password: Secret
    """`{secret: NAME}`."""
    folder: Line = "INBOX"
    """The folder that is read, by its name on the server: `INBOX`, `Newsletters/Daily`."""
    sender: AsciiLine | None = None
    """Only messages whose From contains this."""
    list_id: AsciiLine | None = None
    """Only messages whose List-Id contains this."""
    subject: Line | None = None
    """Only messages whose Subject contains this. The server compares; all filters must match."""
    mark: Literal["none", "seen", "move"] = "none"
    """What happens on the server to a message that is archived: nothing, it is marked as read, or it is moved."""
    move_to: Line | None = Field(default=None, validate_default=True)
    """The folder for `mark: move`."""
    remote_images: bool = False
    """Also fetch the images that messages load from other servers. Senders use such images to see who reads a message,
    when and where."""

    @field_validator("tls")
    @classmethod
    def _encrypted(cls, value: str, info: ValidationInfo) -> str:
        if value == "none" and not is_loopback(info.data.get("host", "localhost")):
            raise ValueError("without TLS, everyone on the way can read the password; write implicit or starttls")
        return value

    @field_validator("move_to")
    @classmethod
    def _moved(cls, value: str | None, info: ValidationInfo) -> str | None:
        moves = info.data.get("mark") == "move"
        if value is None and moves:
            raise ValueError("mark: move needs move_to, the folder that archived messages are moved to")
        if value is not None and not moves:
            raise ValueError("move_to needs mark: move")
        if value is not None and value == info.data.get("folder"):
            raise ValueError(f"{value!r} is the folder that is read; move messages to another one")
        return value

    @property
    def port_used(self) -> int:
        return self.port or _PORTS[self.tls]

    @property
    def server_url(self) -> str:
        """The beginning of the URLs of all messages on the server, without the user (RFC 5092)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"imap://{host}/" if self.port_used == 143 else f"imap://{host}:{self.port_used}/"

    @property
    def url(self) -> str:
        """The URL of the folder, without the user (RFC 5092)."""
        return self.server_url + quote(self.folder, safe=_SAFE_IN_URL)
