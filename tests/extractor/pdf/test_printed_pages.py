"""Headings, columns, tables, footnotes and fields of PDFs are read as they are printed, in English and Chinese."""

from __future__ import annotations

import io
from typing import Any

import pytest
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    FrameBreak,
    NextPageTemplate,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from extractor.html.page import Page
from extractor.pdf.document import Document, read_document
from extractor.pdf.first_page import printed_fields
from extractor.pdf.layout import joined
from extractor.pdf.printed_lines import PrintedLine
from extractor.pdf.printed_tables import table_of
from extractor.reading import extract

ENGLISH = (
    "The ferry now waits for the tide, and the tide for nobody, which the harbour master regards as a step forward."
    " Passengers are asked to bring a book, and those who bring two may lend one to the engine driver ({}).",
    "The gauge records the height of the sea every ten minutes. Its float collects barnacles in the summer, so that the"
    " readings drift by some millimetres, which the keeper corrects by hand each week ({}).",
)
CHINESE = (
    "研究部署近海潮位数据的统一发布，各单位要保留原始记录，并公开修正的理由。验潮站每十分钟记录一次海面高度，数据用于航运、工程设计和气候研究（{}）。",
    "仪器长期浸泡在海水里，浮筒会附着藤壶，读数因此会有几毫米的偏差，值班员每周人工修正一次，然后把数据送到首都（{}）。",
)
WIDE, TALL = A4
MARGIN, GUTTER = 50, 20
COLUMN = (WIDE - 2 * MARGIN - GUTTER) / 2
NOTE = "* Corresponding author: ada@example.org"


class _Journal:
    """An article in two columns, with running heads, page numbers and a footnote on the first page."""

    def __init__(self, *, chinese: bool = False) -> None:
        pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
        self.plain, self.bold = ("STSong-Light",) * 2 if chinese else ("Times-Roman", "Times-Bold")
        self.wrap = "CJK" if chinese else None
        self.story: list[Any] = []

    def add(self, text: str, size: float = 10, *, head: bool = False, centred: bool = False) -> _Journal:
        style = ParagraphStyle(
            "any",
            fontName=self.bold if head else self.plain,
            fontSize=size,
            leading=size * 1.25,
            wordWrap=self.wrap,
            alignment=TA_CENTER if centred else TA_JUSTIFY,
            firstLineIndent=12 if size == 10 and not centred else 0,
            spaceBefore=6 if head else 0,
        )
        self.story.append(Paragraph(text, style))
        return self

    def head(self, title: str, *lines: str) -> _Journal:
        self.add(title, 18, head=True, centred=True)
        for line in lines:
            self.add(line, 11, centred=True)
        self.story += [NextPageTemplate("two"), FrameBreak()]
        return self

    def also(self, *parts: Flowable) -> _Journal:
        self.story += parts
        return self

    def body(self, **metadata: str) -> bytes:
        made = io.BytesIO()
        document = BaseDocTemplate(made, pagesize=A4, **metadata)
        first = [Frame(MARGIN, TALL - MARGIN - 110, WIDE - 2 * MARGIN, 110), *_columns(25, TALL - 2 * MARGIN - 135)]
        two = _columns(0, TALL - 2 * MARGIN)
        templates = [PageTemplate("first", first, self._margins), PageTemplate("two", two, self._margins)]
        document.addPageTemplates(templates)
        document.build(self.story)
        return made.getvalue()

    def _margins(self, canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.setFont(self.plain, 9)
        canvas.drawString(MARGIN, TALL - 30, "Journal of Harbours")
        canvas.drawRightString(WIDE - MARGIN, TALL - 30, f"12 (2024) {document.page}")
        canvas.drawCentredString(WIDE / 2, 25, str(document.page))
        if document.page == 1:
            canvas.setFont(self.plain, 8)
            canvas.drawString(MARGIN, MARGIN + 12, NOTE)


def _columns(above: float, tall: float) -> list[Frame]:
    return [Frame(left, MARGIN + above, COLUMN, tall) for left in (MARGIN, MARGIN + COLUMN + GUTTER)]


def table(rows: list[list[str]], font: str) -> Table:
    return Table(rows, style=[("FONT", (0, 0), (-1, -1), font, 9)])


def journal(paragraphs: int = 22, *, chinese: bool = False) -> tuple[bytes, list[str]]:
    """Return an article on several pages, and the expected lines of its text."""
    made, said = _Journal(chinese=chinese), CHINESE if chinese else ENGLISH
    title, authors, day = ("验潮站记录的诚实性", "王小明、李海燕", "2024年3月5日") if chinese else TITLED
    made.head(title, authors, day)
    lines = [title, authors, day]
    for number in range(paragraphs):
        if number % 8 == 0:
            lines.append(f"{number // 8 + 1} {'方法' if chinese else 'Method'}")
            made.add(lines[-1], 13, head=True)
        lines.append(said[number % 2].format(number))
        made.add(lines[-1])
    return made.body(author="template user", title="x"), [*lines, NOTE, "Journal of Harbours 12 (2024) 1"]


TITLED = ("The honesty of tide gauges", "Ada Lovelace and Boris Petrov", "5 March 2024")


@pytest.mark.parametrize("chinese", [False, True], ids=["English", "Chinese"])
def test_headings_and_paragraphs_are_joined_over_columns_and_pages(chinese: bool) -> None:
    body, lines = journal(66, chinese=chinese)

    document = read_document(body)

    assert document.pages > 2
    assert document.text.split("\n") == lines  # without page numbers; the footnote and the running head are last


@pytest.mark.parametrize("chinese", [False, True], ids=["English", "Chinese"])
def test_printed_title_authors_and_date_come_before_those_of_the_file(chinese: bool) -> None:
    document = read_document(journal(chinese=chinese)[0])

    authors = ("王小明", "李海燕") if chinese else ("Ada Lovelace", "Boris Petrov")
    assert (document.authors, document.date) == (authors, "2024-03-05")
    assert document.title == ("验潮站记录的诚实性" if chinese else TITLED[0])
    assert document.origins["author"] == document.origins["date"] == "first page"


def below_title(*lines: str, author: str = "") -> Document:
    made = _Journal().head("The honesty of tide gauges", *lines)
    for number in range(6):
        made.add(ENGLISH[number % 2].format(number))
    return read_document(made.body(author=author))


@pytest.mark.parametrize(
    ("lines", "authors"),
    [
        (("Ada Lovelace<super>1</super>, Boris Petrov<super>2,*</super>", "1 University of the Sea"), 2),
        (("By Ada Lovelace",), 1),
        (("Ada Lovelace", "ada@example.org"), 1),
        (("Ada Lovelace", "12 May 2023"), 1),
        (("New York", "12 May 2023"), 0),
        (("San Francisco", "12 May 2023"), 0),
        (("Ada Lovelace<super>a</super>, Boris Petrov<super>a,b</super>", "a University of the Sea"), 2),
        (("A Short History",), 0),
        (("Institute of the Sea, Harbour",), 0),
        (("Harbour Papers",), 0),
    ],
)
def test_only_names_that_something_confirms_are_authors(lines: tuple[str, ...], authors: int) -> None:
    found = below_title(*lines, author="Chiyo Mori")

    assert found.authors == (("Ada Lovelace", "Boris Petrov")[:authors] or ("Chiyo Mori",))
    assert found.origins["author"] == ("first page" if authors else "pdf")


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("Ursula von der Leyen<super>1</super> and Charles Michel", ("Ursula von der Leyen", "Charles Michel")),
        ("Anna Toby Lee*, Max Roth*", ("Anna Toby Lee", "Max Roth")),
        ("von Ada Lovelace und Maria di Rosa", ("Ada Lovelace", "Maria di Rosa")),
    ],
)
def test_a_word_before_authors_is_removed_only_at_the_beginning(line: str, authors: tuple[str, ...]) -> None:
    assert below_title(line, author="Chiyo Mori").authors == authors


def test_a_chinese_word_before_authors_is_removed() -> None:
    made = _Journal(chinese=True).head("验潮站记录的诚实性", "作者：王小明、李海燕")
    for number in range(6):
        made.add(CHINESE[number % 2].format(number))

    assert read_document(made.body(author="张晓明")).authors == ("王小明", "李海燕")


@pytest.mark.parametrize(
    ("lines", "author", "authors"),
    [
        (("New York, Los Angeles",), "Ada Lovelace", ("Ada Lovelace",)),
        (("New York, Los Angeles",), "", ()),
        (("* New York, Los Angeles",), "", ()),
        (("Ada Lovelace and Boris Petrov",), "", ()),
        (("Ada Lovelace and Boris Petrov",), "A. Lovelace", ("Ada Lovelace", "Boris Petrov")),
        (("Ada Lovelace*, Boris Petrov", "New York, Los Angeles"), "", ("Ada Lovelace", "Boris Petrov")),
        (
            ("Ada Lovelace*, Boris Petrov,", "Max Roth, Chiyo Mori"),
            "",
            ("Ada Lovelace", "Boris Petrov", "Max Roth", "Chiyo Mori"),
        ),
        (("By Ada Lovelace", "Boris Petrov"), "", ("Ada Lovelace", "Boris Petrov")),
        (("Ada Lovelace* and Boris Petrov", "Harbour"), "Harbour", ("Ada Lovelace", "Boris Petrov")),
    ],
)
def test_a_list_is_authors_if_marks_or_the_author_of_the_file_confirm_it(
    lines: tuple[str, ...], author: str, authors: tuple[str, ...]
) -> None:
    found = below_title(*lines, author=author or "anonymous")

    assert found.authors == authors


@pytest.mark.parametrize(
    "lines", [("Ada Lovelace", "Boris Petrov", "5 March 2024"), ("Ada Lovelace", "New York", "5 March 2024")]
)
def test_authors_of_the_file_that_are_printed_come_before_printed_names_without_them(lines: tuple[str, ...]) -> None:
    found = below_title(*lines, author="Ada Lovelace; Boris Petrov")

    assert found.authors == ("Ada Lovelace", "Boris Petrov")


@pytest.mark.parametrize(
    ("line", "origin"),
    [
        ("Conference, Berlin, 12-14 May 2018", "pdf"),
        ("Born 3 May 1950 in Wien", "pdf"),
        ("Received: 3 March 2019", "pdf"),
        ("3 March 2019", "first page"),
        ("Published: 3 March 2019", "first page"),
        ("Published online on Sunday, 3 March 2019", "first page"),
        ("Sonntag, 3. März 2019", "first page"),
        ("(2019-03-03)", "first page"),
    ],
)
def test_only_a_line_with_nothing_but_a_date_dates_the_document(line: str, origin: str) -> None:
    found = below_title(line)

    assert found.origins["date"] == origin
    assert (found.date == "2019-03-03") == (origin == "first page")


def test_names_of_signs_that_are_no_letters_are_confirmed_by_no_author() -> None:
    shown = ("Tides", "\u24b6\u24d1 \u24b8\u24d3, \u24ba\u24d5 \u24bc\u24d7")
    lines = [PrintedLine(text, (), 50.0, 700.0, 0.9, 10.0, bold=False, page=0) for text in shown]

    assert printed_fields(lines, "Tides", ("Ada Lovelace",)).authors == ()


def test_a_date_inside_the_text_is_not_the_date_of_the_document() -> None:
    assert below_title("Ada Lovelace and Boris Petrov").origins["date"] == "pdf"


ROWS = [["Place", "2023", "2024"], ["Harbour", "", "14"], ["Estuary", "7", "-"]]


def with_table(rows: list[list[str]]) -> bytes:
    made = _Journal().head(*TITLED)
    for number in range(3):
        made.add(ENGLISH[number % 2].format(number))
    made.also(Spacer(1, 8), table(rows, "Times-Roman")).add("Table 1. Comparisons in each place", 8.5)
    made.also(Spacer(1, 8)).add(ENGLISH[0].format("last"))
    return made.body()


def test_a_value_of_a_table_stays_in_its_row_and_column() -> None:
    found = read_document(with_table(ROWS))

    assert "Place\t2023\t2024\nHarbour\t\t14\nEstuary\t7\t-\nTable 1. Comparisons in each place\n" in found.text
    assert "| Place | 2023 | 2024 |\n| --- | --- | --- |\n| Harbour |  | 14 |\n| Estuary | 7 | - |" in found.markdown


def test_markdown_has_headings_and_no_markup_of_the_text() -> None:
    made = _Journal().head(*TITLED).add("1 Method *", 13, head=True).add(ENGLISH[0].format("[x](y) `z`"))

    text = extract(Page("https://e.org/x.pdf", made.body(), "application/pdf"))

    assert text is not None
    assert text.markdown is not None
    assert "# The honesty of tide gauges\n\nAda Lovelace and Boris Petrov\n\n5 March 2024\n\n" in text.markdown
    assert "\n\n## 1 Method \\*\n\n" in text.markdown
    assert r"(\[x\](y) \`z\`)" in text.markdown


def test_a_table_inside_a_paragraph_stands_after_it() -> None:
    first, rest = ENGLISH[0].format("a").split(" Passengers ")
    made = _Journal().head(*TITLED).add(ENGLISH[1].format(1)).add(ENGLISH[1].format(2))
    half = f"{first[:-1]}, and passengers"
    made.add(f"{half} who travel at night with a very large number of heavy books of the sea are all", 10)
    made.also(Spacer(1, 8), table(ROWS, "Times-Roman"), Spacer(1, 8)).add(rest)

    lines = read_document(made.body()).text.split("\n")

    place = lines.index("Place\t2023\t2024")
    assert lines[place - 1].endswith("engine driver (a).")
    assert lines[place - 1].startswith("The ferry now waits")


def test_raised_and_lowered_digits_stay_apart_from_the_number_before_them() -> None:
    made = _Journal().head(*TITLED).add("The area is 10<super>6</super> square metres of CO<sub>2</sub>, as measured.")

    assert "The area is 10⁶ square metres of CO₂, as measured." in read_document(made.body()).text


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ("x<super>n</super> tides", "xⁿ tides"),
        ("e<super>kt</super> of the tides", "e^kt of the tides"),
        ("a<sub>ij</sub> of the tides", "a_ij of the tides"),
        ("10<super>-3</super> metres", "10⁻³ metres"),
        ("the 4<super>th</super> of May", "the 4th of May"),
        ("Gauge<super>TM</super> of the sea", "Gauge™ of the sea"),
        ("SMALL <font size=7>CAPITALS</font>", "SMALL CAPITALS"),
    ],
)
def test_raised_and_lowered_words_are_read_as_on_web_pages(marked: str, text: str) -> None:
    made = _Journal().head(*TITLED).add(f"There are {marked}, as measured on each of the days.")

    assert f"There are {text}, as measured" in read_document(made.body()).text


def test_rotated_text_beside_the_page_is_left_out() -> None:
    made = io.BytesIO()
    canvas = Canvas(made)
    canvas.drawString(100, 700, "The ferry now waits for the tide, and the tide for nobody, as all of us know.")
    canvas.rotate(90)
    canvas.drawString(300, -20, "harbour:2403.01234v1 5 Mar 2024")
    canvas.save()

    assert read_document(made.getvalue()).text == (
        "The ferry now waits for the tide, and the tide for nobody, as all of us know."
    )


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["The harbour mas-", "ter waits", "for the tide."], "The harbour master waits for the tide."),
        (["The tide of North-", "Sea ferries"], "The tide of North- Sea ferries"),
        (["验潮站记录", "海面高度。", "The tide"], "验潮站记录海面高度。 The tide"),
    ],
)
def test_the_lines_of_a_paragraph_are_joined(lines: list[str], text: str) -> None:
    assert joined(lines) == text


def test_a_table_has_at_most_fifty_columns_and_one_cell_in_each() -> None:
    def row(cells: int) -> list[tuple[float, str]]:
        return [(20.0 * place, str(place)) for place in range(cells)]

    assert table_of([row(50), row(49)])[1][-2:] == ("48", "")
    assert table_of([row(51), row(51)]) == ()
    assert table_of([row(3), [(0.0, "a"), (5.0, "b")]]) == ()


@pytest.mark.parametrize(
    ("written", "authors"),
    [("李明\u3000王小芳", ("李明", "王小芳")), ("李\u3000明\u3000王小芳", ("李明", "王小芳")), ("李明王芳", ())],
)
def test_chinese_authors_between_wide_spaces_are_several(written: str, authors: tuple[str, ...]) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    made = io.BytesIO()
    canvas = Canvas(made, pagesize=A4)
    for size, top, said in ((20, 780, "近海潮位数据发布办法"), (11, 750, written), (9, 730, "（海洋研究所，北京）")):
        canvas.setFont("STSong-Light", size)
        canvas.drawString(MARGIN, top, said)
    for number in range(12):
        canvas.setFont("STSong-Light", 10)
        canvas.drawString(
            MARGIN, 700 - 14 * number, f"第{number}行记录近海的潮位，值班员每周人工修正一次，并公开修正的理由。"
        )
    canvas.save()
    document = read_document(made.getvalue())

    assert document.authors == authors
    assert f"\n{written}\n" in document.text
