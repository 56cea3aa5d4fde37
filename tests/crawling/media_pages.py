"""Pages with video and audio, and what a run lists beside them."""

from __future__ import annotations

from pathlib import Path

from crawling.crawls import Run
from crawling.site import Reply, Site

from archive.values.media import Medium, read
from crawler.policy.shared import ArchivedBody

FILES = Path(__file__).parents[1] / "specimens" / "media"
CLIP = (FILES / "clip.webm").read_bytes()
PLAYLIST = "application/vnd.apple.mpegurl"


def file(name: str, kind: str) -> Reply:
    return Reply(body=(FILES / name).read_bytes(), type=kind)


def playing(*urls: str, title: str = "The lecture", tag: str = "video") -> Reply:
    """Return a page that plays these files."""
    played = "".join(f"<{tag} src={url}></{tag}>" for url in urls)
    return Reply(body=f"<!doctype html><title>{title}</title><p>Watch.</p>{played}")


def furnish(site: Site) -> None:
    site.routes |= {
        "/p": playing("/clip.webm"),
        "/clip.webm": file("clip.webm", "video/webm"),
        "/hls": Reply(body="<title>Stream</title><video><source src=/s/stream.m3u8 "
                           "type=application/x-mpegURL></video>"),
        "/s/stream.m3u8": file("stream.m3u8", PLAYLIST),
        "/dash": Reply(body="<title>Stream</title><video><source src=/s/stream.mpd "
                            "type=application/dash+xml></video>"),
        "/s/stream.mpd": file("stream.mpd", "application/dash+xml"),
        "/s/init.mp4": file("init.mp4", "video/mp4"),
        "/s/stream0.m4s": file("stream0.m4s", "video/mp4"),
        "/s/stream1.m4s": file("stream1.m4s", "video/mp4"),
        "/mp3": Reply(body="<title>Podcast</title><audio src=/tone.mp3></audio>"),
        "/tone.mp3": file("tone.mp3", "audio/mpeg"),
    }  # fmt: skip


def listed(run: Run, url: str) -> tuple[Medium, ...]:
    """Return what the newest record beside a page lists."""
    found = [derived for derived, _, _ in run.archive.derived if derived.url == f"urn:media:{url}"]
    return read(found[-1].body) if found else ()


def payload(run: Run, medium: Medium) -> bytes:
    """Return the bytes of a file, from the captures that the record names."""
    kept = {capture.record_id: exchange for exchange, _, capture in run.archive.kept}
    bodies = [kept[piece.record].response.body for piece in medium.files[0].pieces]  # type: ignore[union-attr]
    return b"".join(body if isinstance(body, bytes) else body.read() for body in bodies)


def remember(run: Run) -> None:
    """Let the next run read the lists of the last one."""
    run.archive.bodies |= {
        capture.record_id: ArchivedBody(derived.body, derived.mime) for derived, _, capture in run.archive.derived
    }
