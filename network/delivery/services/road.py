"""Whether the way to Telegram is open, written where lateness is counted."""

from network import heartbeats, outbox
from network.db import Tx
from network.delivery.policy import DeliveryPermission, require
from network.kernel.actor import Actor


def walk_the_road(tx: Tx, actor: Actor) -> None:
    """A heartbeat of the road while letters get through; without one nobody counts as silent.

    A minute in which nothing reached anybody is an absence like our own: those who were asked
    meanwhile have their time again.
    """
    require(actor, DeliveryPermission.CARRY)
    heartbeats.set_right(tx)
    if outbox.road(tx).failing_since is None:
        heartbeats.beat(tx, actor, engine=heartbeats.ROAD)
