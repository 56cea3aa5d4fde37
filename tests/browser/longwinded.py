"""A home with an archive that strains pages: long titles and URLs, other scripts, many captures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from specimens.segments import CONTEXT, SegmentFile, answered
from specimens.versions import THREAD, thread_version

from archive.archive import Archive
from archive.spool.sealed import Sealed
from archive.texts.texts import TextRow, Texts
from config.settings import load_settings
from pressmark.service.assembly import open_pressmark

LONG_TITLE = "https://long.example/title"
CHINESE = "https://chinese.example/新闻/1"
ARABIC = "https://arabic.example/1"
LONG_URL = "https://url.example/" + "a" * 1_000 + "?" + "&".join(f"q{number}={number:0>8}" for number in range(80))
HOSTILE = "https://hostile.example/"
TITLES = {
    LONG_TITLE: ("en", ("An unbelievably long headline about the harbour " * 7)[:300].strip()),
    CHINESE: ("zh", "潮汐观测站发布二十年水位数据：研究人员称，港口的潮位正在以每年三毫米的速度上升"),
    ARABIC: ("ar", "محطة المد والجزر تنشر بيانات عشرين عاما عن مستوى المياه في الميناء"),
    LONG_URL: ("en", None),
    HOSTILE: ("en", "<script>document.title = 'taken'</script>\"'><img src=x onerror=alert(1)>{{ 7 * 7 }}"),
}
WEEKS = 60
"""The first capture of the page with the long title, which has one capture a week."""
_WEEK = 7 * 24 * 60


def fill(home: Path, warcs: Path, sources: int) -> None:
    """Import the captures, and write the files of this many sources."""
    (home / "sources").mkdir(parents=True)
    for number in range(sources):
        name = f"source-{number:0>3}-of-a-forum-with-a-rather-long-name-{number}"
        text = f"source: {name}\nseeds: [https://s{number}.example/{'x' * 200}]\nwalk: page\ntimetable: {{every: 6h}}\n"
        (home / "sources" / f"{name}.yaml").write_text(text)
    with open_pressmark(load_settings({"home": str(home), "spool.ballast": "0B"})) as service:
        segment = SegmentFile(warcs, "20260131T120000Z-1-0-abcd")
        rows = [_row(segment, url, 0) for url in TITLES]
        rows += [_row(segment, LONG_TITLE, week * _WEEK) for week in range(1, WEEKS)]
        posts = [("1", "كتب هنا أول مشاركة في الموضوع"), ("2", "w" * 400)]
        for minute, said in ((10, posts), (20, [posts[0], ("2", "edited " + "w" * 300)])):
            rows.append(_thread(segment, said, minute))

        def read(sealed: Sealed) -> list[TextRow]:
            return [replace(row, segment=sealed.name) for row in rows]

        Archive(service.index, Texts(service.database), service.store, read_texts=read).ingest(segment.path)


def _row(segment: SegmentFile, url: str, minute: float) -> TextRow:
    language, title = TITLES[url]
    text = "\n".join(
        [f"{title or 'A page'} ({minute:.0f})", "و" * 300 if language == "ar" else "w" * 300, "港口潮汐" * 90]
    )
    capture = segment.write(answered(url, f"<p>{text}</p>".encode(), minute=minute), context=CONTEXT)
    row = TextRow(capture.record_id, "", url, capture.at, capture.digest, "done", text=text)
    author = "Ann " * 40 if url == LONG_TITLE else None
    return replace(row, extractor="x", version="1", title=title, language=language, author=author)


def _thread(segment: SegmentFile, posts: list[tuple[str, str]], minute: float) -> TextRow:
    version = thread_version(posts, minute)
    capture = segment.write(answered(THREAD, version.text.encode(), minute=minute), context=CONTEXT)
    row = TextRow(capture.record_id, "", THREAD, capture.at, capture.digest, "done", text=version.text)
    return replace(row, extractor="x", version="1", title=version.title, **version.facts)
