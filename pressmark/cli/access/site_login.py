"""pressmark login: use a login to an archived site that a person made in a browser."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import source_names
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from config.source import Source
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
            help="File with the cookies: a cookies.txt or a storage state of Playwright. Without it, a browser window "
            "opens in which you log in."
        ),
    ] = None,
) -> None:
    """Use the cookies of a login to an archived site that you make in a browser. The source must have the key session.

    \b
    pressmark login example-org
    pressmark login example-org cookies.txt
    """
    from crawler.policy.scope import own_hosts
    from crawler.policy.session_cookies import as_state, session_cookies, session_storage

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
            state = _by_hand(context, service, source) if file is None else file.read_text("utf-8")
            cookies, storage = session_cookies(state), session_storage(state, hosts)
        except (OSError, ValueError) as error:
            raise fail(f"the cookies in {file or 'the browser'} can't be read: {error}", Exit.USAGE) from error
        own = [cookie for cookie in cookies if any(map(cookie.is_for, hosts))]
        if not own:
            origin, named = file or "the browser", ", ".join(sorted(hosts))
            raise fail(f"{origin} has no cookies for the hosts of the source {name}: {named}", Exit.USAGE)
        _write(service.settings.home / "secrets" / secret, as_state(own, storage))
        record(context, service, name, after={"name": secret, "count": len(own)})
    door_of(context).print_note(f"saved {len(own)} cookies for the source {name} as the secret {secret}")


def _by_hand(context: typer.Context, service: Service, source: Source) -> str:
    """Return the storage state of a browser in which the person at this machine logs in."""
    from crawler.browser.by_hand import login_by_hand
    from crawler.browser.chromium import BrowserMissing

    if sys.platform != "darwin" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise fail(
            "this machine has no display for a browser window; log in with a browser on another machine, save its "
            "cookies, and give the file to this command",
            Exit.USAGE,
        )
    url = (source.session and source.session.url) or source.seeds[0]
    door_of(context).print_note(f"log in at {url} in the browser window; then press Enter here, or close the window")
    try:
        return asyncio.run(login_by_hand(service.settings.browser.executable, url, _line_on_stdin()))
    except BrowserMissing as error:
        raise fail(str(error), Exit.CONFIG) from error


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
