"""Look for known vulnerabilities in the locks and in an image: ``python deploy/scan.py [--image NAME] [LOCK ...]``.

Each part is looked up in the first source that answers for all of it, and the output names that source:

* Python packages: OSV (the database behind pip-audit), then what the package index says of each release; of
  former releases it may say nothing.
* The packages of an image: Trivy, if it is installed and gets its database; then the suites of Debian, which have a
  newer version of each package whose vulnerability Debian has fixed. They don't name what Debian has not fixed.

Exit codes: 0 if no source knows a vulnerability and all parts were looked at; 1 if one does; 3 if a part could not
be looked at. Nothing is called free of vulnerabilities that no source was asked about. ACCEPTED has vulnerabilities
that do no harm here, with the reason: they are shown, and do not count.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OSV = "https://api.osv.dev"
ACCEPTED = Path(__file__).parent / "accepted-vulnerabilities.txt"
_SECONDS = 60.0
_AT_ONCE = 500
"""Packages of one request to OSV, which takes 1,000."""
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")
_NEWER = re.compile(r"^Inst (\S+) \[([^\]]+)\] \((\S+) ([^)]*?) \[", re.MULTILINE)
"""A line of `apt-get --simulate upgrade`: the package, its version, the newer one, the suites that have it."""
_LOOK = """
set -e
apt-get -qq -o APT::Update::Error-Mode=any update
apt-cache policy | grep -q -E 'n=[a-z]+-security' || { echo 'none of its sources is a security suite' >&2; exit 9; }
apt-get --simulate dist-upgrade
"""


class Unreached(Exception):
    """A source does not answer, or answers something else. The message says why."""


@dataclass
class Result:
    """What was looked at: sentences about vulnerabilities, and about what no source answered for."""

    accepted: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """Reasons by package, version and id."""
    found: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def code(self) -> int:
        return 1 if self.found else 3 if self.unknown else 0

    def add(self, name: str, version: str, ids: Sequence[str]) -> None:
        """Add vulnerabilities of a package, but for those that are accepted."""
        for id_ in ids:
            if reason := self.accepted.get((name, version, id_)):
                print(f"ACCEPTED: {name} {version}: {id_}: {reason}")
            else:
                self.found.append(f"{name} {version}: {id_}")


Pin = tuple[str, str]
"""A package, and its version."""


def pins(locks: Sequence[Path]) -> list[Pin]:
    """Return the packages of locks with their versions, also those of other platforms."""
    found = set[Pin]()
    for lock in locks:
        lines = [line for line in lock.read_text("utf-8").splitlines() if re.match(r"[^\s#-]", line)]
        if unread := [line for line in lines if not _PIN.match(line)]:
            raise SystemExit(f"{lock}: no pin of a version, so it can't be looked at: {unread[0]}")
        if not lines:
            raise SystemExit(f"{lock} has no packages")
        found |= {(pin[1], pin[2]) for line in lines if (pin := _PIN.match(line))}
    return sorted(found)


def accepted(path: Path) -> dict[tuple[str, str, str], str]:
    """Return what a file accepts: lines of a package, its version, an id and the reason."""
    found = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        words = line.split(maxsplit=3)
        if len(words) < 4:
            raise SystemExit(f"{path}:{number}: expected a package, its version, an id and the reason: {line}")
        found[words[0], words[1], words[2]] = words[3]
    return found


def _json(url: str, given: object = None) -> Any:
    body = None if given is None else json.dumps(given).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise Unreached(f"status {error.code}") from error
    except (OSError, ValueError) as error:
        raise Unreached(str(error)) from error


def ask_osv(osv: str, wanted: Sequence[Pin]) -> Iterator[tuple[Pin, list[str]]]:
    """Yield each package with the ids of the vulnerabilities that OSV knows. Raises Unreached."""
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        queries = [{"package": {"name": name, "ecosystem": "PyPI"}, "version": version} for name, version in some]
        answer = _json(f"{osv}/v1/querybatch", {"queries": queries})
        results = answer.get("results") if isinstance(answer, dict) else None
        if not isinstance(results, list) or len(results) != len(some):
            raise Unreached("it did not answer each query")
        for pin, said in zip(some, results, strict=True):
            if not isinstance(said, dict) or not said.keys() <= {"vulns"}:
                raise Unreached(f"its answer about {pin[0]} is not complete: {str(said)[:200]}")
            yield pin, sorted(one["id"] for one in said.get("vulns") or ())


def ask_index(index: str, wanted: Sequence[Pin]) -> Iterator[tuple[Pin, list[str] | None]]:
    """Yield each package with the vulnerabilities that the index knows of its release; None if it does not say.

    Raises Unreached.
    """
    for pin in wanted:
        said = _release(index, *pin)
        listed = said.get("vulnerabilities") if said is not None else None
        if isinstance(listed, list):
            yield pin, sorted(one["id"] for one in listed if not one.get("withdrawn"))
        else:
            yield pin, None


def _release(index: str, name: str, version: str) -> dict[str, Any] | None:
    for url in (f"{index}/{name}/{version}/json", f"{index}/{name}/json"):
        try:
            said = _json(url)
        except Unreached as error:
            if str(error) == "status 404":
                continue
            raise
        if isinstance(said, dict) and said.get("info", {}).get("version") == version:
            return said
    return None


def look_at_locks(osv: str, index: str, wanted: Sequence[Pin], result: Result) -> None:
    try:
        known = dict(ask_osv(osv, wanted))
    except Unreached as error:
        print(f"OSV could not be asked ({osv}): {error}")
    else:
        print(f"OSV was asked about {len(wanted)} Python packages")
        for pin, ids in known.items():
            result.add(*pin, ids)
        return
    try:
        said = dict(ask_index(index, wanted))
    except Unreached as error:
        print(f"the package index could not be asked: {error}")
        result.unknown.append(f"Python packages: all {len(wanted)}")
        return
    silent = [" ".join(pin) for pin, ids in said.items() if ids is None]
    asked = len(wanted)
    print(f"the package index was asked about {asked} Python packages, and says something of {asked - len(silent)}")
    for pin, listed in said.items():
        result.add(*pin, listed or ())
    if silent:
        unknown = f"Python packages of which the index has no statement, {len(silent)}: {', '.join(silent)}"
        result.unknown.append(unknown)


def look_at_image(image: str, engine: list[str], sources: Path | None, result: Result) -> None:
    listed = _ask_trivy(image)
    if listed is None:
        listed = _ask_suites(image, engine, sources, result)
    if listed is None:
        result.unknown.append(f"the packages of the image {image}")
    else:
        result.found += listed


def _ask_trivy(image: str) -> list[str] | None:
    """Return the vulnerabilities that Trivy finds in an image; None if it could not look."""
    trivy = shutil.which("trivy")
    if trivy is None:
        print("Trivy is not installed")
        return None
    options = ["--quiet", "--format", "json", "--severity", "HIGH,CRITICAL", "--ignore-unfixed"]
    done = subprocess.run([trivy, "image", *options, image], check=False, capture_output=True, text=True)
    if done.returncode or (listed := _of_trivy(done.stdout)) is None:
        print(f"Trivy could not look at the image: {_last(done.stderr)}")
        return None
    print(f"Trivy has looked at the image {image}")
    return [f"{one} in the image {image}" for one in listed]


def _ask_suites(image: str, engine: list[str], sources: Path | None, result: Result) -> list[str] | None:
    """Return the packages of an image that have a newer version in Debian's suites; None if they could not be asked."""
    mount = ["--volume", f"{sources}:/etc/apt/sources.list.d/{sources.name}:ro"] if sources else []
    options = ["--rm", "--pull=never", "--user", "0", "--network", "host", "--entrypoint", "sh", *mount]
    try:
        done = subprocess.run(
            [*engine, "run", *options, image, "-c", _LOOK], check=False, capture_output=True, text=True
        )
    except FileNotFoundError as error:
        print(f"Debian's suites could not be asked: {error}")
        return None
    if done.returncode:
        print(f"Debian's suites could not be asked about the image {image}: {_last(done.stderr)}")
        return None
    if not re.search(r"^\d+ upgraded, .*and 0 not upgraded", done.stdout, re.MULTILINE):
        held = re.search(r"kept back:\n((?:  .*\n)+)", done.stdout)
        named = " ".join(held[1].split()) if held else "apt-get does not say which"
        result.unknown.append(f"packages of the image {image} that apt-get keeps back: {named}")
    newer = _NEWER.findall(done.stdout)
    print(f"Debian's suites were asked about the image {image}: {len(newer)} packages have a newer version there")
    print("what Debian has not fixed is not among them")
    return [f"{name} {has} in the image {image}: {now} of {suite}" for name, has, now, suite in newer]


def _of_trivy(report: str) -> list[str] | None:
    """Return what a report names; None if it does not say that the packages of a known system were looked at."""
    try:
        said = json.loads(report)
        family, results = said["Metadata"]["OS"]["Family"], said["Results"]
        if not family or family == "none" or not any(one["Class"] == "os-pkgs" for one in results):
            return None
        known = [vulnerable for one in results for vulnerable in one.get("Vulnerabilities") or ()]
        return [f"{one['PkgName']} {one['InstalledVersion']}: {one['VulnerabilityID']}" for one in known]
    except (ValueError, KeyError, TypeError):
        return None


def _last(said: str) -> str:
    return (said.strip().splitlines() or ["no reason"])[-1]


def _index() -> str:
    """Return where the package index of pip answers in JSON."""
    said = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"], check=False, capture_output=True, text=True
    )
    if said.returncode == 0:
        return said.stdout.strip().rstrip("/").removesuffix("/simple") + "/pypi"
    from pip._internal.models.index import PyPI  # pip has no public name for its default

    return str(PyPI.pypi_url)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("locks", nargs="*", type=Path, metavar="LOCK")
    parser.add_argument("--image", help="an image of the container engine, such as localhost/pressmark")
    parser.add_argument("--engine", default="podman", help="the command of the container engine, with its options")
    parser.add_argument(
        "--sources", type=Path, help="a file with the suites of Debian, for an image that names no security suite"
    )
    parser.add_argument("--osv", default=OSV, help="the address of OSV")
    parser.add_argument("--index", help="where the package index answers in JSON (default: that of pip)")
    given = parser.parse_args(arguments)
    if not (given.locks or given.image):
        parser.error("name a LOCK or an --image")
    result = Result(accepted(ACCEPTED))
    if given.locks:
        look_at_locks(given.osv, given.index or _index(), pins(given.locks), result)
    if given.image:
        look_at_image(given.image, shlex.split(given.engine), given.sources, result)
    for one in result.found:
        print(f"VULNERABLE: {one}")
    for one in result.unknown:
        print(f"NOT LOOKED AT: {one}")
    if not result.code:
        print("no known vulnerability in what was looked at")
    return result.code


if __name__ == "__main__":
    sys.exit(main())
