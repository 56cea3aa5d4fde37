"""What must not be in a committed file, and what must work in the documents."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Written in pieces, so that this file does not contain what it searches for.
HOSTS = ("pypi" + ".org", "python" + "hosted", "npmjs" + ".", "deb.debian" + ".org", "docker" + ".io", "quay" + ".io")
MACHINE = re.compile(r"(?<![\w.])/(?:work|root|farm|home/[a-z]+)/")
SECRETS = re.compile(r"AKIA[0-9A-Z]{16}|-----BEGIN (?:RSA |EC )?PRIVATE KEY-----")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def committed() -> list[Path]:
    """Return the files that git knows; outside a checkout, all text files."""
    try:
        listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: the committed files can't be listed")
    return [path for name in listing.decode().split("\0") if name and (path := ROOT / name).is_file()]


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def faults(text: str) -> list[str]:
    found = [host for host in HOSTS if host in text]
    return found + MACHINE.findall(text) + SECRETS.findall(text)


def test_no_committed_file_names_a_registry_a_machine_or_a_secret() -> None:
    found = {str(path.relative_to(ROOT)): what for path in committed() if (what := faults(text_of(path)))}

    assert found == {}


@pytest.mark.parametrize("text", ["see https://pypi" + ".org/x", "open('/" + "work/x')", "AKIA" + "A" * 16])
def test_a_forbidden_text_is_detected(text: str) -> None:
    assert faults(text)


def slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def broken_links(document: Path) -> list[str]:
    broken = []
    for target in LINK.findall(text_of(document)):
        path, _, anchor = target.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        file = (document.parent / path).resolve() if path else document
        headings = (
            {slug(line.lstrip("#")) for line in text_of(file).splitlines() if line.startswith("#")}
            if file.is_file()
            else set()
        )
        if not file.exists() or (anchor and anchor not in headings):
            broken.append(target)
    return broken


def test_every_link_between_documents_leads_somewhere() -> None:
    documents = [path for path in committed() if path.suffix == ".md"]

    assert {str(d.relative_to(ROOT)): found for d in documents if (found := broken_links(d))} == {}


def reached(start: Path) -> set[Path]:
    """Return the documents that one links to; a link to a directory leads to all files in it."""
    seen, ahead = set[Path](), [start]
    while ahead:
        document = ahead.pop()
        if document.is_dir():
            ahead += document.glob("*.md")
        elif document.suffix == ".md" and document.is_file() and document not in seen:
            seen.add(document)
            found = [target.partition("#")[0] for target in LINK.findall(text_of(document)) if "://" not in target]
            ahead += [(document.parent / target).resolve() for target in found if target]
    return seen


def test_every_page_of_the_docs_is_reachable_from_the_readme() -> None:
    pages = {path for path in committed() if path.suffix == ".md" and path.is_relative_to(ROOT / "docs")}

    assert pages - reached(ROOT / "README.md") == set()


def test_a_broken_link_is_detected(tmp_path: Path) -> None:
    document = tmp_path / "a.md"
    document.write_text("# One\n[good](#one) [bad](b.md) [worse](#two)")

    assert broken_links(document) == ["b.md", "#two"]


def test_every_picture_is_in_the_docs_and_has_a_description() -> None:
    pages = "".join((ROOT / "docs" / name).read_text("utf-8") for name in ("pages.md", "conf.py", "how-to/python.md"))
    told = dict(re.findall(r"!\[([^\]]+)\]\((?:\.\./)?pictures/([a-z-]+\.(?:png|svg))\)", pages))
    pictures = {file.name for file in (ROOT / "docs" / "pictures").iterdir()}

    assert set(told.values()) == pictures
    assert all(len(words) > 20 for words in told)
    assert sum(file.stat().st_size for file in (ROOT / "docs" / "pictures").iterdir()) < 1 << 20


@pytest.mark.parametrize(
    ("form", "seconds"),
    [({}, "900.0s"), ({"PRESSMARK_TESTS": "faults"}, "3600.0s"), ({"PRESSMARK_TESTS": "long"}, "36000.0s")],
)
def test_a_long_form_ends_by_its_count_and_not_by_the_clock_of_a_busy_machine(
    form: dict[str, str], seconds: str
) -> None:
    command = [sys.executable, "-m", "pytest", "-v", "--collect-only", "-n", "0", __file__]
    ours = {name: value for name, value in os.environ.items() if name not in ("PRESSMARK_TESTS", "PYTEST_TIMEOUT")}
    done = subprocess.run(command, cwd=ROOT, env=ours | form, capture_output=True, text=True, check=True)

    assert f"\ntimeout: {seconds}\n" in done.stdout


def health_checks() -> dict[str, list[str]]:
    """Return the commands by which the images and the compose file check the health of the service."""
    in_images = re.findall(r"^HEALTHCHECK .*\\\n +CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    [in_image] = set(in_images)  # the image of the service, and that on a whole Debian
    [composed] = re.findall(
        r"^ +test: \[CMD, python3, -c, (\".*\")\]$", (ROOT / "compose.yaml").read_text(), re.MULTILINE
    )
    return {"Dockerfile": json.loads(in_image), "compose.yaml": ["python3", "-c", json.loads(composed)]}


class Well(BaseHTTPRequestHandler):
    """A healthy service."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("file", ["Dockerfile", "compose.yaml"])
def test_the_health_check_uses_the_configured_port(file: str) -> None:
    [python, *arguments] = health_checks()[file]
    assert python == "python3"

    def code(port: int) -> int:
        return subprocess.run(
            [sys.executable, *arguments], env={"PRESSMARK_PORT": str(port)}, stderr=subprocess.DEVNULL, check=False
        ).returncode

    with HTTPServer(("127.0.0.1", 0), Well) as server:
        port = server.server_port
        answering = threading.Thread(target=server.handle_request, daemon=True)
        answering.start()
        assert code(port) == 0
        answering.join()
    assert code(port) != 0


WHICH = re.compile(r"shutil\.which, [\[(]([^\])]*)[\])]")
COMES_WITH = {"node": "npm", "redis-cli": "redis-server"}
"""Commands of the packages that another command on the list brings."""


def test_the_set_up_of_the_tests_installs_each_command_that_the_programs_need() -> None:
    installed = re.findall(r"(\S+)=\S+", text_of(ROOT / "Makefile").partition("\nsystem:")[2].partition("\n\n")[0])
    scripts = (ROOT / "tests/programs").glob("*.py")
    needed = {name for script in scripts for names in WHICH.findall(text_of(script)) for name in names.split(", ")}

    assert {'"redis-server"', '"mariadbd"'} < needed
    assert {COMES_WITH.get(name.strip('"'), name.strip('"')) for name in needed} <= set(installed)
