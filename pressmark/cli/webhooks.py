"""pressmark webhooks: the webhooks and their deliveries."""

from __future__ import annotations

from typing import Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import show, show_json, show_table
from pressmark.service.exits import Exit

webhooks = typer.Typer(
    no_args_is_help=True,
    help="Manage webhooks: addresses of other programs, to which Pressmark sends signed messages about events.",
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the webhook, as in the settings.")]


@webhooks.command("list")
@reported
def list_webhooks(context: typer.Context, *, json: Json = False) -> None:
    """List the webhooks in the settings, with the number of messages that wait to be sent and the time of the last
    delivery.

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
            "disabled" if one.disabled_at else "on",
            one.waiting,
            one.delivered,
            one.given_up,
            one.delivered_at,
            one.reason or one.answer,
        )
        for one in shapes
    ]
    head = ("name", "host", "state", "waiting", "delivered", "given up", "last delivery", "last answer")
    show_table(
        head,
        rows,
        words=("state", "last answer"),
        empty="the settings contain no webhooks (receivers of messages about events)",
    )


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
