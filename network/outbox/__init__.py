"""The outbox: promise inside the transaction that makes it true, deliver outside it. At least once,
never silently never.
"""

from network.outbox.leasing import lease, release, renew
from network.outbox.looking import (
    backlog,
    deliveries,
    last_delivery,
    only_refused,
    queues,
    reached_between,
    traces,
    troubled,
)
from network.outbox.pacing import Road, road
from network.outbox.repairs import cancel, cancel_all, cancel_chat, give_up, retry, sweep, take_out
from network.outbox.store import (
    Sent,
    delivered,
    gather,
    later,
    promise,
    promise_all,
    promise_signal,
    promise_signals,
    refused,
)

__all__ = [
    "Road",
    "Sent",
    "backlog",
    "cancel",
    "cancel_all",
    "cancel_chat",
    "delivered",
    "deliveries",
    "gather",
    "give_up",
    "last_delivery",
    "later",
    "lease",
    "only_refused",
    "promise",
    "promise_all",
    "promise_signal",
    "promise_signals",
    "queues",
    "reached_between",
    "refused",
    "release",
    "renew",
    "retry",
    "road",
    "sweep",
    "take_out",
    "traces",
    "troubled",
]
