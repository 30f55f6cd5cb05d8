"""Databases that lose nothing when the power goes, as an installation has them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from tests.ground.postgresql import Cluster, running

DURABLE = ("listen_addresses=", "max_connections=100", "shared_buffers=128MB")


@pytest.fixture(scope="session")
def durable_server() -> Iterator[URL]:
    """A PostgreSQL with its own defaults: fsync, full pages, synchronous commits."""
    with running(DURABLE) as address:
        yield address


@pytest.fixture(scope="session")
def durable_cluster(durable_server: URL) -> Iterator[Cluster]:
    cluster = Cluster(durable_server)
    yield cluster
    cluster.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def durable_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, on each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'hilo.db'}"
        shutil.rmtree(tmp_path, ignore_errors=True)
        return
    cluster: Cluster = request.getfixturevalue("durable_cluster")
    url = cluster.create()
    yield url
    cluster.drop(url)
