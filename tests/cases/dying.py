"""A process that hands on a coordinator's cases and is killed in the middle of the second batch.

Told on its standard input where the database is, and whose session this is: `python -m
tests.cases.dying`.
"""

import json
import os
import signal
import sys
from datetime import datetime
from uuid import UUID

from config.country import load_pack
from network.cases import services
from network.db import Tx, open_database
from network.door import Door
from network.encryption.server import ServerSecret
from network.kernel.actor import Actor, InSession
from network.kernel.hidden import SecretBytes
from network.kernel.ids import PersonId, SessionId
from network.people.services import identify

MOST = 2


def main() -> None:
    told = json.load(sys.stdin)
    now = datetime.fromisoformat(told["now"])
    who = InSession(SessionId(UUID(told["session"])), SecretBytes(bytes.fromhex(told["half"])))
    to = PersonId(UUID(told["to"]))
    secret = ServerSecret.from_text(told["secret"])
    door = Door(open_database(told["url"]), lambda: now, secret, load_pack("mx"), identify)

    def dies(tx: Tx, actor: Actor) -> None:
        services.hand_on(tx, actor, to=to, most=MOST)
        os.kill(os.getpid(), signal.SIGKILL)

    door.ask(services.hand_on, who, to=to, most=MOST)
    door.ask(dies, who)


if __name__ == "__main__":
    main()
