"""Two pictures are compared by the browser; one that it can't decode is said to be unreadable."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from crawler.browser.browser import Browser
from crawler.browser.compare_pictures import PictureUnreadable
from crawler.policy.shared import BrowserLimits

pytestmark = [pytest.mark.system, pytest.mark.costly]
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


def test_a_picture_that_the_browser_can_not_decode_is_unreadable_and_others_are_compared(tmp_path: Path) -> None:
    async def compared() -> float | None:
        browser = Browser(tmp_path / "browser", BrowserLimits())
        try:
            with pytest.raises(PictureUnreadable):
                await browser.distance(b"garbage", PIXEL)
            return await browser.distance(PIXEL, PIXEL)
        finally:
            await browser.close()

    assert asyncio.run(compared()) == 0.0
