"""In a bucket that keeps versions, an object is deleted for good with all of its versions."""

from __future__ import annotations

import io
import secrets
from contextlib import closing
from typing import Any

from services.buckets import admin_of

from archive.store.s3 import S3Settings, S3Store
from archive.values.digest import sha256


def versions(client: Any, bucket: str) -> list[str]:
    listed = client.list_object_versions(Bucket=bucket)
    return [entry["Key"] for kind in ("Versions", "DeleteMarkers") for entry in listed.get(kind, ())]


def test_all_versions_of_an_object_are_deleted_and_those_of_others_stay(moto_url: str) -> None:
    settings = S3Settings(f"versions-{secrets.token_hex(4)}", moto_url, access_key="any", secret_key="any")
    with admin_of(moto_url, "any", "any") as client, closing(S3Store(settings)) as store:
        client.create_bucket(Bucket=settings.bucket)
        client.put_bucket_versioning(Bucket=settings.bucket, VersioningConfiguration={"Status": "Enabled"})
        for content in (b"former", b"newer"):
            store.put("a/b.json", io.BytesIO(content), sha256(content), replace=True)
        store.put("a/b.json2", io.BytesIO(b"other"), sha256(b"other"))
        store.delete("a/b.json")
        before = versions(client, settings.bucket)
        store.delete_versions("a/b.json")
        after = versions(client, settings.bucket)

    assert before.count("a/b.json") == 3  # the control: two versions, and the mark of the deletion
    assert [key for key in after if key == "a/b.json"] == []
    assert "a/b.json2" in after


def test_a_bucket_without_versions_needs_no_right_to_list_them(bucket: S3Settings) -> None:
    with closing(S3Store(bucket)) as store:
        store.put("a/b.json", io.BytesIO(b"x"), sha256(b"x"))
        store.delete("a/b.json")
        store.delete_versions("a/b.json")
        assert store.size("a/b.json") is None
