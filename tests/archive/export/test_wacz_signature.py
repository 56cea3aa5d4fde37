"""A signed WACZ: other programs accept its signature, and changes of the package are found."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from oracles.environment import NotInstalled, environment
from specimens.archives import LATER, small_archive
from specimens.keys import pem

from archive.export import export_to
from archive.export.wacz import Wacz
from archive.export.wacz_check import check
from archive.export.wacz_signature import WaczSigner, flaw_of
from archive.index.selection import Selection
from archive.values.errors import BadKey

PYCRYPTODOME = ("pycryptodome==4.4.0",)
WACZ = ("wacz==0.6.0", "cdxj-indexer==1.5.0", "setuptools<81")
BY_PYCRYPTODOME = """
import base64, json, sys, zipfile
from Crypto.Hash import SHA256
from Crypto.PublicKey import ECC
from Crypto.Signature import DSS
signed = json.loads(zipfile.ZipFile(sys.argv[1]).read("datapackage-digest.json"))["signedData"]
key = ECC.import_key(base64.standard_b64decode(signed["publicKey"]))
try:
    DSS.new(key, "fips-186-3", encoding="binary").verify(
        SHA256.new(signed["hash"].encode()), base64.standard_b64decode(signed["signature"]))
    print("good")
except ValueError:
    print("bad")
"""
BY_WEBCRYPTO = """
const {subtle} = globalThis.crypto ?? require("node:crypto").webcrypto;
const signed = JSON.parse(require("node:fs").readFileSync(0, "utf8")).signedData;
const octets = (text) => Buffer.from(text, "base64");
subtle.importKey("spki", octets(signed.publicKey), {name: "ECDSA", namedCurve: "P-384"}, true, ["verify"])
  .then((key) =>
    subtle.verify({name: "ECDSA", hash: "SHA-256"}, key, octets(signed.signature), Buffer.from(signed.hash)))
  .then((good) => console.log(good ? "good" : "bad"));
"""


SIGNER = WaczSigner(pem(ec.derive_private_key(12345, ec.SECP384R1())))
HASH = "sha256:" + "ab" * 32
SIGNED = SIGNER.signed(HASH, created="2026-02-01T12:00:00Z", software="pressmark/0")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    directory = tmp_path_factory.mktemp("signed")
    with small_archive(directory / "archive") as kept:
        export_to(kept.exports, Wacz(SIGNER), Selection(), directory / "out.wacz", now=LATER)
        export_to(kept.exports, Wacz(SIGNER), Selection(), directory / "again.wacz", now=LATER)
    yield directory / "out.wacz"


def digest_of(package: Path) -> dict[str, Any]:
    with zipfile.ZipFile(package) as opened:
        found: dict[str, Any] = json.loads(opened.read("datapackage-digest.json"))
    return found


def changed(package: Path, target: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Copy the package with another datapackage-digest.json."""
    digest = digest_of(package)
    change(digest)
    with zipfile.ZipFile(package) as whole, zipfile.ZipFile(target, "w") as copy:
        for info in whole.infolist():
            octets = whole.read(info)
            copy.writestr(info, json.dumps(digest) if info.filename == "datapackage-digest.json" else octets)
    return target


def spoilt(text: str) -> str:
    """Change one byte of a base64 text."""
    return ("A" if text[0] != "A" else "B") + text[1:]


def test_a_signed_wacz_is_valid_and_reproducible(package: Path) -> None:
    signed = digest_of(package)["signedData"]

    assert list(check(package)) == []
    assert signed.keys() == {"hash", "created", "software", "version", "signature", "publicKey"}
    assert (signed["version"], signed["publicKey"]) == ("0.1.0", SIGNER.public)
    assert package.read_bytes() == package.with_name("again.wacz").read_bytes()


def test_py_wacz_validates_a_signed_wacz(package: Path, pytestconfig: pytest.Config) -> None:
    program = installed(pytestconfig, "wacz", WACZ) / "wacz"
    done = subprocess.run(
        [program, "validate", "-f", package], check=False, capture_output=True, text=True, timeout=120
    )

    assert "Has signature" in done.stdout
    assert "Validation succeeded" in done.stdout


def test_pycryptodome_accepts_our_signature_and_rejects_a_changed_one(
    package: Path, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """Starling Lab's tools check anonymous signatures in this way."""
    python = installed(pytestconfig, "pycryptodome", PYCRYPTODOME) / "python"

    def say(of: Path) -> str:
        return subprocess.run([python, "-c", BY_PYCRYPTODOME, of], check=True, capture_output=True, text=True).stdout

    bad = changed(package, tmp_path / "bad.wacz", lambda it: it["signedData"].update(hash=HASH))
    assert (say(package), say(bad)) == ("good\n", "bad\n")


@pytest.mark.system
@pytest.mark.skipif(shutil.which("node") is None, reason="node is not there: apt-get install nodejs")
def test_webcrypto_accepts_our_signature_and_rejects_a_changed_one(package: Path) -> None:
    """ReplayWeb.page checks in this way."""
    digest = digest_of(package)
    for value, said in ((digest["hash"], "good\n"), (HASH, "bad\n")):
        digest["signedData"]["hash"] = value
        done = subprocess.run(
            ["node", "-e", BY_WEBCRYPTO], check=True, capture_output=True, text=True, input=json.dumps(digest)
        )
        assert done.stdout == said


def installed(pytestconfig: pytest.Config, name: str, pins: tuple[str, ...]) -> Path:
    try:
        return environment(pytestconfig.cache.mkdir(name), *pins)
    except NotInstalled as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda it: it["signedData"].update(signature=spoilt(it["signedData"]["signature"])), "not made with the key"),
        (lambda it: it["signedData"].update(publicKey=it["signedData"]["signature"]), "not made with the key"),
        (lambda it: it["signedData"].update(hash=HASH), "belongs to another datapackage.json"),
        (lambda it: it["signedData"].update(created="2026-02-01T12:00:01Z"), "was made at"),
        (lambda it: it["signedData"].update(note="x"), "has neither the keys"),
        (lambda it: it["signedData"].pop("version"), "has neither the keys"),
        (lambda it: it.update(signedData="me"), "has neither the keys"),
        (lambda it: it["signedData"].update(signature=None), "not made with the key"),
    ],
)
def test_every_defect_of_a_signature_is_found(
    package: Path, tmp_path: Path, change: Callable[[dict[str, Any]], None], sentence: str
) -> None:
    [finding] = check(changed(package, tmp_path / "bad.wacz", change))

    assert (finding.kind, sentence in finding.sentence) == ("wacz", True)


def test_a_package_without_its_signature_counts_as_unsigned(package: Path, tmp_path: Path) -> None:
    assert list(check(changed(package, tmp_path / "bare.wacz", lambda it: it.pop("signedData")))) == []


@given(st.text(max_size=80))
def test_a_signature_is_valid_for_one_hash_only(other: str) -> None:
    of_another = SIGNED | {"hash": other}

    assert flaw_of(SIGNED, digest=HASH, created=SIGNED["created"]) is None
    assert (flaw_of(of_another, digest=other, created=SIGNED["created"]) is None) == (other == HASH)


def test_a_signature_in_der_is_read_too() -> None:
    """Some programs write signatures in DER."""
    import base64

    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    raw = base64.b64decode(SIGNED["signature"])
    der = encode_dss_signature(int.from_bytes(raw[:48]), int.from_bytes(raw[48:]))

    in_der = SIGNED | {"signature": base64.b64encode(der).decode()}
    assert flaw_of(in_der, digest=HASH, created=SIGNED["created"]) is None


def test_hash_and_time_of_a_domain_signature_are_checked() -> None:
    fields = ("software", "signature", "domain", "domainCert", "timeSignature", "timestampCert", "version")
    by_domain = dict.fromkeys(fields, "x") | {"hash": HASH, "created": "t"}

    assert flaw_of(by_domain, digest=HASH, created="t") is None
    assert flaw_of(by_domain, digest=HASH, created="u") is not None


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP256R1()), Ed25519PrivateKey.generate()])
def test_a_key_of_another_kind_is_refused(key: Any) -> None:
    with pytest.raises(BadKey, match="P-384"):
        WaczSigner(pem(key))
