"""Settings of the service: option of the command > environment (PRESSMARK_*) > .env > HOME/pressmark.yaml > default."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, PrivateAttr, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from config.errors import ConfigError, Problem
from config.files.document import Document, Loc, read_document, read_file
from config.files.explain import explain
from config.groups.assistant import Assistant
from config.groups.notify import SECRETS as NOTIFY_SECRETS
from config.groups.notify import Notify
from config.groups.oidc import Oidc
from config.groups.origin import Kind, Layer, Origin, flags_layer, leaves, merged, reveal_files, strange_variable
from config.groups.permissions import Allow, Permissions, SecretName, own_files
from config.groups.replicas import Replicas, secrets_of_replicas
from config.groups.retention import Retention
from config.groups.rooms import Rooms
from config.groups.service import S3, Audit, Browser, Feeds, Http, Litter, Log, Reading, Replay, Social, Spool, Worker
from config.groups.signing import SECRETS as SIGNING_SECRETS
from config.groups.signing import ServiceSigning, Signing, has_public_keys
from config.groups.timestamps import Timestamps
from config.groups.watches import Watches
from config.groups.webhooks import Webhooks, secrets_in
from config.values.described import Described
from config.values.settings_values import check_database_url, check_public_url, check_store
from config.values.time_zone import Zone
from config.values.urls import Url
from config.values.use import Use

PREFIX = "PRESSMARK_"


class Settings(Described, BaseSettings):
    """The settings of the service. `origins` returns where each value comes from."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
    )

    home: Path = Path("pressmark-home")
    """Directory for all data."""
    host: str = "127.0.0.1"
    """Network address to listen on. Any but this machine's own (127.0.0.1) needs a token, a person or `oidc`."""
    port: int = Field(default=8600, ge=0, le=65535)
    """Port to listen on. With 0, the system picks a free port, and the service prints it."""
    token: SecretStr | None = None
    """Access token with the role admin, beyond loopback at least 16 characters. With it, every route except health
    needs a token or a login."""
    token_file: Path | None = None
    """A file that holds the token."""
    warc_origin: Url | None = None
    """Origin whose pages may read WARC files by range, e.g. a replay in the browser."""
    public_url: Annotated[Url, AfterValidator(check_public_url)] | None = None
    """The address by which readers reach the service, such as `https://archive.example.org`; citations, feeds and
    messages to webhooks link to it. Without it, links begin with the address that the reader called."""
    contact: Url | None = None
    """URL of a page where site owners learn who crawls, and whom to tell of a security problem; part of the User-Agent,
    and named in `/.well-known/security.txt`."""
    user_agent: str | None = Field(default=None, min_length=1, pattern=r"^[^\r\n\x00]+$")
    """The complete User-Agent; default: `Pressmark/0.2 (+CONTACT)`."""
    use: Use | None = None
    """Why pages are archived, for sources that don't say it themselves; see `use` of a source."""
    timezone: Zone = "UTC"
    """Time zone of schedules without one, and of the times in the pages."""
    store: Annotated[str, AfterValidator(check_store)] = "local"
    """Where archived files are stored: local (HOME/store), s3, or a path."""
    database: Annotated[SecretStr, AfterValidator(check_database_url)] | None = None
    """PostgreSQL URL, postgresql://user:password@host/name; default: SQLite at HOME/pressmark.db."""
    database_file: Path | None = None
    """A file that holds the URL of the database."""
    secrets: tuple[SecretName, ...] = ()
    """Environment variables that sources may refer to as `{secret: NAME}`; files in `HOME/secrets` need no entry."""
    allow: Allow = Allow()
    s3: S3 = S3()
    replicas: Replicas = {}
    """Further stores, by name, that get a copy of each stored file: see docs/operations/fixity.md."""
    audit: Audit = Audit()
    litter: Litter = Litter()
    spool: Spool = Spool()
    worker: Worker = Worker()
    reading: Reading = Reading()
    browser: Browser = Browser()
    replay: Replay = Replay()
    http: Http = Http()
    feeds: Feeds = Feeds()
    social: Social = Social()
    log: Log = Log()
    oidc: Oidc = Oidc()
    notify: Notify = Notify()
    assistant: Assistant = Assistant()
    signing: ServiceSigning = Signing()
    timestamps: Timestamps = Timestamps()
    watches: Watches = {}
    """Phrases that people want to be told of, by the name of the watch: see docs/how-to/watches.md."""
    retention: Retention = {}
    """How long collections keep their captures, by name: see docs/how-to/retention.md."""
    rooms: Rooms = {}
    """Collections that not every reader may read, by name: see docs/how-to/rooms.md."""
    webhooks: Webhooks = {}
    """Receivers of signed event notifications, by name: see docs/how-to/webhooks.md."""

    _origins: Mapping[Loc, Origin] = PrivateAttr(default_factory=dict)
    _warnings: tuple[str, ...] = PrivateAttr(default=())
    _files: tuple[Path, ...] = PrivateAttr(default=())
    _again: Callable[[], Settings] | None = PrivateAttr(default=None)

    @property
    def sources(self) -> Path:
        """The directory of the sources."""
        return self.home / "sources"

    @property
    def database_url(self) -> str:
        """The URL of the database."""
        file = f"sqlite:///{(self.home / 'pressmark.db').absolute()}"
        return self.database.get_secret_value() if self.database is not None else file

    @property
    def store_path(self) -> Path | None:
        """The directory of a local store; None when the store is a bucket."""
        directory = self.home / "store" if self.store == "local" else Path(self.store)
        return None if self.store == "s3" else directory

    @property
    def spool_path(self) -> Path:
        """The spool of this worker."""
        return self.home / "spool" / self.worker.name

    @property
    def replay_port(self) -> int:
        """The port of replay; 0 for any free one."""
        if self.replay.port is not None:
            return self.replay.port
        return self.port + 1 if 0 < self.port < 65535 else 0

    @property
    def permissions(self) -> Permissions:
        """What sources may ask for."""
        files = (*self._files, *own_files(value for _, value in leaves(self.model_dump())))
        return Permissions(
            self.allow,
            secrets=frozenset(self.secrets),
            directory=self.home / "secrets",
            files_of_settings=files,
            signatures=has_public_keys(self.public_url),
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """One sentence for each oddity that is harmless: environment variables that nothing reads."""
        return self._warnings

    @property
    def files(self) -> tuple[Path, ...]:
        """The files from which they were read, or would be if they existed."""
        return self._files

    def read_again(self) -> Settings:
        """Load the settings again with the same flags; return these if they came from no file. Raises ConfigError."""
        return self._again() if self._again else self

    @model_validator(mode="after")
    def _bucket_is_named(self) -> Self:
        self.s3.check(self.store)
        return self

    @model_validator(mode="after")
    def _feeds_have_a_token_of_their_own(self) -> Self:
        if self.feeds.token and not self.token:
            raise ValueError("feeds.token is set, but token is not: without token, anyone on this machine has access")
        if self.feeds.token and self.feeds.token == self.token:
            raise ValueError("feeds.token equals token, which gives access to everything; use another one for feeds")
        return self

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Use the arguments alone: `load_settings` reads the other sources itself, to record each value's origin."""
        return (init_settings,)


SECRETS: tuple[Loc, ...] = (
    ("token",), ("database",), ("feeds", "token"), ("s3", "access_key"), ("s3", "secret_key"),
    ("oidc", "client_secret"), ("assistant", "key"), *NOTIFY_SECRETS, *SIGNING_SECRETS,
)  # fmt: skip


def load_settings(flags: Mapping[str, Any] | None = None, *, dotenv: Path | None = Path(".env")) -> Settings:
    """Load the settings. `flags` has dotted keys (``s3.bucket``); None means not set. Raises ConfigError."""
    environment, warnings = _environment_layer("environment", EnvSettingsSource(Settings))
    layers = [flags_layer(flags or {}), environment]
    if dotenv is not None and dotenv.is_file():
        layer, more = _environment_layer(".env", DotEnvSettingsSource(Settings, env_file=dotenv))
        layers, warnings = [*layers, layer], [*warnings, *more]
    file = Path(str(merged(layers)[0].get("home", Settings.model_fields["home"].default))) / "pressmark.yaml"
    if file.is_file():
        layers.append(_file_layer(file))
    for layer in layers:
        reveal_files(layer, (*SECRETS, *secrets_in(layer.data), *secrets_of_replicas(layer.data)))
    settings = _validated(*merged(layers))
    settings._warnings = tuple(warnings)
    settings._files = tuple(
        dict.fromkeys(
            (file, *([dotenv] if dotenv else []), *(each for layer in layers for each in layer.read_from.values()))
        )
    )
    settings._again = partial(load_settings, flags, dotenv=dotenv)
    return settings


def origins(settings: Settings) -> dict[str, Origin]:
    """Return where each value comes from, by dotted key, in the order of the settings."""
    keys = [loc for loc, _ in leaves(settings.model_dump())]
    return {".".join(map(str, loc)): settings._origins.get(loc, Origin("default")) for loc in keys}


def _validated(data: dict[str, Any], whence: dict[Loc, Origin]) -> Settings:
    try:
        settings = Settings(**data)
    except ValidationError as error:
        problems = explain(error, Settings, Document(data, None))
        placed = (_placed(problem, whence) for problem in problems)
        raise ConfigError(*sorted(placed, key=lambda problem: problem.line or 0)) from None
    settings._origins = whence
    return settings


def _placed(problem: Problem, whence: Mapping[Loc, Origin]) -> Problem:
    key = f"{problem.key}."
    dotted = ((".".join(map(str, at)) + ".", found) for at, found in whence.items())  # a wrong key may have dots itself
    near = (found for name, found in dotted if name.startswith(key) or key.startswith(name))
    origin = next(near, Origin("default", problem.key))
    return replace(problem, key=origin.name, file=origin.file, line=origin.line)


def _environment_layer(kind: Kind, source: EnvSettingsSource) -> tuple[Layer, list[str]]:
    """Return the layer of the environment variables, and a sentence about each that only begins like a setting."""
    known = {variable.lower(): variable for variable in variables()}
    ours = {name: value for name, value in source.env_vars.items() if name.upper().startswith(PREFIX)}
    source.env_vars = {name: value for name, value in ours.items() if name in known}
    strange = sorted(set(ours) - set(known) - {"pressmark_tests"})
    warnings = [strange_variable(kind, name.upper(), list(known.values()), PREFIX) for name in strange]
    try:
        return Layer(kind, source(), prefix=PREFIX), warnings
    except SettingsError:
        raise ConfigError(*_no_json(source.env_vars)) from None


def _no_json(variables: Mapping[str, str | None]) -> Iterator[Problem]:
    """Yield a problem for each variable that must hold a list or mapping and is not JSON. Its value may be secret."""
    for loc, default in leaves(Settings().model_dump()):
        name = _variable(loc)
        if isinstance(default, tuple | dict) and (value := variables.get(name.lower())):
            try:
                json.loads(value)
            except ValueError as error:
                like = '["10.1.0.0/16"]' if isinstance(default, tuple) else '{"name": {"key": "value"}}'
                yield Problem(f"this is not valid JSON: {error}", name, suggestion=f"write it like {like}")


def variables() -> list[str]:
    """Return the names of all settings as environment variables."""
    return [_variable(loc) for loc, _ in leaves(Settings().model_dump())]


def _variable(loc: Loc) -> str:
    return PREFIX + "__".join(map(str, loc)).upper()


def _file_layer(file: Path) -> Layer:
    document = read_document(read_file(file), file)
    if not isinstance(document.data, dict):
        raise ConfigError(Problem("write settings as keys and values, e.g. port: 8600", file=file))
    if "home" in document.data:
        hint = "set PRESSMARK_HOME or use --home"
        line = document.line(("home",))
        raise ConfigError(Problem("it can't be set by a file inside that directory", "home", None, hint, file, line))
    return Layer("file", document.data, document)
