from __future__ import annotations

import json
from pathlib import Path

import pytest

from pressmark.cli import main
from pressmark.cli.terminal.language import help_texts, language, said, word
from pressmark.cli.terminal.sentences import HEADS, SENTENCES


@pytest.fixture(autouse=True)
def chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PRESSMARK_HOME", str(tmp_path / "home"))
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")


def code_of(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh-Hans"),
        ({"LANG": "zh"}, "zh-Hans"),
        ({"LANG": "zh_SG@pinyin"}, "zh-Hans"),
        ({"LANG": "zh_TW.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": ""}, "en"),
        ({"LANG": "zh_CN", "LC_ALL": "C"}, "en"),
        ({"LANG": "C", "LC_MESSAGES": "zh_CN"}, "zh-Hans"),
        ({"LANG": "C", "LC_MESSAGES": "C", "LC_ALL": "zh_CN"}, "zh-Hans"),
    ],
)
def test_the_locale_sets_the_language(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert language() == expected


def test_help_is_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("add", "--help") == 0

    shown = capsys.readouterr().out
    assert shown.startswith("用法: pressmark add")
    assert "检测网站并将其添加为来源。" in shown
    assert "--every TEXT" in shown and "按固定间隔抓取" in shown
    assert "显示此帮助并退出。" in shown
    assert "pressmark add https://example.org/news/ --name example --every 6h" in shown


def test_errors_and_hints_are_in_chinese_and_exit_codes_are_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = code_of("source", "show", "nobody")
    told = capsys.readouterr().err
    monkeypatch.setenv("LANG", "en_US.UTF-8")

    assert told == "错误：没有名为 'nobody' 的来源\n提示：运行 pressmark source list 查看全部来源\n"
    assert code == code_of("source", "show", "nobody") == 5


def test_table_heads_are_in_chinese_and_json_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    code_of("config", "show", "--origin")
    table = capsys.readouterr().out
    code_of("config", "show", "--json")
    keys = {key for item in json.loads(capsys.readouterr().out)["items"] for key in item}

    assert table.split()[:3] == ["设置项", "值", "来源"]
    assert keys == {"key", "value", "origin"}


def test_filled_in_data_is_not_translated() -> None:
    assert said("wrote 7 bytes to site") == "已将 7 字节写入 site"


def test_a_message_missing_in_the_catalog_stays_english() -> None:
    assert said("the moon is full") == "the moon is full"
    assert word("moon") == "moon"


def test_every_message_head_and_help_text_is_translated() -> None:
    from typer.main import get_command

    from pressmark.cli.app import app

    texts = [*SENTENCES, *HEADS, *help_texts(get_command(app))]

    assert [text for text in texts if word(text) == text] == []
