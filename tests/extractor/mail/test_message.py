"""E-mails are read by their labels, in any encoding, and whatever is damaged in them."""

from __future__ import annotations

from datetime import datetime

import pytest
from crawling.letters import PNG, SENT, article, chinese, japanese, letter
from hypothesis import given
from hypothesis import strategies as st

from extractor.html.page import Page
from extractor.mail.message import MAIL, read_mail
from extractor.mail.reading import plain_text, remote_images
from extractor.reading import extract
from extractor.values.text import Text

URL = "imap://imap.example.org:993/INBOX;UIDVALIDITY=7/;UID=1"


def read(octets: bytes) -> Text:
    text = extract(Page(URL, octets, MAIL))
    assert text is not None
    return text


def test_the_html_of_a_letter_is_read_as_an_article_under_its_own_head() -> None:
    text = read(letter(html=article(extra="<p>Unsubscribe</p>")))
    assert (text.title, text.authors, text.date) == ("Harbour closed", ("The Daily",), SENT.isoformat())
    assert "Two ferries waited outside" in text.text
    assert text.origins["title"] == "Subject"
    assert text.language == "en"


def test_a_letter_without_html_is_its_plain_text() -> None:
    text = read(letter(plain="The harbour was closed on Friday.\n\nIt opens on Monday.\n"))
    assert text.text == "The harbour was closed on Friday.\nIt opens on Monday."
    assert text.version.endswith("+plain")


def test_the_author_is_who_wrote_it_and_not_what_its_html_says() -> None:
    said = article().replace("<html>", '<html><head><meta name="author" content="Somebody"></head>')
    assert read(letter(html=said)).authors == ("The Daily",)


def test_chinese_letters_are_read_though_words_are_cut_inside_characters() -> None:
    text = read(chinese())
    assert text.title == "港口因风暴关闭：两艘渡轮在外等候了整整一夜才得以进港靠岸"
    assert text.authors == ("每日新闻",)
    assert "交通部表示" in text.text
    assert text.language == "zh"


def test_japanese_letters_are_read_though_their_bytes_look_like_ascii() -> None:
    text = read(japanese())
    assert (text.title, text.text) == ("港の閉鎖", "港は金曜日に嵐のため閉鎖されました。")


def test_a_subject_in_raw_bytes_is_read() -> None:
    subject = "港口周五因风暴关闭，渡轮停航"
    octets = b"From: a@example.cn\r\nSubject: " + subject.encode("gb18030") + b"\r\n\r\nText.\r\n"
    assert read_mail(octets).subject == subject


def test_a_name_with_a_comma_is_one_author() -> None:
    octets = b"From: =?utf-8?q?Reader=2C_Ann?= <ann@example.org>, bob@example.org\r\n\r\n"
    assert read_mail(octets).senders == ("Reader, Ann", "bob@example.org")


def test_images_inside_a_letter_are_parts_with_their_numbers() -> None:
    found = read_mail(letter(html=article(image='<img src="cid:image1@example.org">'), images=2)).images
    assert [(part.section, part.mime, part.content_id) for part in found] == [
        ("2.2", "image/png", "image1@example.org"),
        ("2.3", "image/png", "image2@example.org"),
    ]
    assert found[0].body == PNG + b"\x01"


def test_attached_pages_and_letters_are_not_the_text() -> None:
    attached = (
        b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Type: text/html\r\n'
        b"Content-Disposition: attachment\r\n\r\n<p>Attached</p>\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n"
        b"Subject: inner\r\n\r\nInner\r\n--x\r\nContent-Type: text/plain\r\n\r\nOuter\r\n--x--\r\n"
    )
    mail = read_mail(attached)
    assert mail.html is None
    assert plain_text(mail) == "Outer"


def test_softly_broken_lines_are_joined() -> None:
    flowed = b"Content-Type: text/plain; format=flowed\r\n\r\nOne line \r\nof two.\r\n-- \r\nAnn\r\n"
    assert plain_text(read_mail(flowed)).split("\n") == ["One line of two.", "--", "Ann"]


def test_images_of_other_servers_are_those_with_an_address() -> None:
    tags = '<img src="https://t.example.org/p.gif?id=1"><img src="cid:x"><img src="data:image/png;base64,AA==">'
    assert remote_images(read_mail(letter(html=article(image=tags)))) == ["https://t.example.org/p.gif?id=1"]


@pytest.mark.parametrize("date", [b"Sat, 31 Jan 2026 09:30:00 +0800", b"31 Jan 2026 01:30:00 GMT"])
def test_dates_keep_their_zone(date: bytes) -> None:
    assert read_mail(b"Date: " + date + b"\r\n\r\n").date == SENT


def test_a_date_that_is_none_is_missing() -> None:
    assert read_mail(b"Date: tomorrow\r\n\r\n").date is None
    assert read_mail(b"Date: Sat, 31 Jan 99999999999 09:30:00 +0800\r\n\r\n").date is None


def test_a_letter_of_parts_inside_parts_without_end_still_has_its_subject() -> None:
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(3000))
    assert read_mail(b"Subject: Deep\r\n" + deep).subject == "Deep"


@given(st.binary(max_size=400), st.sampled_from([letter(), letter(html=article(), images=1), chinese(), japanese()]))
def test_any_bytes_are_read_without_an_error(noise: bytes, good: bytes) -> None:
    for octets in (noise, good[: len(good) // 2] + noise, noise + good, good.replace(b"base64", noise)):
        mail = read_mail(octets)
        assert isinstance(mail.subject, str)
        plain_text(mail)
        assert mail.date is None or isinstance(mail.date, datetime)
