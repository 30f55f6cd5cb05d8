"""/viaje from a member's phone: where to, back by when, later, arrived, help."""

from datetime import time, timedelta
from typing import Any

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.people import Person
from bot.trips import hours_of
from network.checkins import services as checkins
from network.checkins.domain.watches import Outcome
from network.checkins.services import Underway
from network.checkins.services.asking import ARE_YOU_BACK
from network.door import Door
from network.kernel.hidden import Plaintext
from tests.bot.conftest import RunningBot, until
from tests.cast import Cast


def pressing(phone: Person, start: str) -> str:
    """The last button of the chat whose data begins so."""
    return next(
        str(button.data)
        for shown in reversed(phone.messages)
        for button in shown.buttons
        if str(button.data).startswith(start)
    )


def trip(door: Door, cast: Cast) -> Underway | None:
    return door.look(checkins.my_trip, cast.bilal.at_desk)


def test_a_trip_from_the_first_question_to_the_arrival(
    bot: RunningBot, cast: Cast, phones: dict[str, Person], door: Door
) -> None:
    bot.start()
    bilal = phones["bilal"]
    bilal.says("/viaje")
    bilal.wait_for("¿A dónde vas?")
    bilal.says("canary: al rancho")
    bilal.wait_for("¿Cuándo vuelves?")
    bilal.presses("back:2")
    bilal.wait_for("Te esperamos de vuelta")
    under_way = trip(door, cast)
    assert under_way is not None
    assert under_way.opened is not None
    assert under_way.opened.destination.reveal() == "canary: al rancho"
    bilal.presses(pressing(bilal, "later:30:"))
    bilal.wait_for("Anotado: vuelves")
    later = trip(door, cast)
    assert later is not None
    assert later.back_at > under_way.back_at
    bilal.presses(pressing(bilal, "arrived:"))
    bilal.wait_for("No se guarda nada")
    assert trip(door, cast) is None


def test_one_line_says_it_all_and_nonsense_is_asked_again(
    bot: RunningBot, cast: Cast, phones: dict[str, Person], door: Door
) -> None:
    bot.start()
    bilal = phones["bilal"]
    bilal.says("/viaje al rancho 99:99")
    bilal.wait_for("¿Cuándo vuelves?")
    bilal.says("luego")
    bilal.wait_for("¿Cuándo vuelves?", after=bilal.last_id - 1)
    bilal.says("18:00")
    bilal.wait_for("Te esperamos de vuelta")
    assert trip(door, cast) is not None
    bilal.says("/viaje")
    bilal.wait_for("Te esperamos de vuelta", after=bilal.last_id - 1)
    assert ARE_YOU_BACK not in {shown.text for shown in bilal.messages}


def test_a_live_location_is_sealed_and_help_rings(
    bot: RunningBot, sandbox: Sandbox, cast: Cast, phones: dict[str, Person], door: Door
) -> None:
    bot.start()
    bilal, alice = phones["bilal"], phones["alice"]
    bilal.says("/viaje al rancho 18:00")
    bilal.wait_for("Te esperamos de vuelta")
    sandbox.inject(located(bilal, "message", 19.4))
    bilal.wait_for("Sellado")
    sandbox.inject(located(bilal, "edited_message", 20.5))

    def seen() -> bool:
        under_way = trip(door, cast)
        place = under_way and under_way.opened and under_way.opened.place
        return bool(place and place.latitude == 20.5)

    until(seen)
    bilal.presses(pressing(bilal, "help:"))
    alarm = alice.wait_for(lambda shown: "own:" in str([b.data for b in shown.buttons]))
    assert "rancho" not in alarm.text
    assert "20.5" not in alarm.text


def located(who: Person, kind: str, latitude: float) -> dict[str, Any]:
    """A live location as Telegram hands it over, and as it moves on."""
    return {
        kind: {
            "message_id": 900_001,
            "date": 1_900_000_000,
            "edit_date": 1_900_000_060,
            "from": who.profile.user(),
            "chat": who.profile.chat(),
            "location": {"latitude": latitude, "longitude": -99.1, "live_period": 3600},
        }
    }


def test_a_family_travels_nowhere(bot: RunningBot, rosa: Person) -> None:
    bot.start()
    rosa.says("/viaje al rancho 18:00")
    rosa.wait_for("Hello")


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("18:00", (time(18),)),
        ("a las 18:00", (time(18),)),
        ("18:30 hrs", (time(18, 30),)),
        ("18", (time(18),)),
        ("18h", (time(18),)),
        ("18.15", (time(18, 15),)),
        ("6 pm", (time(18),)),
        ("6:30 p.m.", (time(18, 30),)),
        ("A LAS 6 PM", (time(18),)),
        ("12 am", (time(0),)),
        ("12 pm", (time(12),)),
        ("06:00", (time(6),)),
        ("6:00", (time(6), time(18))),
        ("como a las 6", (time(6), time(18))),
        ("12:30", (time(0, 30), time(12, 30))),
        ("2", ()),
        ("2 h", ()),
        ("24:00", ()),
        ("18:60", ()),
        ("13 pm", ()),
        ("0 am", ()),
        ("luego", ()),
        ("", ()),
    ],
)
def test_an_hour_is_read_as_people_write_it(written: str, hours: tuple[time, ...]) -> None:
    assert hours_of(written) == hours


def test_an_hour_that_may_be_two_is_the_sooner_one(
    bot: RunningBot, cast: Cast, phones: dict[str, Person], door: Door
) -> None:
    """Whoever writes «6:00» on an afternoon is not waited for until the next morning."""
    bot.start()
    bilal = phones["bilal"]
    bilal.says("/viaje")
    bilal.wait_for("¿A dónde vas?")
    bilal.says("canary: al rancho")
    bilal.wait_for("¿Cuándo vuelves?")
    bilal.says("ya tarde")
    bilal.wait_for("No entendí la hora")
    bilal.says("6:00")
    bilal.wait_for("Te esperamos de vuelta")
    under_way = trip(door, cast)
    assert under_way is not None
    assert under_way.back_at - door.now() <= timedelta(hours=12)


def test_a_member_in_danger_calls_for_help_without_a_trip(
    bot: RunningBot, phones: dict[str, Person]
) -> None:
    bot.start()
    bilal, alice = phones["bilal"], phones["alice"]
    bilal.says("hay alguien siguiéndome")
    bilal.wait_for("/sos")
    bilal.says("/sos")
    assert bilal.wait_for("Anotado", after=bilal.last_id - 1).text == "Anotado."
    alice.wait_for(lambda shown: "own:" in str([b.data for b in shown.buttons]))


def test_a_familys_sos_is_heard_as_any_word(bot: RunningBot, rosa: Person) -> None:
    bot.start()
    rosa.says("/sos")
    rosa.wait_for("Nobody has read this")


def test_whoever_takes_an_alarm_too_late_learns_that_it_is_over(
    bot: RunningBot, cast: Cast, phones: dict[str, Person], door: Door
) -> None:
    bot.start()
    bilal, alice = phones["bilal"], phones["alice"]
    bilal.says("/sos")
    call = alice.wait_for(lambda shown: "own:" in str([b.data for b in shown.buttons]))
    (ringing,) = door.look(checkins.alarms, cast.elena.at_desk)
    how, words = Outcome.HELPED, Plaintext("canary: they are at home")
    door.ask(checkins.own, cast.elena.at_desk, watch_id=ringing.id)
    door.ask(checkins.resolve, cast.elena.at_desk, watch_id=ringing.id, outcome=how, words=words)
    alice.presses_under(call.message_id, pressing(alice, "own:"))
    alice.wait_for("Esa alarma ya terminó")
