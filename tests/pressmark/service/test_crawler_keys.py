"""Who signs: the settings for all sources, each source for itself, and nobody without an address for the keys."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest
from pydantic import ValidationError
from specimens.backups import BAD

from config.errors import ConfigError, NotPermitted
from config.load import Sources
from config.settings import Settings, load_settings
from config.source import Source
from crawler.frontier.failures import continues
from crawler.wire.bot_key import signing_key
from crawler.wire.signatures import directory_fields
from pressmark.service.assembly import utc_now
from pressmark.service.keys import published_keys, signer_of
from scheduler.run import Run
from scheduler.workers.orders import Orders, SourceRefused

PUBLIC_URL = "https://archive.example.org"


def source(**facts: bool) -> Source:
    return Source.model_validate({"source": "a", "seeds": ["https://example.org/"], **facts})


@pytest.mark.parametrize(
    ("for_all", "own", "signs"),
    [(False, None, False), (True, None, True), (False, True, True), (True, False, False)],
)
def test_a_source_decides_for_itself_and_otherwise_the_settings(
    tmp_path: Path, for_all: bool, own: bool | None, signs: bool
) -> None:
    settings = Settings(home=tmp_path, public_url=PUBLIC_URL, signing={"requests": for_all})  # type: ignore[arg-type]

    signer = signer_of(settings, source(**({} if own is None else {"sign_requests": own})))

    assert (signer is not None) is signs
    assert len(published_keys(settings)) == signs, "a key is made at its first use"


def test_a_service_without_an_address_cannot_sign_for_all(tmp_path: Path) -> None:
    for public_url in ("", "public_url: http://archive.example.org\n"):
        (tmp_path / "pressmark.yaml").write_text(f"{public_url}signing:\n  requests: true\n")
        with pytest.raises(ConfigError, match=r"pressmark\.yaml:\d: signing\.requests: .*set public_url to the https"):
            load_settings({"home": tmp_path}, dotenv=None)

    (tmp_path / "pressmark.yaml").write_text(f"public_url: {PUBLIC_URL}\nsigning:\n  requests: true\n")
    assert load_settings({"home": tmp_path}, dotenv=None).signing.requests


@pytest.mark.parametrize(
    "public_url",
    [
        "https://bücher.example",
        'https://archive.example.org/"a"',
        "https://archive.example.org/a\\b",
        "https://archive.example.org/50%off",
        "https://archive.example.org/{a}",
    ],
)
def test_an_address_that_no_field_can_have_cannot_sign(tmp_path: Path, public_url: str) -> None:
    with pytest.raises(ValidationError, match=r"xn--…"):
        Settings(home=tmp_path, public_url=public_url, signing={"requests": True})  # type: ignore[arg-type]

    signing_key(tmp_path / "crawler-keys")
    plain = Settings(home=tmp_path, public_url=public_url)
    assert published_keys(plain) == []
    with pytest.raises(NotPermitted, match=r"xn--…"):
        plain.permissions.check(source(sign_requests=True))


@pytest.mark.parametrize(
    "public_url",
    ["HTTPS://archive.example.org", "https://xn--bcher-kva.example:8443/%C3%A9/~a", "https://[::1]:8443"],
)
def test_an_address_in_ascii_with_https_can_sign(tmp_path: Path, public_url: str) -> None:
    settings = Settings(home=tmp_path, public_url=public_url, signing={"requests": True})  # type: ignore[arg-type]

    signer = signer_of(settings, source())
    assert signer is not None
    assert len(signer.lines("GET", "http://example.org", "/", utc_now())) == 3
    assert "Signature" in directory_fields(published_keys(settings), public_url, b"{}", utc_now())


def test_a_source_cannot_sign_when_the_service_has_no_address(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "a.yaml").write_text("source: a\nseeds: [https://example.org/]\nsign_requests: true\n")
    run = Run("r", "a", "running", utc_now())

    def orders(settings: Settings) -> Orders:
        sources = Sources(tmp_path / "sources")
        return Orders(sources, tmp_path, settings.permissions, signer=partial(signer_of, settings))

    with pytest.raises(SourceRefused, match=r"a\.yaml:3: sign_requests is true, but .*public_url"):
        orders(Settings(home=tmp_path)).order(run)

    assert orders(Settings(home=tmp_path, public_url=PUBLIC_URL)).order(run).signer is not None


@pytest.mark.parametrize("creates", [True, False])
def test_no_machine_makes_a_key_of_its_own_when_several_can_share_the_database(tmp_path: Path, creates: bool) -> None:
    homes = [tmp_path / "first", tmp_path / "second"]
    first, second = (
        Settings(home=home, public_url=PUBLIC_URL, database="postgresql://u:p@db.example/pressmark")  # type: ignore[arg-type]
        for home in homes
    )
    signs = source(sign_requests=True)

    with pytest.raises(ConfigError, match=r"there is no key in .*/second/crawler-keys; copy .*crawler-keys"):
        signer_of(second, signs, creates=creates)
    assert not (homes[1] / "crawler-keys").exists()
    assert signer_of(second, source(sign_requests=False), creates=creates) is None

    made = signing_key(homes[0] / "crawler-keys")
    shutil.copytree(homes[0] / "crawler-keys", homes[1] / "crawler-keys")
    assert signer_of(second, signs, creates=creates) is not None
    assert [[key.id for key in published_keys(one)] for one in (first, second)] == [[made.id]] * 2


def test_a_look_makes_no_key_and_uses_the_one_that_is_there(tmp_path: Path) -> None:
    settings, signs = Settings(home=tmp_path, public_url=PUBLIC_URL), source(sign_requests=True)

    assert signer_of(settings, signs, creates=False) is None
    assert published_keys(settings) == []
    assert signer_of(settings, signs) is not None
    assert signer_of(settings, signs, creates=False) is not None


def test_a_key_that_cannot_be_used_fails_the_run_and_names_its_file(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, public_url=PUBLIC_URL)
    signer_of(settings, source(sign_requests=True))
    file = tmp_path / "crawler-keys" / "current.pem"
    file.write_text("nothing")

    with pytest.raises(ConfigError, match=r"requests can't be signed: .*current\.pem"):
        signer_of(settings, source(sign_requests=True))
    with pytest.raises(ConfigError, match=r"can't be read: .*current\.pem"):
        published_keys(settings)


def test_a_disk_that_cannot_read_a_key_interrupts_the_run_instead_of_failing_it(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, public_url=PUBLIC_URL)
    (tmp_path / "crawler-keys").mkdir()
    (tmp_path / "crawler-keys" / "current.pem").symlink_to(BAD)

    with pytest.raises(OSError, match=r"Input/output error") as met:
        signer_of(settings, source(sign_requests=True))
    assert continues(met.value)
