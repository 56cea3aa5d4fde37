"""pressmark audit: read a share of what is stored, and repair it."""

from __future__ import annotations

from typing import Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.language import translate
from pressmark.cli.terminal.output import counted, show, show_json, show_safe, show_table
from pressmark.service.exits import Exit


@reported
def audit(
    context: typer.Context,
    *,
    share: Annotated[
        str | None,
        typer.Option(
            help="How much of the stored data to check: a fraction (1/30), a percentage (5%) or a size (20G). "
            "The default is the setting audit.share."
        ),
    ] = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Replace damaged and missing files by an undamaged copy.")
    ] = False,
    refill: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE",
            help="Only with --repair: copy all files again to a place that has lost them. Give 'store' "
            "for the store, or the name of a copy (replica).",
        ),
    ] = None,
    events: Annotated[
        bool,
        typer.Option(
            "--events",
            help="Show what past checks of the stored files (audits) found and repaired. No new check starts.",
        ),
    ] = False,
    premis: Annotated[
        bool,
        typer.Option(
            "--premis",
            help="Only with --events: print all events, as an XML document in the format PREMIS 3 (a standard of "
            "libraries and archives).",
        ),
    ] = False,
    limit: Annotated[
        int, typer.Option(min=1, max=1000, help="Only with --events: show this many of the newest events.")
    ] = 50,
    json: Json = False,
) -> None:
    """Check a part of the stored files for damage, beginning with those not checked for the longest time.

    The audit reads the archived files on this disk, in the store and in its copies (replicas). If a file is damaged
    or missing and was not repaired, the exit code is 10.

    \b
    pressmark audit
    pressmark audit --share 1/1 --repair
    pressmark audit --events --premis > events.xml
    """
    if premis and not events:
        raise fail("--premis works only together with --events", Exit.USAGE)
    if refill is not None and not repair:
        raise fail("--refill works only together with --repair", Exit.USAGE)
    if events:
        _show_events(context, premis=premis, limit=limit, json=json)
    else:
        _audit(context, share, repair=repair, refill=refill, json=json)


def _audit(context: typer.Context, share: str | None, *, repair: bool, refill: str | None, json: bool) -> None:
    from dataclasses import asdict

    from archive.shipping.fixity.audit import remedy
    from pressmark.upkeep.fixity import audit_share, share_named

    with door_of(context).opened() as service:
        part_name = share or service.settings.audit.share
        try:
            part = share_named(part_name)
        except ValueError as error:
            raise fail(str(error), Exit.USAGE) from None
        places = ("store", *service.settings.replicas)
        if refill is not None and refill not in places:
            raise fail(
                f"--refill needs the place to which the files are copied; give one of these names: {', '.join(places)}",
                Exit.USAGE,
            )
        if repair:
            record(context, service, part_name, after={"refill": refill})
        seen = size = wrong = 0
        found = []
        for one in audit_share(service, part, repair=repair, refill=refill):
            seen, size, wrong = seen + 1, size + one.size, wrong + one.is_wrong
            if one.outcome == "ok":
                continue
            found.append(one)
            if not json:
                ending = f"repaired from {one.healed_from}" if one.healed_from else one.note
                show(f"{one.place} {one.name}: {one.outcome}; {ending}")
                if repair and one.is_wrong and one.place != "spool":
                    show(f"  {remedy(one.name)}")
    if json:
        show_json({"copies": seen, "bytes": size, "wrong": wrong, "findings": [asdict(one) for one in found]})
    else:
        repaired = len(found) - wrong
        parts = (counted(seen, "object"), f"repaired: {repaired}", f"wrong: {wrong}")
        show(", ".join(map(translate, parts)))
    if wrong:
        raise typer.Exit(Exit.INTEGRITY)


def _show_events(context: typer.Context, *, premis: bool, limit: int, json: bool) -> None:
    from pressmark.upkeep.fixity_shapes import event_shapes

    with door_of(context).opened() as service:
        if premis:
            from archive.index.preservation_events import Events
            from archive.shipping.fixity.premis import premis as document

            for line in document(Events(service.database).all()):
                show_safe(line.rstrip("\n"))
            return
        found = event_shapes(service, limit)
    if json:
        show_json({"items": found})
        return
    rows = [
        (
            f"{one.eventDateTime:%Y-%m-%d %H:%M:%S}",
            one.eventType,
            one.eventOutcome,
            one.place,
            one.linkingObject or "",
            one.eventOutcomeDetailNote,
        )
        for one in found
    ]
    head = ("time", "event", "result", "place", "object", "details")
    show_table(
        head,
        rows,
        words=("event", "result"),
        empty="the stored files have not been checked for damage yet; 'pressmark audit' starts a check (audit)",
    )
