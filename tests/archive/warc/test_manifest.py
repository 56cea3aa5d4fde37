"""The manifest is exact and canonical, and never accepted if it is damaged."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.values.digest import Sha256, sha256
from archive.values.errors import IntegrityError
from archive.warc.keys import cdxj_key, manifest_key, sha256_of_key, text_key, time_of_key, warc_key
from archive.warc.manifest import FORMAT, Link, Manifest, RunOf, StoredObject

AT = datetime(2026, 1, 31, 12, 30, 15, 123456, tzinfo=UTC)
DIGEST = sha256(b"some bytes")

moments = st.datetimes(
    datetime.fromisoformat("1970-01-01"), datetime.fromisoformat("9999-01-01"), timezones=st.just(UTC)
)
digests = st.binary(max_size=8).map(sha256)
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@st.composite
def manifests(draw: st.DrawFn) -> Manifest:
    collection, at = draw(words), draw(moments)
    keys = {"warc": warc_key, "cdxj": cdxj_key, "text": text_key}
    roles = draw(st.sampled_from([("warc", "cdxj"), ("warc", "cdxj", "text")]))
    objects = tuple(
        StoredObject(
            role, keys[role](collection, at, digest), draw(st.integers(0, 2**40)), digest, draw(st.none() | words)
        )
        for role in roles
        for digest in [draw(digests)]
    )
    return Manifest(
        segment=draw(words),
        collection=collection,
        worker=draw(words),
        epoch=draw(st.integers(0, 2**60)),
        objects=objects,
        records=draw(st.integers(0, 10**9)),
        captures=draw(st.integers(0, 10**9)),
        first_at=draw(st.none() | moments),
        last_at=draw(st.none() | moments),
        merkle_root=draw(digests),
        runs=tuple(draw(st.lists(st.builds(RunOf, words, words, st.none() | words), max_size=3))),
        software=draw(words),
        previous=draw(st.none() | st.builds(Link, words, digests)),
    )


def example() -> Manifest:
    objects = (
        StoredObject("warc", warc_key("news", AT, DIGEST), 1000, DIGEST, "abc-2", 2),
        StoredObject("cdxj", cdxj_key("news", AT, DIGEST), 100, DIGEST),
    )
    runs = (RunOf("run-1", "zgc", "c0ffee"),)
    link = Link("20260131T120000Z-7-0-00000000", DIGEST)
    return Manifest(
        "20260131T123000Z-7-1-00000001", "news", "w1", 7, objects, 9, 3, AT, AT, DIGEST, runs, "pressmark/1", link
    )


@given(manifests())
def test_a_manifest_is_parsed_as_it_was_written(manifest: Manifest) -> None:
    assert Manifest.parse(manifest.to_bytes(), "key") == manifest


@given(manifests())
def test_the_bytes_of_a_manifest_are_canonical_json_in_a_named_format(manifest: Manifest) -> None:
    fields = json.loads(manifest.to_bytes())

    assert fields["format"] == FORMAT
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert canonical == manifest.to_bytes()
    del fields["digest"]
    rest = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert json.loads(manifest.to_bytes())["digest"] == sha256(rest)


def test_any_bit_flipped_in_a_manifest_is_found() -> None:
    content = example().to_bytes()
    for place in range(len(content) * 8):
        damaged = bytearray(content)
        damaged[place // 8] ^= 1 << place % 8
        with pytest.raises(IntegrityError, match="manifest/here"):
            Manifest.parse(bytes(damaged), "manifest/here")


def test_a_manifest_truncated_anywhere_is_refused() -> None:
    content = example().to_bytes()
    for length in range(len(content)):
        with pytest.raises(IntegrityError, match="manifest/here is damaged"):
            Manifest.parse(content[:length], "manifest/here")


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"3", b'"x"', b"{}", b"\xff\xfe", b"[" * 100])
def test_the_error_for_an_invalid_manifest_names_its_key(content: bytes) -> None:
    with pytest.raises(IntegrityError, match="manifest/here"):
        Manifest.parse(content, "manifest/here")


def test_a_manifest_of_a_later_format_is_refused_as_such() -> None:
    content = example().to_bytes().replace(FORMAT.encode(), b"pressmark-manifest-2")

    with pytest.raises(IntegrityError, match="'pressmark-manifest-2'; this version reads pressmark-manifest-1"):
        Manifest.parse(content, "key")


def test_a_manifest_without_its_warc_is_refused() -> None:
    manifest = example()
    index_only = Manifest(
        **{name: getattr(manifest, name) for name in Manifest.__slots__} | {"objects": manifest.objects[1:]}
    )

    with pytest.raises(IntegrityError, match="roles"):
        Manifest.parse(index_only.to_bytes(), "key")


def test_the_key_of_a_manifest_has_the_time_of_its_warc_and_sorts_in_its_chain() -> None:
    assert example().key == "manifest/v1/news/w1/2026/01/31/20260131T123000Z-7-1-00000001.json"
    assert example().key == manifest_key("news", "w1", example().segment, AT)


def test_the_link_to_a_manifest_has_the_hash_of_its_object() -> None:
    assert example().link == Link(example().segment, sha256(example().to_bytes()))


def test_keys_are_as_documented() -> None:
    digest = Sha256("ab" * 32)

    assert warc_key("news", AT, digest) == f"warc/v1/news/2026/01/31/20260131T123015Z-{digest}.warc.gz"
    assert cdxj_key("news", AT, digest) == f"cdxj/v1/news/2026/01/31/20260131T123015Z-{digest}.cdxj.gz"
    assert text_key("科技", AT, digest) == f"text/v1/=E7=A7=91=E6=8A=80/2026/01/31/20260131T123015Z-{digest}.jsonl.zst"


@given(words, moments, digests)
def test_digest_and_time_are_read_from_a_key(collection: str, at: datetime, digest: Sha256) -> None:
    for key in (warc_key(collection, at, digest), cdxj_key(collection, at, digest), text_key(collection, at, digest)):
        assert sha256_of_key(key) == digest
        assert time_of_key(key) == at.replace(microsecond=0)


def test_a_key_that_is_not_content_addressed_has_no_digest() -> None:
    assert sha256_of_key(example().key) is None
    assert sha256_of_key("warc/v1/x/" + "g" * 64 + ".warc.gz") is None


def test_a_manifest_of_a_warc_without_a_time_in_its_key_is_refused() -> None:
    manifest = example()
    nowhen = replace(manifest.warc, key=manifest.warc.key.replace("20260131T", "20260132T"))

    with pytest.raises(IntegrityError, match="damaged"):
        Manifest.parse(replace(manifest, objects=(nowhen, manifest.cdxj)).to_bytes(), "key")
