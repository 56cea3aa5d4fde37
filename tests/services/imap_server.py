"""Dovecot on loopback, with folders that tests fill over IMAP; and a server that says what a test tells it to say."""

from __future__ import annotations

import imaplib
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import trustme

PASSWORD = 'hunter "22" \\ é'
DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
NEEDS_DOVECOT = [
    pytest.mark.system,
    pytest.mark.skipif(DOVECOT is None, reason="Dovecot (dovecot-imapd) is not installed"),
    pytest.mark.skipif(os.geteuid() != 0, reason="Dovecot needs root to start its processes"),
]
_STARTS_WITHIN = 60.0


@dataclass(frozen=True)
class Dovecot:
    """A running server: its ports, and the authority of its certificate."""

    plain: int
    secure: int
    authority: trustme.CA
    directory: Path

    def mailbox(self, user: str, **more: Any) -> dict[str, Any]:
        """Return the key `imap` of a source for a user's folder, with TLS."""
        told = {"host": "localhost", "port": self.secure, "user": user, "password": {"secret": "PW"}}
        return told | more

    @contextmanager
    def client(self, user: str) -> Iterator[imaplib.IMAP4]:
        """Log in as that user. A new user has an empty INBOX."""
        connection = imaplib.IMAP4("127.0.0.1", self.plain, timeout=30)
        connection.authenticate("PLAIN", lambda _: f"\0{user}\0{PASSWORD}".encode())
        try:
            yield connection
        finally:
            connection.logout()

    def put(self, user: str, *letters: bytes, folder: str = "INBOX") -> None:
        """Append messages to a folder, which is created."""
        with self.client(user) as connection:
            connection.create(folder)
            for octets in letters:
                kind, said = connection.append(folder, "", "", octets)
                assert kind == "OK", said

    def flags(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """Return the flags of the messages of a folder."""
        with self.client(user) as connection:
            connection.select(folder, readonly=True)
            _, found = connection.uid("FETCH", "1:*", "(FLAGS)")
            return [one for one in found if isinstance(one, bytes)]


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """Run Dovecot, in a directory that its user may enter. Every user with `PASSWORD` may log in."""
    with TemporaryDirectory(prefix="dovecot-") as directory:
        yield from _running(Path(directory))


def _running(directory: Path) -> Iterator[Dovecot]:
    authority, (plain, secure) = trustme.CA(), _free_ports(2)
    server = authority.issue_cert("localhost")
    directory.chmod(0o755)
    server.private_key_pem.write_to_path(str(directory / "key.pem"))
    server.cert_chain_pems[0].write_to_path(str(directory / "cert.pem"))
    for name in ("mail", "run", "state"):
        (directory / name).mkdir()
    shutil.chown(directory / "mail", "nobody", "nogroup")
    file = directory / "dovecot.conf"
    file.write_text(_CONFIG.format(directory=directory, plain=plain, secure=secure))
    (directory / "users").write_text("")
    with (directory / "out").open("wb") as said:
        process = subprocess.Popen([str(DOVECOT), "-F", "-c", str(file)], stdout=said, stderr=said)
    try:
        _wait(process, plain, directory)
        yield Dovecot(plain, secure, authority, directory)
    finally:
        process.terminate()
        process.wait(30)


_CONFIG = """
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
base_dir = {directory}/run
state_dir = {directory}/state
log_path = {directory}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = nobody
default_internal_group = nogroup
default_login_user = nobody
first_valid_uid = 1
auth_allow_cleartext = yes
auth_failure_delay = 0
ssl = yes
ssl_server_cert_file = {directory}/cert.pem
ssl_server_key_file = {directory}/key.pem
mail_driver = maildir
mail_home = {directory}/mail/%{{user}}
mail_path = ~/Maildir
mail_uid = nobody
mail_gid = nogroup
passdb static {{
  password = "hunter \\"22\\" \\\\ é"
}}
userdb static {{
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {secure}
  }}
}}
service anvil {{
  chroot =
}}
"""


def _wait(process: subprocess.Popen[bytes], port: int, directory: Path) -> None:
    until = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError, imaplib.IMAP4.error):
            imaplib.IMAP4("127.0.0.1", port, timeout=5).logout()
            return
        time.sleep(0.05)
    log = directory / "log"
    said = (directory / "out").read_text() + (log.read_text() if log.exists() else "")
    raise AssertionError(f"Dovecot did not start: {said}")


def _free_ports(count: int) -> tuple[int, ...]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = tuple(one.getsockname()[1] for one in sockets)
    for one in sockets:
        one.close()
    return ports


Answer = Callable[[bytes, bytes], bytes | None]
"""Takes a tag and the rest of a command; returns what is sent, or None to hang up."""


@contextmanager
def scripted(answer: Answer, greeting: bytes = b"* OK ready\r\n") -> Iterator[int]:
    """Run a server that answers each command as told, and yield its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        with suppress(OSError, ValueError), connection, connection.makefile("rwb") as stream:
            stream.write(greeting)
            stream.flush()
            for line in stream:
                tag, _, rest = line.strip().partition(b" ")
                if (said := answer(tag, rest)) is None:
                    return
                stream.write(said)
                stream.flush()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


def plausible(messages: dict[int, bytes], **other: Callable[[bytes, bytes], bytes | None]) -> Answer:
    """Return the answers of a small server with one folder; `other` replaces those of a command: `fetch`, `login`."""

    def answer(tag: bytes, rest: bytes) -> bytes | None:
        words = rest.decode("latin-1").split()
        command = (words[1] if words[0].upper() == "UID" else words[0]).lower()
        if command in other:
            return other[command](tag, rest)
        done = tag + b" OK done\r\n"
        match command:
            case "capability":
                return b"* CAPABILITY IMAP4rev1\r\n" + done
            case "examine" | "select":
                return b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n" % len(messages) + done
            case "search":
                return b"* SEARCH " + b" ".join(b"%d" % uid for uid in messages) + b"\r\n" + done
            case "fetch":
                return b"".join(_fetched(messages, words)) + done
            case "logout":
                return b"* BYE\r\n" + done
        return done

    return answer


def _fetched(messages: dict[int, bytes], words: list[str]) -> Iterator[bytes]:
    for number, (uid, octets) in enumerate(messages.items(), 1):
        if str(uid) in words[2].split(","):
            if "RFC822.SIZE" in words[-1]:
                yield b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (number, uid, len(octets))
            else:
                yield b"* %d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n" % (number, uid, len(octets), octets)
