"""pressmark serve, work, config, doctor: for operators."""

from __future__ import annotations

import errno
import sys
import threading
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from pressmark.cli.options import Json
from pressmark.cli.runtime import door_of, fail, reported
from pressmark.cli.terminal.output import show_json, show_table
from pressmark.service.exits import Exit

if TYPE_CHECKING:
    from config.settings import Settings
    from pressmark.cli.runtime import GlobalOptions
    from pressmark.processes.serve import Role

SettingsFile = Annotated[
    int | None,
    typer.Option(
        "--settings-fd",
        min=3,
        help="Only for `pressmark serve`, which starts this command: the number of an open file with the settings.",
    ),
]

config = typer.Typer(
    no_args_is_help=True, help="Show the settings of Pressmark, and where each comes from.", rich_markup_mode=None
)


@reported
def serve(
    context: typer.Context,
    host: Annotated[
        str | None,
        typer.Option(
            help="Network address at which Pressmark accepts connections. If it is not 127.0.0.1, which "
            "only this computer can reach, set an access token."
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help="Port at which Pressmark accepts connections. With 0, the system chooses a free port.",
        ),
    ] = None,
    role: Annotated[
        str | None,
        typer.Option(
            metavar="ROLES",
            help="What this service does, separated by commas: clock (timetables and messages), api (web pages and "
            "API), work (crawling), read (extract texts from what is in the store, if worker.reads_texts is false), "
            "ship (only upload what is not in the store yet). By default clock, api and work, and also read if "
            "worker.reads_texts is false.",
        ),
    ] = None,
) -> None:
    """Run the service: crawl the sources on schedule, and serve the web pages.

    To stop the service, press Ctrl-C or send SIGTERM. It closes its archive files safely before it ends.

    \b
    pressmark serve
    pressmark serve --role work
    PRESSMARK_TOKEN=$(openssl rand -hex 32) pressmark serve --host 0.0.0.0
    """
    from pressmark.processes.stop_signals import Stop, leave

    door = door_of(context)
    try:
        with Stop() as stop:  # before all slow imports
            from pressmark.processes.serve import roles_of, serve

            named = None if role is None else _roles(role)
            settings = door.settings({"host": host, "port": port})
            roles = roles_of(settings) if named is None else named
            _configure_logs(settings, door.verbosity)
            serve(settings, stop, roles=roles, listening=lambda url: door.print_note(f"Pressmark is at {url}"))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise fail(
                f"another program already uses the address {error.filename}",
                Exit.LOCKED,
                "choose another port (--port, or the setting replay.port), or stop the process that uses it",
            ) from None
        raise
    leave(Exit.OK)


def _roles(text: str) -> frozenset[Role]:
    """Return the roles of a service by their names."""
    from pressmark.processes.serve import Role

    known: tuple[Role, ...] = get_args(Role)
    named = {name.strip() for name in text.split(",")}
    if wrong := sorted(named - set(known)):
        raise fail(f"unknown role: {wrong[0]}", Exit.USAGE, f"the roles of a service are: {', '.join(known)}")
    return frozenset(role for role in known if role in named)


@reported
def work(
    context: typer.Context,
    *,
    ready_fd: Annotated[
        int | None,
        typer.Option(
            "--ready-fd",
            min=3,
            help="Only for programs that start this command: the number of an open file. The command "
            "writes a line to this file when it is ready to crawl.",
        ),
    ] = None,
    settings_fd: SettingsFile = None,
    upload_only: Annotated[
        bool,
        typer.Option(
            "--upload-only", help="Start no runs; only upload the archived files that are not in the store yet."
        ),
    ] = False,
    read_only: Annotated[
        bool,
        typer.Option("--read-only", help="Start no runs; only extract the texts that wait for it, from the store."),
    ] = False,
) -> None:
    """Carry out the runs (crawls) that wait in the queue. You need not run this command: `pressmark serve` starts it.
    The process ends when its standard input is closed, or at the signal SIGTERM."""
    from pressmark.processes.stop_signals import Stop, leave

    door = door_of(context)
    with Stop() as stop:  # before all slow imports
        settings = _settings(door, settings_fd)
        _configure_logs(settings, door.verbosity)
        if read_only:
            from pressmark.processes.reading.child import read_texts

            code = read_texts(settings, stop, ready_fd)
        else:
            from pressmark.processes.worker import work

            code = work(settings, stop, ready_fd, crawls=not upload_only)
    leave(code)


@reported
def answer(
    context: typer.Context,
    *,
    listen_fd: Annotated[
        int,
        typer.Option(
            "--listen-fd",
            min=3,
            help="Only for `pressmark serve`, which starts this command: the number of the open socket on which it "
            "answers.",
        ),
    ],
    ready_fd: Annotated[
        int,
        typer.Option(
            "--ready-fd",
            min=3,
            help="Only for `pressmark serve`, which starts this command: the number of an open file. The command "
            "writes to this file regularly, to show that it is working.",
        ),
    ],
    settings_fd: SettingsFile = None,
) -> None:
    """Answer web requests together with the service. You need not run this command: `pressmark serve` starts it. The
    process ends when its standard input is closed, or at the signal SIGTERM."""
    from pressmark.processes.stop_signals import Stop, leave

    door = door_of(context)
    with Stop() as stop:  # before all slow imports
        from pressmark.processes.answering.child import answer

        settings = _settings(door, settings_fd)
        _configure_logs(settings, door.verbosity)
        code = answer(settings, stop, listen_fd, ready_fd)
    leave(code)


def _settings(door: GlobalOptions, handed: int | None) -> Settings:
    """Return the settings that a service has handed to this process; without one, those of flags and files."""
    if handed is None:
        return door.settings()
    from pressmark.service.handed_settings import OtherVersion, taken

    try:
        return taken(handed)
    except OtherVersion as error:
        raise fail(str(error), Exit.ERROR) from None


def _configure_logs(settings: Settings, verbosity: int) -> None:
    from pressmark.service import logs

    people = for_people(settings.log.format, terminal=sys.stderr.isatty())
    logs.configure("debug" if verbosity > 0 else settings.log.level, people=people)
    threading.excepthook = logs.log_failed_thread


def for_people(form: str, *, terminal: bool) -> bool:
    """Return whether logs are plain lines: the setting `log.format` says it, or ``auto`` leaves it to the terminal."""
    return form == "console" or (form == "auto" and terminal)


@config.command("show")
@reported
def show_config(
    context: typer.Context,
    *,
    origin: Annotated[
        bool,
        typer.Option(
            "--origin",
            help="Show where each setting comes from: an option of the command, an environment variable, the settings "
            "file, or the default.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Show the current settings. Passwords and keys are hidden.

    \b
    pressmark config show --origin
    """
    from config.groups.origin import leaves
    from config.settings import origins
    from pressmark.service.redaction import redaction

    settings = door_of(context).settings()
    whence = origins(settings)
    values = {".".join(map(str, loc)): value for loc, value in leaves(settings.model_dump(mode="json"))}
    hidden = {key: redaction.value(value, key) for key, value in values.items()}
    if json:
        items = [{"key": key, "value": value, "origin": str(whence[key])} for key, value in hidden.items()]
        show_json({"items": items})
        return
    rows = [(key, value, str(whence[key]))[: 3 if origin else 2] for key, value in hidden.items()]
    show_table(("setting", "value", "origin")[: 3 if origin else 2], rows, words=("origin",), empty="")


@reported
def doctor(
    context: typer.Context,
    *,
    store: Annotated[
        bool,
        typer.Option(
            "--store",
            help="Also compare the stored files with their lists (manifests): find files that are missing, "
            "and files that no list names.",
        ),
    ] = False,
    adopt: Annotated[
        bool,
        typer.Option(
            "--adopt",
            help="Import complete WARC files that are in the store but in no list of stored files (manifest).",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Check the installation for problems.

    The command only reads, unless you add --adopt. If it finds several problems, its exit code is that of the first
    one.

    \b
    pressmark doctor
    pressmark doctor --store --adopt
    """
    from dataclasses import asdict

    from pressmark.cli.terminal.console_logging import listen
    from pressmark.cli.terminal.progress import counting
    from pressmark.upkeep.doctor import examine_home

    door = door_of(context)
    listen(door.verbosity)
    with counting("file lists (manifests)", quiet=door.verbosity < 0 or json) as count:
        found = examine_home(door.settings(), store=store, adopt=adopt, progress=count)
    if json:
        show_json({"items": [asdict(finding) for finding in found]})
    else:
        rows = [("ok" if one.code == Exit.OK else "WRONG", one.part, one.sentence) for one in found]
        show_table(("state", "part", "finding"), rows, words=("state", "part", "finding"), empty="")
    if wrong := next((one.code for one in found if one.code != Exit.OK), None):
        raise typer.Exit(wrong)
