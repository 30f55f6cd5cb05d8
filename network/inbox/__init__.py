"""The inbox: an update is stored, sealed, before Telegram hears that we have it. Effects once."""

from network.inbox.store import (
    anything_waits,
    backlog,
    claim,
    forget_talk,
    longest_wait,
    move_talks,
    put,
    release,
    remember,
    renew,
    set_aside,
    settle,
    settle_all,
    sweep,
    traces,
    unread,
)

__all__ = [
    "anything_waits",
    "backlog",
    "claim",
    "forget_talk",
    "longest_wait",
    "move_talks",
    "put",
    "release",
    "remember",
    "renew",
    "set_aside",
    "settle",
    "settle_all",
    "sweep",
    "traces",
    "unread",
]
