"""Playlists of HTTP Live Streaming (RFC 8216)."""

from __future__ import annotations

import pytest

from crawler.media.playlist import PlaylistUnfit, Segment, StreamGoesOn, segments_of

URL = "https://example.org/v/list.m3u8"
END = "#EXT-X-ENDLIST"


def playlist(*lines: str) -> str:
    return "\n".join(("#EXTM3U", *lines))


def test_segments_are_in_order_with_their_initialisation() -> None:
    text = playlist('#EXT-X-MAP:URI="init.mp4"', "#EXTINF:4,", "a.m4s", "#EXTINF:4,", "/b.m4s", END)

    assert [one.url for one in segments_of(text, URL)] == [
        "https://example.org/v/init.mp4",
        "https://example.org/v/a.m4s",
        "https://example.org/b.m4s",
    ]


def test_a_range_without_an_offset_follows_the_one_before() -> None:
    text = playlist(
        '#EXT-X-MAP:URI="v.mp4",BYTERANGE="100@0"',
        "#EXT-X-BYTERANGE:50@100",
        "v.mp4",
        "#EXT-X-BYTERANGE:7",
        "v.mp4",
        END,
    )

    assert [one.range for one in segments_of(text, URL)] == ["bytes=0-99", "bytes=100-149", "bytes=150-156"]
    assert Segment(URL).range is None


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("<html>", PlaylistUnfit, "something else than a playlist"),
        (playlist("a.ts"), StreamGoesOn, "broadcast now"),
        (playlist('#EXT-X-KEY:METHOD=AES-128,URI="k"', "a.ts", END), PlaylistUnfit, "encrypted"),
        (playlist("#EXT-X-STREAM-INF:BANDWIDTH=1", "b.m3u8", END), PlaylistUnfit, "other playlists"),
        (playlist("#EXT-X-BYTERANGE:x@y", "a.ts", END), PlaylistUnfit, "does not name bytes"),
        (playlist(END), PlaylistUnfit, "no segments"),
    ],
)
def test_a_stream_that_makes_no_file_says_why(text: str, error: type[PlaylistUnfit], said: str) -> None:
    with pytest.raises(error, match=said):
        segments_of(text, URL)
