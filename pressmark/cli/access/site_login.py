"""pressmark login: use a login to an archived site that a person made in a browser."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Set
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import source_names
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from config.source import Source
    from crawler.policy.session_cookies import SessionCookie, Storage
    from pressmark.service.service import Service


@reported
def login(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(help="Name of the source (archived site).", metavar="NAME", autocompletion=source_names),
    ],
    file: Annotated[
        Path | None,
        typer.Argument(
            help="File with the login: a cookies.txt or a storage state of Playwright. Without it, a browser window "
            "opens in which you log in."
        ),
    ] = None,
    item: Annotated[
        list[str] | None,
        typer.Option(
            "--item", help="Name of an item of localStorage to keep; can be repeated. Default: all.", metavar="NAME"
        ),
    ] = None,
) -> None:
    """Use a login to an archived site that you make in a browser: its cookies and localStorage.

    The source must have the key session. With --item, only the named items of localStorage are kept.

    \b
    pressmark login example-org
    pressmark login example-org cookies.txt
    pressmark login example-org state.json --item access_token
    """
    from crawler.policy.scope import own_hosts
    from crawler.policy.session_cookies import as_state, session_cookies, session_storage
    from crawler.run.stand_ins import StandIns

    with door_of(context).opened() as service:
        source = service.sources.get(name)
        if source.session is None:
            suggested = name.upper().replace("-", "_")
            raise fail(
                f"the source {name} has no key session; add it to its file, for example: "
                f"session: {{cookies: {{secret: {suggested}_SESSION}}, check: Log out}}",
                Exit.CONFIG,
            )
        secret = source.session.cookies.secret
        if secret in service.settings.secrets:
            raise fail(f"the secret {secret} comes from the environment; put the cookies there", Exit.CONFIG)
        hosts = own_hosts(source, source.seeds)
        try:
            text = None if file is None else file.read_text("utf-8")
            cookies, storage = (
                _by_hand(context, service, source) if text is None else (session_cookies(text), session_storage(text))
            )
            stored = _of_hosts(storage, hosts, item)
            StandIns(stored, hosts, b"")  # raises for more than a run can keep out of the archive
        except (OSError, ValueError) as error:
            raise fail(f"the login in {file or 'the browser'} can't be used: {error}", Exit.USAGE) from error
        own = [cookie for cookie in cookies if any(map(cookie.is_for, hosts))]
        if stored and not source.draws:
            left_out = (
                f"the localStorage of the login is not kept, as no page of the source {name} is opened in a browser; "
                "add fetch: auto to its file, and repeat the command, if the site needs it"
            )
            if not own:
                raise fail(left_out, Exit.USAGE)
            door_of(context).print_note(left_out)
            stored = {}
        if not own and not stored:
            origin, named = file or "the browser", ", ".join(sorted(hosts))
            raise fail(
                f"{origin} has neither cookies nor localStorage for the hosts of the source {name}: {named}", Exit.USAGE
            )
        _write(service.settings.home / "secrets" / secret, as_state(own, stored))
        count = sum(map(len, stored.values()))
        record(context, service, name, after={"name": secret, "count": len(own) + count})
    saved = f"{len(own)} cookies" + (f" and {count} items of localStorage" if count else "")
    door_of(context).print_note(f"saved {saved} for the source {name} as the secret {secret}")


def _of_hosts(storage: Storage, hosts: Set[str], items: list[str] | None) -> Storage:
    """Return what a storage has for these hosts, and of these items. Raises ValueError if there is no such item."""
    from crawler.policy.rows import host_of

    own = {origin: kept for origin, kept in storage.items() if host_of(f"{origin}/") in hosts}
    if items is None:
        return own
    if missing := set(items) - {name for kept in own.values() for name in kept}:
        raise ValueError(f"there is no item {', '.join(sorted(missing))} in its localStorage")
    chosen = {origin: {name: kept[name] for name in items if name in kept} for origin, kept in own.items()}
    return {origin: kept for origin, kept in chosen.items() if kept}


def _by_hand(context: typer.Context, service: Service, source: Source) -> tuple[list[SessionCookie], Storage]:
    """Return the cookies and the storage of a browser in which the person at this machine logs in."""
    from crawler.browser.by_hand import login_by_hand
    from crawler.browser.chromium import BrowserMissing

    if sys.platform != "darwin" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise fail(
            "this machine has no display for a browser window; log in with a browser on another machine, save its "
            "cookies, and give the file to this command",
            Exit.USAGE,
        )
    session = source.session
    url = (session and session.url) or source.seeds[0]
    check = session.check if session else None
    door_of(context).print_note(f"log in at {url} in the browser window; then press Enter here, or close the window")
    try:
        found = asyncio.run(login_by_hand(service.settings.browser.executable, url, _line_on_stdin(), check))
    except BrowserMissing as error:
        raise fail(str(error), Exit.CONFIG) from error
    if not found.confirmed:
        raise fail(
            f"no page in the browser showed {check!r}, the text that only logged-in users see; nothing was saved. "
            f"Repeat the command, log in, and end it while the window shows that text at {url}",
            Exit.USAGE,
        )
    return found.cookies, found.storage


async def _line_on_stdin() -> None:
    """Return when a line can be read; never, if the input is a file or closed."""
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    try:
        loop.add_reader(sys.stdin.fileno(), ready.set)
    except (OSError, ValueError):
        await asyncio.Event().wait()
    try:
        await ready.wait()
    finally:
        loop.remove_reader(sys.stdin.fileno())


def _write(file: Path, text: str) -> None:
    """Replace a secret; only this user may read it."""
    from config.files.atomic_write import write_text

    file.parent.mkdir(mode=0o700, exist_ok=True)
    if file.exists():
        file.chmod(0o600)
    write_text(file, text)
