"""What was said of a page, by checks and by people, is in the exports."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from specimens.archives import LATER, NEWS, Kept, small_archive

from archive.database.marks import CHECKS, REVIEWS, Marks
from archive.export import EXPORTERS, export_to
from archive.export.jsonl import Jsonl
from archive.export.judged import JUDGED
from archive.index.selection import Selection


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    with small_archive(tmp_path / "archive") as kept:
        yield kept


def export(kept: Kept, form: str, directory: Path) -> Path:
    file = directory / f"out{EXPORTERS[form].suffix}"
    export_to(kept.exports, EXPORTERS[form], Selection(url=NEWS), file, now=LATER)
    return file


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_rows_and_pages_have_the_check_by_replay_and_the_mark_of_the_review(kept: Kept, tmp_path: Path) -> None:
    [_, page, _] = kept.archive.captures(NEWS)
    checked = {"result": "different", "missing": 2, "text_distance": 0.25, "picture_distance": None, "url": NEWS}
    Marks(kept.database, CHECKS).set(f"{page.run}/{page.record_id}", json.dumps(checked))
    Marks(kept.database, REVIEWS).set(f"{page.run}/{NEWS}", json.dumps({"judgement": "bad", "note": "No picture."}))
    said = {"replay": "different", "replay_missing": 2, "replay_text_distance": 0.25}
    marked = {"review": "bad", "review_note": "No picture."}
    export(kept, "parquet", tmp_path)
    [row] = [row for row in rows_of(export(kept, "jsonl", tmp_path)) if row["record_id"] == page.record_id]
    with zipfile.ZipFile(export(kept, "wacz", tmp_path)) as package:
        lines = [json.loads(line) for line in package.read("pages/pages.jsonl").splitlines()]
    [line] = [line for line in lines if line.get("replay")]
    assert {name: row[name] for name in JUDGED} == said | marked | {"replay_picture_distance": None}
    assert line.items() >= (said | marked).items()


def test_a_file_of_a_version_without_the_checks_is_valid(kept: Kept, tmp_path: Path) -> None:
    rows = rows_of(export(kept, "jsonl", tmp_path))
    older = [{name: row[name] for name in row if name not in JUDGED} for row in rows]
    lines = [json.dumps(row).encode() + b"\n" for row in older]

    assert list(Jsonl().findings("older.jsonl", lines)) == []
    assert len(list(Jsonl().findings("bad.jsonl", [json.dumps({"url": NEWS}).encode() + b"\n"]))) == 1
