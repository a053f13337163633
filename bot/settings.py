"""Settings: the only reader of the environment, .env and atelier.toml; every error is told at once."""

from __future__ import annotations

import contextlib
import os
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from bot.tables import (
    PACKS,
    PLANS,
    Credits,
    Grants,
    JobLimits,
    PackOffer,
    PaymentRules,
    PlanOffer,
    ProviderRules,
)

MASTER_KEY_BYTES = 32
MASTER_KEY_LENGTH_MIN = 32
WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 - recognised, not bound
STRIPE_LIVE = ("sk_live_", "rk_live_")
STRIPE_TEST = ("sk_test_", "rk_test_")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SettingsError(Exception):
    """What is wrong with the settings, a line for each."""


def web_address(value: str) -> str:
    """An address of the web without the slash at its end; raises ValueError for anything else."""
    try:
        address = urlsplit(value)
        right = address.scheme in {"http", "https"} and bool(address.hostname) and address.port != 0
    except ValueError:  # a port that is no number; the value itself may hold a password
        right = False
    if not right:
        raise ValueError("must be an address that begins with http:// or https://")
    return value.rstrip("/")


WebAddress = Annotated[str, AfterValidator(web_address)]


def _listed(value: SecretStr | None) -> tuple[str, ...]:
    """The parts of a list with commas."""
    parts = [] if value is None else value.get_secret_value().split(",")
    return tuple(part.strip() for part in parts if part.strip())


class Settings(BaseModel):
    """Everything the operator can set; names in the environment are the same in capitals."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    discord_token: SecretStr | None = None
    discord_api_url: WebAddress | None = None
    telegram_token: SecretStr | None = None
    telegram_api_url: WebAddress | None = None
    stripe_secret_key: SecretStr | None = None
    stripe_webhook_secret: SecretStr | None = None
    stripe_api_url: WebAddress | None = None
    database_url: SecretStr | None = None
    redis_url: SecretStr | None = None
    blob_url: str | None = None
    public_url: WebAddress | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    master_key: SecretStr | None = None
    master_key_old: SecretStr | None = None
    atelier_data_dir: Path = Path("data")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "console", "json"] = "auto"
    atelier_failpoint: str | None = None
    vendors: Mapping[str, SecretStr] = Field(default_factory=dict)

    credits: Credits = Credits()
    jobs: JobLimits = JobLimits()
    providers: ProviderRules = ProviderRules()
    grants: Grants = Grants()
    payments: PaymentRules = PaymentRules()
    models: tuple[Mapping[str, Any], ...] = ()
    packs: tuple[PackOffer, ...] = PACKS
    plans: tuple[PlanOffer, ...] = PLANS

    @field_validator("master_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < MASTER_KEY_LENGTH_MIN:
            raise ValueError(f"must have at least {MASTER_KEY_LENGTH_MIN} characters")
        return value

    @field_validator("master_key_old")
    @classmethod
    def _each_long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if any(len(key) < MASTER_KEY_LENGTH_MIN for key in _listed(value)):
            raise ValueError(f"each must have at least {MASTER_KEY_LENGTH_MIN} characters")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis_address(cls, value: SecretStr | None) -> SecretStr | None:
        schemes = ("redis://", "rediss://", "unix://")
        if value is not None and not value.get_secret_value().startswith(schemes):
            raise ValueError(f"must begin with {', '.join(schemes)}")
        return value

    @field_validator("stripe_secret_key")
    @classmethod
    def _stripe_key(cls, value: SecretStr | None) -> SecretStr | None:
        known = (*STRIPE_LIVE, *STRIPE_TEST)
        if value is not None and not value.get_secret_value().startswith(known):
            raise ValueError(f"must begin with {', '.join(known)}")
        return value

    @model_validator(mode="after")
    def _stripe_whole(self) -> Self:
        if self.stripe_webhook_secret is not None and self.stripe_secret_key is None:
            raise ValueError("STRIPE_WEBHOOK_SECRET is of no use without STRIPE_SECRET_KEY")
        return self

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @property
    def stripe_is_live(self) -> bool:
        """Whether real money is paid: the key says so."""
        key = self.stripe_secret_key
        return key is not None and key.get_secret_value().startswith(STRIPE_LIVE)

    @property
    def data_dir(self) -> Path:
        """The folder of the database, the pictures and the master key."""
        return self.atelier_data_dir.absolute()

    @property
    def old_master_keys(self) -> tuple[str, ...]:
        """Master keys that may still have wrapped some data keys, until they are rotated."""
        return _listed(self.master_key_old)

    @property
    def database(self) -> str:
        """The database's address; SQLite in the data folder where none is set."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir / 'atelier.db'}"

    @property
    def blobs(self) -> str:
        """The blob store's address; a folder where none is set."""
        return self.blob_url or str(self.data_dir / "blobs")

    @property
    def page_is_open(self) -> bool:
        """Whether others than the operator can reach the page: then only links let people in."""
        return self.host not in LOOPBACK or self.public_url is not None

    @property
    def page_url(self) -> str | None:
        """Where people reach the page from elsewhere."""
        if self.public_url is not None:
            return self.public_url
        if not self.page_is_open:
            return None
        # A wildcard is no address to go to; the start says that PUBLIC_URL is wanted.
        host = "localhost" if self.host in WILDCARDS else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def secrets(self) -> tuple[str, ...]:
        """Every secret value, for the log's redaction."""
        named = (
            self.discord_token,
            self.telegram_token,
            self.stripe_secret_key,
            self.stripe_webhook_secret,
            self.database_url,
            self.redis_url,
            self.master_key,
        )
        values = [value.get_secret_value() for value in named if value is not None]
        values += self.old_master_keys
        values += [
            value.get_secret_value()
            for name, value in self.vendors.items()
            if not name.endswith(("_URL", "_MODEL"))
        ]
        return tuple(value for value in values if value)


def load(
    vendor_names: tuple[str, ...] = (),
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """Read the environment over .env over atelier.toml; raises SettingsError with every fault."""
    folder = folder or Path.cwd()
    told = {**_dotenv(folder), **(os.environ if environment is None else environment)}  # noqa: TID251
    told = {name: value for name, value in told.items() if value}
    fields = {name for name in Settings.model_fields if name not in _TABLES}
    values: dict[str, object] = {
        name: told[name.upper()] for name in fields if name.upper() in told
    }
    values["vendors"] = {name: told[name] for name in vendor_names if name in told}
    try:
        table = _toml(folder / "atelier.toml")
        return Settings.model_validate({**values, **table})
    except ValidationError as error:
        raise SettingsError(_explained(error)) from error


_SECTIONS = (
    "credits",
    "jobs",
    "providers",
    "grants",
    "payments",
    "models",
    "packs",
    "plans",
)
_TABLES = (*_SECTIONS, "vendors")


def with_master_key(settings: Settings) -> Settings:
    """The settings with a master key: the given one, else the data folder's, made at first start."""
    if settings.master_key is not None:
        return settings
    path = settings.data_dir / "master.key"
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _make_master_key(path)
        key = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SettingsError(
            f"ATELIER_DATA_DIR: {settings.data_dir} cannot be used ({error.strerror})"
        ) from error
    if len(key) < MASTER_KEY_LENGTH_MIN:
        raise SettingsError(f"MASTER_KEY: {path} is damaged; put the key of your backup there")
    return settings.model_copy(update={"master_key": SecretStr(key)})


def _make_master_key(path: Path) -> None:
    """Write a fresh key whole under another name, then give it its own, unless another was first."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(MASTER_KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _dotenv(folder: Path) -> dict[str, str]:
    path = folder / ".env"
    if not path.is_file():
        return {}
    return {name: value for name, value in dotenv_values(path).items() if value}


def _toml(path: Path) -> dict[str, object]:
    if not path.is_file():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{path.name}: {error}") from error
    unknown = [name for name in table if name not in _SECTIONS]
    if unknown:
        raise SettingsError(f"{path.name}: there is no section {', '.join(unknown)}")
    return table


def _explained(error: ValidationError) -> str:
    lines = []
    for fault in error.errors(include_input=False, include_url=False):
        where = [str(part) for part in fault["loc"]]
        if not where:
            lines.append(fault["msg"].removeprefix("Value error, "))
            continue
        name = where[0].upper() if len(where) == 1 else f"atelier.toml: {'.'.join(where)}"
        lines.append(f"{name}: {fault['msg'].removeprefix('Value error, ')}")
    return "\n".join(lines)
