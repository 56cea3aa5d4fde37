from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from config.errors import ConfigError, SecretNotFound
from config.settings import Settings, load_settings, origins, variables


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Provide an empty working directory, and an environment without Pressmark's variables."""
    for name in [name for name in os.environ if name.startswith("PRESSMARK_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def in_file(text: str, home: str = "pressmark-home") -> None:
    Path(home).mkdir(exist_ok=True)
    (Path(home) / "pressmark.yaml").write_text(text)


def test_the_defaults_describe_a_service_on_this_machine() -> None:
    settings = load_settings()

    assert (settings.host, settings.port, settings.token, settings.store) == ("127.0.0.1", 8600, None, "local")
    assert settings.home == Path("pressmark-home")
    assert settings.store_path == settings.home / "store"
    assert settings.spool.budget == 20 << 30
    assert settings.spool.grace == timedelta(hours=24)
    assert set(map(str, origins(settings).values())) == {"default"}
    assert settings.warnings == ()


def test_flag_environment_dotenv_file_and_default_win_in_this_order(monkeypatch: pytest.MonkeyPatch) -> None:
    in_file("port: 1\nhost: file\ncontact: https://file.example.org/\nuser_agent: file\n")
    Path(".env").write_text("PRESSMARK_PORT=2\nPRESSMARK_HOST=dotenv\nPRESSMARK_CONTACT=https://dotenv.example.org/\n")
    monkeypatch.setenv("PRESSMARK_PORT", "3")
    monkeypatch.setenv("PRESSMARK_HOST", "environment")
    settings = load_settings({"port": 4, "host": None})

    assert (settings.port, settings.host) == (4, "environment")
    assert (settings.contact, settings.user_agent) == ("https://dotenv.example.org/", "file")
    told = {key: str(origin) for key, origin in origins(settings).items()}
    assert told["port"] == "option --port"
    assert told["host"] == "environment PRESSMARK_HOST"
    assert told["contact"] == ".env PRESSMARK_CONTACT"
    assert told["user_agent"] == "file pressmark-home/pressmark.yaml:4"
    assert told["timezone"] == "default"


def test_two_underscores_lead_into_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    in_file("store: s3\ns3: {region: eu-central-1, bucket: from-the-file}\n")
    monkeypatch.setenv("PRESSMARK_S3__BUCKET", "archive")
    settings = load_settings()

    assert (settings.s3.bucket, settings.s3.region) == ("archive", "eu-central-1")
    assert settings.store_path is None


def test_the_settings_file_is_the_one_in_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    in_file("port: 1", "one")
    in_file("port: 2", "two")
    monkeypatch.setenv("PRESSMARK_HOME", "one")

    assert load_settings().port == 1
    assert load_settings({"home": Path("two")}).port == 2


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSMARK_TOKEN", "")

    assert load_settings().token is None


@pytest.mark.parametrize("variable", ["PRESSMARK_TOKEN", "PRESSMARK_S3__ACCESS_KEY", "PRESSMARK_S3__SECRET_KEY"])
def test_a_secret_may_come_from_a_file(variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2\n")
    monkeypatch.setenv(f"{variable}_FILE", str(tmp_path / "secret"))
    settings = load_settings()
    key = variable.removeprefix("PRESSMARK_").lower().replace("__", ".")
    group, _, name = key.rpartition(".")
    secret = getattr(getattr(settings, group) if group else settings, name)

    assert secret.get_secret_value() == "hunter2"
    assert str(origins(settings)[key]) == f"environment {variable}_FILE"
    assert "hunter2" not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


def test_a_secret_in_the_environment_wins_over_the_file_that_a_lower_layer_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("from-the-file")
    in_file(f"token_file: {tmp_path / 'secret'}")
    assert load_settings().token.get_secret_value() == "from-the-file"  # type: ignore[union-attr]

    monkeypatch.setenv("PRESSMARK_TOKEN", "from-the-environment")
    assert load_settings().token.get_secret_value() == "from-the-environment"  # type: ignore[union-attr]


def test_a_secret_and_a_file_for_it_exclude_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSMARK_TOKEN", "hunter2")
    monkeypatch.setenv("PRESSMARK_TOKEN_FILE", "secret")

    with pytest.raises(ConfigError, match="both PRESSMARK_TOKEN and PRESSMARK_TOKEN_FILE are set; keep one") as error:
        load_settings()
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("feeds: {token: hidden-hidden-hidden}", "feeds.token is set, but token is not"),
        (
            "{token: hidden-hidden-hidden, feeds: {token: hidden-hidden-hidden}}",
            "feeds.token equals token, which gives access",
        ),
        ("{token: hidden-hidden-hidden, feeds: {token: hidden}}", "feeds.token"),
    ],
)
def test_an_invalid_token_for_feeds_is_refused_without_showing_it(text: str, told: str) -> None:
    in_file(text)

    with pytest.raises(ConfigError, match=told) as error:
        load_settings()
    assert "hidden" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "notify: {webhook: {url: 'ftp://chat.example/hidden'}}",
        "notify: {apprise: {urls: ['json://chat.example/hidden']}}",
        "webhooks: {team: {url: 'ftp://hooks.example/hidden', secret: whsec_hidden}}",
    ],
)
def test_the_error_for_an_invalid_secret_url_does_not_show_it(text: str) -> None:
    in_file(text)

    with pytest.raises(ConfigError, match=r":1: (notify|webhooks)\.\w+\.urls?: th") as error:
        load_settings()
    assert "hidden" not in str(error.value)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://me:hidden@host/name",
        "postgresql://me:hid/den@host/name",
        "postgresql://me:one@hidden@host/name",
        "postgresql://me@host:hidden/name",
        "postgresql:me:hidden@host/name",
        "POSTGRESQL://me:hidden@host/name",
        "hidden",
    ],
)
def test_the_error_for_a_database_other_than_postgresql_does_not_show_its_password(url: str) -> None:
    in_file(f"database: {url}")

    with pytest.raises(ConfigError, match=r":1: database: this is not a PostgreSQL URL such as ") as error:
        load_settings()
    assert "hid" not in str(error.value)


def test_without_a_url_the_database_is_a_file_in_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    url = "postgresql://me:hidden@host/name"

    assert load_settings({"home": tmp_path}).database_url == f"sqlite:///{tmp_path}/pressmark.db"
    monkeypatch.setenv("PRESSMARK_DATABASE", url)
    assert load_settings().database_url == url
    assert "hidden" not in f"{load_settings()!r} {load_settings().model_dump_json()}"


def test_a_missing_secret_file_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSMARK_TOKEN_FILE", "gone")

    with pytest.raises(SecretNotFound, match="the secret token is not available: gone can't be read"):
        load_settings()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("allow.addresses: [127.0.0.0/8]", ":1: allow.addresses: unknown key 'allow.addresses' (found "),
        ("allow.addresses: [127.0.0.0/8]", "; write it as 'allow: {addresses: …}'"),
        ("prot: 1", ":1: prot: unknown key 'prot' (found 1); did you mean 'port'?"),
        ("s3:\n  buket: a", ":2: s3.buket: unknown key 'buket' (found 'a'); did you mean 'bucket'?"),
        ("spool: {budget: 3XB}", ":1: spool.budget: invalid size '3XB': use a number and a unit"),
        ("spool: {budget: 1MiB}", ":1: spool.budget: input should be greater than or equal to 16777216"),
        ("port: x", ":1: port: this should be a whole number (found 'x')"),
        ("log: {level: loud}", ":1: log.level: unknown value 'loud'; use one of: debug, info, warning, error"),
        ("store: s4", ":1: store: 's4' is not a store; use local (HOME/store), s3, or a path that contains a /"),
        (
            "store: s3://bucket/prefix",
            ":1: store: 's3://bucket/prefix' is a URL; for a bucket, set store to s3, and s3.bucket, s3.prefix and "
            "s3.endpoint",
        ),
        ("s3: {bucket: b}", "s3.bucket is set, but store is local; set store or PRESSMARK_STORE to s3, or remove"),
        ("store: s3", "store is s3, but no bucket is set; set s3.bucket or PRESSMARK_S3__BUCKET"),
        (
            "home: /elsewhere",
            ":1: home: it can't be set by a file inside that directory; set PRESSMARK_HOME or use --home",
        ),
        ("- port", "write settings as keys and values"),
        ("port: 1\nport: 2", ":2: port: duplicate key 'port'"),
        ("bukcet: {}", "unknown key 'bukcet'; did you mean 's3.bucket'?"),
        ("timezone: Mars/Olympus", "no time zone named 'Mars/Olympus'"),
    ],
)
def test_a_mistake_in_the_file_is_reported_with_its_line_and_the_way_out(text: str, told: str) -> None:
    in_file(text)

    with pytest.raises(ConfigError) as error:
        load_settings()
    assert told in str(error.value)
    assert "pressmark.yaml" in str(error.value) or text in ("store: s3", "s3: {bucket: b}")


def test_a_mistake_in_the_environment_is_reported_with_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSMARK_WORKER__RUNS", "many")

    with pytest.raises(ConfigError, match=r"PRESSMARK_WORKER__RUNS: this should be a whole number .found 'many'."):
        load_settings()


def test_an_invalid_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    in_file("token: [hunter2]")

    with pytest.raises(ConfigError) as error:
        load_settings()
    assert "hunter2" not in str(error.value)


def test_all_mistakes_of_all_layers_are_reported_together(monkeypatch: pytest.MonkeyPatch) -> None:
    in_file("prot: 1")
    monkeypatch.setenv("PRESSMARK_PORT", "x")

    with pytest.raises(ConfigError) as error:
        load_settings({"log.level": "loud"})
    told = str(error.value)
    assert "prot" in told
    assert "PRESSMARK_PORT" in told
    assert "--log.level" in told


def test_a_variable_that_nothing_reads_causes_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSMARK_POORT", "1")
    monkeypatch.setenv("PRESSMARK_S3__BUKET", "a")
    monkeypatch.setenv("PRESSMARK_TESTS", "long")
    Path(".env").write_text("PRESSMARK_WHAT=1\nOTHER=2\n")

    assert load_settings().warnings == (
        "PRESSMARK_POORT in the environment is not a setting; did you mean PRESSMARK_PORT?",
        "PRESSMARK_S3__BUKET in the environment is not a setting; did you mean PRESSMARK_S3__BUCKET?",
        "PRESSMARK_WHAT in the .env file is not a setting",
    )


def test_the_error_for_a_variable_with_invalid_json_names_it_and_hides_its_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PRESSMARK_WEBHOOKS", '{"team": {"secret": "whsec_abc"')
    monkeypatch.setenv("PRESSMARK_NOTIFY__WEBHOOK__ADDRESSES", "10.1.0.0/16")

    with pytest.raises(ConfigError) as in_environment:
        load_settings()
    monkeypatch.delenv("PRESSMARK_WEBHOOKS")
    monkeypatch.delenv("PRESSMARK_NOTIFY__WEBHOOK__ADDRESSES")
    Path(".env").write_text("PRESSMARK_WEBHOOKS={\n")
    with pytest.raises(ConfigError, match="PRESSMARK_WEBHOOKS: this is not valid JSON"):
        load_settings()

    told = str(in_environment.value)
    assert "PRESSMARK_WEBHOOKS: this is not valid JSON: Expecting ',' delimiter" in told
    assert "PRESSMARK_NOTIFY__WEBHOOK__ADDRESSES: this is not valid JSON" in told
    assert "whsec_abc" not in told


def test_every_setting_has_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"PRESSMARK_HOME", "PRESSMARK_S3__SECRET_KEY_FILE", "PRESSMARK_LOG__LEVEL"} <= set(variables())


def test_every_setting_is_described() -> None:
    schema = Settings.model_json_schema()
    properties = {key: value for key, value in schema["properties"].items() if "$ref" not in value}

    assert [key for key, value in properties.items() if "description" not in value] == []


def test_importing_settings_loads_no_slow_library() -> None:
    code = "import sys, config, config.errors; print([name for name in sys.modules if name.startswith('pydantic')])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"
