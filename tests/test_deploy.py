"""The files of deploy/ name what exists: roles, settings, volumes, services; systemd knows every key of the units."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any, get_args

import pytest
from ruamel.yaml import YAML

from config.settings import Settings, load_settings, variables
from pressmark.processes.serve import Role

DEPLOY = Path(__file__).parent.parent / "deploy"
UNITS = sorted(DEPLOY.glob("systemd/*.service"))
VARIABLE = re.compile(r"\$\{\w+(?::([-?])([^}]*))?\}")
SECRET = "a-secret-of-this-test"
"""What every variable without a default is set to."""


def composed(text: str) -> dict[str, Any]:
    """Return a compose file with its variables filled in."""
    filled = VARIABLE.sub(lambda found: found[2] if found[1] == "-" else SECRET, text)
    loaded: dict[str, Any] = YAML(typ="safe", pure=True).load(StringIO(filled))
    return loaded


@pytest.fixture(scope="module")
def scaled() -> dict[str, Any]:
    return composed((DEPLOY / "compose.yaml").read_text("utf-8"))


def roles_of(service: Mapping[str, Any]) -> set[str]:
    command = service.get("command", [])
    return set(command[2].split(",")) if command[:2] == ["serve", "--role"] else set()


def ours(file: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from ((name, service) for name, service in file["services"].items() if service.get("image") == "pressmark")


def undefined(file: Mapping[str, Any]) -> list[str]:
    """Return the volumes and services that a compose file uses and does not define."""
    wanted = [
        (kind, name.partition(":")[0])
        for service in file["services"].values()
        for kind, names in (("services", service.get("depends_on", {})), ("volumes", service.get("volumes", [])))
        for name in names
    ]
    return [name for kind, name in wanted if name not in file[kind]]


def settings_of(service: Mapping[str, Any], home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    with monkeypatch.context() as patched:
        for name, value in service["environment"].items():
            patched.setenv(name, value)
        return load_settings({"home": home})


def test_the_scaled_shape_has_a_clock_two_workers_a_reader_and_two_apis(scaled: dict[str, Any]) -> None:
    roles = sorted(",".join(sorted(roles_of(service))) for _, service in ours(scaled))
    assert roles == ["api", "api", "clock", "read", "work", "work"]
    assert set(roles) <= set(get_args(Role))
    assert {"database", "s3"} <= scaled["services"].keys()


def test_what_the_scaled_shape_uses_is_defined_and_no_file_system_is_shared(scaled: dict[str, Any]) -> None:
    assert undefined(scaled) == []
    volumes = [volume for service in scaled["services"].values() for volume in service["volumes"]]
    assert len(volumes) == len(set(volumes)) == len(scaled["volumes"])
    assert undefined({"services": {"a": {"volumes": ["x:/data"], "depends_on": {"b": {}}}}, "volumes": {}}) == [
        "b",
        "x",
    ]


def test_every_setting_of_the_scaled_shape_is_one_and_workers_have_names_of_their_own(
    scaled: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {name: settings_of(service, tmp_path, monkeypatch) for name, service in ours(scaled)}
    workers = [settings[name].worker.name for name, service in ours(scaled) if "work" in roles_of(service)]
    assert len(workers) == len(set(workers)) == 2
    addresses = {name: str(each.worker.url).rstrip("/") for name, each in settings.items() if each.worker.url}
    assert addresses == {name: f"http://{name}:8600" for name in workers}
    assert {each.database_url for each in settings.values()} == {f"postgresql://pressmark:{SECRET}@database/pressmark"}
    known = set(variables())
    assert {name for _, service in ours(scaled) for name in service["environment"]} <= known
    assert "PRESSMARK_WORKER__NAMES" not in known


def test_the_pages_of_each_api_name_a_port_of_replay_that_is_published(
    scaled: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stage of a page is at the address of the page, at the port that replay has in the container."""
    for _, service in ours(scaled):
        if "api" in roles_of(service):
            replay = settings_of(service, tmp_path, monkeypatch).replay_port
            assert f"{replay}:{replay}" in [port.removeprefix("127.0.0.1:") for port in service["ports"]]


def test_the_health_check_of_the_scaled_shape_is_that_of_one_machine(scaled: dict[str, Any]) -> None:
    alone = composed((DEPLOY.parent / "compose.yaml").read_text("utf-8"))["services"]["pressmark"]
    assert {tuple(service["healthcheck"]["test"]) for _, service in ours(scaled)} == {
        tuple(alone["healthcheck"]["test"])
    }


def complaints(unit: Path, text: str) -> str:
    """Return what systemd finds wrong with a unit whose program exists."""
    unit.write_text(text.replace("/opt/pressmark/bin/pressmark", "/bin/true"))
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.stderr if done.returncode else ""


@pytest.mark.system
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed: as root, make test does")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_knows_every_key_of_a_unit(unit: Path, tmp_path: Path) -> None:
    text = unit.read_text("utf-8")
    assert complaints(tmp_path / unit.name, text) == ""
    assert "LimitNOFILES" in complaints(tmp_path / unit.name, text.replace("LimitNOFILE", "LimitNOFILES"))


def test_the_units_serve_everything_and_one_role() -> None:
    started = [re.findall(r"^ExecStart=\S+ (.*)$", unit.read_text("utf-8"), re.MULTILINE) for unit in UNITS]
    assert started == [["serve"], ["serve --role %i"]]


IMAGES = (DEPLOY.parent / "Dockerfile").read_text("utf-8")
BASE = re.compile(r"debian:[a-z]+-slim@sha256:[0-9a-f]{64}")


def bases(text: str) -> list[str]:
    """Return the images of registries that a Dockerfile begins with, with the defaults of its arguments."""
    arguments = dict(re.findall(r"^ARG (\w+)=(\S+)", text, re.MULTILINE))
    named, found = {"scratch"}, []  # the empty image
    for image, _, name in re.findall(r"^FROM (\S+)( AS (\S+))?", text, re.MULTILINE):
        filled = re.sub(r"\$\{(\w+)\}", lambda argument: arguments.get(argument[1], ""), image)
        found += [filled] if filled not in named else []
        named.add(name)
    return found


def stage(text: str, name: str) -> list[str]:
    """Return what a stage of a Dockerfile says of its containers, in order."""
    whole = next(one for one in re.split(r"^FROM ", text, flags=re.MULTILINE) if one.partition("\n")[0].endswith(name))
    said = "ENV|USER|WORKDIR|VOLUME|EXPOSE|STOPSIGNAL|HEALTHCHECK|ENTRYPOINT|CMD"
    return re.findall(rf"^(?:{said}) (?:[^\\\n]|\\\n)*", whole, re.MULTILINE)


def test_a_container_on_a_whole_debian_starts_as_one_of_the_image_without_a_shell() -> None:
    assert stage(IMAGES, " AS service") == stage(IMAGES, " AS debian")
    assert len(stage(IMAGES, " AS service")) == 10

    changed = IMAGES.replace('CMD ["serve"]', 'CMD ["work"]', 1)
    assert stage(changed, " AS service") != stage(changed, " AS debian")


def users(text: str) -> dict[str, str]:
    """Return as which user each stage of a Dockerfile ends."""
    ends = dict[str, str]()
    for stage in re.split(r"^(?=FROM )", text, flags=re.MULTILINE)[1:]:
        base, name = re.findall(r"^FROM (\S+) AS (\S+)", stage)[0]
        ends[name] = (["root", ends.get(base, "root"), *re.findall(r"^USER (\S+)", stage, re.MULTILINE)])[-1]
    return ends


def test_the_base_of_the_images_is_pinned_by_its_digest() -> None:
    assert [BASE.fullmatch(base) is not None for base in bases(IMAGES)] == [True]

    unpinned = bases(re.sub("@sha256:[0-9a-f]+", "", IMAGES) + "FROM debian:sid AS more\n")
    assert [BASE.fullmatch(base) is not None for base in unpinned] == [False, False]


def test_each_image_ends_as_another_user_than_root() -> None:
    ends = users(IMAGES)
    made = {"pressmark", "s3", "browser", "service", "debian"}
    assert {name: ends[name] for name in made} == dict.fromkeys(made, "1000:1000")

    assert users(IMAGES.replace("USER 1000:1000", "USER 0:0"))["pressmark"] == "0:0"


def unguarded(file: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what each container of an image that is built here lacks."""
    wanted: dict[str, Any] = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}
    lacks = {
        name: [key for key, value in wanted.items() if service.get(key) != value]
        + [key for key in ("privileged", "cap_add", "user", "network_mode", "pid") if key in service]
        for name, service in file["services"].items()
        if "build" in service
    }
    return {name: keys for name, keys in lacks.items() if keys}


@pytest.mark.parametrize("path", ["compose.yaml", "deploy/compose.yaml"])
def test_each_container_has_a_read_only_root_and_no_capabilities(path: str) -> None:
    file = composed((DEPLOY.parent / path).read_text("utf-8"))
    assert unguarded(file) == {}
    assert {"s3"} < {name for name, service in file["services"].items() if "build" in service}

    service = file["services"]["s3"]
    del service["cap_drop"]
    service |= {"read_only": False, "privileged": True}
    assert unguarded(file) == {"s3": ["read_only", "cap_drop", "privileged"]}
