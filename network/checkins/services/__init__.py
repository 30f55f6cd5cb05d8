"""The verbs of the check-ins room. Each takes the transaction and who asks."""

from network.checkins.services.alarms import Alarm, Late, alarm, alarms, late, own, resolve
from network.checkins.services.answers import Answered, answer_talk, answer_well
from network.checkins.services.desk import DeskPage, desk
from network.checkins.services.rhythms import (
    Overview,
    Turn,
    ask_once,
    end_rhythm,
    my_checkins,
    overview,
    pause,
    resume,
    set_rhythm,
    skip,
    zone_of,
)
from network.checkins.services.trips import (
    Underway,
    arrive,
    begin_trip,
    extend,
    my_trip,
    need_help,
    share_place,
    sweep_trips,
    trip_of_alarm,
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
    "Underway",
    "alarm",
    "alarms",
    "answer_talk",
    "answer_well",
    "arrive",
    "ask_once",
    "begin_trip",
    "desk",
    "end_rhythm",
    "extend",
    "hear",
    "intake",
    "late",
    "my_checkins",
    "my_trip",
    "need_help",
    "overview",
    "own",
    "pause",
    "resolve",
    "resume",
    "set_rhythm",
    "share_place",
    "skip",
    "sweep_trips",
    "trip_of_alarm",
    "watch",
    "zone_of",
]
