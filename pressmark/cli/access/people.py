"""pressmark user: people who log in with a name and a password."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pressmark.cli.access.recording import record
from pressmark.cli.options import Json, Yes
from pressmark.cli.runtime import agreed, door_of, fail, reported
from pressmark.cli.terminal.language import translate
from pressmark.cli.terminal.output import show_json, show_table
from pressmark.service.access.roles import Role
from pressmark.service.exits import Exit

user = typer.Typer(no_args_is_help=True, help="Manage the people who may log in.", rich_markup_mode=None)

_UNTIL = " until the next login with OpenID Connect, which sets the role by the groups of the person at the provider"

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name with which the person logs in.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        "--password-file",
        help="File from which to read the password. With -, the password is read from standard input.",
    ),
]
RoleOption = Annotated[
    Role,
    typer.Option(
        "--role",
        help="Role of the person, which decides what the person may do. Each role includes the roles listed before it.",
    ),
]


@user.command("add")
@reported
def add(
    context: typer.Context,
    name: Name,
    *,
    role: RoleOption = Role.READ,
    password_file: PasswordFile = None,
    json: Json = False,
) -> None:
    """Add a person. Once a person exists, everybody needs a login or an access token to use the service.

    \b
    pressmark user add anna --role admin
    """
    from pressmark.views.access_shapes import person_shape

    with door_of(context).opened() as service:
        person = service.access.add_person(name, role, _password(password_file))
        record(context, service, name, after={"role": role.value})
    door_of(context).print_note(f"added {name} with the role {role.value}")
    if json:
        show_json(person_shape(person))


@user.command("list")
@reported
def list_people(context: typer.Context, *, json: Json = False) -> None:
    """List the people who may log in, with their roles and last logins.

    \b
    pressmark user list
    """
    from pressmark.views.access_shapes import person_shape

    with door_of(context).opened() as service:
        shapes = [person_shape(row) for row in service.access.people.all()]
    if json:
        show_json({"items": shapes})
        return
    rows = [(one.name, one.role.value, one.login, one.created_at, one.used_at) for one in shapes]
    show_table(
        ("name", "role", "login", "added", "last login"),
        rows,
        empty="nobody is registered yet; 'pressmark user add NAME' adds the first person",
    )


@user.command("role")
@reported
def set_role(
    context: typer.Context,
    name: Name,
    role: Annotated[Role, typer.Argument(help="The new role of the person.")],
    *,
    json: Json = False,
) -> None:
    """Change the role of a person. The change takes effect at once.

    \b
    pressmark user role anna curate
    """
    from pressmark.views.access_shapes import person_shape

    with door_of(context).opened() as service:
        before = service.access.people.get(name).role
        person = service.access.set_role(name, role)
        record(context, service, name, before={"role": before}, after={"role": role.value})
    lasting = "" if person.has_password else _UNTIL
    door_of(context).print_note(f"{name} has the role {role.value}{lasting}")
    if json:
        show_json(person_shape(person))


@user.command("password")
@reported
def set_password(context: typer.Context, name: Name, *, password_file: PasswordFile = None, json: Json = False) -> None:
    """Change a password. The person then has to log in again on every device.

    \b
    pressmark user password anna
    """
    with door_of(context).opened() as service:
        service.access.people.get(name)
        service.access.set_password(name, _password(password_file))
        record(context, service, name)
    door_of(context).print_note(f"changed the password of {name}")
    if json:
        show_json({"name": name, "changed": True})


@user.command("rebind")
@reported
def rebind(
    context: typer.Context,
    name: Name,
    subject: Annotated[
        str, typer.Option("--subject", metavar="SUB", help="New subject ('sub') of the person at the provider.")
    ],
    *,
    json: Json = False,
) -> None:
    """Give a person who logs in with OpenID Connect a new subject at the provider. The person keeps name and role,
    and has to log in again on every device; the former subject has no access any more.

    \b
    pressmark user rebind anna --subject 8f1c2a90
    """
    from pressmark.views.access_shapes import person_shape

    with door_of(context).opened() as service:
        service.access.rebind(name, subject)
        record(context, service, name, after={"subject": subject})
        person = service.access.people.get(name)
    door_of(context).print_note(f"{name} has a new subject at the provider, and has to log in again")
    if json:
        show_json(person_shape(person))


@user.command("remove")
@reported
def remove(context: typer.Context, name: Name, yes: Yes = False, *, json: Json = False) -> None:
    """Remove a person's account. This person is logged out everywhere at once.

    \b
    pressmark user remove anna --yes
    """
    with door_of(context).opened() as service:
        before = service.access.people.get(name).role
        if not yes and not agreed(f"Remove {name}?"):
            raise fail("nobody was removed", Exit.ERROR, "to remove it without being asked, add --yes")
        service.access.remove_person(name)
        record(context, service, name, before={"role": before})
    door_of(context).print_note(f"removed {name}")
    if json:
        show_json({"name": name, "removed": True})


def _password(file: Path | None) -> str:
    """Return the password: the first line of a file or of standard input, or what a person types twice."""
    if file is None:
        return str(
            typer.prompt(
                translate("Password"), hide_input=True, confirmation_prompt=translate("Password again"), err=True
            )
        )
    if str(file) == "-":
        import sys

        return sys.stdin.readline().rstrip("\r\n")
    return file.read_text("utf-8").partition("\n")[0].rstrip("\r")
