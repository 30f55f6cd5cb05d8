"""The verbs of the check-ins room. Each takes the transaction and who asks."""

from network.checkins.services.alarms import Alarm, Late, alarm, alarms, late, own, resolve
from network.checkins.services.answers import Answered, answer_talk, answer_well
from network.checkins.services.desk import DeskPage, desk
from network.checkins.services.rhythms import (
    Overview,
    Turn,
    ask_once,
    end_rhythm,
    overview,
    pause,
    resume,
    set_rhythm,
)
from network.checkins.services.watching import watch
from network.checkins.services.words import hear, intake

__all__ = [
    "Alarm",
    "Answered",
    "DeskPage",
    "Late",
    "Overview",
    "Turn",
    "alarm",
    "alarms",
    "answer_talk",
    "answer_well",
    "ask_once",
    "desk",
    "end_rhythm",
    "hear",
    "intake",
    "late",
    "overview",
    "own",
    "pause",
    "resolve",
    "resume",
    "set_rhythm",
    "watch",
]
