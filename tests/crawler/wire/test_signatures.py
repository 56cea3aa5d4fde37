"""Signed requests: a site that follows RFC 9421 and draft-ietf-webbotauth-httpsig-protocol-01 can verify each."""

from __future__ import annotations

import base64
import re
import shutil
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from http_message_signatures import HTTPMessageSigner, algorithms
from scrapy import Request
from wire.message_signatures import Message, Refused, base_of, verified

from archive.values.errors import BadKey
from crawler.wire.bot_key import BotKey, bot_keys, signing_key
from crawler.wire.outgoing import outgoing
from crawler.wire.proxy import proxy_of
from crawler.wire.signatures import VALID, RequestSigner, directory_fields

AT = datetime(2026, 11, 29, 12, tzinfo=UTC)
PUBLIC_URL = "https://archive.example.org"
AGENT = f'sig1="{PUBLIC_URL}/.well-known/http-message-signatures-directory"'
D = "n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU="
"""The key of RFC 9421, B.1.4."""
OF_THE_RFC = BotKey(
    Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(D))
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)
X = "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"
SIGNER = RequestSigner(OF_THE_RFC, PUBLIC_URL)


def x_of(keyid: str) -> str:
    assert keyid in (OF_THE_RFC.id, "test-key-ed25519")
    return X


def sent(request: Request, proxy: str | None = None) -> Message:
    """Return a signed request, as a site receives it."""
    asked = outgoing(request, proxy_of(proxy) if proxy else None, partial(SIGNER.lines, at=AT))
    first, *lines = asked.head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert len(headers) == len(lines), "each field is sent once"
    method, target, _ = first.split(" ")
    return Message(method, headers["host"], target if target[0] == "/" else urlsplit(target).path, headers)


def test_the_keys_and_the_base_of_the_rfc_give_its_signature() -> None:
    """RFC 9421, B.2.6: it is the base that the library makes, the one that the verifier makes, and the signature."""
    headers = {
        "date": "Tue, 20 Apr 2021 02:07:55 GMT",
        "content-type": "application/json",
        "content-length": "18",
    }
    given = (
        '("date" "@method" "@path" "@authority" "content-type" "content-length")'
        ';created=1618884473;keyid="test-key-ed25519"'
    )
    value = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    fields = {"signature-input": f"sig1={given}", "signature": f"sig1=:{value}:"}
    message = Message("POST", "example.com", "/foo?param=Value&Pet=dog", headers | fields)

    assert OF_THE_RFC.jwk["x"] == X
    assert verified(message, x_of, AT)["created"] == "1618884473"

    class Asked:
        method, url = "POST", "http://example.com/foo?param=Value&Pet=dog"
        headers = message.headers

    made = HTTPMessageSigner(signature_algorithm=algorithms.ED25519).prepare(
        Asked(),
        key_id="test-key-ed25519",
        created=datetime.fromtimestamp(1618884473, UTC),
        include_alg=False,
        covered_component_ids=("date", "@method", "@path", "@authority", "content-type", "content-length"),
    )
    assert made.signature_params == given
    assert made.signature_base == base_of(message, given)


def test_the_verifier_of_these_tests_accepts_the_request_of_the_draft() -> None:
    """draft-ietf-webbotauth-httpsig-protocol-01, E.2.1, whose key id is the thumbprint of the key (RFC 8037, A.3)."""
    given = (
        '("@authority" "signature-agent";key="agent2");created=1735689600'
        ';keyid="poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U";alg="ed25519";expires=4889289600'
        ';nonce="n9p433xm+NJ3ph3upfBIGmsuwHw387YV7Q/F+6BSpGCVjYCqQw6rznNA8PVVLySrAWsv0hQtFioQb6E1YsauiA=="'
        ';tag="web-bot-auth"'
    )
    value = "RdNFx5Bj6au3YgAMQL/RzmUlZE8QZLIaXGRpw985hWnwPfMxT228NMk6ehRS1PSl4e8PhbNZACSanGdhEwYCCg=="
    fields = {"signature-agent": 'agent2="https://signature-agent.test"', "signature-input": f"sig2={given}"}
    message = Message("GET", "example.com", "/", fields | {"signature": f"sig2=:{value}:"})

    assert verified(message, x_of, AT, "sig2")["keyid"] == OF_THE_RFC.id


@pytest.mark.parametrize(
    ("request_", "authority", "path"),
    [
        (Request("http://example.org"), "example.org", "/"),
        (Request("https://example.org:8443/a%20b/%C3%A9?c=d#part"), "example.org:8443", "/a%20b/%C3%A9?c=d"),
        (Request("http://[::1]:8080/a"), "[::1]:8080", "/a"),
        (Request("https://EXAMPLE.org:443/A"), "example.org", "/A"),
        (Request("http://example.org/send", method="POST", body=b"a=b"), "example.org", "/send"),
        (Request("http://127.0.0.1:8080/", headers={"Host": "www.example.org"}), "www.example.org", "/"),
        (Request("http://example.org/sale/50%off"), "example.org", "/sale/50%off"),
        (Request("http://example.org/a?q=100%"), "example.org", "/a?q=100%"),
        (Request("http://example.org?q=%zz"), "example.org", "/?q=%zz"),
    ],
)
def test_a_signed_request_is_verified(request_: Request, authority: str, path: str) -> None:
    message = sent(request_)

    assert (message.method, message.authority, message.path) == (request_.method, authority, path)
    parameters = verified(message, x_of, AT)
    assert parameters["tag"] == "web-bot-auth"
    assert parameters["alg"] == "ed25519"
    assert int(parameters["expires"]) - int(parameters["created"]) == VALID.seconds
    assert message.headers["signature-agent"] == AGENT


def test_a_request_over_a_proxy_is_signed_for_the_site() -> None:
    message = sent(Request("http://example.org/a?b"), "http://proxy.example:3128")

    assert verified(message, x_of, AT)["keyid"] == OF_THE_RFC.id


def test_no_nonce_is_used_twice() -> None:
    request = Request("http://example.org/")

    assert len({verified(sent(request), x_of, AT)["nonce"] for _ in range(20)}) == 20


@pytest.mark.parametrize(
    "changed",
    [
        {"authority": "other.example"},
        {"path": "/other"},
        {"method": "POST"},
        {"headers": {"signature-agent": 'sig1="https://other.example/keys"'}},
    ],
)
def test_a_signature_is_refused_for_another_request(changed: dict[str, object]) -> None:
    message = sent(Request("http://example.org/a"))
    verified(message, x_of, AT)

    if "headers" in changed:
        changed = {"headers": {**message.headers, **changed["headers"]}}  # type: ignore[dict-item]
    with pytest.raises(Refused, match="does not match"):
        verified(replace(message, **changed), x_of, AT)  # type: ignore[arg-type]


def test_a_signature_is_refused_when_it_has_expired_or_is_of_the_future() -> None:
    message = sent(Request("http://example.org/a"))

    verified(message, x_of, AT + VALID)
    for at in (AT + VALID + timedelta(seconds=1), AT - timedelta(seconds=1)):
        with pytest.raises(Refused, match="not valid now"):
            verified(message, x_of, at)


def test_a_signature_of_the_request_itself_is_replaced_by_ours_and_otherwise_sent() -> None:
    own = {"Signature": "own=:AA==:", "Signature-Input": "own=()", "Signature-Agent": 'own="https://a.example"'}
    request = Request("http://example.org/", headers=own)

    message = sent(request)
    assert message.headers["signature-agent"] == AGENT
    verified(message, x_of, AT)

    assert b"Signature: own=:AA==:" in outgoing(request).head


def test_the_fields_of_a_signature_are_all_that_signing_adds() -> None:
    request = Request("http://example.org/a", headers={"User-Agent": "pressmark"}, method="POST", body=b"x")
    unsigned, signed = outgoing(request), outgoing(request, None, partial(SIGNER.lines, at=AT))

    lines = signed.head.split(b"\r\n")
    assert [line for line in lines if not line.startswith(b"Signature")] == unsigned.head.split(b"\r\n")
    assert signed.data == signed.head + b"x"


@pytest.mark.parametrize(
    "request_",
    [
        Request("http://example.org/", headers={"Host": "an other host"}),
        Request("http://example.org/", headers={"Host": "example.org/a"}),
        Request("http://a%zz.example/"),
    ],
)
def test_a_request_that_cannot_be_signed_is_sent_without_a_signature(
    request_: Request, caplog: pytest.LogCaptureFixture
) -> None:
    signed = outgoing(request_, None, partial(SIGNER.lines, at=AT))

    assert signed == outgoing(request_)
    assert "is sent without a signature" in caplog.text


def test_the_first_use_makes_a_key_that_only_its_owner_can_read(tmp_path: Path) -> None:
    directory = tmp_path / "crawler-keys"
    assert bot_keys(directory) == []

    with ThreadPoolExecutor(8) as several:
        made = {key.id for key in several.map(signing_key, [directory] * 8)}

    assert len(made) == 1
    assert [file.name for file in directory.iterdir()] == ["current.pem"]
    assert stat.S_IMODE((directory / "current.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_all_keys_are_published_and_the_current_one_signs(tmp_path: Path) -> None:
    first = signing_key(tmp_path)
    (tmp_path / "current.pem").rename(tmp_path / "former.pem")
    second = signing_key(tmp_path)

    assert [key.id for key in bot_keys(tmp_path)] == [second.id, first.id]


@pytest.mark.system
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed: make system does that")
def test_a_run_that_begins_while_keys_are_exchanged_as_documented_signs_with_a_published_key(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "signed-requests.md").read_text()
    block = re.search(r"^cd HOME/crawler-keys\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert block is not None
    commands = [line.partition("#")[0].strip() for line in block[1].splitlines()]
    made, linked, removed = (line.split(";") for line in commands)
    before = signing_key(tmp_path)

    signed = []
    for command in (";".join(made), *linked, *removed):
        subprocess.run(command, shell=True, cwd=tmp_path, check=True, capture_output=True, timeout=60)
        signed.append(signing_key(tmp_path).id)
        published = [key.id for key in bot_keys(tmp_path)]
        assert published[0] == signed[-1]
        assert (before.id in published) is (command not in removed)
    assert [one == before.id for one in signed] == [True, True, False, False]
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("text", "mode", "why"),
    [
        (None, 0o640, "others can read"),
        ("no key", 0o600, "not a private key in PEM"),
        ("é", 0o600, "not a private key in PEM"),
    ],
)
def test_a_key_that_cannot_be_used_is_named_and_never_shown(
    tmp_path: Path, text: str | None, mode: int, why: str
) -> None:
    signing_key(tmp_path)
    file = tmp_path / "current.pem"
    secret = file.read_text().splitlines()[1]
    if text:
        file.write_text(text)
    file.chmod(mode)

    with pytest.raises(BadKey, match=why) as refused:
        signing_key(tmp_path)
    assert str(file) in str(refused.value)
    assert secret not in str(refused.value)


def test_a_list_of_keys_is_signed_by_each_of_them(tmp_path: Path) -> None:
    keys = [signing_key(tmp_path), OF_THE_RFC]
    fields = directory_fields(keys, PUBLIC_URL, b'{"keys":[]}', AT)
    headers = {name.lower(): value for name, value in fields.items()}
    message = Message("GET", "archive.example.org", "/", headers)

    for number, key in enumerate(keys, 1):
        parameters = verified(message, {one.id: one.jwk["x"] for one in keys}.__getitem__, AT, f"key{number}")
        assert (parameters["keyid"], parameters["tag"]) == (key.id, "http-message-signatures-directory")
        with pytest.raises(Refused):
            verified(replace(message, authority="copy.example"), lambda _, key=key: key.jwk["x"], AT, f"key{number}")  # type: ignore[misc]
