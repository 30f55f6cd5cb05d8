"""The outbox: promise inside the transaction that makes it true, deliver outside it. At least once,
never silently never.
"""

from network.outbox.store import (
    Sent,
    backlog,
    cancel,
    cancel_chat,
    delivered,
    deliveries,
    later,
    lease,
    promise,
    promise_all,
    promise_signal,
    promise_signals,
    refused,
    release,
    replace_signal,
    sweep,
    traces,
)

__all__ = [
    "Sent",
    "backlog",
    "cancel",
    "cancel_chat",
    "delivered",
    "deliveries",
    "later",
    "lease",
    "promise",
    "promise_all",
    "promise_signal",
    "promise_signals",
    "refused",
    "release",
    "replace_signal",
    "sweep",
    "traces",
]
