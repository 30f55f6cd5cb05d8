"""A network to look around in: made once, in an empty database, in demo mode only."""

import json
from pathlib import Path
from typing import Any

from config.settings import Settings
from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, Engine
from network.people.demo import seed_people
from network.people.services import count_members

ME = Engine("demo")


class NotHere(RuntimeError):
    """Production has no demo people."""


def seed(door: Door, settings: Settings) -> bool:
    """Make the demo's people and write down what they sign in with. Whether it did."""
    if settings.production:
        raise NotHere("A production network gets no demo people.")
    if door.look(_members, ME):
        return False
    accounts = seed_people(door)
    _write(settings.var / "demo.json", {"web": settings.address, "accounts": accounts})
    return True


def _members(tx: Tx, _actor: Actor) -> int:
    return count_members(tx)


def _write(path: Path, facts: dict[str, Any]) -> None:
    path.touch(mode=0o600)
    path.write_text(json.dumps(facts, ensure_ascii=False, indent=1))
