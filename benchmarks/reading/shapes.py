"""Pages made for the judge of structure: tables, footnotes and lists as real programs write them, with their gold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

WORDS = (
    "harbour", "tide", "ferry", "council", "budget", "river", "bridge", "engineer", "winter", "report", "member",
    "survey", "cable", "market", "school", "station", "signal", "garden", "island", "record", "quarter",
    "village", "engine", "mirror", "laser", "chamber", "ticket", "crossing", "weather", "pilot",
)  # fmt: skip
HAN = "本年度全市经济运行总体平稳各项指标均处于合理区间记者从有关部门获悉居民收入稳步增长就业形势保持稳定"
PLACES = ("Spain", "Norway", "Chad", "Peru", "Oman", "Japan")
CHINESE_PLACES = ("北京", "上海", "广东", "四川", "甘肃", "海南")
Grid = list[list[str]]


@dataclass(slots=True)
class Made:
    """A page and its gold."""

    name: str
    html: str
    tables: list[Grid] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    """The word before a reference, and the beginning of its note."""
    items: list[str] = field(default_factory=list)
    """Lines of Markdown, with the indentation of their level."""


def sentence(chance: Random) -> str:
    words = [chance.choice(WORDS) for _ in range(chance.randint(9, 16))]
    return f"The {' '.join(words[:4])} of the {' '.join(words[4:])}, as the {words[0]} says."


def paragraph(chance: Random, chinese: bool = False) -> str:
    if chinese:
        start = chance.randint(0, 9)
        return f"{HAN[start:]}，{HAN[: start + 20]}。{HAN[start : start + 25]}。"
    return " ".join(sentence(chance) for _ in range(3))


def page(chance: Random, body: str, *, chinese: bool = False) -> str:
    paragraphs = "".join(f"<p>{paragraph(chance, chinese)}</p>" for _ in range(3))
    menu = "".join(f'<li><a href="/{word}">{word}</a></li>' for word in chance.sample(WORDS, 6))
    return (
        f"<!doctype html><html lang={'zh' if chinese else 'en'}><head><meta charset=utf-8><title>Figures</title></head>"
        f"<body><header><nav><ul>{menu}</ul></nav></header><main><article><h1>Figures</h1>{paragraphs}{body}"
        f"<p>{paragraph(chance, chinese)}</p></article></main><footer><p>Imprint and contact</p></footer></body></html>"
    )


def numbers(chance: Random, rows: Sequence[str], columns: int) -> Grid:
    """Return rows with names and numbers, a fifth of them empty or a dash."""
    return [
        [name, *(chance.choice(("", "–", *(f"{chance.randint(1, 9999):,}",) * 6)) for _ in range(columns))]
        for name in rows
    ]


def _rows(grid: Grid, cell: str = "<td>{}</td>", first: str | None = None) -> str:
    return "".join(
        "<tr>"
        + "".join((first if first and not place else cell).format(text) for place, text in enumerate(row))
        + "</tr>"
        for row in grid
    )


def wikitable(chance: Random) -> tuple[str, Grid]:
    body = numbers(chance, PLACES[:4], 4)
    head = (
        '<tr><th rowspan="2">Country</th><th colspan="2">2023</th><th colspan="2">2024</th></tr>'
        "<tr><th>Men</th><th>Women</th><th>Men</th><th>Women</th></tr>"
    )
    first = '<th scope="row"><span class="flagicon"><img src=f.png alt=""></span> <a href="/wiki/x">{}</a></th>'
    gold = [["Country", "2023", "2023", "2024", "2024"], ["Country", "Men", "Women", "Men", "Women"], *body]
    return (
        f'<table class="wikitable sortable"><caption>Entries by country</caption><tbody>{head}{_rows(body, first=first)}</tbody></table>',
        gold,
    )


def infobox(chance: Random) -> tuple[str, Grid]:
    pairs = [
        [name, f"{chance.choice(WORDS)} {chance.randint(1, 99)}"] for name in ("Capital", "Area", "Founded", "Mayor")
    ]
    rows = "".join(
        f'<tr><th scope="row" class="infobox-label">{a}</th><td class="infobox-data">{b}</td></tr>' for a, b in pairs
    )
    title = '<tr><th colspan="2" class="infobox-above">Ferry town</th></tr><tr><td colspan="2" class="infobox-image"><img src=a.jpg></td></tr>'
    return f'<table class="infobox vcard"><tbody>{title}{rows}</tbody></table>', [["Ferry town", "Ferry town"], *pairs]


def news_plain(chance: Random) -> tuple[str, Grid]:
    grid = [["Party", "Votes", "Share", "Seats"], *numbers(chance, ("Left", "Right", "Centre"), 3)]
    return f"<div class=table-wrap><table border=1>{_rows(grid)}</table></div>", grid


def news_dates(chance: Random) -> tuple[str, Grid]:
    body = [[f"{day} May", "", chance.choice(WORDS), f"{chance.randint(1, 9)}%"] for day in range(3, 8)]
    shown = "".join(
        f"<tr><td class=date><time datetime=2026-05-0{n + 3}>{a}</time></td><td class=comment></td><td class=author>{c}</td><td>{d}</td></tr>"
        for n, (a, _, c, d) in enumerate(body)
    )
    head = "<thead><tr><th>Day</th><th>Remark</th><th>Who</th><th>Change</th></tr></thead>"
    return (
        f"<figure class=wp-block-table><table>{head}<tbody>{shown}</tbody></table><figcaption>Changes in May</figcaption></figure>",
        [["Day", "Remark", "Who", "Change"], *body],
    )


def parameters(chance: Random) -> tuple[str, Grid]:
    body = [
        [
            f"{chance.choice(WORDS)}_{number}",
            chance.choice(("str", "int | None", "")),
            "",
            f"The {sentence(chance)[4:]}",
        ]
        for number in range(5)
    ]
    shown = "".join(
        f'<tr><td><a href="#p{a}"><code>{a}</code></a></td><td>{b and f"<code>{b}</code>"}</td><td></td><td><p>{d}</p></td></tr>'
        for a, b, _, d in body
    )
    head = "<thead><tr><th>Name</th><th>Type</th><th>Default</th><th>Description</th></tr></thead>"
    return f'<table class="docutils align-default">{head}<tbody>{shown}</tbody></table>', [
        ["Name", "Type", "Default", "Description"],
        *body,
    ]


def bootstrap(chance: Random) -> tuple[str, Grid]:
    body = numbers(chance, PLACES[:5], 3)
    shown = _rows(body, '<td data-label=x><span class="d-md-none">Label: </span>{}</td>', "<th scope=row>{}</th>")
    head = "<thead class=thead-dark><tr><th scope=col>#</th><th scope=col>First</th><th scope=col>Last</th><th scope=col>All</th></tr></thead>"
    return (
        f'<div class="table-responsive"><table class="table table-striped">{head}<tbody>{shown}</tbody></table></div>',
        [["#", "First", "Last", "All"], *body],
    )


def sortable(chance: Random) -> tuple[str, Grid]:
    body = numbers(chance, PLACES, 2)
    shown = _rows(
        body, '<td><span class="sortkey" style="display:none">0000123</span>{}</td>', '<td><a href="/c">{}</a></td>'
    )
    head = "<thead><tr><th><button type=button>Name</button></th><th><button>Area</button></th><th><button>People</button></th></tr></thead>"
    return f"<table class=sortable>{head}<tbody>{shown}</tbody></table>", [["Name", "Area", "People"], *body]


def statistics(chance: Random) -> tuple[str, Grid]:
    body = numbers(chance, CHINESE_PLACES, 3)
    cell = "<td style='border:solid'><p class=MsoNormal align=center><span lang=EN-US>{}</span></p></td>"
    head = (
        "<tr><td rowspan=2><p>地区</p></td><td colspan=2><p>2024年</p></td><td rowspan=2><p>同比增长<br>（%）</p></td></tr>"
        "<tr><td><p>绝对量（亿元）</p></td><td><p>比重</p></td></tr>"
    )
    gold = [["地区", "2024年", "2024年", "同比增长 （%）"], ["地区", "绝对量（亿元）", "比重", "同比增长 （%）"], *body]
    return (
        f"<p align=center><b>主要指标</b></p><table class=MsoNormalTable border=1 cellspacing=0>{head}{_rows(body, cell)}</table>",
        gold,
    )


def statistics_plain(chance: Random) -> tuple[str, Grid]:
    grid = [["指标", "2022年", "2023年", "2024年"], *numbers(chance, ("生产总值", "第一产业", "第二产业", "人口"), 3)]
    return f"<div class=TRS_Editor><table>{_rows(grid, '<td><span>{}</span></td>')}</table></div>", grid


def with_foot(chance: Random) -> tuple[str, Grid]:
    body = numbers(chance, PLACES[:4], 2)
    foot = ["Total", "9,999", "8,888"]
    shown = f"<thead><tr><th>Land</th><th>Gold</th><th>Silver</th></tr></thead><tfoot>{_rows([foot])}</tfoot><tbody>{_rows(body)}</tbody>"
    return f"<table summary='Medals'>{shown}</table>", [["Land", "Gold", "Silver"], *body, foot]


def grouped(chance: Random) -> tuple[str, Grid]:
    first, second = numbers(chance, ("Oslo", "Bergen"), 2), numbers(chance, ("Lima", "Cusco"), 2)
    gold = [
        ["Region", "City", "Boats", "Crew"],
        *(["North", *row] for row in first),
        *(["South", *row] for row in second),
    ]
    rows = "".join(
        f"<tr><th rowspan=2>{name}</th>{_rows([part[0]])[4:-5]}</tr>{_rows([part[1]])}"
        for name, part in (("North", first), ("South", second))
    )
    return f"<table role=table><tr><th>Region</th><th>City</th><th>Boats</th><th>Crew</th></tr>{rows}</table>", gold


def github(chance: Random) -> tuple[str, Grid]:
    body = [[f"v{number}.0", "", chance.choice(WORDS), "yes"] for number in range(1, 6)]
    shown = _rows(body, '<td style="text-align:right">{}</td>', "<td><a href=/r><strong>{}</strong></a></td>")
    head = "<thead><tr><th></th><th align=right>Until</th><th>Name</th><th>LTS</th></tr></thead>"
    return f"<markdown-accessiblity-table><table>{head}<tbody>{shown}</tbody></table></markdown-accessiblity-table>", [
        ["", "Until", "Name", "LTS"],
        *body,
    ]


ENGLISH = (wikitable, infobox, news_plain, news_dates, parameters, bootstrap, sortable, with_foot, grouped, github)
CHINESE = (statistics, statistics_plain)


def post_table(chance: Random) -> Made:
    """Make a thread with a table in a post, as XenForo writes it."""
    grid = [["Model", "Watt", "Price"], *numbers(chance, ("A1", "B2", "C3"), 2)]
    table = f'<div class="bbTable"><table style="width: 100%">{_rows(grid)}</table></div>'
    posts = "".join(
        f'<article class="message message--post js-post" data-author="user{n}" data-content="post-{n}" id="js-post-{n}">'
        f'<div class="message-body js-selectToQuote"><div class="bbWrapper">{paragraph(chance)}{table if n == 2 else ""}</div></div>'
        f'<time class="u-dt" datetime="2026-05-0{n}T10:00:00+0000">May {n}, 2026</time></article>'
        for n in (1, 2, 3)
    )
    html = f"<!doctype html><html id=XF data-template=thread_view lang=en><body><h1 class=p-title-value>Watts</h1><div class=block-body>{posts}</div></body></html>"
    return Made("table in a post", html, [grid])


def notes(chance: Random, style: str) -> Made:
    """Make a page with three notes in the shape of a program."""
    gold: list[tuple[str, str]] = []
    said, listed = [], []
    for number, word in enumerate(chance.sample(WORDS, 3), 1):
        note = f"{chance.choice(WORDS).title()} {chance.choice(WORDS)}, volume {number}."
        reference, shown = _NOTES[style]
        said.append(f"<p>{sentence(chance)} It rained on the {word}{reference.format(number)}. {sentence(chance)}</p>")
        listed.append(shown.format(number, note))
        gold.append((word, note))
    around = _LISTS[style]
    return Made(f"notes of {style}", page(chance, "".join(said) + around.format("".join(listed))), notes=gold)


_NOTES = {
    "MediaWiki": (
        '<sup id="cite_ref-{0}" class="reference"><a href="#cite_note-{0}"><span class="cite-bracket">&#91;</span>{0}<span class="cite-bracket">&#93;</span></a></sup>',
        '<li id="cite_note-{0}"><span class="mw-cite-backlink"><b><a href="#cite_ref-{0}">^</a></b></span> <span class="reference-text">{1}</span></li>',
    ),
    "Pandoc": (
        '<a href="#fn{0}" class="footnote-ref" id="fnref{0}" role="doc-noteref"><sup>{0}</sup></a>',
        '<li id="fn{0}"><p>{1}<a href="#fnref{0}" class="footnote-back" role="doc-backlink">↩︎</a></p></li>',
    ),
    "Hugo": (
        '<sup id="fnref:{0}"><a href="#fn:{0}" class="footnote-ref" role="doc-noteref">{0}</a></sup>',
        '<li id="fn:{0}"><p>{1}&#160;<a href="#fnref:{0}" class="footnote-backref">&#x21a9;&#xfe0e;</a></p></li>',
    ),
    "Word": (
        '<a href="#_ftn{0}" name="_ftnref{0}" title=""><span class=MsoFootnoteReference><span>[{0}]</span></span></a>',
        '<div id=ftn{0}><p class=MsoFootnoteText><a href="#_ftnref{0}" name="_ftn{0}" title=""><span>[{0}]</span></a> {1}</p></div>',
    ),
    "Sphinx": (
        '<a class="footnote-reference brackets" href="#id{0}0" id="id{0}" role="doc-noteref"><span class="fn-bracket">[</span>{0}<span class="fn-bracket">]</span></a>',
        '<aside class="footnote brackets" id="id{0}0" role="doc-footnote"><span class="label"><span class="fn-bracket">[</span><a role="doc-backlink" href="#id{0}">{0}</a><span class="fn-bracket">]</span></span><p>{1}</p></aside>',
    ),
    "WordPress": (
        '<sup data-fn="f{0}" class="fn"><a href="#f{0}" id="f{0}-link">{0}</a></sup>',
        '<li id="f{0}">{1} <a href="#f{0}-link" aria-label="Jump to footnote reference {0}">↩︎</a></li>',
    ),
}
_LISTS = {
    "MediaWiki": '<h2>References</h2><div class="mw-references-wrap"><ol class="references">{}</ol></div>',
    "Pandoc": '<section class="footnotes" role="doc-endnotes"><hr><ol>{}</ol></section>',
    "Hugo": '<div class="footnotes" role="doc-endnotes"><hr><ol>{}</ol></div>',
    "Word": "<div><hr align=left size=1>{}</div>",
    "Sphinx": '<aside class="footnote-list brackets">{}</aside>',
    "WordPress": '<ol class="wp-block-footnotes">{}</ol>',
}


def lists(chance: Random) -> Made:
    """Make a page with nested lists that begin at other numbers, and definitions."""
    one, two, three, four = (f"{sentence(chance)}" for _ in range(4))
    body = f"<ol start=4><li>{one}<ul><li>{two}</li></ul></li><li>{three}</li></ol><dl><dt>{chance.choice(WORDS)} of old</dt><dd>{four}</dd></dl>"
    return Made("lists", page(chance, body), items=[f"4. {one}", f"   - {two}", f"5. {three}", f"- {four}"])


def made_pages() -> Iterator[Made]:
    """Yield all pages; the same at each call."""
    for seed in range(2):
        for shape in (*ENGLISH, *CHINESE):
            chance = Random(f"{shape.__name__} {seed}")
            table, gold = shape(chance)
            yield Made(shape.__name__, page(chance, table, chinese=shape in CHINESE), [gold])
        yield post_table(Random(seed))
        yield lists(Random(seed))
        for style in _NOTES:
            yield notes(Random(f"{style} {seed}"), style)
