"""Sign requests, so that sites can verify whose crawler sends them: Web Bot Auth.

HTTP Message Signatures (RFC 9421) with Ed25519, as draft-ietf-webbotauth-httpsig-protocol-01 (29 October 2026) profiles
them. Each signature covers the method, the authority and the path of its request and the address of our keys, and
expires after a few minutes: nobody can use it for another request.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from http_message_signatures import HTTPMessageSigner, HTTPSignatureComponentResolver, algorithms
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from crawler.wire.bot_key import BotKey
from crawler.wire.key_directory import VALID, WELL_KNOWN

_LABEL = "sig1"
_COVERED = ("@method", "@authority", "@path", f'"signature-agent";key="{_LABEL}"')
DIRECTORY_VALID = timedelta(days=7)
"""How long the signatures of a list of keys are valid."""


class _Request(NamedTuple):
    method: str
    url: str
    """Without the target: the library refuses URLs that sites use and RFC 3986 forbids, such as `/50%off`."""
    headers: Mapping[str, str]
    path: str = "/"


class _Response(NamedTuple):
    status_code: int
    request: _Request
    headers: dict[str, str]


class _Resolver(HTTPSignatureComponentResolver):
    def get_path(self) -> str:
        path: str = self.message.path
        return path


_SIGNER = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, component_resolver_class=_Resolver)


class RequestSigner:
    """Signs requests with one key, in the name of one service."""

    def __init__(self, key: BotKey, public_url: str) -> None:
        """`public_url` is the address of the service, https, without a slash at its end."""
        self._key = key
        self.agent = f"{public_url}{WELL_KNOWN}"
        """Where sites fetch our keys."""

    def lines(self, method: str, origin: str, target: str, at: datetime) -> list[bytes]:
        """Return the three header fields for a request, made at this time.

        `origin` is `http://host:port` as the Host field names it, `target` the path and the query as they are sent.
        Raises ValueError for a request that can't be signed.
        """
        if not set(origin.partition("://")[2]).isdisjoint("/?#@"):
            raise ValueError(f"{origin!r} is not an origin")
        agent = f'{_LABEL}="{self.agent}"'
        request = _Request(method, f"{origin}/", {"Signature-Agent": agent}, target.partition("?")[0])
        try:
            made = _SIGNER.prepare(
                request,
                key_id=self._key.id,
                created=at,
                expires=at + VALID,
                nonce=base64.b64encode(os.urandom(32)).decode(),
                label=_LABEL,
                tag="web-bot-auth",
                covered_component_ids=_COVERED,
            )
        except HTTPMessageSignaturesException as error:
            raise ValueError(str(error)) from error
        value = _value(self._key, made.signature_base)
        fields = {"Signature-Agent": agent, "Signature-Input": f"{_LABEL}={made.signature_params}"}
        fields["Signature"] = f"{_LABEL}={value}"
        return [f"{name}: {text}\r\n".encode() for name, text in fields.items()]


def directory_fields(keys: Sequence[BotKey], public_url: str, body: bytes, at: datetime) -> dict[str, str]:
    """Return the header fields that prove, by a signature of each key, that a list of keys is that of this address.

    draft-ietf-webbotauth-httpsig-protocol-01, B.1.
    """
    response = _Response(200, _Request("GET", f"{public_url}{WELL_KNOWN}", {}), {})
    inputs, values = [], []
    for number, key in enumerate(keys, 1):
        made = _SIGNER.prepare(
            response,
            key_id=key.id,
            created=at,
            expires=at + DIRECTORY_VALID,
            tag="http-message-signatures-directory",
            covered_component_ids=('"@authority";req', "content-digest"),
            body=body,
            use_existing_digest=number > 1,
        )
        inputs.append(f"key{number}={made.signature_params}")
        values.append(f"key{number}={_value(key, made.signature_base)}")
    return response.headers | {"Signature-Input": ", ".join(inputs), "Signature": ", ".join(values)}


def _value(key: BotKey, base: bytes) -> str:
    return f":{base64.b64encode(key.private.sign(base)).decode()}:"
