"""The plan of a purge names the files of a page that stay, and the command that it gives takes them down."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from specimens.plain_warcs import record, response, written

from archive.values.capture import MEDIA
from archive.values.media import MEDIA_TYPE, MediaFile, Medium, Piece
from archive.values.media import written as listing
from config.settings import Settings
from pressmark.cli import main
from pressmark.service.access.purges import Purges
from pressmark.service.assembly import open_pressmark
from pressmark.views.access_shapes import purge_shape

PAGE, CLIP, ID = "http://news.example/page", "http://cdn.example/clip.mp4?a=1&b=2", "<urn:uuid:0-1-a>"


def test_the_command_that_a_plan_gives_takes_the_file_of_a_page_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = (MediaFile("both", "mp4", (Piece(ID, CLIP, 5),), CLIP),)
    block = listing([Medium("Generic", "1", "clip", "kept", files=files)]).decode()
    beside = record("resource", MEDIA + PAGE, block, Content_Type=MEDIA_TYPE)
    warc = written(tmp_path / "a.warc", response(PAGE, "page"), beside, response(CLIP, "VIDEO", id_=ID))
    with open_pressmark(Settings(home=tmp_path / "home")) as service:
        service.archive.ingest(warc)
        purges, page = Purges(service), service.take_downs.add(PAGE, "a court order", by="ada").id
        shape = purge_shape(service, page, purges.plan(page))
        purges.run(page, shape.token, by="ada", origin="test")
    [told] = [one for one in shape.not_reached if CLIP in one]
    command = re.search(r"run pressmark (.*) --reason REASON, then pressmark purge", told)
    assert command
    with pytest.raises(SystemExit):
        main(["--home", str(tmp_path / "home"), *shlex.split(command[1]), "--reason", "a court order", "--json"])
    with open_pressmark(Settings(home=tmp_path / "home")) as service:
        purges = Purges(service)
        [clip] = [one.id for one in service.take_downs.all() if one.url == CLIP]
        done = purges.run(clip, purges.plan(clip).token, by="ada", origin="test")

    assert (shape.files_left, shape.records) == ([CLIP], 2)
    assert [one.url for one in done.plan.captures] == [CLIP]
