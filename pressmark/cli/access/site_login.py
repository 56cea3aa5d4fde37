"""pressmark login: use a login to an archived site that a person made in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import source_names
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.service.exits import Exit


@reported
def login(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(help="Name of the source (archived site).", metavar="NAME", autocompletion=source_names),
    ],
    file: Annotated[
        Path, typer.Argument(help="File with the cookies: a cookies.txt or a storage state of Playwright.")
    ],
) -> None:
    """Use the cookies of a login to an archived site that you made in a browser. The source must have the key session.

    \b
    pressmark login example-org cookies.txt
    """
    from crawler.policy.scope import own_hosts
    from crawler.policy.session_cookies import as_state, session_cookies

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
        try:
            cookies = session_cookies(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise fail(f"the cookies in {file} can't be read: {error}", Exit.USAGE) from error
        hosts = own_hosts(source, source.seeds)
        own = [cookie for cookie in cookies if any(map(cookie.is_for, hosts))]
        if not own:
            raise fail(
                f"{file} has no cookies for the hosts of the source {name}: {', '.join(sorted(hosts))}", Exit.USAGE
            )
        _write(service.settings.home / "secrets" / secret, as_state(own))
        record(context, service, name, after={"name": secret, "count": len(own)})
    door_of(context).print_note(f"saved {len(own)} cookies for the source {name} as the secret {secret}")


def _write(file: Path, text: str) -> None:
    """Replace a secret; only this user may read it."""
    from config.files.atomic_write import write_text

    file.parent.mkdir(mode=0o700, exist_ok=True)
    if file.exists():
        file.chmod(0o600)
    write_text(file, text)
