"""What the operator permits the sources: secrets, private networks, ports and proxies. A source can only ask for less.

A source describes where requests go and what they contain, and its author need not be the operator. So the settings,
not the source, decide which secrets may leave this machine and which private hosts may be reached.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from config.errors import NotPermitted, Problem, SecretNotFound
from config.groups.group import Group
from config.values.secret import Secret, read_secret
from config.values.urls import Network

if TYPE_CHECKING:
    from config.files.document import Loc
    from config.source import Source

_RESERVED = re.compile(r"(PRESSMARK|AWS|BOTO)_|PGPASS|PGSSL", re.IGNORECASE)
"""Beginnings of the names of variables that the service and its libraries read; settings ignore case."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
_DEFAULT_PORTS = {"http": 80, "socks5": 1080}


def _secret_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of an environment variable")
    if _RESERVED.match(name):
        raise ValueError(f"{name} belongs to the service itself; sources need secrets of their own")
    return name


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _ports(text: str) -> str:
    found = _PORTS.fullmatch(text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= first <= last <= 65535:
        raise ValueError(f"{text!r} is not a port or a range of ports; write 8000 or 1024-65535")
    return text


def _proxy_url(url: str) -> str:
    if _proxy_key(url) is None:
        raise ValueError("this is not a proxy; write http://host:port or socks5://host:port, without a password")
    return url


SecretName = Annotated[str, AfterValidator(_secret_name)]
Ports = Annotated[str, BeforeValidator(_as_text), AfterValidator(_ports)]


class Allow(Group):
    """What sources may ask for. A source that asks for more does not run, and its error says what to list here."""

    addresses: tuple[Network, ...] = Field(default=(), examples=[["10.1.0.0/16"]])
    """Private networks (CIDR) that sources may list in their `addresses`; default: none."""
    ports: tuple[Ports, ...] = ("1024-65535",)
    """Ports and ranges of ports that sources may list in their `ports`, in addition to 80, 443, 8080 and 8443."""
    proxies: tuple[Annotated[str, AfterValidator(_proxy_url)], ...] | None = None
    """Proxies that sources may use, as `http://host:port` or `socks5://host:port`; default: any at a permitted address,
    `[]`: none."""


@dataclass(frozen=True, slots=True)
class Permissions:
    """The secrets that sources may refer to, and the limits of their connections. Without arguments: nothing."""

    allow: Allow = field(default_factory=Allow)
    _: KW_ONLY
    secrets: frozenset[str] = frozenset()
    """Names of environment variables."""
    directory: Path | None = None
    """A directory whose files are secrets too, by their names."""
    files_of_settings: tuple[Path, ...] = ()
    """Files that are never a source's secret: those that settings are read from."""
    signatures: bool = False
    """Whether requests can be signed: the service has an address at which sites fetch its keys."""

    def reveal(self, value: str | Secret, environment: Mapping[str, str] | None = None) -> str:
        """Return a plain value, or the secret that it refers to. Raises NotPermitted, SecretNotFound."""
        if not isinstance(value, Secret):
            return value
        name = value.secret
        if problem := self._why_not_secret(name):
            raise NotPermitted(problem)
        if name in self.secrets:
            return self._from_environment(name, os.environ if environment is None else environment)
        return self._from_file(name, self._file_of(name))

    def check(self, source: Source) -> None:
        """Raise NotPermitted, with the keys of the source, if it asks for something that is not permitted."""
        if problems := tuple(problem for _, problem in self.problems(source)):
            raise NotPermitted(*problems)

    def problems(self, source: Source) -> Iterator[tuple[Loc, Problem]]:
        """Yield what a source asks for and may not have, with its place in the source."""
        for loc, secret in secrets_of(source):
            if problem := self._why_not_secret(secret.secret):
                yield loc, _at(loc, problem)
        for index, network in enumerate(source.addresses):
            if not any(_contains(wide, network) for wide in self.allow.addresses):
                yield _beyond(("addresses", index), f"the private network {network} is", "allow.addresses", network)
        for index, port in enumerate(source.ports):
            if not any(_in_range(port, ports) for ports in self.allow.ports):
                yield _beyond(("ports", index), f"the port {port} is", "allow.ports", port)
        if source.sign_requests and not self.signatures:
            told = "sign_requests is true, but sites can't fetch the keys"
            hint = "the operator sets public_url to the https address of the service, in ASCII (the host as xn--…)"
            yield ("sign_requests",), _at(("sign_requests",), Problem(told, suggestion=hint))
        if isinstance(source.proxy, str) and not self._may_use(source.proxy):
            yield _beyond(("proxy",), "this proxy is", "allow.proxies", "http://host:port")

    def proxy_of(self, source: Source) -> str | None:
        """Return the URL of a source's proxy, perhaps with a password; None if it has none.

        Raises NotPermitted, without the URL in its message; SecretNotFound.
        """
        if source.proxy is None:
            return None
        url = self.reveal(source.proxy)
        self.check_proxy(url)
        return url

    def check_proxy(self, url: str) -> None:
        """Raise NotPermitted for a proxy that is not permitted. The message does not contain the URL."""
        if not self._may_use(url):
            raise NotPermitted(_beyond(("proxy",), "this proxy is", "allow.proxies", "http://host:port")[1])

    def _may_use(self, proxy: str) -> bool:
        listed = self.allow.proxies
        return listed is None or _proxy_key(proxy, credentials=True) in set(map(_proxy_key, listed))

    def _why_not_secret(self, name: str) -> Problem | None:
        told = f"the secret {name} is not permitted"
        if _RESERVED.match(name):
            hint = "give the source a secret of its own, with another name"
            return Problem(f"{told}: it belongs to the service itself", suggestion=hint)
        if name in self.secrets or (self.directory is not None and self._file_of(name).is_file()):
            return None
        hint = f"the operator adds {name} to `secrets` in the settings, or writes the secret to {self._file_of(name)}"
        return Problem(f"{told}: it is not in the operator's list", suggestion=hint)

    def _file_of(self, name: str) -> Path:
        return (self.directory or Path("secrets")) / name

    def _from_environment(self, name: str, environment: Mapping[str, str]) -> str:
        if (value := environment.get(name)) is not None:
            return value
        file = environment.get(f"{name}_FILE")
        if file is None:
            raise SecretNotFound(name, f"neither {name} nor {name}_FILE is set in the environment")
        self._check_is_no_setting(name, Path(file))
        return read_secret(name, Path(file))

    def _from_file(self, name: str, file: Path) -> str:
        self._check_is_no_setting(name, file)
        try:
            mode = stat.S_IMODE(file.stat().st_mode)
        except OSError as error:
            raise SecretNotFound(name, f"{file} can't be read: {error.strerror}") from error
        if mode & 0o077:
            raise SecretNotFound(name, f"others can read {file} (mode {mode:o}); run chmod 600 {file}")
        return read_secret(name, file)

    def _check_is_no_setting(self, name: str, file: Path) -> None:
        for setting in self.files_of_settings:
            if setting.exists() and file.exists() and setting.samefile(file):
                told = f"the secret {name} is not permitted: {file} is a file of the service's own settings"
                raise NotPermitted(Problem(told, suggestion="give the source a secret of its own"))


NOTHING = Permissions()
"""No secret, no private network, and the ports and proxies of the defaults."""


def secrets_of(source: Source) -> Iterator[tuple[Loc, Secret]]:
    """Yield the secrets that a source refers to, with their places."""
    groups: dict[Loc, Mapping[str, Any]] = {("headers",): source.headers, ("cookies",): source.cookies}
    groups["arguments",] = source.arguments
    if source.login:
        groups["login", "fields"] = source.login.fields
    if source.session:
        yield ("session", "cookies"), source.session.cookies
    if source.imap:
        groups["imap",] = {"user": source.imap.user, "password": source.imap.password}
    for at, values in groups.items():
        yield from (((*at, name), value) for name, value in values.items() if isinstance(value, Secret))
    if isinstance(source.proxy, Secret):
        yield ("proxy",), source.proxy


def _beyond(loc: Loc, told: str, setting: str, value: object) -> tuple[Loc, Problem]:
    group, _, key = setting.partition(".")
    hint = f"the operator permits it by a line of HOME/pressmark.yaml: '{group}: {{{key}: [{value}]}}'"
    return loc, _at(loc, Problem(f"{told} not permitted to sources", suggestion=hint))


def _at(loc: Loc, problem: Problem) -> Problem:
    return Problem(problem.message, ".".join(map(str, loc)), suggestion=problem.suggestion)


def _contains(wide: Network, network: Network) -> bool:
    return wide.version == network.version and network.subnet_of(wide)  # type: ignore[arg-type]


def _in_range(port: int, ports: str) -> bool:
    first, _, last = ports.partition("-")
    return int(first) <= port <= int(last or first)


def _proxy_key(url: str, *, credentials: bool = False) -> tuple[str, str, int] | None:
    """Return scheme, host and port of a proxy; None for anything else, and for one with unwanted credentials."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port
    except ValueError:
        return None
    scheme = "socks5" if parts.scheme == "socks5h" else parts.scheme
    if scheme not in _DEFAULT_PORTS or not parts.hostname or ("@" in parts.netloc and not credentials):
        return None
    return scheme, parts.hostname, port or _DEFAULT_PORTS[scheme]


def own_files(values: Iterable[Any]) -> tuple[Path, ...]:
    """Return the paths of files among the values of settings."""
    return tuple(value for value in values if isinstance(value, Path) and value.is_file())
