"""A verifier of HTTP Message Signatures (RFC 9421) with Ed25519, from the RFC: it shares no code with the signer."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_COMPONENT = re.compile(r'"([^"]+)"((?:;[a-z]+(?:="[^"]*")?)*)')
_PARAMETER = re.compile(r';([a-z]+)=(?:"([^"]*)"|(\d+))')
_MEMBER = re.compile(r'([a-z0-9]+)=(\("[^)]*\)(?:;[a-z]+=(?:"[^"]*"|\d+))*)')
_VALUE = re.compile(r"([a-z0-9]+)=:([A-Za-z0-9+/=]+):")


class Refused(Exception):
    """A signature that proves nothing, and why."""


@dataclass(frozen=True)
class Message:
    """A request, or a response with the facts of its request."""

    method: str
    authority: str
    path: str
    headers: Mapping[str, str]
    """By lower-case name."""

    def value(self, name: str, parameters: str) -> str:
        """Return the value of a component (RFC 9421, 2)."""
        derived = {"@method": self.method, "@authority": self.authority, "@path": self.path.partition("?")[0]}
        if name in derived:
            return derived[name]
        whole = self.headers[name]
        if key := re.search(r';key="([^"]*)"', parameters):
            return re.findall(rf'(?:^|, ){key[1]}=("[^"]*")', whole)[0]
        return whole


def base_of(message: Message, given: str) -> bytes:
    """Return the signature base (RFC 9421, 2.5) for the parameters of a signature."""
    covered = _COMPONENT.findall(given[: given.index(")")])
    lines = [f'"{name}"{more}: {message.value(name, more)}' for name, more in covered]
    return "\n".join([*lines, f'"@signature-params": {given}']).encode()


def verified(message: Message, key_of: Callable[[str], str], at: datetime, label: str = "sig1") -> dict[str, str]:
    """Return the parameters of a valid signature. `key_of` returns the `x` of a keyid. Raises Refused."""
    given = dict(_MEMBER.findall(message.headers["signature-input"]))[label]
    value = dict(_VALUE.findall(message.headers["signature"]))[label]
    parameters = {name: text or number for name, text, number in _PARAMETER.findall(given[given.index(")") :])}
    key = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key_of(parameters["keyid"]) + "="))
    try:
        key.verify(base64.b64decode(value), base_of(message, given))
    except InvalidSignature:
        raise Refused("the signature does not match") from None
    if "expires" in parameters and not int(parameters["created"]) <= at.timestamp() <= int(parameters["expires"]):
        raise Refused("the signature is not valid now")
    return parameters
