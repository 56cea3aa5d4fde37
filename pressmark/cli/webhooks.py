"""pressmark webhooks: the webhooks and their deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import show, show_json, show_table
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from pressmark.notify.webhooks.webhook_editing import WebhookChange
    from pressmark.service.service import Service

webhooks = typer.Typer(
    no_args_is_help=True,
    help="Manage webhooks: addresses of other programs, to which Pressmark sends signed messages about events.",
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the webhook, as in the list.")]
_OF_URL = "Name of the secret that holds the URL of the receiver."
_OF_KEY = "Name of the secret that holds the signing key (whsec_…)."
_OF_EVENT = "An event that it gets; repeat the option for more. Default: all."
_OF_SOURCE = "A source whose events it gets; repeat the option for more. Default: all."
_OF_WATCH = "A watch whose sentences it gets; repeat the option for more. Default: all."


@webhooks.command("list")
@reported
def list_webhooks(context: typer.Context, *, json: Json = False) -> None:
    """List the webhooks, with the number of messages that wait to be sent to each and the time of the last delivery.

    \b
    pressmark webhooks list
    """
    from pressmark.notify.webhooks.webhook_state import webhook_shapes

    with door_of(context).opened() as service:
        shapes = webhook_shapes(service)
    if json:
        show_json({"items": shapes})
        return
    rows = [
        (
            one.name,
            one.host,
            "failing" if one.problem else "disabled" if one.disabled_at else "on",
            one.waiting,
            one.delivered,
            one.given_up,
            one.delivered_at,
            one.problem or one.reason or one.answer,
        )
        for one in shapes
    ]
    head = ("name", "host", "state", "waiting", "delivered", "given up", "last delivery", "last answer")
    show_table(
        head,
        rows,
        words=("state", "last answer"),
        empty="there are no webhooks (receivers of messages about events); to add one, use 'pressmark webhooks add'",
    )


@webhooks.command("add")
@reported
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the new webhook.")],
    *,
    url: Annotated[str, typer.Option("--url", metavar="SECRET", help=_OF_URL)],
    secret: Annotated[str, typer.Option("--secret", metavar="SECRET", help=_OF_KEY)],
    event: Annotated[list[str] | None, typer.Option(metavar="EVENT", help=_OF_EVENT)] = None,
    source: Annotated[list[str] | None, typer.Option(metavar="NAME", help=_OF_SOURCE)] = None,
    watch: Annotated[list[str] | None, typer.Option(metavar="NAME", help=_OF_WATCH)] = None,
    json: Json = False,
) -> None:
    """Add a webhook. It gets the events from now on.

    URL and signing key are secrets: write each into a file of HOME/secrets, or into an environment variable that
    `secrets` in the settings lists, and give its name here.

    \b
    pressmark webhooks add team --url TEAM_URL --secret TEAM_KEY --event page.changed
    """
    from pressmark.notify.webhooks.webhook_editing import add_webhook, webhook_from

    facts = {"url": url, "secret": secret, "events": event, "sources": source, "watches": watch}
    with door_of(context).opened() as service:
        made = webhook_from(service, {key: value for key, value in facts.items() if value})
        _show_changed(context, service, name, add_webhook(service, name, made), json=json)


@webhooks.command("change")
@reported
def change(
    context: typer.Context,
    name: Name,
    *,
    url: Annotated[str | None, typer.Option("--url", metavar="SECRET", help=_OF_URL)] = None,
    secret: Annotated[str | None, typer.Option("--secret", metavar="SECRET", help=_OF_KEY)] = None,
    event: Annotated[list[str] | None, typer.Option(metavar="EVENT", help=_OF_EVENT)] = None,
    source: Annotated[list[str] | None, typer.Option(metavar="NAME", help=_OF_SOURCE)] = None,
    watch: Annotated[list[str] | None, typer.Option(metavar="NAME", help=_OF_WATCH)] = None,
    json: Json = False,
) -> None:
    """Change a webhook that is not in the settings file. What no option names stays.

    \b
    pressmark webhooks change team --event page.new --event page.changed
    """
    from pressmark.notify.webhooks.webhook_editing import change_webhook, webhook_from, webhook_of_pages
    from pressmark.notify.webhooks.webhook_state import webhook_shape

    with door_of(context).opened() as service:
        before, seen = webhook_of_pages(service, name), webhook_shape(service, name).version or ""
        facts = {"url": url, "secret": secret, "events": event, "sources": source, "watches": watch}
        former = {"url": before.url.secret, "secret": before.secret.secret, "events": before.events} if before else {}
        former |= {"sources": before.sources, "watches": before.watches} if before else {}
        made = webhook_from(service, former | {key: value for key, value in facts.items() if value}, before)
        _show_changed(context, service, name, change_webhook(service, name, made, seen), json=json)


@webhooks.command("remove")
@reported
def remove(context: typer.Context, name: Name) -> None:
    """Remove a webhook that is not in the settings file. It gets nothing more.

    `pressmark webhooks undo` brings it back.

    \b
    pressmark webhooks remove team
    """
    from pressmark.notify.webhooks.webhook_editing import change_webhook, webhook_of_pages
    from pressmark.notify.webhooks.webhook_state import webhook_shape

    with door_of(context).opened() as service:
        webhook_of_pages(service, name)
        changed = change_webhook(service, name, None, webhook_shape(service, name).version or "")
        record(context, service, name, before=changed.before)
        show(f"{name} is removed; 'pressmark webhooks undo {name}' brings it back")


@webhooks.command("undo")
@reported
def undo(context: typer.Context, name: Name, *, json: Json = False) -> None:
    """Undo the last change of a webhook, or its removal.

    A webhook that was removed then also gets what happened meanwhile.

    \b
    pressmark webhooks undo team
    """
    from pressmark.notify.webhooks.webhook_editing import undo_webhook

    with door_of(context).opened() as service:
        _show_changed(context, service, name, undo_webhook(service, name), json=json)


def _show_changed(context: typer.Context, service: Service, name: str, changed: WebhookChange, *, json: bool) -> None:
    from pressmark.notify.webhooks.webhook_state import webhook_shape

    record(context, service, name, before=changed.before, after=changed.after)
    shape = webhook_shape(service, name)
    if json:
        show_json(shape)
    else:
        show(f"{shape.name}: messages go to {shape.host}; to test it, run 'pressmark webhooks test {shape.name}'")


@webhooks.command("messages")
@reported
def messages(
    context: typer.Context,
    name: Name,
    *,
    limit: Annotated[int, typer.Option(min=1, help="Show at most this many results.")] = 20,
    json: Json = False,
) -> None:
    """List the newest messages to a webhook, and whether each was delivered.

    \b
    pressmark webhooks messages team --limit 50
    """
    from pressmark.notify.webhooks.webhook_state import message_shapes

    with door_of(context).opened() as service:
        shapes = message_shapes(service, name, limit)
    if json:
        show_json({"items": shapes})
        return
    rows = [(one.noted_at, one.kind, one.state, one.attempts, one.next_at, one.answer, one.message) for one in shapes]
    head = ("created", "kind", "state", "failed attempts", "next attempt", "answer", "id")
    show_table(head, rows, words=("state",), empty="no messages yet")


@webhooks.command("test")
@reported
def test(context: typer.Context, name: Name, *, json: Json = False) -> None:
    """Send a test message to a webhook.

    \b
    pressmark webhooks test team
    """
    from pressmark.notify.webhooks.webhook_state import try_webhook

    with door_of(context).opened() as service:
        tested = try_webhook(service, name)
        record(context, service, name, outcome="done" if tested.taken else "failed")
    if json:
        show_json(tested)
    elif tested.taken:
        show(tested.sentence)
    if not tested.taken:
        raise fail(tested.sentence, Exit.ERROR)


@webhooks.command("enable")
@reported
def enable(context: typer.Context, name: Name, *, json: Json = False) -> None:
    """Send messages again to a webhook that Pressmark has disabled after failed deliveries.

    Pressmark first sends the messages that wait, and those that it has given up.

    \b
    pressmark webhooks enable team
    """
    from pressmark.notify.webhooks.webhook_state import enable_webhook

    with door_of(context).opened() as service:
        shape = enable_webhook(service, name)
        record(context, service, name)
    if json:
        show_json(shape)
    else:
        show(f"{shape.name} is enabled, {shape.waiting} messages queued")


@webhooks.command("secret")
@reported
def secret() -> None:
    """Generate a new secret, with which Pressmark signs its messages to webhooks.

    Copy the secret into the settings, and into the program that receives the messages.

    \b
    pressmark webhooks secret
    """
    from pressmark.notify.webhooks.signing import new_secret

    show(new_secret())
