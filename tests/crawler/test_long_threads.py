"""A change in a long thread costs few requests, by the pager and the board of each engine.

    PRESSMARK_TESTS=faults pytest -s tests/crawler/test_long_threads.py

prints the requests of each engine.
"""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import connect

import pytest
from crawling.crawls import remembering, source
from crawling.site import Site
from specimens.long_threads import ENGINES, LongThread

PAGES = 21
MOST = 1.5
"""Maximum requests for each one that is strictly necessary."""
WRITTEN = "Mon Jun 10, 2024 6:14 am"
"""On pages of phpBB."""
CHEAP = ("Discuz! X3", "NodeBB (harmony)", "phpBB")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in CHEAP else pytest.mark.costly) for name in ENGINES]
)
def test_a_change_in_a_long_thread_fetches_few_more_pages_than_it_can_have_touched(
    site: Site, tmp_path: Path, name: str
) -> None:
    thread = LongThread(name, PAGES)
    whole, again, first, post, page = requests(site, thread, tmp_path)

    print(f"\n{name}: {first} of {PAGES} pages and the board at the first change, then {post} for 2, {page} for 3")
    assert (whole, again) == (1 + PAGES, 1)
    assert first <= MOST * 2
    assert post <= MOST * 2  # the board and the last page
    assert page <= MOST * 3  # and a new page
    assert "version 2" in thread.page(PAGES)


@pytest.mark.parametrize(("days", "first"), [(2, 3), pytest.param(0, 1 + PAGES, marks=pytest.mark.costly)])
def test_pages_with_posts_of_the_last_hours_are_read_once_more_at_the_first_change_others_are_not(
    site: Site, tmp_path: Path, days: int, first: int
) -> None:
    at = datetime.now(UTC) - timedelta(days=days)
    thread = LongThread("phpBB", PAGES, replaced={WRITTEN: f"{at:%a %b %d, %Y %I:%M %p}"})

    assert requests(site, thread, tmp_path) == (1 + PAGES, 1, first, 3, 4)


def test_each_page_that_is_due_is_read_once_more_at_a_change(site: Site, tmp_path: Path) -> None:
    thread = LongThread("phpBB", PAGES)

    whole, again, first, *_ = requests(site, thread, tmp_path, due=True)

    assert (whole, again) == (1 + PAGES, 1)
    assert first == 1 + PAGES  # each may have been edited since it was read


def requests(site: Site, thread: LongThread, directory: Path, *, due: bool = False) -> tuple[int, ...]:
    """Return the requests of five runs: the first; without news; after two posts on the last page; on a new page.

    `due`: before the third run so much time passes that each page is due.
    """
    thread.serve(site)
    with remembering(directory) as run:

        def asked() -> int:
            site.asked.clear()
            run(source(thread.board, walk="forum"))
            assert len(site.paths) == len(set(site.paths))
            return len(site.paths)

        whole, again = asked(), asked()
        thread.write()
        if due:
            all_are_due(directory)
        first = asked()
        thread.write()
        post = asked()
        thread.write(new_page=True)
        return whole, again, first, post, asked()


def all_are_due(directory: Path) -> None:
    with closing(connect(directory / "memory.db")) as memory, memory:
        assert memory.execute("UPDATE pages SET next_at = fetched_at").rowcount > PAGES
