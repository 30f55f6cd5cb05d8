"""A network that lives: rhythms, trips, owners, outages and clocks that jump, by chance."""

import json
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from network.checkins import services
from network.checkins.domain.prompts import OPEN
from network.checkins.domain.watches import Outcome
from network.checkins.tables import PromptRow
from network.heartbeats import CARRIERS, EARS
from network.inbox import services as inbox
from network.inbox.domain import Incoming
from network.kernel.actor import Engine, Who
from network.kernel.errors import Refused
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, PromptId, RhythmId
from tests.checkins.conftest import WORD
from tests.checkins.lived import BEGINNINGS, HOUR, MINUTE, SIGNS, Lived

DAY = timedelta(days=1)
ZONES = ("America/Tijuana", "America/Mexico_City", "America/Hermosillo", "America/Cancun")
HABITS: tuple[dict[str, Any], ...] = (
    {"every": 15 * MINUTE},
    {"every": 2 * HOUR},
    {"every": 6 * HOUR, "night": 6 * HOUR},
    {"every": 3 * DAY},
    {"times": (time(1, 30), time(2, 30), time(23, 45))},
    {"times": (time(9),), "days": frozenset({0, 6})},
)
WHOSE = st.sampled_from(("family", "bilal"))
LONGEST = {"minutes": (MINUTE, 90), "hours": (HOUR, 30), "days": (DAY, 4)}


class Living(Lived):
    """What people, engines and clocks can do."""

    days = 2  # the longest stretch of one step; forty in `make chaos`

    @rule(start=st.sampled_from(BEGINNINGS))
    @precondition(lambda self: not (self.statuses or self.seen or self.lived))
    def it_is_another_time_of_the_year(self, start: datetime) -> None:
        self.clock.instant = start
        self._well()

    @rule(whose=WHOSE, habits=st.sampled_from(HABITS), zone=st.sampled_from(ZONES))
    def a_rhythm_is_set(self, whose: str, habits: dict[str, Any], zone: str) -> None:
        self._try(
            services.set_rhythm, self.cast.bilal.at_desk, **self._of(whose), **habits, zone=zone
        )

    @rule(
        whose=WHOSE,
        verb=st.sampled_from((services.pause, services.resume, services.skip, services.end_rhythm)),
        days=st.one_of(st.none(), st.integers(1, 20)),
    )
    def a_rhythm_is_turned(self, whose: str, verb: Callable[..., None], days: int | None) -> None:
        more: dict[str, Any] = {}
        if verb is services.pause and days:
            more["until"] = self.clock.instant + days * DAY
        for rhythm in self._rhythms(whose):
            self._try(verb, self.cast.bilal.at_desk, **self._of(whose), rhythm_id=rhythm, **more)

    @rule(hours=st.integers(1, 30))
    def a_trip_begins(self, hours: int) -> None:
        self._try(
            services.begin_trip,
            self.cast.bilal.in_chat,
            destination=Plaintext("canary"),
            back_at=self.clock.instant + hours * HOUR,
        )

    @rule(how=st.sampled_from(("arrive", "half", "two", "help")))
    def the_traveller_presses(self, how: str) -> None:
        bilal = self.cast.bilal.in_chat
        if how == "arrive":
            self._try(services.arrive, bilal)
        elif how == "help":
            self._try(services.need_help, bilal)
            self._alarms_are_looked_at_and_climb_no_faster_than_their_ladder()
        else:
            more = 30 * MINUTE if how == "half" else 2 * HOUR
            self._try(services.extend, bilal, more=more)

    @rule(whose=WHOSE, verb=st.sampled_from((services.answer_well, services.answer_talk)))
    def a_question_is_answered(self, whose: str, verb: Callable[..., object]) -> None:
        who = self.cast.family if whose == "family" else self.cast.bilal.in_chat
        for row in self._rows(PromptRow):
            if (row["case_id"] is None) == (whose == "bilal") and row["status"] in OPEN:
                self._try(verb, who, prompt_id=PromptId(row["id"]))
                return

    @rule(danger=st.booleans())
    def the_family_writes(self, danger: bool) -> None:
        words = f"canary {WORD}" if danger else "canary: good night"
        self._try(services.hear, self.cast.family, text=Plaintext(words))
        self._alarms_are_looked_at_and_climb_no_faster_than_their_ladder()

    @rule(who=st.sampled_from(("alice", "elena", "bilal")), ends=st.booleans())
    def an_alarm_is_taken(self, who: str, ends: bool) -> None:
        member = getattr(self.cast, who)
        for ringing in self.door.look(services.alarms, member.at_desk):
            self._try(services.own, member.in_chat, watch_id=ringing.id)
            if ends:
                self._try(
                    services.resolve,
                    member.at_desk,
                    watch_id=ringing.id,
                    **self.ending(),
                )

    def ending(self) -> dict[str, Any]:
        """How whoever has an alarm says that it is over."""
        return {"outcome": Outcome.FORGOT, "words": Plaintext("canary: home")}

    @rule(count=st.integers(1, 60), unit=st.sampled_from(("minutes", "hours", "days")))
    def time_passes(self, count: int, unit: str) -> None:
        step, most = LONGEST[unit]
        self.passes(min(count, most if unit != "days" else self.days) * step)

    @rule(hours=st.integers(1, 40), heard=st.booleans(), clock_first=st.booleans())
    def we_are_away(self, hours: int, heard: bool, clock_first: bool) -> None:
        """Everything stops; what was sent meanwhile waits, and is read when we are back."""
        began = self.lived
        self._elapse(hours * HOUR)
        self.away.append((began, self.lived))
        if heard:
            self.something_of_theirs_waits()
        if clock_first:
            self.knock()
        self._beat()
        self.knock()
        self.it_is_read()

    @rule(name=st.sampled_from(EARS), minutes=st.integers(2, 300))
    def one_engine_is_away(self, name: str, minutes: int) -> None:
        """Where nothing can go out, nothing does."""
        began, asleep = self.lived, self.postman.asleep
        self.postman.asleep = asleep or name in CARRIERS
        end = self.lived + minutes * MINUTE
        while self.lived < end:
            self._elapse(min(10 * MINUTE, end - self.lived))
            self._well(*(one for one in SIGNS if one != name))
            self.away.append((began, self.lived))
            self.knock()
        self._beat()
        self.postman.asleep = asleep
        self.knock()

    @rule(hours=st.sampled_from((-2, 2)))
    def the_clock_jumps(self, hours: int) -> None:
        self.clock.advance(hours * HOUR)
        self._beat()
        self.knock()

    @rule(asleep=st.booleans())
    def the_channel_is_down_or_up(self, asleep: bool) -> None:
        self.postman.asleep = asleep

    @rule(gone=st.booleans())
    def the_family_blocks_the_bot_or_not(self, gone: bool) -> None:
        if gone:
            self.postman.gone.add(self.cast.family.chat)
        else:
            self.postman.gone.discard(self.cast.family.chat)

    @rule()
    def something_of_theirs_waits(self) -> None:
        self.updates += 1
        one = Incoming(
            self.updates, self.cast.family.chat, Plaintext(json.dumps({"update_id": self.updates}))
        )
        self.door.ask(inbox.receive, Engine("ingress"), updates=[one])

    @rule()
    def it_is_read(self) -> None:
        self._reads()

    # Small things

    def _of(self, whose: str) -> dict[str, CaseId]:
        return {"case_id": self.case_id} if whose == "family" else {}

    def _rhythms(self, whose: str) -> list[RhythmId]:
        if whose == "family":
            seen = self.door.look(services.overview, self.cast.bilal.at_desk, case_id=self.case_id)
        else:
            seen = self.door.look(services.my_checkins, self.cast.bilal.at_desk)
        return [one.id for one in seen.rhythms]

    def _try(self, service: Callable[..., object], who: Who, **more: object) -> None:
        try:
            self.door.ask(service, who, **more)
        except Refused:
            return
