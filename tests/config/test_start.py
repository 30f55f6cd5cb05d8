"""What one word starts, with which secrets, and what each part is told."""

import os
import socket
import stat
from pathlib import Path

import pytest

from bot.sandbox import DEMO_TOKEN
from config import start
from config.settings import BadSetting, load
from network.encryption.server import ServerSecret
from network.house import open_house


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_demo_gets_a_folder_and_a_secret_only_its_owner_can_read(tmp_path: Path) -> None:
    var = tmp_path / "var"
    start.prepare({"HILO_VAR": str(var)})
    assert mode(var) == 0o700
    assert mode(var / "secret") == 0o600
    assert (var / "secret").read_text().startswith("demo-")
    assert load({"HILO_VAR": str(var)}).production is False


def test_a_demo_keeps_the_secret_it_has(tmp_path: Path) -> None:
    environ = {"HILO_VAR": str(tmp_path / "var")}
    start.prepare(environ)
    first = (tmp_path / "var" / "secret").read_text()
    start.prepare(environ)
    assert (tmp_path / "var" / "secret").read_text() == first


@pytest.mark.parametrize(
    "told",
    [{"HILO_MODE": "production"}, {"HILO_SECRET": "x" * 64}, {"HILO_SECRET_FILE": "elsewhere"}],
)
def test_nobody_else_is_given_a_demo_secret(tmp_path: Path, told: dict[str, str]) -> None:
    start.prepare({"HILO_VAR": str(tmp_path / "var"), **told})
    assert not (tmp_path / "var" / "secret").exists()


def test_without_a_token_a_demo_talks_to_the_sandbox() -> None:
    environ: dict[str, str] = {}
    assert start.add_sandbox(environ)
    assert environ["HILO_TELEGRAM_API"] == "http://localhost:8081"
    assert environ["HILO_TELEGRAM_LINK"] == "http://localhost:8081"
    assert "sandbox" in start.chosen([], sandboxed=True)


def test_the_sandbox_answers_to_the_token_the_demo_gives_the_bot() -> None:
    assert start.SANDBOX_TOKEN == DEMO_TOKEN


@pytest.mark.parametrize(
    "environ",
    [
        {"HILO_TELEGRAM_TOKEN": "1:abcdefghijk"},
        {"HILO_TELEGRAM_TOKEN_FILE": "token"},
        {"HILO_MODE": "production"},
    ],
)
def test_with_a_token_or_with_people_there_is_no_sandbox(environ: dict[str, str]) -> None:
    before = dict(environ)
    assert not start.add_sandbox(environ)
    assert environ == before
    assert "sandbox" not in start.chosen([], sandboxed=False)


@pytest.mark.parametrize("part", ["web", "clock", "sandbox", "cli"])
def test_the_bot_alone_is_told_the_token(part: str) -> None:
    environ = {"HILO_TELEGRAM_TOKEN": "1:a", "HILO_TELEGRAM_TOKEN_FILE": "f", "HOME": "/"}
    assert start.environment_of(part, environ) == {"HOME": "/"}
    assert start.environment_of("bot", environ) == environ
    assert start.environment_of("worker", environ) == environ


def test_one_part_can_be_started_by_itself_and_an_unknown_one_is_refused() -> None:
    assert [*start.chosen(["web"], sandboxed=False)] == ["web"]
    with pytest.raises(start.CannotStart, match="no wbe"):
        start.chosen(["wbe"], sandboxed=False)


def test_the_demo_accounts_are_printed_and_those_without_a_passphrase_are_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "demo.json"
    assert start.accounts(path) == []
    path.write_text(
        '{"accounts": [{"handle": "rosa", "passphrase": "", "role": "family"},'
        ' {"handle": "alice", "passphrase": "three plain words", "role": "coordinator"}]}'
    )
    assert start.accounts(path) == ["Account  alice        three plain words  (coordinator)"]


def test_a_port_somebody_else_uses_is_refused_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(start.CannotStart, match=f"{port}: .* in use; set HILO_BIND"):
            start.require_free("127.0.0.1", port, "set HILO_BIND to another")
    start.require_free("127.0.0.1", port, "set HILO_BIND to another")


def test_a_folder_that_cannot_be_made_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(start.CannotStart, match=r"HILO_VAR .* cannot be made: Not a directory\."):
        start.prepare({"HILO_VAR": str(tmp_path / "file" / "var")})
    with pytest.raises(BadSetting, match=r"HILO_DATABASE_URL .* cannot be made: Not a directory\."):
        open_house(
            load(
                {
                    "HILO_SECRET": ServerSecret.new_text(),
                    "HILO_DATABASE_URL": f"sqlite:///{tmp_path}/file/var/hilo.db",
                }
            )
        )


def test_without_a_token_nothing_is_begun_that_would_have_to_end_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "HILO_MODE": "production",
        "HILO_VAR": str(tmp_path / "var"),
        "HILO_SECRET": ServerSecret.new_text(),
        "HILO_PUBLIC_URL": "https://hilo.example.org",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(start.ROOT)
    before = os.umask(0o077)
    try:
        for parts in ([], ["bot"], ["worker"]):
            with pytest.raises(start.CannotStart, match="HILO_TELEGRAM_TOKEN is not set"):
                start.main(parts)
    finally:
        os.umask(before)
    assert not (tmp_path / "var" / "hilo.db").exists()


def test_the_machine_asks_itself_where_it_listens() -> None:
    secret = {"HILO_SECRET": ServerSecret.new_text()}
    for bind, reached in (
        ("127.0.0.1:8000", "127.0.0.1:8000"),
        ("0.0.0.0:8000", "localhost:8000"),
        ("192.168.1.5:8000", "192.168.1.5:8000"),
        ("[::1]:8000", "[::1]:8000"),
    ):
        assert start.reached_at(load({**secret, "HILO_BIND": bind})) == reached
