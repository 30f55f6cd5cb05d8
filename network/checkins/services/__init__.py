"""The verbs of the check-ins room. Each takes the transaction and who asks."""

from network.checkins.services.ahead import read_ahead
from network.checkins.services.alarms import (
    OUTCOMES,
    Alarm,
    Late,
    alarm,
    alarms,
    late,
    own,
    renew,
    resolve,
)
from network.checkins.services.answers import Answered, answer_talk, answer_well
from network.checkins.services.callplans import call_plan, write_call_plan
from network.checkins.services.desk import DeskPage, desk
from network.checkins.services.drills import (
    DrillsPage,
    call_off_drill,
    drills_page,
    rehearse,
    start_drill,
    sweep,
    take_drill,
)
from network.checkins.services.erasing import (
    destroy_left,
    erase_due,
    hold_erasure,
    waiting_erasure,
)
from network.checkins.services.figures import Figures, figures
from network.checkins.services.owners import find_abandoned
from network.checkins.services.rhythms import (
    Overview,
    Turn,
    ask_once,
    end_pauses,
    end_rhythm,
    my_checkins,
    overview,
    pause,
    resume,
    set_rhythm,
    skip,
    zone_of,
)
from network.checkins.services.tripkeys import pass_on_trips, sweep_trips
from network.checkins.services.trips import (
    Underway,
    arrive,
    begin_trip,
    extend,
    my_trip,
    need_help,
    share_place,
    trip_of_alarm,
)
from network.checkins.services.watching import find_lost, watch
from network.checkins.services.words import hear, intake

__all__ = [
    "OUTCOMES",
    "Alarm",
    "Answered",
    "DeskPage",
    "DrillsPage",
    "Figures",
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
    "call_off_drill",
    "call_plan",
    "desk",
    "destroy_left",
    "drills_page",
    "end_pauses",
    "end_rhythm",
    "erase_due",
    "extend",
    "figures",
    "find_abandoned",
    "find_lost",
    "hear",
    "hold_erasure",
    "intake",
    "late",
    "my_checkins",
    "my_trip",
    "need_help",
    "overview",
    "own",
    "pass_on_trips",
    "pause",
    "read_ahead",
    "rehearse",
    "renew",
    "resolve",
    "resume",
    "set_rhythm",
    "share_place",
    "skip",
    "start_drill",
    "sweep",
    "sweep_trips",
    "take_drill",
    "trip_of_alarm",
    "waiting_erasure",
    "watch",
    "write_call_plan",
    "zone_of",
]
