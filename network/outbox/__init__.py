"""The outbox: promise inside the transaction that makes it true, deliver outside it. At least once, never silently never."""

from network.outbox.store import (
    backlog,
    cancel,
    cancel_chat,
    delivered,
    deliveries,
    lease,
    later,
    promise,
    promise_signal,
    refused,
    release,
    sweep,
    traces,
)

__all__ = [
    "backlog",
    "cancel",
    "cancel_chat",
    "delivered",
    "deliveries",
    "later",
    "lease",
    "promise",
    "promise_signal",
    "refused",
    "release",
    "sweep",
    "traces",
]
