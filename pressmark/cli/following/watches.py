"""pressmark watches: the watches, and the sentences that they found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from archive.values.plural import counted
from pressmark.cli.access.recording import record
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import show_json, show_table
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from pressmark.notify.watches.watch_shapes import HitShape, WatchShape

watches = typer.Typer(
    no_args_is_help=True,
    help="Manage watches. A watch notifies you when one of your words appears in new text on a page.",
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the watch, as in the list.")]


@watches.command("list")
@reported
def list_watches(context: typer.Context, *, json: Json = False) -> None:
    """List the watches, with the number of sentences that each has found. A watch finds words that you
    choose in new text.

    \b
    pressmark watches list
    """
    from pressmark.notify.watches.watch_shapes import watch_shapes

    with door_of(context).opened() as service:
        shapes = watch_shapes(service)
    if json:
        show_json({"items": shapes})
        return
    rows = [
        (one.name, ", ".join(one.phrases), ", ".join(one.sources), one.hits, one.last_at, _state(one)) for one in shapes
    ]
    head = ("name", "words", "sources", "found", "last found", "state")
    show_table(
        head,
        rows,
        words=("state",),
        empty="there are no watches yet; a watch notifies you when words of your choice appear in new text on a "
        "page; to add one, use 'pressmark watches add', or open the page “Watches”",
    )


@watches.command("hits")
@reported
def hits(
    context: typer.Context,
    name: Name,
    *,
    limit: Annotated[int, typer.Option(min=1, help="Show at most this many results.")] = 20,
    json: Json = False,
) -> None:
    """List the sentences that a watch has found, newest first.

    \b
    pressmark watches hits ministry --limit 50
    """
    from pressmark.notify.watches.watch_shapes import hit_shapes

    with door_of(context).opened() as service:
        show_hits(hit_shapes(service, name, limit=limit), json=json)


@watches.command("try")
@reported
def try_watch(
    context: typer.Context,
    name: Name,
    *,
    changes: Annotated[
        int, typer.Option(min=1, help="How many changes of pages to search, counted from the newest.")
    ] = 100,
    json: Json = False,
) -> None:
    """Test the words of a watch on recent changes. Nothing is recorded, and nobody is notified.

    \b
    pressmark watches try ministry --changes 500
    """
    from pressmark.notify.watches.watch_shapes import tried

    with door_of(context).opened() as service:
        show_hits(tried(service, name, changes), json=json)


@watches.command("subscriptions")
@reported
def subscriptions(context: typer.Context, *, json: Json = False) -> None:
    """List the messages about what watches find, by mail or Apprise, with what keeps them from being sent.

    \b
    pressmark watches subscriptions
    """
    from pressmark.notify.watches.subscription_shapes import subscriptions_of
    from pressmark.service.access.roles import ANYONE

    with door_of(context).opened() as service:
        shapes = subscriptions_of(service, ANYONE)
    if json:
        show_json({"items": shapes})
        return
    rows = [
        (one.id, one.watch, one.address or "Apprise", one.rhythm, one.by, one.waiting, one.told_at, one.failing or "ok")
        for one in shapes
    ]
    head = ("id", "watch", "address", "how often", "by", "not told yet", "last message", "state")
    empty = "nobody gets messages about watches; to get them, open the page of a watch"
    show_table(head, rows, words=("how often", "state"), empty=empty)


@watches.command("unsubscribe")
@reported
def unsubscribe(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="The id, as pressmark watches subscriptions shows it.")],
) -> None:
    """End messages about what a watch finds.

    \b
    pressmark watches unsubscribe 5f2c0d3e8f7a4b16a1c2d3e4f5061728
    """
    from scheduler.notices.watch_subscriptions import WatchSubscriptions

    with door_of(context).opened() as service:
        known = WatchSubscriptions(service.database)
        if (one := known.get(id)) is None:
            raise fail("there are no messages with this id", Exit.NOT_FOUND, "run 'pressmark watches subscriptions'")
        known.remove(one.id)
        record(context, service, one.watch, before={"channel": one.channel, "address": one.address})


@watches.command("assistant")
@reported
def try_model(context: typer.Context, *, json: Json = False) -> None:
    """Test the language model that writes summaries and translations for watches.

    It gets a sentence to translate that is not from the archive. The settings name the language model, under
    `assistant`.

    \b
    pressmark watches assistant
    """
    from pressmark.notify.assistant.trial import assistant_shape, try_assistant

    with door_of(context).opened() as service:
        tried = try_assistant(service)
        shape = assistant_shape(service)
        record(context, service, shape.host, outcome="done" if tried.answered else "failed")
    if json:
        show_json({"trial": tried, "assistant": shape})
    else:
        rows = [
            ("model", f"{shape.model} ({shape.host})"),
            ("sent", tried.sentence),
            ("answer", tried.text or tried.reason),
            ("mark", tried.mark),
            ("requests today", f"{shape.requests_today} / {shape.requests_a_day}"),
            ("characters today", f"{shape.characters_today} / {shape.characters_a_day}"),
        ]
        show_table(("what", "is"), rows, words=("what", "is"), empty="")
    if not tried.answered:
        hint = "check the program at assistant.url, and the settings assistant.url and assistant.addresses"
        raise fail(tried.reason or "", Exit.TEMPORARY, hint)


def _state(watch: WatchShape) -> str:
    if watch.paused:
        return "paused"
    if watch.failing:
        return watch.failing
    if watch.waiting is None:
        return "the watch has not started; to start it, run pressmark serve"
    if watch.waiting:
        return f"the watch has not searched {counted(watch.waiting, 'changed page')} yet"
    return "all changes searched"


def show_hits(found: Sequence[HitShape], *, json: bool) -> None:
    if json:
        show_json({"items": found})
        return
    head: tuple[str, ...] = ("archived", "state of the page", "word", "sentence", "url")
    rows: list[tuple[object, ...]] = [
        (one.at, "changed" if one.changed else "new", one.phrase, one.sentence, one.url) for one in found
    ]
    texts = ["; ".join(f"{each.text} [{each.mark}]" for each in one.machine if each.text) for one in found]
    if any(texts):
        head = (*head, "written by a machine")
        rows = [(*row, text) for row, text in zip(rows, texts, strict=True)]
    show_table(head, rows, words=("state of the page",), empty="the watch has found none of its words")
