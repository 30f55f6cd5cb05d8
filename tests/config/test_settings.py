"""An installation says what it is, and is refused when that could hurt somebody."""

import os
import pickle
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.settings import DEMO_SECRET_MARK, BadSetting, Mode, Settings, load

SECRET = "s" * 48
TOKEN = "123456:abcdefghijklmnopqrstuvwxyz"
DEMO = {"HILO_SECRET": SECRET}
PRODUCTION = {
    "HILO_MODE": "production",
    "HILO_SECRET": SECRET,
    "HILO_PUBLIC_URL": "https://hilo.example.org",
}


@pytest.fixture
def private(tmp_path: Path) -> Path:
    file = tmp_path / "value"
    file.touch(mode=0o600)
    return file


def refusal(environ: dict[str, str]) -> str:
    with pytest.raises(BadSetting) as refused:
        load(environ)
    return str(refused.value)


def test_a_newcomer_needs_to_set_nothing_but_the_secret_that_make_run_makes() -> None:
    settings = load(DEMO)
    assert settings.mode is Mode.DEMO
    assert not settings.production
    assert settings.sqlalchemy_url == "sqlite:///var/hilo.db"
    assert settings.telegram_api == "https://api.telegram.org"
    assert settings.telegram_token is None
    assert settings.telegram_rate == 30
    assert not settings.webhook
    assert (settings.country, settings.language) == ("mx", "es")
    assert (settings.bind_host, settings.bind_port) == ("127.0.0.1", 8000)
    assert settings.address == "http://localhost:8000"
    assert settings.var == Path("var")


def test_the_environment_of_other_programs_is_none_of_our_business() -> None:
    others = {"PATH": "/bin", "SECRET": "other", "MODE": "x", "DATABASE_URL": "x"}
    assert load(DEMO | others) == load(DEMO)


def test_only_what_is_handed_over_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HILO_BIND", "127.0.0.1:9999")
    monkeypatch.setenv("BIND", "127.0.0.1:9999")
    assert load(DEMO).bind_port == 8000


def test_settings_stay_as_they_were_read() -> None:
    with pytest.raises(ValidationError):
        load(DEMO).country = "gt"


def test_secrets_are_not_shown_by_accident() -> None:
    settings = load(
        PRODUCTION
        | {
            "HILO_SECRET": "hush-secret" * 4,
            "HILO_SECRET_NEXT": "hush-next" * 4,
            "HILO_SECRET_RETIRED": "hush-retired" * 4,
            "HILO_TELEGRAM_TOKEN": "123456:hush-token-hush",
            "HILO_TELEGRAM_WEBHOOK_SECRET": "hush-webhook-secret",
            "HILO_DATABASE_URL": "postgresql://hilo:hush-password@db/hilo",
        }
    )
    for shown in (repr(settings), str(settings), f"{settings}", str(settings.model_dump())):
        assert "hush" not in shown
    assert settings.secret.get_secret_value() == "hush-secret" * 4
    assert settings.telegram_token
    assert settings.telegram_token.get_secret_value() == "123456:hush-token-hush"


def test_postgresql_is_reached_by_its_driver() -> None:
    for given in ("postgresql", "postgres", "postgresql+psycopg"):
        settings = load(DEMO | {"HILO_DATABASE_URL": f"{given}://u:p@db:5432/hilo"})
        assert settings.sqlalchemy_url == "postgresql+psycopg://u:p@db:5432/hilo"


def test_the_database_lies_in_the_folder_for_data() -> None:
    settings = load(DEMO | {"HILO_VAR": "/srv/hilo"})
    assert settings.sqlalchemy_url == "sqlite:////srv/hilo/hilo.db"


def test_a_retired_secret_is_one_of_a_list() -> None:
    one, two = "a" * 40, "b" * 40
    settings = load(DEMO | {"HILO_SECRET_RETIRED": f" {one} , {two},"})
    assert [each.get_secret_value() for each in settings.secret_retired] == [one, two]


def test_a_web_hook_is_told_where_to_come_and_what_to_say() -> None:
    settings = load(PRODUCTION | {"HILO_TELEGRAM_WEBHOOK_SECRET": "w" * 32})
    assert settings.webhook
    assert settings.address == "https://hilo.example.org"


def test_listening_on_ipv6_keeps_its_brackets_apart() -> None:
    settings = load(DEMO | {"HILO_BIND": "[::1]:8001"})
    assert (settings.bind_host, settings.bind_port) == ("::1", 8001)


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_can_be_read_from_a_file(name: str, private: Path) -> None:
    values = {
        "mode": "production",
        "database_url": "postgresql://u:p@db/hilo",
        "secret": "f" * 40,
        "secret_next": "n" * 40,
        "secret_retired": "g" * 40,
        "telegram_token": TOKEN,
        "telegram_api": "http://localhost:8081",
        "telegram_webhook_secret": "w" * 32,
        "telegram_rate": "7",
        "telegram_link": "https://t.me/some_bot",
        "public_url": "https://other.example.org",
        "country": "mx",
        "bind": "0.0.0.0:80",
        "var": "/srv/hilo",
        "paper": "/srv/paper",
        "language": "en",
        "heartbeat_url": "https://hc.example.org/ping/a-secret",
        "metrics_token": "m" * 40,
        "mail": "mailtos://me:word@mail.example.org?from=hilo@example.org",
        "channels_private": "192.168.1.20,10.8.0.0/16",
    }
    private.write_text(f"  {values[name]}\n")
    given = {key: value for key, value in PRODUCTION.items() if key != f"HILO_{name.upper()}"}
    read = load(given | {f"HILO_{name.upper()}_FILE": str(private)})
    said = load(given | {f"HILO_{name.upper()}": values[name]})
    assert read == said


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_a_value_and_its_file_together_are_refused(name: str, private: Path) -> None:
    setting = f"HILO_{name.upper()}"
    said = refusal(DEMO | {setting: "x", f"{setting}_FILE": str(private)})
    assert said == f"{setting} and {setting}_FILE are both set; keep one."


@pytest.mark.parametrize(
    ("unknown", "nearest"),
    [
        ("HILO_SECRT", "HILO_SECRET"),
        ("HILO_TELEGRAM_TOKN", "HILO_TELEGRAM_TOKEN"),
        ("HILO_DATABASE_URI", "HILO_DATABASE_URL"),
        ("HILO_PUBLIC_URL_FIL", "HILO_PUBLIC_URL_FILE"),
        ("HILO_SECRET_FILE_FILE", "HILO_SECRET_FILE"),
    ],
)
def test_a_misspelt_name_is_refused_with_the_nearest(unknown: str, nearest: str) -> None:
    assert refusal(DEMO | {unknown: "x"}) == (
        f"{unknown} is not a setting; the nearest is {nearest}."
    )


BAD = [
    ("HILO_MODE", "prod"),
    ("HILO_MODE", "Production"),
    ("HILO_SECRET", "short-shibboleth"),
    ("HILO_SECRET_NEXT", "short-shibboleth"),
    ("HILO_SECRET_RETIRED", f"{SECRET},short-shibboleth"),
    ("HILO_DATABASE_URL", "mysql://shibboleth"),
    ("HILO_DATABASE_URL", "sqlite:///"),
    ("HILO_DATABASE_URL", "postgresql+asyncpg://shibboleth"),
    ("HILO_TELEGRAM_TOKEN", "shibboleth"),
    ("HILO_TELEGRAM_TOKEN", "123456:shibboleth shibboleth"),
    ("HILO_TELEGRAM_API", "api.shibboleth.org"),
    ("HILO_TELEGRAM_API", "ftp://shibboleth.org"),
    ("HILO_TELEGRAM_API", "http://shibboleth:8x81"),
    ("HILO_TELEGRAM_API", "https://[shibboleth"),
    ("HILO_TELEGRAM_WEBHOOK_SECRET", "shibboleth"),
    ("HILO_TELEGRAM_WEBHOOK_SECRET", "shibboleth with spaces"),
    ("HILO_TELEGRAM_RATE", "-1"),
    ("HILO_TELEGRAM_RATE", "shibboleth"),
    ("HILO_TELEGRAM_RATE", "1.5"),
    ("HILO_HEARTBEAT_URL", "http://shibboleth.org/ping"),
    ("HILO_HEARTBEAT_URL", "shibboleth"),
    ("HILO_METRICS_TOKEN", "short-shibboleth"),
    ("HILO_MAIL", "https://shibboleth.org"),
    ("HILO_CHANNELS_PRIVATE", "shibboleth"),
    ("HILO_PUBLIC_URL", "shibboleth"),
    ("HILO_PUBLIC_URL", "https://user:shibboleth@example.org"),
    ("HILO_PUBLIC_URL", "https://example.org/shibboleth"),
    ("HILO_PUBLIC_URL", "https://example.org?shibboleth"),
    ("HILO_COUNTRY", "zz"),
    ("HILO_COUNTRY", "../mx"),
    ("HILO_BIND", "shibboleth"),
    ("HILO_BIND", "127.0.0.1"),
    ("HILO_BIND", "127.0.0.1:"),
    ("HILO_BIND", ":8000"),
    ("HILO_BIND", "127.0.0.1:0"),
    ("HILO_BIND", "127.0.0.1:65536"),
    ("HILO_BIND", "::1:8000"),
    ("HILO_LANGUAGE", "zz"),
    ("HILO_LANGUAGE", "../es"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_malformed_value_is_named_but_not_shown(name: str, value: str) -> None:
    said = refusal(DEMO | {name: value})
    assert said.startswith(name)
    assert "shibboleth" not in said
    assert said.endswith(".")
    assert "\n" not in said


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_an_empty_value_is_a_mistake_not_a_default(name: str) -> None:
    setting = f"HILO_{name.upper()}"
    assert refusal(DEMO | {setting: " "}) == f"{setting} is empty; give it a value or remove it."


def test_a_file_that_cannot_be_read_is_refused_without_naming_its_place(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("missing", "binary", "."):
        said = refusal({"HILO_SECRET_FILE": str(tmp_path / name)})
        assert said == "HILO_SECRET_FILE names a file that cannot be read as text."
    assert refusal({"HILO_SECRET_FILE": str(tmp_path / "empty")}) == (
        "HILO_SECRET_FILE names a file that is empty."
    )


def test_a_secret_written_where_its_file_belongs_is_not_repeated() -> None:
    said = refusal({"HILO_SECRET_FILE": "shibboleth" * 400})
    assert "shibboleth" not in said


def test_a_demo_reads_the_secret_that_make_run_left(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{DEMO_SECRET_MARK}{SECRET}\n")
    settings = load({"HILO_VAR": str(tmp_path)})
    assert settings.secret.get_secret_value() == f"{DEMO_SECRET_MARK}{SECRET}"


def test_a_demo_without_a_secret_is_told_how_to_get_one(tmp_path: Path) -> None:
    assert "make run" in refusal({"HILO_VAR": str(tmp_path)})
    assert not list(tmp_path.iterdir())


def test_a_web_hook_without_a_public_address_is_refused() -> None:
    said = refusal(DEMO | {"HILO_TELEGRAM_WEBHOOK_SECRET": "w" * 32})
    assert said.startswith("HILO_TELEGRAM_WEBHOOK_SECRET needs HILO_PUBLIC_URL")


def test_production_starts_when_everything_is_as_it_should_be(private: Path) -> None:
    private.write_text(SECRET)
    environ = {key: value for key, value in PRODUCTION.items() if key != "HILO_SECRET"}
    settings = load(environ | {"HILO_SECRET_FILE": str(private)})
    assert settings.production
    assert settings.address == "https://hilo.example.org"


def test_production_takes_no_secret_from_the_demos_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    environ = {key: value for key, value in PRODUCTION.items() if key != "HILO_SECRET"}
    said = refusal(environ | {"HILO_VAR": str(tmp_path)})
    assert said == "HILO_SECRET or HILO_SECRET_FILE must be set in production."


@pytest.mark.parametrize("name", ["HILO_SECRET", "HILO_SECRET_NEXT", "HILO_SECRET_RETIRED"])
def test_production_refuses_a_demo_secret(name: str) -> None:
    said = refusal(PRODUCTION | {name: f"{DEMO_SECRET_MARK}{SECRET}"})
    assert said == f"{name} is a demo secret, which production refuses."


@pytest.mark.parametrize("address", [None, "http://hilo.example.org", "http://localhost:8000"])
def test_production_refuses_to_be_without_https(address: str | None) -> None:
    environ = {key: value for key, value in PRODUCTION.items() if key != "HILO_PUBLIC_URL"}
    said = refusal(environ | ({"HILO_PUBLIC_URL": address} if address else {}))
    assert said == "HILO_PUBLIC_URL must be set and start with https:// in production."


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o660, 0o666])
@pytest.mark.parametrize("setting", ["SECRET", "TELEGRAM_TOKEN", "DATABASE_URL", "SECRET_RETIRED"])
def test_production_refuses_a_secret_that_others_can_read(
    private: Path, mode: int, setting: str
) -> None:
    values = {"TELEGRAM_TOKEN": TOKEN, "DATABASE_URL": "postgresql://u:p@db/hilo"}
    private.write_text(values.get(setting, SECRET))
    private.chmod(mode)
    environ = {key: value for key, value in PRODUCTION.items() if key != f"HILO_{setting}"}
    said = refusal(environ | {f"HILO_{setting}_FILE": str(private)})
    assert said.startswith(f"HILO_{setting}_FILE names a file that others can read or change")


def test_a_link_to_an_open_file_is_an_open_file(private: Path) -> None:
    private.write_text(SECRET)
    private.chmod(0o644)
    link = private.with_name("link")
    link.symlink_to(private)
    environ = {key: value for key, value in PRODUCTION.items() if key != "HILO_SECRET"}
    assert "others can read" in refusal(environ | {"HILO_SECRET_FILE": str(link)})


@pytest.mark.parametrize("api", ["http://localhost:8081", "http://127.0.0.1:8081", "http://[::1]"])
def test_production_may_use_a_bot_api_server_beside_it(api: str) -> None:
    assert load(PRODUCTION | {"HILO_TELEGRAM_API": api}).telegram_api == api


@pytest.mark.parametrize("api", ["http://api.telegram.org", "http://10.0.0.1:8081"])
def test_production_sends_no_message_in_the_clear(api: str) -> None:
    assert refusal(PRODUCTION | {"HILO_TELEGRAM_API": api}).startswith("HILO_TELEGRAM_API must use")


def test_a_trailing_slash_makes_no_difference() -> None:
    settings = load(
        DEMO
        | {"HILO_TELEGRAM_API": "http://localhost:8081/", "HILO_PUBLIC_URL": "http://localhost:8/"}
    )
    assert settings.telegram_api == "http://localhost:8081"
    assert settings.public_url == "http://localhost:8"


def test_no_refusal_carries_the_value_in_its_history() -> None:
    with pytest.raises(BadSetting) as refused:
        load(DEMO | {"HILO_TELEGRAM_RATE": "shibboleth"})
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
    assert b"shibboleth" not in pickle.dumps(refused.value)


def test_reading_settings_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    load(DEMO)
    assert os.listdir(tmp_path) == []  # noqa: PTH208


@pytest.mark.parametrize(
    "wrong", ["se@same99", "sesame:99", "se/same99", "1/same99@x", "1?same99", "1#same99", "[ses99"]
)
def test_a_password_that_hides_the_server_is_refused_before_any_of_it_is_taken_for_one(
    wrong: str,
) -> None:
    told = refusal(DEMO | {"HILO_DATABASE_URL": f"postgresql://ana:{wrong}@db.example.org/hilo"})
    assert "%40" in told
    assert wrong not in told


@pytest.mark.parametrize(
    "right",
    [
        "postgresql://ana:se%40same@db.example.org:5432/hilo",
        "postgresql:///hilo?host=/run/postgresql",
        "postgresql://ana@[::1]/hilo",
    ],
)
def test_an_address_that_reads_one_way_only_is_taken(right: str) -> None:
    assert load(DEMO | {"HILO_DATABASE_URL": right}).sqlalchemy_url.endswith(right[10:])


def test_a_monitoring_service_may_want_a_word_behind_its_address() -> None:
    for url in ("https://up.example.org/api/push/key?status=up&msg=OK", "https://hc.example.org/k"):
        found = load(DEMO | {"HILO_HEARTBEAT_URL": url}).heartbeat_url
        assert found
        assert found.get_secret_value() == url
