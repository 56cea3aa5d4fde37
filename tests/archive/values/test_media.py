"""The record that lists the media of a page."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from archive.values.media import MediaFile, Medium, Piece, read, written

KEPT = Medium("Generic", "1", "Vortrag 演讲", "kept", "", 2.5, (MediaFile("both", "mp4", (Piece("<urn:x>", "u", 7),)),))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def test_what_was_written_is_read() -> None:
    assert read(written([KEPT, Medium("", "", "", "failed", "why")])) == (
        KEPT,
        Medium("", "", "", "failed", "why"),
    )


def test_the_sound_of_a_container_is_audio() -> None:
    assert [MediaFile("audio", name, ()).mime for name in ("webm", "mp4", "zip")] == ["audio/webm", "audio/mp4", None]


@given(VALUES, st.sampled_from(["media", "files", "duration", "state", "reason", "length", "pieces", "tracks"]))
def test_a_record_of_another_form_is_left_out(value: Any, place: str) -> None:
    whole = json.loads(written([KEPT]))
    medium = whole["media"][0]
    for each in (whole, medium, medium["files"][0], medium["files"][0]["pieces"][0]):
        if place in each:
            each[place] = value

    found = read(json.dumps(whole).encode())

    assert all(isinstance(one, Medium) for one in found)
    assert read(b"\xff{") == ()
