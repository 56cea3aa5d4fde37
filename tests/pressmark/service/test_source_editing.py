"""Changes of source files in the pages happen one after the other, and lose no text."""

from __future__ import annotations

import hashlib
import resource
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event

import pytest

from config.errors import ConfigError
from config.settings import Settings
from config.source_files.editing import editing, former_of
from pressmark.service.assembly import open_pressmark
from pressmark.service.service import Service
from pressmark.service.source_editing import FileChanged, change_source, former_text, remove_source, source_text

TEXT = "source: harbour\nseeds: [http://news.example/]\nwalk: site\n"
_LIMIT = 60


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "harbour.yaml").write_text(TEXT)
    with open_pressmark(Settings(home=tmp_path)) as opened:
        assert opened.sources.names
        yield opened


def change(service: Service, name: str) -> None:
    change_source(service, name, f"{TEXT}# x\n", hashlib.sha256(TEXT.encode()).hexdigest(), "somebody")


def test_of_two_changes_of_the_same_text_exactly_one_is_saved(service: Service) -> None:
    """Through two services, since several processes can serve one home."""
    with open_pressmark(service.settings) as other, ThreadPoolExecutor(2) as threads:
        for number in range(5):
            seen, together = source_text(service, "harbour").digest, Barrier(2, timeout=_LIMIT)

            def save(by: Service, seen: str = seen, together: Barrier = together, number: int = number) -> bool:
                text = f"{TEXT}# {number} {id(by)}\n"
                together.wait()
                try:
                    change_source(by, "harbour", text, seen, "somebody")
                except FileChanged:
                    return False
                return True

            saved = list(threads.map(save, (service, other), timeout=_LIMIT))
            assert sorted(saved) == [False, True]


def test_a_change_returns_what_it_wrote_also_when_others_change_it_at_once(service: Service) -> None:
    seen = source_text(service, "harbour")
    for text in (TEXT + "# one\n", TEXT + "# two\n", TEXT + "# two\n"):
        written = change_source(service, "harbour", text, seen.digest, "somebody")
        change_source(service, "harbour", TEXT + "# theirs\n", written.digest, "somebody else")
        assert (written.text, written.names) == (text, ["harbour"])
        assert written.digest == hashlib.sha256(text.encode()).hexdigest()
        seen = source_text(service, "harbour")


def remove(service: Service, name: str) -> None:
    remove_source(service, name, "somebody")


@pytest.mark.parametrize("act", [change, remove], ids=["change", "removal"])
def test_a_change_and_a_removal_wait_for_a_removal(service: Service, act: Callable[[Service, str], object]) -> None:
    """A removed source does not come back."""
    file, begun = service.settings.sources / "harbour.yaml", Event()

    def acting() -> None:
        begun.set()
        act(service, "harbour")

    with ThreadPoolExecutor(1) as threads:
        with editing(service.settings.sources):
            waiting = threads.submit(acting)
            assert begun.wait(_LIMIT)
            file.unlink()
        with pytest.raises(ConfigError, match=r"can't be read|no source named 'harbour'"):
            waiting.result(_LIMIT)

    assert not file.exists()


def test_a_save_without_a_change_keeps_the_former_text(service: Service) -> None:
    for _ in range(2):
        change_source(service, "harbour", TEXT + "# two\n", source_text(service, "harbour").digest, "somebody")

    assert former_text(service, "harbour") == TEXT


def test_a_save_that_fails_keeps_both_texts(service: Service) -> None:
    """The file system refuses the new text: it is longer than files may be."""
    change_source(service, "harbour", TEXT + "# two\n", source_text(service, "harbour").digest, "somebody")
    before, most = source_text(service, "harbour"), resource.getrlimit(resource.RLIMIT_FSIZE)
    long = TEXT + "".join(f"# {number}\n" for number in range(1_000_000))
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, most[1]))
    try:
        with pytest.raises(ConfigError, match="can't be written"):
            change_source(service, "harbour", long, before.digest, "somebody")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)

    file = service.settings.sources / "harbour.yaml"
    assert (file.read_text(), former_text(service, "harbour")) == (before.text, TEXT)
    assert [each.name for each in former_of(file).parent.iterdir()] == ["harbour.yaml"]
