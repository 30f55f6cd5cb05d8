"""/viaje from a member's phone: where to, back by when, later, arrived, help."""

from typing import Any

from bot.sandbox import Sandbox
from bot.sandbox.people import Person
from network.checkins import services as checkins
from network.checkins.services import Underway
from network.checkins.services.asking import ARE_YOU_BACK
from network.door import Door
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
