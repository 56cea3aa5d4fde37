"""Any change of a signed manifest is found, even with a corrected digest and canonical form."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization import Encoding as In
from faults.segments import seal
from faults.shipping import works
from hypothesis import given
from hypothesis import strategies as st
from specimens.captures import NOON
from specimens.keys import pem
from specimens.manifests import manifest_of

from archive.store.memory import MemoryStore
from archive.values.digest import sha256
from archive.values.errors import BadKey, IntegrityError
from archive.warc.integrity.signing import PublicKey, Signer
from archive.warc.integrity.trust import Trust
from archive.warc.manifest import Manifest, Signature


def key(seed: int = 1) -> str:
    return pem(Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


SIGNER, OTHER = Signer(key(1)), Signer(key(2))
TRUST = Trust([SIGNER.public])
SIGNED = SIGNER.sign(manifest_of("20260131T120000Z-7-0-ab12cd34"))


def kinds(trust: Trust, *manifests: Manifest) -> list[str]:
    return [finding.kind for finding in trust.findings(manifests)]


def forged(fields: dict[str, object]) -> bytes:
    """Return a manifest in the right format, forged without the key."""

    def canonical(these: dict[str, object]) -> bytes:
        return json.dumps(these, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    rest = {name: value for name, value in fields.items() if name != "digest"}
    return canonical({**rest, "digest": sha256(canonical(rest))})


def test_a_signed_manifest_is_parsed_and_passes() -> None:
    assert Manifest.parse(SIGNED.to_bytes(), "key") == SIGNED
    assert kinds(TRUST, SIGNED) == []
    assert SIGNED.signature is not None
    assert SIGNED.signature.key == SIGNER.public.id == sha256(SIGNER.public._key.public_bytes_raw())


def test_an_unsigned_manifest_has_the_same_bytes_as_before_signatures_existed() -> None:
    assert b"signature" not in manifest_of("s").to_bytes()


@given(place=st.integers(0, len(SIGNED.to_bytes()) - 1), flip=st.integers(1, 255), mended=st.booleans())
def test_any_changed_byte_of_a_signed_manifest_is_found(place: int, flip: int, mended: bool) -> None:
    content = bytearray(SIGNED.to_bytes())
    content[place] ^= flip
    try:
        fields = json.loads(content.decode("utf-8"))
        read = Manifest.parse(forged(fields) if mended else bytes(content), "key")
    except (ValueError, AttributeError, IntegrityError):
        return  # it can't be parsed any more, which is reported
    # With a corrected digest: if the content is the same, only the digest had been changed.
    assert read == SIGNED or kinds(TRUST, read) == ["signature"]
    assert mended


@given(st.sampled_from(["segment", "collection", "worker", "software", "merkle_root"]), st.text(max_size=5))
def test_no_field_can_be_changed_without_the_key(name: str, value: str) -> None:
    fields = json.loads(SIGNED.to_bytes())
    changed = Manifest.parse(forged({**fields, name: fields[name] + value}), "key")

    assert kinds(TRUST, changed) == (["signature"] if value else [])
    assert kinds(Trust(), changed) == []  # the control: without a key, the change is not found


def test_a_signature_by_another_key_is_found() -> None:
    other = OTHER.sign(manifest_of("s"))
    assert other.signature is not None and SIGNED.signature is not None
    renamed = other.signed(Signature(SIGNER.public.id, other.signature.value))

    assert kinds(TRUST, other) == kinds(TRUST, renamed) == ["signature"]
    assert "not in signing.public_keys" in next(iter(TRUST.findings([other]))).sentence


def test_after_a_change_of_keys_both_are_trusted_if_both_are_set() -> None:
    newer = OTHER.sign(replace(manifest_of("t"), previous=SIGNED.link))

    assert kinds(Trust([SIGNER.public, OTHER.public]), SIGNED, newer) == []
    assert kinds(Trust([OTHER.public]), SIGNED, newer) == ["signature"]


def test_a_signed_manifest_vouches_for_unsigned_ones_before_it() -> None:
    first = manifest_of("a")
    second = replace(manifest_of("b"), previous=first.link)
    third = SIGNER.sign(replace(manifest_of("c"), previous=second.link))

    assert kinds(TRUST, first, second, third) == []
    assert kinds(TRUST, first, second) == ["unsigned", "unsigned"]
    assert kinds(TRUST, replace(first, records=7), second, third) == ["unsigned"]
    assert kinds(TRUST, first, second, OTHER.sign(third)) == ["unsigned", "unsigned", "signature"]


def test_a_signature_removed_from_the_last_manifest_of_a_chain_is_missed() -> None:
    assert kinds(TRUST, replace(SIGNED, signature=None)) == ["unsigned"]


def test_segments_from_before_a_set_time_need_no_signature() -> None:
    for since, found in ((NOON + timedelta(seconds=1), []), (NOON, ["unsigned"])):
        assert kinds(Trust([SIGNER.public], since=since), manifest_of("s")) == found


def test_a_public_key_is_written_as_openssl_does() -> None:
    text = SIGNER.public.text
    whole = f"-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n"

    assert len(text) == 60
    assert PublicKey.parse(text).id == PublicKey.parse(whole).id == SIGNER.public.id


@pytest.mark.parametrize("text", ["", "x", "MCowBQYDK2VwAyEA", key(), "量子"])
def test_an_invalid_public_key_is_refused(text: str) -> None:
    with pytest.raises(BadKey, match="a public key is"):
        PublicKey.parse(text)


def test_an_invalid_private_key_is_refused_without_being_shown() -> None:
    locked = Ed25519PrivateKey.generate().private_bytes(In.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"pw"))
    curve = pem(generate_private_key(SECP384R1()))
    for text, why in (
        ("hunter2-canary", "not a private key"),
        (locked.decode(), "a password"),
        (curve, "not an Ed25519 key"),
    ):
        with pytest.raises(BadKey, match=why) as refused:
            Signer(text)
        assert text not in str(refused.value)


@pytest.mark.parametrize("value", ["", "AB" * 64, "a" * 127, "a" * 129, "é" * 128])
def test_a_signature_has_one_canonical_form(value: str) -> None:
    fields = json.loads(SIGNED.to_bytes())
    fields["signature"]["value"] = value
    with pytest.raises(IntegrityError, match="damaged"):
        Manifest.parse(forged(fields), "key")


def test_shipped_manifests_are_signed_and_stay_unchanged(tmp_path: Path) -> None:
    store = MemoryStore()
    with works(tmp_path, store, sign=SIGNER.sign) as at:
        sealed = seal(at.spool, 1)
        manifest = at.shipper.ship(sealed)
        assert kinds(TRUST, *at.manifests()) == []
        store.delete(manifest.key)
    with works(tmp_path, store, sign=OTHER.sign) as at:  # another key, and the store has lost the manifest
        assert at.shipper.ship(sealed) == manifest
        assert kinds(TRUST, *at.manifests()) == []
