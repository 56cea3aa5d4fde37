"""pressmark diff: the differences between two captures of a URL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.captures import Url
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import counted, in_one_line, show_json
from pressmark.cli.terminal.style import Style, show_styled
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from archive.retrieval.difference.captures import Difference
    from archive.retrieval.difference.facts import FactChange
    from archive.retrieval.difference.lines import Row
    from archive.retrieval.difference.words import Piece

_STYLES: dict[str, Style | None] = {"same": None, "deleted": "delete", "inserted": "insert"}


@reported
def diff(
    context: typer.Context,
    url: Url,
    start: Annotated[
        str,
        typer.Argument(
            metavar="[FROM]",
            help="Time of the older capture, or 'previous' for the version before the newer one. If several "
            "captures have the same second, TIME~RECORD selects one of them; RECORD is the id of its WARC "
            "record.",
        ),
    ] = "previous",
    end: Annotated[
        str,
        typer.Argument(
            metavar="[TO]",
            help="Time of the newer capture, or 'latest'. If several captures have the same second, TIME~RECORD "
            "selects one of them; RECORD is the id of its WARC record.",
        ),
    ] = "latest",
    *,
    words: Annotated[
        bool,
        typer.Option(
            "--words",
            help="Show both versions as one text, with the changed words marked in their lines (the default).",
        ),
    ] = False,
    lines: Annotated[
        bool, typer.Option("--lines", help="Show each changed line twice: first the old line, then the new one.")
    ] = False,
    noise: Annotated[
        bool,
        typer.Option(
            "--noise",
            help="Also show small changes: relative times ('3 hours ago'), counters, links, and HTTP "
            "headers that differ each time.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Compare two captures (archived versions) of a URL.

    The command compares text, title, author, date, HTTP headers, forum posts and comments. If you give no times, it
    compares the newest version with the previous one.

    \b
    pressmark diff https://example.org/news/1
    pressmark diff https://example.org/news/1 20260131 latest --lines
    """
    from pressmark.views.diff import compared, diff_shape

    if words + lines + json > 1:
        raise fail("use only one of --words, --lines and --json", Exit.USAGE)
    with door_of(context).opened() as service, compared(service, url, start, end) as found:
        if json:
            show_json(diff_shape(found))
            return
        old, new, difference, _ = found
        show_styled([(f"--- {old.capture.at:%Y-%m-%d %H:%M:%S} {in_one_line(old.capture.url)}", "soft")])
        show_styled([(f"+++ {new.capture.at:%Y-%m-%d %H:%M:%S} {in_one_line(new.capture.url)}", "soft")])
        _show(difference, lines=lines, noise=noise)
    if old.instead:
        door_of(context).print_note(f"the older capture shows this instead of the page: {old.instead}")
    if new.instead:
        door_of(context).print_note(f"the newer capture shows this instead of the page: {new.instead}")
    _print(context, difference, noise=noise)


def _show(difference: Difference, *, lines: bool, noise: bool) -> None:
    for change in (*difference.facts, *(field for field in difference.fields if noise or not field.noise)):
        _show_fact(change)
    if not difference.posts_only:
        show_rows(difference.rows, lines=lines, noise=noise)
    for post in difference.posts or ():
        author = in_one_line(f"{post.post.author or ''} {post.post.date or ''}")
        show_styled([(f"@@ {post.kind} {author} @@", "soft")])
        if post.kind == "edited":
            show_rows(post.rows, lines=lines, noise=noise)
        else:
            style: Style = "insert" if post.kind == "added" else "delete"
            for line in post.post.text.split("\n"):
                show_styled([("  ", None), (line, style)])


def _print(context: typer.Context, difference: Difference, *, noise: bool) -> None:
    tell = door_of(context).print_note
    if not difference.changed:
        tell("the page has not changed")
    if difference.noise and not noise:
        tell(_noise(difference.noise))
    if difference.reread:
        tell(
            "different versions of Pressmark extracted these two texts, so some differences may come "
            "from the extraction"
        )


def _noise(lines: int) -> str:
    if lines == 1:
        return "1 line is not shown, as only times, counters or links changed in it; to show this line, add --noise"
    return (
        f"{lines} lines are not shown, as only times, counters or links changed in them; to show these lines, "
        "add --noise"
    )


def _show_fact(change: FactChange) -> None:
    sides: list[tuple[str, Style | None]] = [(f"{change.name}: ", "soft")]
    if change.old is not None:
        sides.append((in_one_line(change.old), "delete"))
    if change.new is not None:
        sides += [(" ", None), (in_one_line(change.new), "insert")]
    show_styled(sides)


def show_rows(rows: Sequence[Row], *, lines: bool, noise: bool) -> None:
    from pressmark.views.diff import stretches

    for stretch in stretches(rows, noise=noise):
        if stretch.folded:
            show_styled([(f"@@ {counted(len(stretch.rows), 'line')} @@", "soft")])
            continue
        for row in stretch.rows:
            plain = row.kind == "same" or (row.kind == "noise" and not noise)
            for line in _plain(row) if plain else _sides(row) if lines else _words(row):
                show_styled(line)


Line = list[tuple[str, Style | None]]


def _plain(row: Row) -> Iterator[Line]:
    yield [("  ", None), (row.new if row.new is not None else row.old or "", None)]


def _words(row: Row) -> Iterator[Line]:
    """Show one line with its changed words marked."""
    if row.old is not None and row.new is not None:
        yield [("~ ", "soft"), *_styled(row.pieces)]
    else:
        yield from _sides(row)


def _sides(row: Row) -> Iterator[Line]:
    """Show the removed line and the added line."""
    if row.old is not None:
        yield [("- ", None), *_side(row.old, row.pieces, "inserted", "delete")]
    if row.new is not None:
        yield [("+ ", None), *_side(row.new, row.pieces, "deleted", "insert")]


def _side(text: str, pieces: Sequence[Piece], other: str, style: Style) -> Line:
    return _styled(piece for piece in pieces if piece.kind != other) if pieces else [(text, style)]


def _styled(pieces: Iterable[Piece]) -> Line:
    return [(piece.text, _STYLES[piece.kind]) for piece in pieces]
