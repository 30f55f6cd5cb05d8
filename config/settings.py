"""Settings, read once from the environment and then frozen. Nothing here writes."""

import difflib
import ipaddress
import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.country import countries
from config.language import languages

PREFIX = "HILO_"
DEMO_SECRET_MARK = "demo-"  # noqa: S105  # starts every secret that `make run` makes for the demo
LEAST_SECRET = 32


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class BadSetting(RuntimeError):
    """A setting is missing, malformed or unsafe. One sentence that names it and never its value."""


class Mode(StrEnum):
    """A demo is for looking around; production is where people are."""

    DEMO = "demo"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """Everything the environment decides. Make it with `load`; it cannot be changed afterwards."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True
    )

    mode: Mode = Mode.DEMO
    var: Path = Path("var")
    paper: Path = Path("dist/handbook")
    database_url: SecretStr
    secret: SecretStr
    secret_next: SecretStr | None = None
    secret_retired: tuple[SecretStr, ...] = ()
    telegram_token: SecretStr | None = None
    telegram_api: str = "https://api.telegram.org"
    telegram_link: str | None = None
    telegram_webhook_secret: SecretStr | None = None
    telegram_rate: Annotated[int, Field(ge=0)] = 30
    public_url: str | None = None
    heartbeat_url: SecretStr | None = None
    metrics_token: SecretStr | None = None
    mail: SecretStr | None = None
    channels_private: tuple[Network, ...] = ()
    country: str = "mx"
    bind: str = "127.0.0.1:8000"
    language: str = "es"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` was handed; never a stray .env file behind its back."""
        return (init_settings,)

    @property
    def production(self) -> bool:
        """Whether people rely on this installation."""
        return self.mode is Mode.PRODUCTION

    @property
    def webhook(self) -> bool:
        """Whether Telegram comes to us, instead of our asking it for news."""
        return self.telegram_webhook_secret is not None

    @property
    def sqlalchemy_url(self) -> str:
        """The database's address as SQLAlchemy wants it. It may hold a password."""
        url = self.database_url.get_secret_value()
        return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)

    @property
    def bind_host(self) -> str:
        """The address to listen on, without brackets."""
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def bind_port(self) -> int:
        """The port to listen on."""
        return int(self.bind.rpartition(":")[2])

    @property
    def address(self) -> str:
        """Where people find the pages, for links; no slash at the end."""
        return self.public_url or f"http://localhost:{self.bind_port}"

    @field_validator("secret_retired", mode="before")
    @classmethod
    def _comma_list(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part for piece in value.split(",") if (part := piece.strip()))

    @field_validator("secret")
    @classmethod
    def _long_secret(cls, value: SecretStr) -> SecretStr:
        return _long_enough(value, "HILO_SECRET")

    @field_validator("secret_next")
    @classmethod
    def _long_next(cls, value: SecretStr | None) -> SecretStr | None:
        return value and _long_enough(value, "HILO_SECRET_NEXT")

    @field_validator("secret_retired")
    @classmethod
    def _long_retired(cls, values: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        return tuple(_long_enough(value, "HILO_SECRET_RETIRED") for value in values)

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        if not re.match(r"(sqlite:///.|postgres(ql)?(\+psycopg)?://.)", url):
            raise BadSetting(
                "HILO_DATABASE_URL must start with sqlite:/// or postgresql:// and name a database."
            )
        if not url.startswith("sqlite") and not _parted(url):
            # What stands on the wrong side of a sign would be printed as the name of a server.
            raise BadSetting(
                "HILO_DATABASE_URL cannot be read; in its password write @ : / ? # % [ ] as %40 %3A"
                " %2F %3F %23 %25 %5B %5D."
            )
        return value

    @field_validator("telegram_token")
    @classmethod
    def _token_shape(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.fullmatch(r"\d+:[A-Za-z0-9_-]{10,}", value.get_secret_value()):
            raise BadSetting(
                "HILO_TELEGRAM_TOKEN is not a bot token: digits, a colon, then letters."
            )
        return value

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _webhook_secret_shape(cls, value: SecretStr | None) -> SecretStr | None:
        # Telegram sends it back in a header and allows these characters only.
        if value and not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", value.get_secret_value()):
            raise BadSetting(
                "HILO_TELEGRAM_WEBHOOK_SECRET must be 16 to 256 letters, digits, _ or -."
            )
        return value

    @field_validator("telegram_api")
    @classmethod
    def _api_address(cls, value: str) -> str:
        _web_address(value, "HILO_TELEGRAM_API")
        return value.rstrip("/")

    @field_validator("telegram_link")
    @classmethod
    def _bot_address(cls, value: str | None) -> str | None:
        if value is not None:
            _web_address(value, "HILO_TELEGRAM_LINK")
        return value

    @field_validator("heartbeat_url")
    @classmethod
    def _heartbeat_address(cls, value: SecretStr | None) -> SecretStr | None:
        # Whoever knows it can say that we are well: it stays a secret.
        if value is not None:
            url = value.get_secret_value()
            host = urlsplit(url).hostname or ""
            known = _web_address(
                url.partition("?")[0], "HILO_HEARTBEAT_URL"
            )  # ?status=up may follow
            if known.scheme != "https" and not _loopback(host):
                raise BadSetting("HILO_HEARTBEAT_URL must start with https://.")
        return value

    @field_validator("channels_private", mode="before")
    @classmethod
    def _private_networks(cls, value: object) -> object:
        """Only what a technician names: a mistyped one opens nothing."""
        named = value.split(",") if isinstance(value, str) else value
        assert isinstance(named, list | tuple)
        try:
            return tuple(ipaddress.ip_network(str(one).strip()) for one in named)
        except ValueError:
            raise BadSetting(
                "HILO_CHANNELS_PRIVATE must name addresses or networks, such as"
                " 192.168.1.20,10.8.0.0/16."
            ) from None

    @field_validator("metrics_token")
    @classmethod
    def _long_token(cls, value: SecretStr | None) -> SecretStr | None:
        return value and _long_enough(value, "HILO_METRICS_TOKEN")

    @field_validator("mail")
    @classmethod
    def _mail_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.match(r"mailtos?://[^/?]+", value.get_secret_value()):
            raise BadSetting(
                "HILO_MAIL must be where letters are handed in, such as"
                " mailtos://name:passphrase@mail.example.org?from=hilo@example.org."
            )
        return value

    @field_validator("public_url")
    @classmethod
    def _public_origin(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if _web_address(value, "HILO_PUBLIC_URL").path.strip("/"):
            raise BadSetting("HILO_PUBLIC_URL must be a host alone, with no path behind it.")
        return value.rstrip("/")

    @field_validator("bind")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        named = re.fullmatch(r"\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+", host)
        if not (named and re.fullmatch(r"[0-9]{1,5}", port) and 0 < int(port) < 1 << 16):
            raise BadSetting("HILO_BIND must be an address and a port, such as 127.0.0.1:8000.")
        return value

    @field_validator("country")
    @classmethod
    def _pack_exists(cls, value: str) -> str:
        if value not in countries():
            raise BadSetting("HILO_COUNTRY must name a country pack, such as mx.")
        return value

    @field_validator("language")
    @classmethod
    def _language_exists(cls, value: str) -> str:
        if value not in languages():
            raise BadSetting("HILO_LANGUAGE must be a language there is a catalog for, such as es.")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.webhook and self.public_url is None:
            raise BadSetting(
                "HILO_TELEGRAM_WEBHOOK_SECRET needs HILO_PUBLIC_URL, where Telegram is to come."
            )
        if self.production:
            self._fit_for_people()
        return self

    def _fit_for_people(self) -> None:
        for name, value in (
            ("HILO_SECRET", self.secret),
            *([("HILO_SECRET_NEXT", self.secret_next)] if self.secret_next else []),
            *(("HILO_SECRET_RETIRED", retired) for retired in self.secret_retired),
        ):
            if value.get_secret_value().startswith(DEMO_SECRET_MARK):
                raise BadSetting(f"{name} is a demo secret, which production refuses.")
        if self.public_url is None or not self.public_url.startswith("https://"):
            raise BadSetting("HILO_PUBLIC_URL must be set and start with https:// in production.")
        api = urlsplit(self.telegram_api)
        if api.scheme != "https" and not _loopback(api.hostname or ""):
            raise BadSetting(
                "HILO_TELEGRAM_API must use https in production, unless it is on this machine."
            )


SECRETS = frozenset(
    {
        "database_url",
        "secret",
        "secret_next",
        "secret_retired",
        "telegram_token",
        "telegram_webhook_secret",
        "heartbeat_url",
        "metrics_token",
        "mail",
    }
)


def load(environ: Mapping[str, str]) -> Settings:
    """The settings an environment describes, or `BadSetting`. Names without HILO_ are not ours."""
    _refuse_unknown(environ)
    values = {
        field: value
        for field in Settings.model_fields
        if (value := _read(environ, field)) is not None
    }
    if values.get("mode") == Mode.PRODUCTION:
        for field in SECRETS:
            _refuse_open_file(environ, field)
    var = Path(values.get("var", "var"))
    values.setdefault("database_url", f"sqlite:///{var / 'hilo.db'}")
    if "secret" not in values:
        values["secret"] = _standing_secret(var, values.get("mode", Mode.DEMO))
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise BadSetting(_sentence(error)) from None


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = [PREFIX + field.upper() for field in Settings.model_fields]
    known += [f"{name}_FILE" for name in known]
    for name in environ:
        if name.startswith(PREFIX) and name not in known:
            nearest = difflib.get_close_matches(name, known, n=1, cutoff=0)[0]
            raise BadSetting(f"{name} is not a setting; the nearest is {nearest}.")


def _read(environ: Mapping[str, str], field: str) -> str | None:
    name = PREFIX + field.upper()
    if name in environ and f"{name}_FILE" in environ:
        raise BadSetting(f"{name} and {name}_FILE are both set; keep one.")
    if f"{name}_FILE" in environ:
        return _from_file(Path(environ[f"{name}_FILE"]), f"{name}_FILE")
    if name not in environ:
        return None
    if not (value := environ[name].strip()):
        raise BadSetting(f"{name} is empty; give it a value or remove it.")
    return value


def _from_file(path: Path, name: str) -> str:
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise BadSetting(f"{name} names a file that cannot be read as text.") from None
    if not value:
        raise BadSetting(f"{name} names a file that is empty.")
    return value


def _refuse_open_file(environ: Mapping[str, str], field: str) -> None:
    name = f"{PREFIX}{field.upper()}_FILE"
    if name in environ and Path(environ[name]).stat().st_mode & 0o077:
        raise BadSetting(
            f"{name} names a file that others can read or change; make it readable by its owner "
            "alone (chmod 600)."
        )


def _standing_secret(var: Path, mode: str) -> str:
    """The demo's own secret, which `make run` leaves in the var folder."""
    if mode == Mode.PRODUCTION:
        raise BadSetting("HILO_SECRET or HILO_SECRET_FILE must be set in production.")
    if not (path := var / "secret").exists():
        raise BadSetting("HILO_SECRET is not set; `make run` makes one for a demo in HILO_VAR.")
    return _from_file(path, "HILO_SECRET (in the file `secret` of HILO_VAR)")


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return f"{PREFIX}{str(first['loc'][0]).upper()}: {first['msg']}."


def _long_enough(value: SecretStr, name: str) -> SecretStr:
    if len(value.get_secret_value()) < LEAST_SECRET:
        raise BadSetting(f"{name} must have at least {LEAST_SECRET} characters.")
    return value


def _web_address(value: str, name: str) -> SplitResult:
    bad = BadSetting(f"{name} must be a web address such as https://example.org.")
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise bad from None
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
        raise bad
    return parts


def _parted(url: str) -> bool:
    """Whether name, password, server and port are told apart in one way only."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    who, _, _ = parts.netloc.rpartition("@")
    behind = f"{parts.path}{parts.query}{parts.fragment}"
    return "@" not in who + behind and who.count(":") <= 1


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
