"""pressmark watches add, change, pause, resume, remove, undo, test: set up the watches that are not in the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.following.watches import Name, show_hits
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import show, show_json
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from pressmark.notify.watches.watch_editing import WatchChange
    from pressmark.service.service import Service

_TRIED = 100

Phrases = Annotated[
    list[str] | None,
    typer.Option(
        "--phrase", metavar="TEXT", help="Words that a sentence must contain; repeat the option: one is enough."
    ),
]
Without = Annotated[
    list[str] | None,
    typer.Option("--without", metavar="TEXT", help="No sentences that contain this; may be repeated."),
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="TEXT", help="Only sentences that also contain this; repeat it: one is enough."),
]
Authors = Annotated[
    list[str] | None,
    typer.Option("--author", metavar="NAME", help="Only what this person wrote; may be repeated. Default: anybody."),
]
OfSources = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="NAME", help="Only pages of this source; may be repeated. Default: all."),
]
Languages = Annotated[
    list[str] | None,
    typer.Option(
        "--language", metavar="CODE", help="Only pages in this language, e.g. zh; may be repeated. Default: all."
    ),
]
Summary = Annotated[
    bool | None,
    typer.Option("--summary/--no-summary", help="Have the language model of the settings summarize what was added."),
]
Translation = Annotated[
    str | None,
    typer.Option(
        "--translation", metavar="CODE", help="Have the language model translate each sentence into this language."
    ),
]


@reported
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the new watch.")],
    *,
    phrase: Phrases = None,
    without: Without = None,
    only: Only = None,
    author: Authors = None,
    source: OfSources = None,
    language: Languages = None,
    summary: Summary = None,
    translation: Translation = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Save nothing; show what it would find in the last 100 changes of pages.")
    ] = False,
    json: Json = False,
) -> None:
    """Add a watch. It finds what is archived from now on.

    \b
    pressmark watches add ministry --phrase "Ministry of Science" --phrase 科技部 --language zh
    """
    from pressmark.notify.watches.watch_editing import add_watch, check_free, watch_from
    from pressmark.notify.watches.watch_shapes import found_by
    from scheduler.notices.page_watches import PageWatch

    facts = _facts(
        summary, translation, phrases=phrase, without=without, only=only, authors=author, sources=source,
        languages=language,
    )  # fmt: skip
    with door_of(context).opened() as service:
        made = watch_from(service, facts)
        if dry_run:
            check_free(service, name)
            show_hits(found_by(service, name, made, _TRIED), json=json)
            return
        _show_changed(context, service, name, add_watch(service, name, PageWatch(made)), json=json)


@reported
def change(
    context: typer.Context,
    name: Name,
    *,
    phrase: Phrases = None,
    without: Without = None,
    only: Only = None,
    author: Authors = None,
    source: OfSources = None,
    language: Languages = None,
    summary: Summary = None,
    translation: Translation = None,
    json: Json = False,
) -> None:
    """Change a watch that is not in the settings file. What no option names stays; an empty value ("") empties a list.

    \b
    pressmark watches change ministry --phrase 科技部 --source ""
    """
    from pressmark.notify.watches.watch_editing import change_watch, watch_from, watch_of_pages
    from scheduler.notices.page_watches import PageWatch

    facts = _facts(
        summary, translation, phrases=phrase, without=without, only=only, authors=author, sources=source,
        languages=language,
    )  # fmt: skip
    with door_of(context).opened() as service:
        before = watch_of_pages(service, name)
        made = watch_from(service, before.watch.model_dump(mode="json") | facts, before.watch)
        changed = change_watch(service, name, PageWatch(made, before.paused), before.digest)
        _show_changed(context, service, name, changed, json=json)


@reported
def pause(context: typer.Context, name: Name, *, json: Json = False) -> None:
    """Pause a watch that is not in the settings file: it finds nothing.

    \b
    pressmark watches pause ministry
    """
    _pause(context, name, paused=True, json=json)


@reported
def resume(context: typer.Context, name: Name, *, json: Json = False) -> None:
    """Resume a paused watch. It finds what is archived from now on.

    \b
    pressmark watches resume ministry
    """
    _pause(context, name, paused=False, json=json)


@reported
def remove(context: typer.Context, name: Name, *, json: Json = False) -> None:
    """Remove a watch that is not in the settings file, and end the messages about it. What it found stays.

    `pressmark watches undo` brings the watch back, without the messages.

    \b
    pressmark watches remove ministry
    """
    from pressmark.notify.watches.watch_editing import remove_watch

    with door_of(context).opened() as service:
        changed, _ = remove_watch(service, name)
        record(context, service, name, before=changed.before)
    if json:
        show_json({"name": name, "removed": changed.before})
    else:
        show(f"the watch {name} is removed; 'pressmark watches undo {name}' brings it back")


@reported
def undo(context: typer.Context, name: Name, *, json: Json = False) -> None:
    """Undo the last change of a watch, or its removal.

    A watch that was removed then finds what is archived from now on.

    \b
    pressmark watches undo ministry
    """
    from pressmark.notify.watches.watch_editing import undo_watch

    with door_of(context).opened() as service:
        _show_changed(context, service, name, undo_watch(service, name), json=json)


@reported
def test(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="The id, as pressmark watches subscriptions shows it.")],
    *,
    json: Json = False,
) -> None:
    """Send a test message to one who gets messages about what a watch finds. (`try` tests the words of a watch.)

    \b
    pressmark watches test 5f2c0d3e8f7a4b16a1c2d3e4f5061728
    """
    from pressmark.http.catalog import translator
    from pressmark.notify.watches.digests import Digests
    from scheduler.notices.watch_subscriptions import WatchSubscriptions

    with door_of(context).opened() as service:
        if (one := WatchSubscriptions(service.database).get(id)) is None:
            raise fail("there are no messages with this id", Exit.NOT_FOUND, "run 'pressmark watches subscriptions'")
        reason = Digests(service, translator).test(one)
        after = {"channel": one.channel, "address": one.address}
        record(context, service, one.watch, after=after, outcome="failed" if reason else "done")
    if json:
        show_json({"accepted": reason is None, "reason": reason})
    if reason:
        raise fail(reason, Exit.ERROR)
    if not json:
        show("the test message was accepted")


def _pause(context: typer.Context, name: str, *, paused: bool, json: bool) -> None:
    from pressmark.notify.watches.watch_editing import pause_watch

    with door_of(context).opened() as service:
        _show_changed(context, service, name, pause_watch(service, name, paused=paused), json=json)


def _facts(summary: bool | None, translation: str | None, **lists: list[str] | None) -> dict[str, Any]:
    """Return what the options say of a watch: nothing of those that were not given."""
    facts: dict[str, Any] = {name: [each for each in given if each] for name, given in lists.items() if given}
    if summary is not None:
        facts["summary"] = summary
    if translation is not None:
        facts["translation"] = translation or None
    return facts


def _show_changed(context: typer.Context, service: Service, name: str, changed: WatchChange, *, json: bool) -> None:
    from pressmark.notify.watches.watch_shapes import watch_shape

    is_new_state = changed.before != changed.after
    if is_new_state:
        record(context, service, name, before=changed.before, after=changed.after)
    shape = watch_shape(service, name)
    if json:
        show_json(shape)
    elif not is_new_state:
        show(f"nothing changed: the watch {name} was like this before")
    elif shape.paused:
        show(f"the watch {name} is paused; 'pressmark watches resume {name}' ends that")
    else:
        show(
            f"the watch {name} finds what is archived from now on; to try its words, run 'pressmark watches try {name}'"
        )


COMMANDS = {
    "add": add,
    "change": change,
    "pause": pause,
    "resume": resume,
    "remove": remove,
    "undo": undo,
    "test": test,
}
