"""The page on the API speaks the language of its reader."""

from __future__ import annotations

import re
from pathlib import Path

from services.retrieving import Retrieving, served

from config.settings import Settings
from pressmark.service.assembly import open_pressmark


def cells(page: str) -> list[str]:
    return re.findall(r'<td class="long">(.*?)</td>', page, re.DOTALL)


def test_each_operation_is_described_in_english_and_in_chinese(tmp_path: Path) -> None:
    with open_pressmark(Settings(home=tmp_path / "home")) as service, served(service) as url:
        door = Retrieving(url, service, [])
        english, chinese = (
            door.get("/docs", **{"Accept-Language": language})[2].decode() for language in ("en", "zh-CN")
        )

    assert len(cells(english)) == len(cells(chinese)) > 50
    assert [cell for cell in cells(english) if not re.search("[A-Za-z]{3}", cell)] == []
    assert [cell for cell in cells(chinese) if not re.search("[一-鿿]", cell)] == []
    assert "<p>Pause a source: it starts no new runs.</p>" in english
    assert "<p>暂停来源：不再开始新的运行。</p>" in chinese
