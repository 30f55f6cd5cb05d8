"""The verbs of the vetting room. Each takes the transaction and who asks; the door commits."""

from network.vetting.services.along import (
    approve,
    change_interests,
    chapters_done,
    confirm,
    declare,
    invite,
    meet,
    pause,
    refer,
    refuse,
    reopen,
    resume,
    review,
    review_member,
    second_yes,
    see,
)
from network.vetting.services.applying import (
    Standing,
    answer,
    apply,
    take_back,
    where_code_stands,
    where_i_stand,
)
from network.vetting.services.gate import barred, doubtful, require_cleared
from network.vetting.services.keeping import erase_due, remind_of_reviews
from network.vetting.services.pair import keep_pairs
from network.vetting.services.reading import Card, Overview, Whole, overview, whole
from network.vetting.services.returning import confirm_return, propose_return

__all__ = [
    "Card",
    "Overview",
    "Standing",
    "Whole",
    "answer",
    "apply",
    "approve",
    "barred",
    "change_interests",
    "chapters_done",
    "confirm",
    "confirm_return",
    "declare",
    "doubtful",
    "erase_due",
    "invite",
    "keep_pairs",
    "meet",
    "overview",
    "pause",
    "propose_return",
    "refer",
    "refuse",
    "remind_of_reviews",
    "reopen",
    "require_cleared",
    "resume",
    "review",
    "review_member",
    "second_yes",
    "see",
    "take_back",
    "where_code_stands",
    "where_i_stand",
    "whole",
]
