"""Open the house: from settings to the door that pages, bot, clock and command line go through."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from config.country import load_pack
from config.settings import DEMO_SECRET_MARK, BadSetting, Settings
from network.checkins.services import read_ahead
from network.clock import utc_now
from network.db import open_database
from network.door import Door
from network.encryption.server import ServerSecret, WeakServerSecret
from network.people.services import identify


def open_house(settings: Settings, now: Callable[[], datetime] = utc_now) -> Door:
    """One door per process. Opens connections lazily and creates no tables."""
    return Door(
        open_database(_database(settings)),
        now,
        _secret(settings),
        load_pack(settings.country),
        identify,
        read_ahead,
    )


def _secret(settings: Settings) -> ServerSecret:
    # The next one opens what a process that has it already sealed; only the current one seals.
    known = (*settings.secret_retired, *filter(None, (settings.secret_next,)))
    retired = tuple(_plain(one.get_secret_value()) for one in known)
    try:
        return ServerSecret.from_text(_plain(settings.secret.get_secret_value()), retired)
    except WeakServerSecret:
        raise BadSetting(
            "HILO_SECRET must be 32 random bytes in hex or base64url,"
            " such as `openssl rand -hex 32` prints."
        ) from None


def _plain(secret: str) -> str:
    return secret.removeprefix(DEMO_SECRET_MARK)


def _database(settings: Settings) -> str:
    url = settings.sqlalchemy_url
    if url.startswith("sqlite:///"):
        folder = Path(url.removeprefix("sqlite:///")).parent
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as problem:
            why = os.strerror(problem.errno or 0)
            raise BadSetting(
                f"HILO_DATABASE_URL names a file whose folder cannot be made: {why}."
            ) from None
    return url
