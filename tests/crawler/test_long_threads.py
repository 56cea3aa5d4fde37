"""A change in a long thread costs few requests, by the pager and the board of each engine.

    PRESSMARK_TESTS=faults pytest -s tests/crawler/test_long_threads.py

prints the requests of each engine.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from crawling.crawls import remembering, source
from crawling.site import Site
from specimens.long_threads import ENGINES, LongThread

PAGES = 21
MOST = 1.5
"""Maximum requests for each one that is strictly necessary."""
CHEAP = ("Discuz! X3", "NodeBB (harmony)", "phpBB")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in CHEAP else pytest.mark.costly) for name in ENGINES]
)
def test_a_change_in_a_long_thread_fetches_few_more_pages_than_it_can_have_touched(
    site: Site, tmp_path: Path, name: str
) -> None:
    thread = LongThread(name, PAGES)
    thread.serve(site)
    with remembering(tmp_path) as run:

        def asked() -> int:
            site.asked.clear()
            run(source(thread.board, walk="forum"))
            assert len(site.paths) == len(set(site.paths))
            return len(site.paths)

        whole, again = asked(), asked()
        thread.write()
        first = asked()  # each page may have been edited since it was read, so each is read for a second time
        thread.write()
        post = asked()
        thread.write(new_page=True)
        page = asked()

    print(f"\n{name}: {first} of {PAGES} pages and the board at the first change, then {post} for 2, {page} for 3")
    assert (whole, again) == (1 + PAGES, 1)
    assert first <= 1 + PAGES
    assert post <= MOST * 2  # the board and the last page
    assert page <= MOST * 3  # and a new page
    assert "version 2" in thread.page(PAGES)
