"""Decoding with correct labels, without labels, and with wrong labels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.html.page import Page
from extractor.values.encoding import decode

TEXTS = {
    "gb18030": "研究部署近海潮位数据的统一发布。各单位要保留原始记录，并公开修正的理由。" * 4,
    "big5": "研究部署近海潮位數據的統一發布。各單位要保留原始記錄，並公開修正的理由。" * 4,
    "shift_jis": "港の古い冷蔵庫は、来年から海水で病院を冷やします。市民は図書館で設計図を見ます。" * 4,
    "euc_jp": "港の古い冷蔵庫は、来年から海水で病院を冷やします。市民は図書館で設計図を見ます。" * 4,
    "euc_kr": "항구의 오래된 냉동 창고가 내년부터 바닷물로 병원을 식히게 됩니다." * 4,
    "cp1251": "Старый портовый холодильник будет охлаждать больницу морской водой. Чертежи готовы." * 4,
    "cp1252": "Das alte Kühlhaus soll das Krankenhaus mit Meerwasser kühlen. Die Pläne hängen in der Bücherei aus." * 4,
    "utf-8": "The old cold store is to cool the hospital – “with sea water”, 用海水。" * 4,
}
LABELS = {"right": None, "absent": "", "says utf-8": "utf-8"}


def page_of(text: str, encoding: str, label: str) -> bytes:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={label}">' if label else ""
    return f"<html><head>{meta}<title>{text[:20]}</title></head><body><p>{text}</p></body></html>".encode(encoding)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("encoding", TEXTS)
def test_a_page_is_decoded_whatever_its_label_says(encoding: str, label: str) -> None:
    text = TEXTS[encoding]
    body = page_of(text, encoding, encoding if label == "right" else LABELS[label] or "")

    assert text in decode(body)[0]


@pytest.mark.parametrize(
    "http", [None, "text/html; charset=ISO-8859-1", "text/html; charset=gbk", "text/html; charset=big5"]
)
@pytest.mark.parametrize("label", ["", "iso-8859-1", "windows-1252", "gb2312", "gbk", "big5", "shift_jis", "euc-kr"])
@pytest.mark.parametrize("written", ["gb2312", "gb18030", "big5", "traditional in gbk"])
def test_chinese_is_read_whichever_other_encoding_http_or_the_page_names(
    written: str, label: str, http: str | None
) -> None:
    text, encoding = {
        "gb2312": (TEXTS["gb18030"], "gb2312"),
        "gb18030": (TEXTS["gb18030"] + "朱镕基、𠀀", "gb18030"),
        "big5": (TEXTS["big5"], "big5"),
        "traditional in gbk": (TEXTS["big5"], "gbk"),
    }[written]

    assert text in decode(page_of(text, encoding, label), http)[0]


@pytest.mark.parametrize("label", ["iso-8859-1", "windows-1250", "gb2312"])
@pytest.mark.parametrize("encoding", ["cp1251", "shift_jis", "euc_jp"])
def test_a_label_that_gives_implausible_text_is_ignored(encoding: str, label: str) -> None:
    assert TEXTS[encoding] in decode(page_of(TEXTS[encoding], encoding, label))[0]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Příliš žluťoučký kůň úpěl ďábelské ódy, říší šířící se žížaly. " * 4, "cp1250"),
        ("Zażółć gęślą jaźń, żółć i źdźbło. " * 4, "iso8859-2"),
        ("Pijamalı hasta, yağız şoföre çabucak güvendi. İğdır’ın üzümü. " * 4, "cp1254"),
        ("Le cœur déçu mais l’âme plutôt naïve : « Où ? » – « À Noël… » " * 4, "cp1252"),
        ("臺灣大學的研究團隊在彼岸，囍字喆筆" * 2, "big5hkscs"),
        ("蒹葭苍苍，白露为霜。所谓伊人，在水一方。溯洄从之，道阻且长。" * 2, "gb18030"),
    ],
)
def test_a_correct_label_counts_for_any_text(text: str, encoding: str) -> None:
    assert text in decode(page_of(text, encoding, encoding))[0]


def test_the_label_gb2312_covers_all_of_gb18030() -> None:
    text = TEXTS["gb18030"] + "朱镕基、𠀀"

    assert text in decode(page_of(text, "gb18030", "gb2312"))[0]


def test_the_label_of_http_counts_if_it_decodes() -> None:
    assert decode("Kühlhaus".encode("cp1252"), "text/html; charset=ISO-8859-1") == ("Kühlhaus", "cp1252")
    assert decode("舊".encode("big5"), 'text/html; charset="Big5"') == ("舊", "big5hkscs")


def test_a_label_that_contradicts_the_bytes_is_ignored() -> None:
    text = TEXTS["gb18030"]

    assert decode(text.encode("gb18030"), "text/html; charset=utf-8") == (text, "gb18030")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"\xef\xbb\xbf\xe6\xbd\xae", "潮"),
        ("\ufeff潮位".encode("utf-16-le"), "潮位"),
        ("\ufeff潮位".encode("utf-16-be"), "潮位"),
    ],
)
def test_a_byte_order_mark_decides_and_is_removed(body: bytes, expected: str) -> None:
    assert decode(body, "text/html; charset=gbk")[0] == expected


def test_utf8_with_a_few_damaged_bytes_is_utf8() -> None:
    body = ("潮位数据" * 50).encode() + b"\xff" + ("统一发布" * 50).encode()[:-1]

    text, encoding = decode(body, "text/html; charset=gbk")

    assert encoding == "utf-8"
    assert text.startswith("潮位数据" * 50 + "\ufffd统一发布")


@pytest.mark.parametrize("label", ["utf-7", "rot13", "base64", "undefined", "nonsense", "unicode_escape", "\0", "idna"])
def test_labels_of_other_codecs_are_ignored(label: str) -> None:
    assert decode("Kühlhaus am Hafen".encode("cp1252"), f"text/html; charset={label}")[0].startswith("K")


@given(st.binary(max_size=400), st.text(max_size=30))
def test_any_bytes_are_decoded(body: bytes, label: str) -> None:
    text, encoding = decode(body, f"text/html; charset={label}")

    assert isinstance(text, str)
    assert encoding


@given(st.text(max_size=200))
def test_utf8_is_decoded_exactly(text: str) -> None:
    text = "".join(character for character in text if character != "\ufeff" and not 0xD800 <= ord(character) < 0xE000)

    assert decode(text.encode()) == (text, "utf-8")


def test_a_page_decodes_its_body_once() -> None:
    page = Page("https://e.org/", TEXTS["gb18030"].encode("gb18030"))

    assert page.text is page.text
    assert page.encoding == "gb18030"
    assert page.tree is page.tree
