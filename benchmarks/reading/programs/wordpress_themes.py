"""Pages of our texts in the shapes of 26 public themes of WordPress.

The themes were read, not copied: the markup in `themes` has their structure and their names of classes, as far as a
reader meets them on the page of an article, with words of ours. A tenth of them is apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from benchmarks.reading.programs.program import BuiltPage, Program
from benchmarks.reading.programs.wordpress_words import AUTHORS, BIOS, OTHERS, SAID, SLUGS, shown, words
from benchmarks.reading.programs.written import Block, Kind, Written

_THEMES = Path(__file__).with_name("themes")
BLOCK_THEMES = ("twentytwentyfour", "twentytwentyfive")
THEMES = (
    *("twentyten", "twentyeleven", "twentythirteen", "twentyfifteen", "twentysixteen", "twentyseventeen"),
    *(
        "twentytwenty",
        "twentytwentyone",
        *BLOCK_THEMES,
        "astra",
        "generatepress",
        "oceanwp",
        "neve",
        "kadence",
        "blocksy",
    ),
    *(
        "hello_elementor",
        "storefront",
        "colormag",
        "newspaper",
        "jnews",
        "hestia",
        "sydney",
        "argon",
        "kratos",
        "puock",
    ),
)
APART = ("blocksy", "jnews", "twentysixteen")
SHAPES = Environment(loader=FileSystemLoader(_THEMES), undefined=StrictUndefined, autoescape=True)
_TAGS = {Kind.ITEMS: "ul", Kind.STEPS: "ol"}


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment under an article."""

    number: int
    name: str
    said: str
    day: date
    shown: str

    @property
    def moment(self) -> str:
        return f"{self.day}T10:15:00+00:00"


def themed_pages(texts: Sequence[Written], only: Sequence[str] = ("",)) -> Iterator[BuiltPage]:
    """Yield the page of each text in each theme; texts in languages of which we have no words are left out."""
    for theme in THEMES:
        program = Program("WordPress", theme, _never, theme in APART, dated=True)
        if any(part in program.label for part in only):
            for text in (one for one in texts if one.language in AUTHORS):
                blank = BuiltPage(program, text, b"", AUTHORS[text.language], comments_of(text))
                yield BuiltPage(program, text, _page(blank).encode(), blank.author, blank.posts)


def _never(texts: Sequence[Written], site: Path) -> Mapping[str, Path]:
    raise NotImplementedError("a page in the shape of a theme needs no program")


def comments_of(text: Written) -> Sequence[Mapping[str, str]]:
    """Return the comments under a text as the gold of posts."""
    return [{"author": one.name, "date": str(one.day), "body": one.said} for one in _comments(text)]


def _comments(text: Written) -> Sequence[Comment]:
    names = words(text.language)["names"]
    days = [text.day + timedelta(days=number + 1) for number in range(3)]
    return [
        Comment(41 + number, name, said, day, shown(day, text.language))
        for number, (name, said, day) in enumerate(zip(names, SAID[text.language], days, strict=True))
    ]


def _page(page: BuiltPage) -> str:
    text, said = page.text, words(page.text.language)
    changed = text.day + timedelta(days=21)
    earlier = [text.day - timedelta(days=30 * (number + 1)) for number in range(3)]
    others = [
        {
            "url": f"/other-{number}/",
            "title": title,
            "teaser": teaser,
            "author": name,
            "shown": shown(day, text.language),
        }
        | {"moment": f"{day}T08:00:00+00:00"}
        for number, ((title, teaser), day, name) in enumerate(
            zip(OTHERS[text.language], earlier, said["names"], strict=True)
        )
    ]
    fill = partial(SHAPES.get_template(f"{page.program.theme}.html").render, w=said, others=others, between=" – ")
    return fill(
        **{"language": text.language, "url": page.url, "site": said["site"], "title": text.title},
        **{
            "author": page.author,
            "slug": SLUGS[text.language],
            "bio": BIOS[text.language],
            "day": text.day,
            "moment": f"{text.day}T10:00:00+00:00",
        },
        **{"shown": shown(text.day, text.language), "shown_changed": shown(changed, text.language)},
        **{"changed_day": changed, "changed": f"{changed}T09:00:00+00:00", "comments": _comments(text)},
        text=Markup(_body(text, page.program.theme in BLOCK_THEMES)),
    )


def _body(text: Written, blocks: bool) -> str:
    """Return the text as the editor of WordPress writes it: the classic one, or that of blocks with its classes."""
    return "\n".join(_written(block, ' class="wp-block-{}"' if blocks else "") for block in text.blocks)


def _written(block: Block, named: str) -> str:
    lines = [escape(line).replace("`", "") for line in block.lines]
    match block.kind:
        case Kind.HEADING:
            return f"<h2{named.format('heading')}>{lines[0]}</h2>"
        case Kind.ITEMS | Kind.STEPS:
            tag = _TAGS[block.kind]
            return f"<{tag}{named.format('list')}>{''.join(f'<li>{line}</li>' for line in lines)}</{tag}>"
        case Kind.QUOTE:
            return f"<blockquote{named.format('quote')}><p>{' '.join(lines)}</p></blockquote>"
        case Kind.CODE:
            code = escape("\n".join(block.lines))
            return f"<pre{named.format('code')}><code>{code}</code></pre>"
        case Kind.TABLE:
            head, *rows = ([escape(cell) for cell in row] for row in block.rows)
            written = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
            top = "".join(f"<th>{cell}</th>" for cell in head)
            table = f"<table><thead><tr>{top}</tr></thead><tbody>{written}</tbody></table>"
            return f"<figure{named.format('table')}>{table}</figure>" if named else table
        case _:
            return f"<p>{' '.join(lines)}</p>"
