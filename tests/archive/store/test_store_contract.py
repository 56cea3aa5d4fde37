"""The contract of stores, tested for each: a directory, memory, an S3 server without and with TLS, and another one."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.store import ObjectStore, open_store
from archive.store.local import LocalStore
from archive.store.measure import PART_BYTES, SINGLE_BYTES
from archive.values.digest import sha256
from archive.values.errors import IntegrityError, ObjectNotFound
from archive.warc.keys import check_key

KINDS = [
    "local",
    "memory",
    pytest.param("plain_bucket", marks=pytest.mark.s3),
    pytest.param("bucket", marks=pytest.mark.s3),
    pytest.param("moto_bucket", marks=pytest.mark.s3),
]


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ObjectStore]:
    where = {"local": tmp_path / "store", "memory": "memory:"}.get(request.param) or request.getfixturevalue(
        request.param
    )
    opened = open_store(where)
    yield opened
    opened.close()


def put(store: ObjectStore, key: str, content: bytes, *, replace: bool = False) -> None:
    stored = store.put(key, io.BytesIO(content), sha256(content), replace=replace)
    assert (stored.size, stored.sha256) == (len(content), sha256(content))


def read(store: ObjectStore, key: str, offset: int = 0, length: int | None = None) -> bytes:
    with store.get(key, offset, length) as file:
        return file.read()


def test_get_returns_what_was_put(store: ObjectStore) -> None:
    content = os.urandom(70_000)
    put(store, "warc/v1/a=b/2026/one.warc.gz", content)

    assert read(store, "warc/v1/a=b/2026/one.warc.gz") == content


def test_an_empty_object_is_stored(store: ObjectStore) -> None:
    put(store, "empty", b"")

    assert store.size("empty") == 0
    assert read(store, "empty") == b""


def test_putting_again_is_harmless(store: ObjectStore) -> None:
    put(store, "a", b"one")
    put(store, "a", b"one")

    assert list(store.keys()) == ["a"]


def test_other_bytes_under_the_same_key_are_refused(store: ObjectStore) -> None:
    put(store, "a", b"one")

    with pytest.raises(IntegrityError, match="other bytes under a"):
        put(store, "a", b"two")
    assert read(store, "a") == b"one"


def test_a_damaged_object_is_replaced_when_asked(store: ObjectStore) -> None:
    put(store, "a", b"damaged")
    put(store, "a", b"whole", replace=True)
    put(store, "b", b"not there before", replace=True)

    assert read(store, "a") == b"whole"
    assert read(store, "b") == b"not there before"


def test_bytes_that_do_not_match_the_digest_are_refused_and_leave_nothing(store: ObjectStore) -> None:
    with pytest.raises(IntegrityError, match="SHA-256"):
        store.put("a", io.BytesIO(b"one"), sha256(b"two"))

    assert store.size("a") is None
    assert list(store.keys()) == []


@pytest.mark.parametrize(
    ("offset", "length"),
    [(0, 10), (0, None), (5, None), (99_999, None), (99_990, 50), (100_000, 5), (200_000, None), (7, 0)],
)
def test_a_range_equals_a_slice_of_the_bytes(store: ObjectStore, offset: int, length: int | None) -> None:
    content = os.urandom(100_000)
    put(store, "a", content)

    assert read(store, "a", offset, length) == content[offset:][:length]


def test_the_error_for_a_missing_object_names_its_key(store: ObjectStore) -> None:
    with pytest.raises(ObjectNotFound, match="the store has no object x/y"):
        read(store, "x/y", 4, 5)
    assert store.stat("x/y") is None
    assert store.size("x/y") is None


def test_a_prefix_of_a_key_is_not_an_object(store: ObjectStore) -> None:
    put(store, "x/y/z", b"one")

    with pytest.raises(ObjectNotFound):
        read(store, "x/y")
    assert store.size("x/y") is None
    assert store.size("x/y/z") == 3


def test_deleting_is_final_and_repeating_it_is_harmless(store: ObjectStore) -> None:
    put(store, "x/a", b"one")
    store.delete("x/a")
    store.delete("x/a")

    assert store.size("x/a") is None
    assert list(store.keys()) == []


def test_keys_are_sorted_and_selected_by_any_prefix(store: ObjectStore) -> None:
    keys = ["a-b", "a/b", "a/b-c/d", "a/b/c", "a/bc", "ab", "b/a"]
    for key in keys:
        if key != "a/b":  # a file system can't have a file and a directory of the same name
            put(store, key, key.encode())
    keys.remove("a/b")

    for prefix in ("", "a", "a/", "a/b", "a/b/", "a/b-", "b/a", "c", "a/b/c/d"):
        assert list(store.keys(prefix)) == [key for key in sorted(keys) if key.startswith(prefix)]


@pytest.mark.parametrize(
    "key", ["", "/a", "a/", "a//b", "../a", "a/../b", "a/./b", "a\\b", "ä", "a b", "a\n", "x" * 256, ".a"]
)
def test_a_key_that_not_every_store_can_hold_is_refused(store: ObjectStore, key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        put(store, key, b"one")
    with pytest.raises(ValueError, match="key"):
        store.get(key)


def test_the_size_and_time_of_an_object_are_known(store: ObjectStore) -> None:
    put(store, "a", b"twelve bytes")

    stat = store.stat("a")
    assert stat is not None
    assert stat.size == 12
    assert stat.at is None or abs(stat.at - datetime.now(UTC)) < timedelta(minutes=5)


@pytest.mark.parametrize("size", [SINGLE_BYTES - 1, SINGLE_BYTES, 2 * PART_BYTES + 1])
def test_a_large_object_is_stored_like_a_small_one(store: ObjectStore, size: int) -> None:
    content = os.urandom(1 << 20) * 17
    put(store, "large", content[:size])
    put(store, "large", content[:size])

    assert store.size("large") == size
    assert read(store, "large", PART_BYTES - 5, 10) == content[PART_BYTES - 5 : PART_BYTES + 5]
    with pytest.raises(IntegrityError):
        put(store, "large", bytes([content[0] ^ 1]) + content[1:size])


def test_eight_writers_of_one_object_all_succeed_and_store_it_once(store: ObjectStore) -> None:
    content = os.urandom(300_000)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: put(store, "shared/object", content), range(8)))

    assert list(store.keys("shared/")) == ["shared/object"]
    assert read(store, "shared/object") == content


def test_at_most_one_of_eight_writers_of_different_bytes_wins_and_the_others_get_an_error(store: ObjectStore) -> None:
    contents = [os.urandom(50_000) for _ in range(8)]

    def attempt(content: bytes) -> bytes | None:
        try:
            put(store, "contested", content)
        except IntegrityError:
            return None
        return content

    with ThreadPoolExecutor(8) as pool:
        winners = [content for content in pool.map(attempt, contents) if content is not None]

    assert winners == [read(store, "contested")]


def test_a_body_is_put_from_its_current_position(store: ObjectStore) -> None:
    body = io.BytesIO(b"head and body")
    body.seek(9)
    store.put("a", body, sha256(b"body"))

    assert read(store, "a") == b"body"


def test_sweeping_does_not_touch_complete_objects(store: ObjectStore) -> None:
    put(store, "a", b"one")

    assert store.abort_unfinished(datetime.now(UTC) + timedelta(days=1)) == 0
    assert list(store.keys()) == ["a"]


# Only for the local store


def test_an_old_unfinished_file_is_swept(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    put(store, "a", b"one")
    unfinished = tmp_path / ".unfinished" / "abc"
    unfinished.write_bytes(b"half an obj")
    now = datetime.now(UTC)

    assert store.abort_unfinished(now - timedelta(hours=24)) == 0
    os.utime(unfinished, (time.time() - 90_000,) * 2)
    assert store.abort_unfinished(now - timedelta(hours=24)) == 1
    assert not unfinished.exists()


def test_an_unfinished_file_is_never_listed(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    put(store, "a", b"one")
    (tmp_path / ".unfinished" / "abc").write_bytes(b"half an obj")

    assert list(store.keys()) == ["a"]


def test_a_refused_put_leaves_no_file_behind(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    put(store, "a", b"one")
    for content, digest in ((b"two", sha256(b"two")), (b"two", sha256(b"three"))):
        with pytest.raises(IntegrityError):
            store.put("a", io.BytesIO(content), digest)

    assert list((tmp_path / ".unfinished").iterdir()) == []


@given(st.text(max_size=40))
def test_a_key_never_leads_outside_the_root(key: str) -> None:
    try:
        check_key(key)
    except ValueError:
        return
    root = Path("/some/root")
    assert Path(os.path.normpath(root / key)).is_relative_to(root)
    assert Path(os.path.normpath(root / key)) == root / key


@pytest.mark.parametrize("address", ["ftp://a/b", "s3://", "s3://bucket?secret=x"])
def test_an_invalid_store_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="store"):
        open_store(address)


def test_a_path_without_scheme_is_a_directory(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "there"))
    put(store, "a", b"one")

    assert (tmp_path / "there" / "a").read_bytes() == b"one"


def test_boto3_is_not_imported_before_a_bucket_is_used() -> None:
    """Importing it would cost every command a quarter of a second."""
    open_it = "import sys; from archive.store import open_store; open_store('s3://bucket?endpoint=http://127.0.0.1:1')"
    check = "assert not {'boto3', 'botocore'} & set(sys.modules), 'imported'"
    subprocess.run([sys.executable, "-c", f"{open_it}; {check}"], check=True, cwd=Path(__file__).parents[3])
