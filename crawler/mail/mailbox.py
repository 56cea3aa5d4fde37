"""A folder on a mail server, over IMAP (RFC 3501, RFC 9051): find its messages, read them, and mark them.

All calls block; one thread at a time may make them. `close` may be called by any thread, and ends a call in progress.
"""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Literal

from config.values.mailbox import Mailbox, is_loopback
from crawler.mail.connection import Connection
from crawler.mail.protocol import No, answered, checked, criteria, heads, quote, quoted

Kind = Literal["unreachable", "tls", "login", "folder", "protocol", "closed"]
_LITERAL = re.compile(rb"\{(\d+)\}$")
_UID = re.compile(rb"\bUID (\d+)")
_SEEN = re.compile(rb"\\Seen\b", re.IGNORECASE)
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_LONGEST_SAID = 200
_SIZES_AT_ONCE = 500
_BESIDE = 1 << 16
"""Bytes of a literal that is not a message."""


class MailboxFailed(Exception):
    """Why a folder can't be read or changed, as the sentence of a run."""

    def __init__(self, kind: Kind, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


class NotMoved(MailboxFailed):
    """The server did not change one message. The others may still work."""


class NotGiven(MailboxFailed):
    """The server does not give one message. It may give the others."""


@dataclass(frozen=True, slots=True)
class Credentials:
    user: str
    password: str


class Folder:
    """A folder. Its methods raise MailboxFailed where the server refuses, or does not answer."""

    _imap: Connection
    ip: str
    """The address of the server."""
    uid_validity: int

    def __init__(self, box: Mailbox, credentials: Credentials, *, timeout: float, most: int) -> None:
        """Set up. `timeout` are seconds for each answer; `most` the bytes of the longest message."""
        self._box, self._credentials, self._timeout, self._most = box, credentials, timeout, most
        self._where = f"{box.host} port {box.port_used}"
        self._abilities: frozenset[str] = frozenset()
        self._socket: socket.socket | None = None
        self._is_closed = False
        self._seen: set[int] = set()

    def open(self, addresses: Sequence[str]) -> None:
        """Connect to the first address that answers, log in, and open the folder."""
        box = self._box
        if box.tls == "none" and not all(map(is_loopback, addresses)):
            reason = f"{box.host} is not this machine, and tls: none would send the password readably"
            raise MailboxFailed("tls", reason)
        self._connect(addresses)
        if box.tls == "starttls":
            self._start_tls()
        self._log_in(self._credentials)
        self._abilities = self._capabilities()
        if box.mark == "move" and not self._abilities & {"MOVE", "UIDPLUS"}:
            lacks = "it has neither MOVE nor UIDPLUS; use mark: seen or none"
            raise MailboxFailed("protocol", f"{self._where} can't move single messages: {lacks}")
        self.uid_validity = self._select()

    def url_of(self, uid: int) -> str:
        """Return the URL of a message (RFC 5092), without the user."""
        return f"{self._box.url};UIDVALIDITY={self.uid_validity}/;UID={uid}"

    def find(self) -> list[int]:
        """Return the UIDs of the messages that the filters let through, oldest first."""
        charset, wanted, literal = criteria(self._box)
        with self._asking("could not search the folder"):
            self._imap.literal = literal  # type: ignore[assignment]  # bytes, as for `append`
            data = checked(*self._imap.uid("SEARCH", *charset, *wanted))
        found = b" ".join(one for one in data if isinstance(one, bytes)).split()
        if not all(map(bytes.isdigit, found)):
            raise MailboxFailed("protocol", f"{self._where} answered the search with something other than numbers")
        return sorted({int(one) for one in found})

    def sizes(self, uids: Sequence[int]) -> Mapping[int, int]:
        """Return how many bytes each message has, by UID; without messages that are gone. Learn which are read."""
        found: dict[int, int] = {}
        for start in range(0, len(uids), _SIZES_AT_ONCE):
            some = ",".join(map(str, uids[start : start + _SIZES_AT_ONCE]))
            with self._asking("could not list the messages"):
                lines = checked(*self._imap.uid("FETCH", some, "(UID FLAGS RFC822.SIZE)"))
            for line in heads(lines):
                if (uid := _UID.search(line)) and (size := _SIZE.search(line)):
                    found[int(uid[1])] = int(size[1])
                    if _SEEN.search(line):
                        self._seen.add(int(uid[1]))
        return found

    def is_marked(self, uid: int) -> bool:
        """Return whether a message is as the source wants it when it is archived; what is to be moved never is."""
        return self._box.mark == "none" or (self._box.mark == "seen" and uid in self._seen)

    def message(self, uid: int) -> bytes | None:
        """Return a message, byte by byte as the server gives it; None if it is gone. It does not become read.

        Raises NotGiven if the server answers NO.
        """
        what = f"could not read the message with UID {uid}"
        with self._asking(what):
            kind, found = self._imap.uid("FETCH", str(uid), "(UID BODY.PEEK[])")
            if kind == "NO":
                raise NotGiven("protocol", f"{self._where} {what}: {self._said(answered(found))}")
            found = checked(kind, found)
        for number, piece in enumerate(found):
            if isinstance(piece, tuple) and b"BODY[]" in piece[0].upper():
                head, body = piece
                after = found[number + 1] if number + 1 < len(found) else b""
                named = _UID.search(head) or (_UID.search(after) if isinstance(after, bytes) else None)
                said = _LITERAL.search(head)
                if named and int(named[1]) == uid and said and int(said[1]) == len(body):
                    return bytes(body)
                raise MailboxFailed("protocol", f"{self._where} sent another message, or only a part of UID {uid}")
        return None

    def mark(self, uid: int) -> None:
        """Do to a message that is archived what the source says. Raises NotMoved if the server refuses that."""
        box, number = self._box, str(uid)
        if box.mark == "seen":
            self._change(uid, "STORE", number, "+FLAGS.SILENT", r"(\Seen)")
        elif box.mark == "move" and box.move_to is not None:
            target = quoted(box.move_to)
            if "MOVE" in self._abilities:
                self._change(uid, "MOVE", number, target)
            else:
                self._change(uid, "COPY", number, target)
                self._change(uid, "STORE", number, "+FLAGS.SILENT", r"(\Deleted)")
                self._change(uid, "EXPUNGE", number)

    def leave(self) -> None:
        """Log out, if the server still listens."""
        with suppress(OSError, imaplib.IMAP4.error, ValueError, AttributeError):
            self._imap.logout()
        self.release()

    def close(self) -> None:
        """Cut the connection: a call in progress fails, and so does each later one."""
        self._is_closed = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            with suppress(OSError):
                self._socket.close()

    def release(self) -> None:
        """Close everything. No call may be in progress."""
        self.close()
        with suppress(OSError, AttributeError):
            self._imap.shutdown()

    # --- the beginning ----------------------------------------------------------------------------------------------

    def _hold(self, connection: socket.socket) -> None:
        self._socket = connection
        if self._is_closed:
            connection.close()

    def _connect(self, addresses: Sequence[str]) -> None:
        failed: MailboxFailed | None = None
        for address in addresses:
            try:
                with self._asking("does not begin as an IMAP server does"):
                    self._imap = Connection(self._box, address, self._timeout, self._most + _BESIDE, self._hold)
            except MailboxFailed as error:
                failed = failed or error
                if self._is_closed:
                    break
            else:
                self.ip = address
                return
        raise failed or MailboxFailed("unreachable", f"{self._where} has no address")

    def _start_tls(self) -> None:
        if "STARTTLS" not in self._imap.capabilities:
            raise MailboxFailed("tls", f"{self._where} offers no STARTTLS; use tls: implicit, usually on port 993")
        with self._asking("could not begin TLS"):
            checked(*self._imap.starttls(ssl.create_default_context()))
            self._socket = self._imap.sock

    def _log_in(self, given: Credentials) -> None:
        if not (given.user + given.password).isprintable() or not given.password:
            raise MailboxFailed("login", "the user or the password of the mailbox is empty, or has a line break in it")
        if self._imap.state != "NONAUTH":
            raise MailboxFailed("login", f"{self._where} asks for no login, so nothing says whose messages these are")
        able = self._capabilities()
        plain = f"\0{given.user}\0{given.password}".encode()
        if "AUTH=PLAIN" not in able and "LOGINDISABLED" in able:
            raise MailboxFailed("login", f"{self._where} does not accept passwords")
        if "AUTH=PLAIN" not in able and not (given.user + given.password).isascii():
            raise MailboxFailed("login", f"{self._where} takes only passwords of ASCII letters, digits and signs")
        try:
            with self._asking("refused the login"):
                if "AUTH=PLAIN" in able:
                    checked(*self._imap.authenticate("PLAIN", lambda _: plain))
                else:
                    checked(*self._imap.login(quote(given.user), given.password))
        except MailboxFailed as error:
            if error.kind == "closed":  # the words of the server may repeat the password, in any form
                raise MailboxFailed("closed", f"the connection to {self._where} broke during the login") from None
            if error.kind != "protocol":
                raise
            reason = f"{self._where} refused the login; check user and password"
            raise MailboxFailed("login", reason) from None

    def _capabilities(self) -> frozenset[str]:
        with self._asking("does not say what it can do"):
            said = checked(*self._imap.capability())
        words = b" ".join(one for one in said if isinstance(one, bytes)).decode("ascii", "replace")
        return frozenset(words.upper().split())

    def _select(self) -> int:
        folder = self._box.folder
        try:
            with self._asking(f"has no folder {folder!r} that can be opened"):
                checked(*self._imap.select(quoted(folder), readonly=self._box.mark == "none"))
        except MailboxFailed as error:
            raise MailboxFailed("folder", str(error)) if error.kind == "protocol" else error from None
        _, said = self._imap.response("UIDVALIDITY")
        if not said or not said[-1] or not bytes(said[-1]).isdigit():
            raise MailboxFailed("protocol", f"{self._where} gives no UIDVALIDITY, so its messages can't be told apart")
        return int(said[-1])

    # --- answers ----------------------------------------------------------------------------------------------------

    def _change(self, uid: int, command: str, *arguments: str) -> None:
        try:
            with self._asking(f"did not change the message with UID {uid}"):
                checked(*self._imap.uid(command, *arguments))
        except MailboxFailed as error:
            raise NotMoved("protocol", str(error)) if error.kind == "protocol" else error from None

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        """Turn errors of the library into sentences: without the password, and without most of a server's words."""
        if (imap := getattr(self, "_imap", None)) is not None:
            imap.begin()
        try:
            yield
        except MailboxFailed:
            raise
        except ssl.SSLCertVerificationError as error:
            reason = f"the certificate of {self._where} is not valid: {error.verify_message}"
            raise MailboxFailed("tls", reason) from None
        except ssl.SSLError as error:
            raise MailboxFailed("tls", f"no TLS session with {self._where}: {error.reason or error}") from None
        except TimeoutError:
            raise MailboxFailed("unreachable", f"{self._where} did not answer in time") from None
        except OSError as error:
            raise MailboxFailed("unreachable", f"{self._where} can't be reached: {error.strerror or error}") from None
        except imaplib.IMAP4.readonly:
            raise MailboxFailed("folder", f"{self._where} lets the folder only be read; use mark: none") from None
        except imaplib.IMAP4.abort as error:
            raise MailboxFailed("closed", f"the connection to {self._where} broke: {self._said(error)}") from None
        except (imaplib.IMAP4.error, No) as error:
            raise MailboxFailed("protocol", f"{self._where} {what}: {self._said(error)}") from None
        except (ValueError, IndexError, AttributeError, UnicodeError) as error:  # an answer that the library can't read
            raise MailboxFailed("protocol", f"{self._where} {what}: {type(error).__name__}") from None

    def _said(self, error: BaseException | str) -> str:
        """Return the words of a server, in one short line, without user and password."""
        text = " ".join(str(error).replace("b'", "").removesuffix("'").split())
        for secret in (self._credentials.password, self._credentials.user):
            text = text.replace(secret, "…") if secret else text
        return "".join(one if one.isprintable() else "�" for one in text)[:_LONGEST_SAID] or "without a reason"
