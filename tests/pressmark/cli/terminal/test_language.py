from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

import pressmark.cli
from pressmark.cli import main
from pressmark.cli.terminal.language import help_texts, language, translate, word
from pressmark.cli.terminal.output import show_table
from pressmark.cli.terminal.sentences import SENTENCES
from pressmark.cli.terminal.tables import HEADS, PARTS, WORDS
from pressmark.notify.watches.watch_shapes import UnknownWatch
from pressmark.upkeep import doctor
from pressmark.views.feeds import UnknownCollection


@pytest.fixture(autouse=True)
def chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PRESSMARK_HOME", str(tmp_path / "home"))
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")


COMMANDS = Path(pressmark.cli.__file__).parent
_TELLING = ("tell", "fail", "tell_error", "show_table", "agreed")


def sentences_in(directory: Path) -> Iterator[tuple[str, str]]:
    """List the place and the text of every sentence that commands write, with 7 for what is filled in."""
    for file in sorted(directory.rglob("*.py")):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) in _TELLING:
                for given in (*call.args, *(keyword.value for keyword in call.keywords)):
                    yield from ((f"{file}:{call.lineno}: {text}", text) for text in texts_of(given))


def texts_of(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=str() as text):
            texts = [text]
        case ast.JoinedStr():
            texts = choices_of(node)
        case ast.IfExp(body=body, orelse=orelse):
            texts = texts_of(body) + texts_of(orelse)
        case _:
            texts = []
    return [text for text in texts if re.search(r"[a-z]{2} [a-z0-9]", text)]


def choices_of(part: ast.expr) -> list[str]:
    match part:
        case ast.Constant(value=value):
            return [str(value)]
        case ast.JoinedStr(values=parts):
            return ["".join(choice) for choice in product(*map(choices_of, parts))]
        case ast.FormattedValue(value=ast.IfExp(body=body, orelse=orelse)):
            return choices_of(body) + choices_of(orelse)
        case _:
            return ["7"]


def heads_in(directory: Path) -> Iterator[str]:
    """List the heads of all tables: what `show_table` gets, and each tuple that is called `head`."""
    for file in sorted(directory.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="show_table"), args=[head, *_]):
                    yield from strings_in(head)
                case ast.Assign(targets=[ast.Name(id="head")], value=head):
                    yield from strings_in(head)


def strings_in(head: ast.expr) -> list[str]:
    constants = [node.value for node in ast.walk(head) if isinstance(node, ast.Constant)]
    return [value for value in constants if isinstance(value, str)]


def yielded_in(file: Path) -> Iterator[str]:
    """List the sentences that a check of the doctor yields, each with its exit code."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
            yield from texts_of(node.value.elts[0])


DOCTOR = [
    Path(pressmark.__file__).parent / name
    for name in ("upkeep/doctor.py", "upkeep/fixity_states.py", "upkeep/ledger/decisions_back.py")
] + [Path(pressmark.__file__).parent / "service" / name for name in ("index_state.py", "database_repair.py")]


UNSPOKEN = "  WordPress 7"
"""A name, which is the same in every language."""


def translated_text(text: str) -> str:
    return word(text) if word(text) != text else translate(text)


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
    assert "检测网站，并将其添加到被存档的网站（来源）中。" in shown
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

    assert table.split()[:3] == ["设置项", "值", "出处"]
    assert keys == {"key", "value", "origin"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nonsense",), "错误：没有命令 'nonsense'"),
        (("source", "lits"), "错误：没有命令 'lits'；您是想用 'list' 吗？"),
        (("add", "u", "--wal", "x"), "错误：没有选项 --wal；可用的有：--walk"),
        (("source", "list", "--nonsense"), "错误：没有选项 --nonsense"),
        (("add",), "错误：缺少参数 'URL'"),
        (("add", "--every"), "错误：选项 '--every' 需要一个值"),
        (("captures", "a", "b"), "错误：此命令不接受以下参数：b"),
        (("runs", "list", "--limit", "x"), "错误：'--limit' 的值无效：必须是整数，例如 10"),
        (("runs", "list", "--limit", "0"), "错误：'--limit' 的值无效：必须大于或等于 1"),
        (
            ("runs", "list", "--status", "x"),
            "错误：'--status' 的值无效：'x' 不在可选值之中：'queued', 'running', 'over'",
        ),
        (("--home=", "source", "list"), "错误：'--home' 的值无效：目录路径为空；请填写路径，或者不使用 --home"),
    ],
)
def test_usage_errors_are_in_chinese(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str) -> None:
    assert code_of(*arguments) == 2

    lines = capsys.readouterr().err.splitlines()
    assert lines[-1] == told
    assert not lines[1:-1] or (lines[0].startswith("用法: pressmark") and lines[1].startswith("运行 'pressmark"))


def test_a_usage_error_in_english_reads_like_every_other_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LANG", "C")

    assert code_of("runs", "list", "--status", "x") == 2

    assert capsys.readouterr().err.splitlines() == [
        "Usage: pressmark runs list [OPTIONS]",
        "Try 'pressmark runs list -h' for help.",
        "",
        "error: Invalid value for '--status': 'x' is not one of 'queued', 'running', 'over'.",
    ]


def test_words_that_a_command_does_not_accept_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LANG", "C")

    assert code_of("captures", "a", "b", "c") == 2

    assert capsys.readouterr().err.splitlines()[-1] == "error: the command does not accept these words: b c"


def test_words_in_cells_are_in_chinese_and_data_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [("done", "every 6 hours", "done"), ("partial", "at 06:30", "the run archived nothing")]

    show_table(("state", "timetable", "name"), rows, words=("state", "timetable"), empty="")

    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["状态", "时间表", "名称"],
        ["完成", "每", "6", "小时", "done"],
        ["部分完成", "每天", "06:30", "the", "run", "archived", "nothing"],
    ]


def test_every_sentence_of_a_command_has_a_translation() -> None:
    assert [where for where, text in sentences_in(COMMANDS) if text == translated_text(text) and text != UNSPOKEN] == []


@pytest.mark.parametrize("file", DOCTOR, ids=lambda file: file.stem)
def test_every_sentence_of_the_doctor_has_a_translation(file: Path) -> None:
    found = list(yielded_in(file))

    assert found
    assert [text for text in found if text == translated_text(text)] == []


def test_every_part_that_the_doctor_checks_has_a_translation() -> None:
    assert [part for part, _ in doctor._PARTS if word(part) == part] == []


def test_every_head_of_a_table_has_a_translation() -> None:
    found = set(heads_in(COMMANDS))

    assert {"run", "last found", "details"} <= found
    assert "page" not in found  # the catalog translates it as a walk
    assert [head for head in sorted(found) if word(head) == head] == []


def test_a_head_and_a_sentence_of_the_doctor_without_a_translation_are_found(tmp_path: Path) -> None:
    new = tmp_path / "new.py"
    new.write_text(
        'head = ("run", "moon")\nshow_table(("run", "sun"), rows, empty="")\n'
        """def look(): yield f"the moon {where} rises{'' if late else ' early'}", OK\n"""
    )

    assert [head for head in heads_in(tmp_path) if word(head) == head] == ["moon", "sun"]
    assert list(yielded_in(new)) == ["the moon 7 rises", "the moon 7 rises early"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 WARC files are waiting to be uploaded to the store", "2 个 WARC 文件等待上传到存储"),
        ("1 WARC file is waiting to be uploaded to the store", "1 个 WARC 文件等待上传到存储"),
        ("a process writes archived files at the moment: pid 3", "目前有进程正在写入存档文件：pid 3"),
        (
            "the replica r (a copy of the store) does not have 2 objects yet; timeout",
            "副本存储 r 尚缺 2 个对象；timeout",
        ),
        ("the replica r (a copy of the store) has all files of the store", "副本存储 r 已包含存储的全部文件"),
        (
            "Pressmark checks 1/30 of the stored files for damage every 1d; no check of the stored files (audit) "
            "has been completed yet, checks start only while pressmark serve runs",
            "Pressmark 每 1d 检查 1/30 的已存储文件是否损坏；尚未完成过对已存储文件的检查，"
            "只有在 pressmark serve 运行期间才会开始检查",
        ),
        (
            "Pressmark checks 1/30 of the stored files for damage every 1d; the last check (audit) ended at "
            "2026-01-01 03:04 UTC, the next check starts at 2026-01-02 03:04 UTC",
            "Pressmark 每 1d 检查 1/30 的已存储文件是否损坏；上次检查于 2026-01-01 03:04 UTC 完成，"
            "下次检查定于 2026-01-02 03:04 UTC 开始",
        ),
        (
            "http://a.example/robots.txt does not exist (status 404), so Pressmark may fetch all pages; "
            "Pressmark may fetch the page",
            "http://a.example/robots.txt 不存在（状态码 404），因此 Pressmark 可以抓取所有页面；"
            "Pressmark 可以抓取该页面",
        ),
        (str(UnknownWatch("x")), "没有名为 'x' 的关注项"),
        (str(UnknownCollection("x")), "没有名为 'x' 的集合"),
    ],
)
def test_what_the_doctor_and_the_watches_say_is_in_chinese(text: str, expected: str) -> None:
    assert translate(text) == expected


def test_a_sentence_without_a_translation_is_found(tmp_path: Path) -> None:
    (tmp_path / "new.py").write_text('tell(f"the moon is {name}")\nfail("nothing was saved", 1)\nshow("x", y)\n')

    found = [text for _, text in sentences_in(tmp_path) if text == translated_text(text)]

    assert found == ["the moon is 7"]


@pytest.mark.parametrize("name", ["site", "verified", "ok", "store", "done"])
def test_filled_in_data_is_not_translated(name: str) -> None:
    assert translate(f"wrote 7 bytes to {name}") == f"已将 7 字节写入 {name}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "The first run would fetch at least 6 pages: this page and the pages it lists.",
            "首次运行将抓取至少 6 个页面：此页面，以及它列出的页面。",
        ),
        ("error: http://a.example/ could not be fetched: timeout", "错误：无法抓取 http://a.example/：timeout"),
        ("wrote 1 byte to x", "已将 1 字节写入 x"),
    ],
)
def test_a_sentence_within_a_sentence_is_translated(text: str, expected: str) -> None:
    assert translate(text) == expected


def test_a_message_missing_in_the_catalog_stays_english() -> None:
    assert translate("the moon is full") == "the moon is full"
    assert word("moon") == "moon"


def test_every_message_head_and_help_text_is_translated() -> None:
    from typer.main import get_command

    from pressmark.cli.app import app

    texts = [*SENTENCES, *HEADS, *PARTS, *WORDS, *help_texts(get_command(app))]

    assert [text for text in texts if word(text) == text] == []
