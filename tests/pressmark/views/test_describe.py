from __future__ import annotations

from typing import Any

import pytest

from config.source import Source
from pressmark.cli.terminal.sentences import SENTENCES
from pressmark.http.sentences import plain
from pressmark.views.source_lines import timetable_words


@pytest.mark.parametrize(
    ("timetable", "english", "chinese"),
    [
        ({"every": "6h"}, "every 6 hours", "每 6 小时"),
        ({"every": "1d"}, "every day", "每天"),
        ({"every": "90m"}, "every 1 hour 30 minutes", "每 1 小时 30 分钟"),
        ({"adaptive": {"min": "15m", "max": "30d"}}, "every 15 minutes", "每 15 分钟"),
        ({"at": ["06:30"]}, "at 06:30", "每天 06:30"),
        ({"cron": "0 7 * * *"}, "cron 0 7 * * *", "cron 表达式 0 7 * * *"),
    ],
)
def test_a_timetable_is_described_in_words(timetable: dict[str, Any], english: str, chinese: str) -> None:
    source = Source.model_validate({"source": "a", "seeds": "https://a.example/", "timetable": timetable})

    assert timetable_words(source) == english
    assert plain(english, "zh-Hans", SENTENCES) == chinese
