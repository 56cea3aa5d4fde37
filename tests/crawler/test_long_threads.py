"""A change in a long thread costs few requests, by the pager and the board of each engine.

    PRESSMARK_TESTS=faults pytest -s tests/crawler/test_long_threads.py

prints the requests of each engine.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from crawling.crawls import remembering, source
from crawling.site import Site
from specimens.long_threads import ENGINES, LongThread

PAGES = 21
MOST = 1.5
"""Maximum requests for each one that is strictly necessary."""
LONG_AGO = {"2026": "2016", "Yesterday": "2016-03-04"}
CHEAP = ("Discuz! X3", "NodeBB (harmony)", "phpBB")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in CHEAP else pytest.mark.costly) for name in ENGINES]
)
def test_a_change_in_a_long_thread_fetches_few_more_pages_than_it_can_have_touched(
    site: Site, tmp_path: Path, name: str
) -> None:
    thread = LongThread(name, PAGES, replaced=LONG_AGO)
    whole, again, first, post, page = requests(site, thread, tmp_path)

    print(f"\n{name}: {first} of {PAGES} pages and the board at the first change, then {post} for 2, {page} for 3")
    assert (whole, again) == (1 + PAGES, 1)
    assert first <= MOST * 2
    assert post <= MOST * 2  # the board and the last page
    assert page <= MOST * 3  # and a new page
    assert "version 2" in thread.page(PAGES)


@pytest.mark.costly
def test_each_page_with_a_post_of_today_is_read_once_more_at_the_first_change(site: Site, tmp_path: Path) -> None:
    thread = LongThread("phpBB", PAGES, replaced={"Mon Jun 10, 2024": f"{datetime.now(UTC):%a %b %d, %Y}"})

    whole, again, first, post, page = requests(site, thread, tmp_path)

    assert (whole, again) == (1 + PAGES, 1)
    assert first == 1 + PAGES  # each may have been edited since it was read
    assert post <= MOST * 2
    assert page <= MOST * 3


def requests(site: Site, thread: LongThread, directory: Path) -> tuple[int, ...]:
    """Return the requests of five runs: the first; without news; after two posts on the last page; on a new page."""
    thread.serve(site)
    with remembering(directory) as run:

        def asked() -> int:
            site.asked.clear()
            run(source(thread.board, walk="forum"))
            assert len(site.paths) == len(set(site.paths))
            return len(site.paths)

        whole, again = asked(), asked()
        thread.write()
        first = asked()
        thread.write()
        post = asked()
        thread.write(new_page=True)
        return whole, again, first, post, asked()
