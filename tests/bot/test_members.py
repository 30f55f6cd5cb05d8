"""What members do from their phones."""

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.people import Person
from network.cases import services as cases
from network.cases.domain import CaseStatus, Urgency
from network.checkins import services as checkins
from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, InChat, Role
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId
from network.people import services as people
from tests.bot.conftest import RunningBot, chooses, opens, until
from tests.cast import Cast, somebody


def who_is_it(_tx: Tx, actor: Actor) -> PersonId | None:
    return actor.person_id


def is_on_duty(tx: Tx, actor: Actor) -> bool:
    return people.member(tx, actor.person).on_duty


def offered(door: Door, cast: Cast, rosa: Person) -> None:
    found = door.look(cases.case_of, InChat(rosa.user_id))
    assert found is not None
    case_id = found[0].id
    door.ask(
        cases.triage,
        cast.alice.at_desk,
        case_id=case_id,
        urgency=Urgency.NOW,
        zone="21",
        need="company",
    )
    door.ask(
        cases.offer,
        cast.alice.at_desk,
        case_id=case_id,
        to=(cast.bilal.id, cast.chiara.id),
        brief=Plaintext("canary brief"),
    )


def test_two_accept_and_one_has_it(
    bot: RunningBot, rosa: Person, cast: Cast, phones: dict[str, Person], door: Door
) -> None:
    bot.start()
    opens(rosa)
    offered(door, cast, rosa)
    bilal, chiara = phones["bilal"], phones["chiara"]
    for phone in (bilal, chiara):
        offer = phone.wait_for(lambda shown: "accept:" in str([b.data for b in shown.buttons]))
        assert "canary" not in offer.text
    data = {
        phone.name: next(
            b.data for m in phone.messages for b in m.buttons if b.data and "accept:" in b.data
        )
        for phone in (bilal, chiara)
    }
    bilal.presses(str(data[bilal.name]))
    chiara.presses(str(data[chiara.name]))

    def told(phone: Person) -> bool:
        return any(
            "Es tuyo" in m.text or "It is yours" in m.text or "already" in m.text or "ya " in m.text
            for m in phone.messages
        )

    until(lambda: told(bilal) and told(chiara))
    found = door.look(cases.case_of, InChat(rosa.user_id))
    assert found is not None
    assert found[0].status is CaseStatus.ACCOMPANIED
    won = [any("/cases/" in m.text for m in phone.messages) for phone in (bilal, chiara)]
    assert sorted(won) == [False, True]


def test_an_alarm_is_taken_with_one_press(
    bot: RunningBot, rosa: Person, cast: Cast, phones: dict[str, Person], door: Door
) -> None:
    bot.start()
    opens(rosa)
    chooses(rosa, "pineapple")
    rosa.says("pineapple please")
    alarm = phones["alice"].wait_for(lambda shown: "own:" in str([b.data for b in shown.buttons]))
    phones["alice"].presses(str(alarm.buttons[0].data))
    phones["alice"].wait_for(lambda shown: not shown.buttons, after=alarm.message_id)
    until(lambda: any(one.mine for one in door.look(checkins.alarms, cast.alice.at_desk)))


@pytest.mark.usefixtures("cast")
def test_a_one_time_code_links_a_chat_once(bot: RunningBot, rosa: Person, door: Door) -> None:
    bot.start()
    newcomer = somebody(door, "farid", Role.ACTIVIST)
    code = door.ask(people.new_link_code, newcomer.at_desk).reveal()
    rosa.says(code)
    rosa.wait_for("Farid")
    assert door.look(who_is_it, InChat(rosa.user_id)) == newcomer.id


def test_duty_is_taken_and_left(
    bot: RunningBot, cast: Cast, phones: dict[str, Person], door: Door
) -> None:
    bot.start()
    alice = phones["alice"]

    def on_duty() -> bool:
        return door.look(is_on_duty, cast.alice.id)

    alice.says("/guardia")
    alice.wait_for(lambda shown: "duty:on" in [b.data for b in shown.buttons])
    alice.presses("duty:on")
    until(on_duty)
    alice.presses("duty:off")
    until(lambda: not on_duty())


def pressed(who: Person, data: str) -> dict[str, object]:
    """A press no phone of ours could make."""
    return {
        "callback_query": {
            "id": "1",
            "from": who.profile.user(),
            "message": {"message_id": 1, "date": 0, "chat": who.profile.chat()},
            "chat_instance": "1",
            "data": data,
        }
    }


def test_a_family_cannot_press_a_members_button(
    bot: RunningBot,
    sandbox: Sandbox,
    rosa: Person,
    cast: Cast,
    phones: dict[str, Person],
    door: Door,
) -> None:
    """Callback data is input: an id seen elsewhere opens nothing."""
    bot.start()
    opens(rosa)
    offered(door, cast, rosa)
    phones["bilal"].wait_for(lambda shown: "accept:" in str([b.data for b in shown.buttons]))
    stolen = next(
        str(b.data)
        for m in phones["bilal"].messages
        for b in m.buttons
        if b.data and b.data.startswith("accept:")
    )
    before = rosa.last_id
    sandbox.inject(pressed(rosa, stolen))
    rosa.wait_for("no longer here", after=before)
    found = door.look(cases.case_of, InChat(rosa.user_id))
    assert found is not None
    assert found[0].status is CaseStatus.OFFERED
