"""pressmark upgrade: the tables of the database, in the form that this version uses."""

from __future__ import annotations

import typer

from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, reported
from pressmark.cli.terminal.output import show_json


@reported
def upgrade(context: typer.Context, *, json: Json = False) -> None:
    """Update the tables of the database for this version of Pressmark.

    The service and all other commands do this, too. This command does nothing else, for example before the services
    of several machines start. It is safe to repeat, and several at once wait for each other.

    \b
    pressmark upgrade
    """
    from archive.database.database_name import where
    from archive.database.migrate import revision

    door = door_of(context)
    with door.opened() as service:
        url = service.settings.database_url
        with service.database.reading() as connection:
            facts = {"database": where(url), "schema": revision(connection)}
    if json:
        show_json(facts)
    else:
        door.print_note(f"the tables of the database {facts['database']} are of schema {facts['schema']}")
