"""The outbox: promise inside the transaction that makes it true, deliver outside it. At least once,
never silently never.
"""

from network.outbox.leasing import lease, release, renew
from network.outbox.pacing import Road, road
from network.outbox.store import (
    Sent,
    backlog,
    cancel,
    cancel_chat,
    delivered,
    deliveries,
    give_up,
    last_delivery,
    later,
    only_refused,
    promise,
    promise_all,
    promise_signal,
    promise_signals,
    refused,
    retry,
    sweep,
    traces,
    troubled,
)

__all__ = [
    "Road",
    "Sent",
    "backlog",
    "cancel",
    "cancel_chat",
    "delivered",
    "deliveries",
    "give_up",
    "last_delivery",
    "later",
    "lease",
    "only_refused",
    "promise",
    "promise_all",
    "promise_signal",
    "promise_signals",
    "refused",
    "release",
    "renew",
    "retry",
    "road",
    "sweep",
    "traces",
    "troubled",
]
