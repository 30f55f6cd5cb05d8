"""The verbs of the quorum. Each takes the transaction and who asks."""

from network.quorum.services.ceremonies import (
    Opening,
    begin_opening,
    combined,
    forget_case,
    lapse,
    over,
    shut,
    speak,
    stop,
    stop_for_family,
)
from network.quorum.services.heads import LogPage, log_page, say_head
from network.quorum.services.keys import (
    key_in_use,
    propose_founding,
    propose_handing_on,
    public,
    seal_for_quorum,
    settle,
)
from network.quorum.services.page import QuorumPage, Shown, overview

__all__ = [
    "LogPage",
    "Opening",
    "QuorumPage",
    "Shown",
    "begin_opening",
    "combined",
    "forget_case",
    "key_in_use",
    "lapse",
    "log_page",
    "over",
    "overview",
    "propose_founding",
    "propose_handing_on",
    "public",
    "say_head",
    "seal_for_quorum",
    "settle",
    "shut",
    "speak",
    "stop",
    "stop_for_family",
]
