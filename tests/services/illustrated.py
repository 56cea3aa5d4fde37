"""An archive of three sources: news with a lead image, vault with one that is closed, and empty-pages without any."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.retrieving import Retrieving, running, served
from specimens.segments import SegmentFile, answered
from specimens.versions import Version, keep
from web_of_tests.pictures import png

from config.groups.rooms import Room
from config.settings import Settings
from pressmark.http.stage.stage import open_stage
from pressmark.processes.serve import bound
from pressmark.replay.app import create_replay
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service

SOURCE = "source: {0}\nseeds: ['http://{0}.example/']\nkeep: {{collection: {1}}}\ntags: [test]\n"
PAGE, OLD_PAGE = "http://news.example/2", "http://news.example/1"
IMAGE = "http://news.example/lead.png"
LOST = "http://news.example/not-archived.png"
HIDDEN = "http://vault.example/lead.png"
PNG = png("lead", 320, 200)


@contextmanager
def illustrated(home: Path) -> Iterator[Retrieving]:
    """Serve it. The newest page of news names an image that is not archived, the one before it another one that is."""
    (home / "sources").mkdir(parents=True)
    (home / "warcs").mkdir()
    for name, collection in (("news", "default"), ("vault", "closed"), ("empty-pages", "default")):
        (home / "sources" / f"{name}.yaml").write_text(SOURCE.format(name, collection))
    with open_pressmark(Settings(home=home, rooms={"closed": Room()})) as service:
        _fill(service, home)
        with bound("127.0.0.1", 0) as listener:
            stage = open_stage(service, listener.getsockname()[1])
            with running(create_replay(service, stage), listener), served(service, stage) as url:
                yield Retrieving(url, service, [], stage)


def _fill(service: Service, home: Path) -> None:
    of_vault = {"source": "vault", "collection": "closed"}
    keep(
        service,
        home / "warcs",
        Version("Old.", OLD_PAGE, 0, facts=_named(IMAGE), source="news"),
        Version("New.", PAGE, 3, facts=_named(LOST), source="news"),
        Version("Sealed.", "http://vault.example/1", 4, facts=_named(HIDDEN), **of_vault),
        Version("None.", "http://empty-pages.example/", 5, source="empty-pages"),
    )
    for number, (url, collection) in enumerate(((IMAGE, "default"), (HIDDEN, "closed"))):
        segment = SegmentFile(home, f"20260131T130000Z-1-{number}-abcd")
        found = segment.write(answered(url, PNG, minute=1, headers=("Content-Type: image/png",)))
        where = {"collection": collection, "worker": "w", "epoch": 1, "path": segment.path, "at": found.at}
        service.index.opened(segment.name, **where)  # type: ignore[arg-type]
        service.index.add([found._replace(collection=collection)])


def _named(image: str) -> dict[str, object]:
    return {"fields": {"image": image}}
