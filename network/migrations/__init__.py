"""Bring a database up to what this code expects, and say whether it is there."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, Table

from network import heartbeats, probes
from network.audit import tables as _audit
from network.cases import tables as _cases
from network.checkins import tables as _checkins
from network.db import Row
from network.delivery import tables as _delivery
from network.inbox import tables as _inbox
from network.manual import tables as _manual
from network.outbox import tables as _outbox
from network.people import tables as _people
from network.proposals import tables as _proposals
from network.quorum import tables as _quorum
from network.vetting import tables as _vetting

HERE = Path(__file__).parent
ROOMS = (
    heartbeats,
    probes,
    _audit,
    _cases,
    _checkins,
    _delivery,
    _inbox,
    _manual,
    _outbox,
    _people,
    _proposals,
    _quorum,
    _vetting,
)


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run every migration that has not run yet."""
    with engine.connect() as connection:
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take migrations back, to `revision`; `base` takes back all of them."""
    with engine.connect() as connection:
        command.downgrade(_config(connection), revision)


def draft(engine: Engine, message: str) -> None:
    """Write the next migration from the difference between the database and the tables."""
    with engine.connect() as connection:
        command.revision(_config(connection), message=message, autogenerate=True)


def differences(engine: Engine) -> list[object]:
    """What the database and the tables do not share; empty when the migrations tell the truth."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Row.metadata))


def tables() -> dict[str, Table]:
    """Every table of ours, by name."""
    return dict(Row.metadata.tables)


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config
