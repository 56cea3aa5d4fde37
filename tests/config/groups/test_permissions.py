from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from config.errors import ConfigError, NotPermitted, SecretNotFound
from config.groups.permissions import Allow, Permissions
from config.settings import load_settings
from config.source import Source
from config.values.secret import Secret

NAME = Secret(secret="NAME")
LISTED = Permissions(secrets=frozenset({"NAME"}))


def source(**facts: Any) -> Source:
    return Source.model_validate({"source": "a", "seeds": ["https://a.example/"], **facts})


def test_a_listed_secret_comes_from_the_environment() -> None:
    assert LISTED.reveal(NAME, {"NAME": "hunter2"}) == "hunter2"


def test_a_secret_from_a_file_has_no_line_end(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2\n")

    assert LISTED.reveal(NAME, {"NAME_FILE": str(tmp_path / "secret")}) == "hunter2"


def test_the_error_for_a_missing_secret_names_it() -> None:
    with pytest.raises(SecretNotFound, match="the secret NAME is not available: neither NAME nor NAME_FILE is set"):
        LISTED.reveal(NAME, {})


def test_the_error_for_a_missing_secret_file_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(SecretNotFound, match="gone can't be read: No such file"):
        LISTED.reveal(NAME, {"NAME_FILE": str(tmp_path / "gone")})


def test_a_plain_value_is_returned_unchanged() -> None:
    assert Permissions().reveal("plain") == "plain"


def test_a_variable_that_is_not_listed_is_not_a_secret() -> None:
    with pytest.raises(NotPermitted, match="not in the operator's list; the operator adds NAME to `secrets`"):
        Permissions().reveal(NAME, {"NAME": "hunter2"})


@pytest.mark.parametrize(
    "name",
    ["PRESSMARK_TOKEN", "pressmark_token", "PRESSMARK_S3__SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "aws_secret_access_key",
     "AWS_SESSION_TOKEN", "PGPASSWORD"],
)  # fmt: skip
def test_a_variable_of_the_service_is_never_a_secret_of_a_source(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("key")
    (tmp_path / name).chmod(0o600)
    careless = Permissions(secrets=frozenset({name}), directory=tmp_path)

    with pytest.raises(NotPermitted, match="belongs to the service itself"):
        careless.reveal(Secret(secret=name), {name: "key"})
    with pytest.raises(ConfigError, match="belongs to the service itself"):
        load_settings({"secrets": [name]})


def test_a_file_in_the_directory_of_secrets_is_one(tmp_path: Path) -> None:
    (tmp_path / "NAME").write_text("hunter2\n")
    (tmp_path / "NAME").chmod(0o600)

    assert Permissions(directory=tmp_path).reveal(NAME, {}) == "hunter2"


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "NAME").write_text("hunter2\n")
    (tmp_path / "NAME").chmod(0o640)

    with pytest.raises(SecretNotFound, match=r"others can read .*NAME \(mode 640\); run chmod 600"):
        Permissions(directory=tmp_path).reveal(NAME, {})


def test_a_file_that_a_setting_names_is_never_a_secret_of_a_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file := tmp_path / "secrets" / "NAME").parent.mkdir()
    file.write_text("the-token-of-the-service")
    file.chmod(0o600)
    (tmp_path / "linked").symlink_to(file)
    monkeypatch.setenv("NAME_FILE", str(tmp_path / "linked"))

    free = load_settings({"home": tmp_path}, dotenv=None).permissions
    assert free.reveal(NAME) == "the-token-of-the-service"  # the control: no setting names it
    for secrets in ([], ["NAME"]):
        flags = {"home": tmp_path, "token_file": file, "secrets": secrets}
        with pytest.raises(NotPermitted, match="is a file of the service's own settings"):
            load_settings(flags, dotenv=None).permissions.reveal(NAME)


@pytest.mark.parametrize(
    "asked, refused",
    [("10.1.0.0/16", False), ("10.1.2.3/32", False), ("10.0.0.0/8", True), ("0.0.0.0/0", True),
     ("127.0.0.0/8", True), ("fd00::/8", True), ("::ffff:10.1.0.0/112", True)],
)  # fmt: skip
def test_a_source_can_only_narrow_the_networks(asked: str, refused: bool) -> None:
    permissions = Permissions(Allow(addresses=(ip_network("10.1.0.0/16"),)))
    problems = [str(problem) for _, problem in permissions.problems(source(addresses=[asked]))]

    asked = str(ip_network(asked))
    assert problems == (
        [f"addresses.0: the private network {asked} is not permitted to sources; the operator permits it by "
         f"a line of HOME/pressmark.yaml: 'allow: {{addresses: [{asked}]}}'"] if refused else []
    )  # fmt: skip


def test_no_private_network_is_permitted_by_default() -> None:
    with pytest.raises(NotPermitted, match=r"addresses\.0"):
        Permissions().check(source(addresses=["127.0.0.1/32"]))


@pytest.mark.parametrize(
    "allowed, asked, refused",
    [
        (None, 8000, False),
        (None, 22, True),
        (None, 25, True),
        (["25"], 25, False),
        (["25"], 8000, True),
        ([], 8000, True),
    ],
)
def test_a_source_can_only_ask_for_permitted_ports(allowed: list[str] | None, asked: int, refused: bool) -> None:
    allow = Allow() if allowed is None else Allow(ports=tuple(allowed))

    assert bool([*Permissions(allow).problems(source(ports=[asked]))]) is refused


@pytest.mark.parametrize(
    "allowed, asked, refused",
    [
        (None, "http://10.0.0.1:3128", False),
        ([], "http://10.0.0.1:3128", True),
        (["http://proxy.example:3128"], "http://proxy.example:3128", False),
        (["http://proxy.example:3128"], "http://me:word@PROXY.example:3128", False),
        (["http://proxy.example:3128"], "http://proxy.example:3129", True),
        (["http://proxy.example:3128"], "socks5://proxy.example:3128", True),
        (["http://proxy.example:3128"], "http://proxy.example:3128@other.example:3128", True),
        (["http://proxy.example:3128"], "http://[", True),
        (["socks5://proxy.example"], "socks5h://proxy.example:1080", False),
    ],
)
def test_a_source_can_only_use_permitted_proxies(allowed: list[str] | None, asked: str, refused: bool) -> None:
    permissions = Permissions(Allow(proxies=None if allowed is None else tuple(allowed)))
    if refused:
        with pytest.raises(NotPermitted, match="this proxy is not permitted") as told:
            permissions.check_proxy(asked)
        assert asked not in str(told.value)
    else:
        permissions.check_proxy(asked)


@pytest.mark.parametrize("ports", ["0", "70000", "9-8", "a", ""])
def test_ports_that_are_none_are_refused(ports: str) -> None:
    with pytest.raises(ConfigError, match="is not a port or a range of ports"):
        load_settings({"allow.ports": [ports]}, dotenv=None)
