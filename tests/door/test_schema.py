"""A database of another version is refused at the start, and named while somebody watches."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import make_url, text

from bot.__main__ import main as start_bot
from bot.bells import Bells
from bot.clock import Clock
from bot.gateway import Gateway
from config.watch import judge
from network import heartbeats, migrations, schema
from network.db import Database, open_database
from network.door import Door
from network.encryption.sealed import Place
from network.encryption.server import ServerSecret
from network.kernel.actor import Engine
from network.kernel.hidden import Plaintext
from tests.bot.conftest import until
from tests.ground.apps import SETTINGS, app_over
from tests.ground.clock import StillClock
from tests.ground.postgresql import Cluster, plain

ROOT = Path(__file__).parents[2]
WAITING = """
    select 1 from pg_locks join pg_database on pg_database.oid = database
    where locktype = 'advisory' and not granted and datname = current_database()
"""
OURS = ServerSecret.from_text(ServerSecret.new_text())
OTHERS = {"0011": schema.Standing.OLDER, "9999": schema.Standing.NEWER}


def turned_into(database: Database, revision: str) -> None:
    with database.writing.begin() as session:
        session.execute(text("update alembic_version set version_num = :new"), {"new": revision})


@pytest.fixture
def turned(database: Database, request: pytest.FixtureRequest) -> Iterator[schema.Standing]:
    """A database that another version of this code has left."""
    turned_into(database, request.param)
    yield OTHERS[request.param]
    turned_into(database, schema.known()[-1])


each_other = pytest.mark.parametrize("turned", OTHERS, indirect=True)


def test_what_our_own_migrations_left_is_ours(database: Database) -> None:
    schema.require(database, OURS)


@pytest.mark.usefixtures("cast")
def test_another_secret_is_refused_else_all_would_seem_well_and_each_family_a_stranger(
    database: Database, door: Door
) -> None:
    schema.require(database, door.secret)
    with pytest.raises(schema.WrongSchema, match="HILO_SECRET is not"):
        schema.require(database, OURS)


def test_what_a_retired_secret_sealed_is_known_still() -> None:
    old, new = ServerSecret.new_text(), ServerSecret.new_text()
    sealed = ServerSecret.from_text(old).seal(Plaintext("a"), Place("people", "profile", "1"))
    assert ServerSecret.from_text(new, (old,)).knows(sealed[:6])
    assert not ServerSecret.from_text(new).knows(sealed[:6])


@each_other
def test_another_version_is_refused_in_a_sentence_that_says_what_to_do(
    database: Database, turned: schema.Standing
) -> None:
    with pytest.raises(schema.WrongSchema, match="migrate" if turned.name == "OLDER" else "newer"):
        schema.require(database, OURS)


def test_an_empty_database_is_refused_and_one_that_is_away_is_waited_for(tmp_path: Path) -> None:
    empty = open_database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(schema.WrongSchema, match=r"empty.* migrate"):
        schema.require(empty, OURS)
    empty.dispose()
    schema.require(open_database(f"sqlite:///{tmp_path / 'gone' / 'hilo.db'}"), OURS)
    schema.require(open_database("postgresql+psycopg://nobody@127.0.0.1:1/hilo"), OURS)


@each_other
@pytest.mark.usefixtures("turned")
def test_whoever_watches_hears_of_another_version_and_of_nothing_else(
    app: Flask, clock: StillClock
) -> None:
    answer = app.test_client().get("/healthz")
    assert answer.status_code == 503
    assert judge(503, answer.data, clock()).detail == "it says so itself: schema"


def test_whoever_watches_hears_that_the_database_is_away(
    door: Door, clock: StillClock, tmp_path: Path
) -> None:
    away = open_database(f"sqlite:///{tmp_path / 'gone' / 'hilo.db'}")
    answer = app_over(replace(door, database=away), SETTINGS).test_client().get("/healthz")
    assert judge(answer.status_code, answer.data, clock()).detail == "it says so itself: database"


@pytest.mark.parametrize("turned", ["9999"], indirect=True)
@pytest.mark.usefixtures("turned")
def test_no_sign_goes_outside_while_the_database_is_of_another_version(
    door: Door, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    nobody = SETTINGS.model_copy(update={"heartbeat_url": SecretStr("http://127.0.0.1:1/ping")})
    gateway = Gateway(door)
    clock = Clock(gateway, Bells(), nobody)
    for engine in heartbeats.ENGINES:
        door.ask(heartbeats.beat, Engine("test"), engine=engine)
    asyncio.run(clock._ping())
    assert "not heard outside" not in caplog.text, "nobody was asked"
    turned_into(database, schema.known()[-1])
    asyncio.run(clock._ping())
    assert "not heard outside" in caplog.text
    gateway.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@each_other
def test_no_part_starts_on_another_version_and_each_says_why_in_one_line(
    database_url: str,
    turned: schema.Standing,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environ = {"HILO_DATABASE_URL": database_url, "HILO_SECRET": ServerSecret.new_text()}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert start_bot(["clock"]) == 2
    assert capsys.readouterr().err == f"{turned.value}\n"
    loads = [sys.executable, "-c", "import wsgi"]
    done = subprocess.run(loads, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, f"{turned.value}\n")


@pytest.mark.parametrize("turned", ["9999"], indirect=True)
def test_a_newer_database_is_not_migrated(turned: schema.Standing, app: Flask) -> None:
    told = app.test_cli_runner().invoke(args=["hilo", "migrate"])
    assert (told.exit_code, told.output) == (1, f"Error: {turned.value}\n")


def test_a_database_that_cannot_be_reached_is_told_in_a_sentence(door: Door) -> None:
    away = open_database("postgresql+psycopg://ana:sesame99@127.0.0.1:1/hilo")
    app = app_over(replace(door, database=away), SETTINGS)
    told = app.test_cli_runner().invoke(args=["hilo", "migrate"])
    assert told.exit_code == 1
    assert told.output.startswith("Error: The database could not be brought up to date: ")
    assert told.output.count("\n") == 1
    assert "sesame99" not in told.output


def test_two_machines_that_migrate_at_once_go_one_after_the_other(
    postgres_server: Cluster,
) -> None:
    url = postgres_server.create()
    address = plain(make_url(url))
    database = open_database(url)
    with psycopg.connect(address, autocommit=True) as look:
        with psycopg.connect(address) as other:
            other.execute("select pg_advisory_xact_lock(%s)", [0x48696C6F])
            ours = threading.Thread(target=migrations.upgrade, args=(database.engine,))
            ours.start()
            until(lambda: look.execute(WAITING).fetchone() is not None, 20)
        ours.join()
    schema.require(database, OURS)
    database.dispose()
    postgres_server.drop(url)
