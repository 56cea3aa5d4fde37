"""From the setting of a key to what verify, rebuild and doctor report about signatures."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from specimens.archives import SEGMENTS
from specimens.keys import new_ed25519, public_line

from config.settings import load_settings
from pressmark.cli import main
from pressmark.service.assembly import open_pressmark

Ask = Callable[..., tuple[int, str]]


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return new_ed25519(tmp_path / "manifests.pem")


@pytest.fixture
def home(tmp_path: Path, key: Path) -> Path:
    """A home with two segments, imported under a key."""
    home = tmp_path / "home"
    with open_pressmark(load_settings({"home": home, "signing.private_key_file": key})) as service:
        for segment in sorted(SEGMENTS.glob("*.warc.gz")):
            service.archive.ingest(segment)
    return home


@pytest.fixture
def ask(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    def ask(*arguments: str, **environment: str) -> tuple[int, str]:
        for name in ("PRIVATE_KEY", "PRIVATE_KEY_FILE", "PUBLIC_KEYS", "WACZ_KEY_FILE"):
            monkeypatch.delenv(f"PRESSMARK_SIGNING__{name}", raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(f"PRESSMARK_SIGNING__{name}", value)
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(home), *arguments])
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out + told.err

    return ask


def manifest_of(home: Path) -> Path:
    return sorted((home / "store" / "manifest").rglob("*.json"))[0]


def unsigned(path: Path) -> None:
    """Remove the signature, and make the rest consistent."""
    from archive.warc.manifest import Manifest

    fields = Manifest.parse(path.read_bytes(), "key")
    path.chmod(0o644)
    path.write_bytes(type(fields)(**{n: getattr(fields, n) for n in fields.__slots__ if n != "signature"}).to_bytes())


def test_a_signed_store_passes_only_with_the_public_key(ask: Ask, key: Path) -> None:
    trusted = public_line(key)

    assert ask("verify", "--all", PUBLIC_KEYS=trusted)[0] == 0
    code, told = ask("doctor", PUBLIC_KEYS=trusted)
    assert (code, "the newest lists of stored files (manifests: 2) have valid signatures" in told) == (0, True)


def test_a_removed_signature_is_found_by_every_check(ask: Ask, key: Path, home: Path) -> None:
    unsigned(manifest_of(home))
    trusted = public_line(key)

    for command in (["verify", "--all"], ["rebuild"], ["doctor"]):
        code, told = ask(*command, PUBLIC_KEYS=trusted)
        assert code == 10, (command, told)
        assert "it is not signed" in " ".join(told.split())
    assert ask("verify", "--all")[0] == 0  # the control: without configured keys no signature is required


def test_a_removed_manifest_is_missed_even_if_all_later_ones_are_removed(ask: Ask, key: Path, home: Path) -> None:
    for path in (home / "store" / "manifest").rglob("*.json"):
        path.unlink()

    for environment in ({}, {"PUBLIC_KEYS": public_line(key)}):
        code, told = ask("verify", "--all", "--json", **environment)
        assert (code, [one["kind"] for one in json.loads(told)["findings"]]) == (10, ["missing", "missing"])
    assert ask("doctor", PUBLIC_KEYS=public_line(key))[0] == 6  # of the known manifests, the store has none


def test_another_key_than_the_named_one_is_found(ask: Ask, tmp_path: Path) -> None:
    new_ed25519(tmp_path / "other.pem")
    code, told = ask("verify", "--all", "--json", PUBLIC_KEYS=public_line(tmp_path / "other.pem"))

    assert code == 10
    assert [finding["kind"] for finding in json.loads(told)["findings"]] == ["signature", "signature"]


def test_after_a_change_of_keys_manifests_signed_by_the_old_one_pass(
    ask: Ask, tmp_path: Path, key: Path, home: Path
) -> None:
    new_ed25519(tmp_path / "newer.pem")
    newer = {"PRIVATE_KEY_FILE": str(tmp_path / "newer.pem")}

    assert ask("verify", "--all", **newer)[0] == 10
    assert ask("verify", "--all", **newer, PUBLIC_KEYS=public_line(key))[0] == 0
    both = [public_line(key), public_line(tmp_path / "newer.pem")]
    assert ask("verify", "--all", PUBLIC_KEYS=" ".join(both))[0] == 0
    (home / "pressmark.yaml").write_text(f"signing: {{public_keys: {json.dumps(both)}}}\n")
    assert ask("verify", "--all")[0] == 0


def test_a_bad_key_is_an_error_that_names_the_setting_and_not_the_key(ask: Ask, tmp_path: Path, key: Path) -> None:
    begin, _, end = key.read_text().splitlines()
    (tmp_path / "bad.pem").write_text(f"{begin}\nhunter2canary\n{end}\n")
    for environment, name in (
        ({"PRIVATE_KEY_FILE": str(tmp_path / "bad.pem")}, "signing.private_key"),
        ({"PUBLIC_KEYS": "hunter2canary"}, "signing.public_keys"),
    ):
        code, told = ask("doctor", **environment)
        assert code == 4
        assert name in told
        assert "hunter2canary" not in told


def test_a_key_is_never_shown(ask: Ask, key: Path) -> None:
    secret = key.read_text().splitlines()[1]
    for command in (["config", "show", "--origin"], ["config", "show", "--json"], ["doctor"]):
        for environment in ({"PRIVATE_KEY_FILE": str(key)}, {"PRIVATE_KEY": key.read_text()}):
            assert secret not in ask(*command, **environment)[1]


def test_a_wacz_can_not_be_signed_without_a_matching_key(ask: Ask, tmp_path: Path, key: Path) -> None:
    for environment, told in (
        ({}, "no key for signing a WACZ"),
        ({"WACZ_KEY_FILE": str(key)}, "not an ECDSA P-384 key"),
    ):
        code, said = ask("export", "wacz", "-o", str(tmp_path / "out.wacz"), "--sign", **environment)
        assert code == 4
        assert "signing.wacz_key" in said and told in said
    assert not list(tmp_path.glob("*.wacz")) + list(tmp_path.glob(".*exporting"))
    assert ask("doctor", WACZ_KEY_FILE=str(key))[0] == 4


@pytest.mark.system
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not there: apt-get install openssl")
def test_the_keys_are_made_as_the_how_to_says(ask: Ask, tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "sign.md").read_text()
    for line in re.findall(r"^openssl genpkey .*$", page, re.MULTILINE):
        subprocess.run(line.replace("/etc/pressmark", str(tmp_path)), shell=True, check=True, capture_output=True)
    [asked] = re.findall(r"^openssl pkey .*$", page, re.MULTILINE)
    command = asked.replace("/etc/pressmark", str(tmp_path))
    shown = subprocess.run(command, shell=True, check=True, capture_output=True, text=True).stdout.splitlines()
    key, wacz_key = str(tmp_path / "manifests.pem"), str(tmp_path / "wacz.pem")

    code, told = ask("doctor", PUBLIC_KEYS=shown[1], WACZ_KEY_FILE=wacz_key)
    assert (code, "can sign WACZ files" in told) == (10, True)  # this key has signed nothing here
    assert shown[1] in ask("doctor", PRIVATE_KEY_FILE=key)[1].replace("\n", "")
