"""Write the reference pages from the code: `python docs/reference.py` (or `make reference`). A test compares them.

settings.md from the fields of `config.settings.Settings`, commands.md from the command line, exit-codes.md, errors.md,
metrics.md and operations/states.md from what the code declares; the pictures of the rooms (architecture.md) from pyproject.toml;
files/*.md from the modules of each package.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PACKAGES = ("config", "extractor", "archive", "crawler", "scheduler", "pressmark")
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]


def table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]] | list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def one_line(text: str | None) -> str:
    return " ".join((text or "").split())


# --- settings ---------------------------------------------------------------------------------------------------------


def shown(value: Any) -> str:
    from config.duration import format_duration, format_size

    if isinstance(value, timedelta):
        return f"`{format_duration(value)}`"
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1 << 20 and value % (1 << 20) == 0:
        return f"`{format_size(value)}`"
    return "" if value is None or value == "" else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def settings_rows(model: Any, before: str = "") -> Iterator[tuple[str, ...]]:
    from pydantic import BaseModel

    from config.values.described import descriptions

    for name, field in model.model_fields.items():
        key = f"{before}{name}"
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from settings_rows(kind, f"{key}.")
        else:
            variable = "PRESSMARK_" + key.upper().replace(".", "__")
            yield f"`{key}`", f"`{variable}`", shown(field.default), one_line(descriptions(model).get(name))


def settings_page() -> str:
    from config.settings import Settings

    return (
        "# Settings\n\nA setting is taken from the first of these that has it: an option of the command, the environment, `.env` in the working directory,"
        " `pressmark.yaml` in HOME, default. `pressmark config show --origin` shows where each value comes from. In"
        " `pressmark.yaml` a dot is a level:\n\n```yaml\nstore: s3\ns3:\n  bucket: archive\nspool:\n  seal_after: 10m\n```\n\n"
        "An unknown key in the file is an error, an unknown `PRESSMARK_` variable a warning. Lists and mappings in a variable"
        " are JSON. Secrets can be in files: `token_file`, `s3.secret_key_file`.\n\n"
        + table(("key", "variable", "default", "means"), settings_rows(Settings))
    )


# --- sources ----------------------------------------------------------------------------------------------------------


def sources_page() -> str:
    from config.source import Source

    return (
        "# Sources\n\nEach source is a YAML file in `HOME/sources/`; several can be under `sources:` in one file. Files are read again within"
        " five seconds of a change (beyond 2,500 files, one edited in place: five seconds for each 2,500). If a file has a mistake, its last good version stays in use and the mistake is reported."
        " `pressmark add URL` writes a file, `pressmark source check NAME` checks it, and `config/source.schema.json` is a JSON"
        " Schema for editors.\n\n"
        + table(("key", "default", "means"), list(source_rows(Source)))
        + "\nWrite durations like `2s`, `15m`, `6h`, `1d`, and sizes like `64KiB`, `32MiB`. A header, a cookie or a field of"
        " a login, an argument or the proxy can be `{secret: NAME}`, if the operator permits NAME: as an entry of the setting"
        " `secrets` (the value is the environment variable `NAME`, or the content of the file that `NAME_FILE` names), or as"
        " a file `HOME/secrets/NAME` with mode 600. Names of the service's own variables (`PRESSMARK_…`, `AWS_…`) are never"
        " permitted. A secret is never shown or archived.\n"
    )


def source_rows(model: Any, before: str = "") -> Iterator[tuple[str, ...]]:
    from pydantic import BaseModel

    from config.values.described import descriptions

    for name, field in model.model_fields.items():
        key = f"{before}{field.serialization_alias or name}"
        inner = [a for a in (field.annotation, *getattr(field.annotation, "__args__", ())) if isinstance(a, type)]
        group = next((a for a in inner if issubclass(a, BaseModel) and a.__name__ != "Secret"), None)
        default = "" if group or field.is_required() or field.default_factory else shown(field.default)
        yield (
            f"`{key}`",
            "" if default == "`()`" else default,
            one_line(descriptions(model).get(name) or (group and group.__doc__)),
        )
        if group:
            yield from source_rows(group, f"{key}.")


# --- commands ---------------------------------------------------------------------------------------------------------


def commands_page() -> str:
    import typer.main

    from pressmark.cli.app import app

    root = typer.main.get_command(app)
    parts = [
        "# Commands\n\nEvery command that prints a list can print it as JSON: add `--json`. Exit codes are in [exit-codes.md](exit-codes.md). After `pressmark"
        " --install-completion` the shell completes commands, names of sources and ids of runs. Long commands tell how much"
        " is done, how fast, and how long the rest takes: on a terminal in one line that moves, elsewhere in a line every"
        " five seconds; not with `-q` or `--json`.\n"
    ]
    parts += [section(name, command) for name, command in leaves(root, "pressmark")]
    return "\n".join(parts)


def leaves(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    if hasattr(command, "commands"):
        if name == "pressmark":
            yield name, command
        for inner in command.commands.values():
            if not inner.hidden:
                yield from leaves(inner, f"{name} {inner.name}")
    else:
        yield name, command


def section(name: str, command: Any) -> str:
    rows = []
    for parameter in command.params:
        arguments = parameter.param_type_name == "argument"
        names = (parameter.name or "").upper() if arguments else ", ".join([*parameter.opts, *parameter.secondary_opts])
        if names != "--help" and not getattr(parameter, "hidden", False):
            rows.append((f"`{names}`", one_line(getattr(parameter, "help", None))))
    text = re.sub(r"\n?\x08\n((?:.+\n?)+)", r"\n```\n\1\n```\n", re.sub(r"\n +", "\n", command.help or "")).replace(
        "\n\n```\n\n", "\n```\n\n"
    )
    options = table(("", "means"), rows) if rows else ""
    return f"## {name}\n\n{text.strip()}\n\n{options}"


# --- exit codes, errors, metrics --------------------------------------------------------------------------------------


def exit_codes_page() -> str:
    tree = ast.parse((ROOT / "pressmark/service/exits.py").read_text("utf-8"))
    body = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Exit").body
    rows = []
    for node, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            name = ast.unparse(node.targets[0])
            doc = (
                following.value.value
                if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
                else ""
            )
            rows.append((f"{node.value.value}", name.lower().replace("_", " "), one_line(str(doc))))
    return "# Exit codes\n\n" + table(("code", "name", "means"), rows)


def classes() -> Iterator[tuple[str, ast.ClassDef]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.parse(path.read_text("utf-8")).body:
                if isinstance(node, ast.ClassDef):
                    yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), node


def errors() -> list[tuple[str, str, str]]:
    """Return the public exceptions of all packages: name, module, meaning."""
    known, found = {"Exception", "ValueError", "LookupError", "RuntimeError", "OSError", "ImportError"}, {}
    declared = list(classes())
    for _ in range(5):  # as deep as the tree is
        for module, node in declared:
            if any(ast.unparse(base).rpartition(".")[2] in known for base in node.bases):
                known.add(node.name)
                found[node.name] = (module, one_line(ast.get_docstring(node)) or sentence(node))
    return [(name, *found[name]) for name in sorted(found) if not name.startswith("_") and name not in INTERNAL]


INTERNAL = (
    "AlreadyThereError",
    "NotWaybackPath",
    "NothingThereError",
    "OutOfScope",
    "ReaderClosed",
    "ReadingFailed",
    "SlowPattern",
    "Stopped",
    "StrangeAnswerError",
    "UnreadableDocument",
    "UnusualYaml",
)
"""Exceptions that Pressmark always catches itself: nobody sees them."""


def sentence(node: ast.ClassDef) -> str:
    """Return the message of an exception without a docstring, with its values in capitals."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.JoinedStr):
            parts = (
                p.value if isinstance(p, ast.Constant) else ast.unparse(p.value).rpartition(".")[2].upper()
                for p in inner.values
            )
            return "“" + one_line("".join(str(part) for part in parts)) + "”"
    return ""


def errors_page() -> str:
    rows = [(f"`{name}`", f"`{module}`", text) for name, module, text in errors()]
    return "# Errors\n\nThe errors that a user or a program may see, and what they mean.\n\n" + table(
        ("error", "where", "means"), rows
    )


METRIC = re.compile(r"\"(pressmark_[a-z_]+)\",\s*(?:\n\s*)?\"([^\"]+)\"")


def metrics() -> list[tuple[str, str]]:
    text = "".join(path.read_text("utf-8") for path in sorted((ROOT / "pressmark" / "upkeep" / "metrics").glob("*.py")))
    found = dict(METRIC.findall(text))
    return [(name, found.get(name, "")) for name in sorted(set(re.findall(r"\"(pressmark_[a-z_]+)\"", text)))]


def metrics_page() -> str:
    rows = [(f"`{name}`", text) for name, text in metrics()]
    return (
        "# Metrics\n\n`GET /metrics` returns these in the format of Prometheus. Names of counters end in `_total`. No label is a URL."
        " [Monitoring](operations/monitoring.md) has a dashboard and alerts.\n\n" + table(("metric", "means"), rows)
    )


# --- states -----------------------------------------------------------------------------------------------------------


def states_page() -> str:
    from pressmark.service.states import KINDS

    rows = [
        (f"`{name}`", kind.part, FIELD.sub(r"*\1*", kind.sentence), str(int(kind.code)), kind.remedy)
        for name, kind in KINDS.items()
    ]
    return STATES + table(("state", "part", "what the service says", "exit code", "what to do"), rows)


FIELD = re.compile(r"%\((\w+)\)s")
STATES = """# States that need a person

The service reports each of these states in one sentence, and in the same one everywhere: on the Overview, in `/readyz` (which
then answers 503, with the sentence under the name of the part) and in `pressmark doctor`, which ends with the exit code. A run
that waits because its worker has paused has the cause as its reason. `/healthz` stays at 200, since a restart cures none of
these. Words in italics stand for values.

Two other states in `/readyz` end by themselves: the worker is starting, or it ended and starts again in a moment.

A clock that is set back needs no action. Timetables continue from the time that it shows now, and a slot that was run while the
clock was ahead is not run again; the log says so, and the event is `timetable.taken-back`. A clock that jumps ahead counts as
time in which nothing ran: `timetable.catch_up` of each source decides.

"""


def rooms_picture() -> str:
    from rooms_picture import picture

    return picture()


def architecture_page() -> str:
    """Return the page on the architecture with the present picture of the rooms."""
    from rooms_picture import mermaid

    before, _, rest = (ROOT / "docs" / "architecture.md").read_text("utf-8").partition("```mermaid\n")
    return f"{before}```mermaid\n{mermaid()}```{rest.partition('```')[2]}"


def files_page(package: str) -> str:
    from file_pages import page

    return page(package)


PAGES = {
    "architecture.md": architecture_page,
    "settings.md": settings_page,
    "sources.md": sources_page,
    "commands.md": commands_page,
    "exit-codes.md": exit_codes_page,
    "errors.md": errors_page,
    "metrics.md": metrics_page,
    "operations/states.md": states_page,
    "pictures/rooms.svg": rooms_picture,
    **{f"files/{package}.md": partial(files_page, package) for package in PACKAGES},
}


def main() -> None:
    for name, page in PAGES.items():
        (ROOT / "docs" / name).write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
