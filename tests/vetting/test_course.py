"""Through the pages: every step can be paused, refused and opened again, and is told its writer."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask

from config.settings import load
from network.app import create_app
from network.cases.domain import Urgency
from network.door import Door
from network.encryption.server import ServerSecret
from network.kernel.ids import CaseId
from network.people.domain import Clearance, Level
from network.vetting import services
from network.vetting.domain.path import WHERE, Course, Stand, Step
from tests.cases.browsing import Browser, signed_in
from tests.cast import Cast
from tests.ground.clock import StillClock
from tests.vetting.clearing import clear
from tests.vetting.test_gate import soon
from tests.vetting.walking import WORDS, at_approval, joined, learnt, stand, take


@pytest.fixture
def app(door: Door) -> Flask:
    return create_app(load({"HILO_SECRET": ServerSecret.new_text()}), door)


class Story:
    """One applicant with a code, and one of their two at the desk."""

    def __init__(self, app: Flask, door: Door, cast: Cast) -> None:
        self.code = door.ask(services.apply, cast.strangers, said=WORDS).reveal()
        (card,) = door.look(services.overview, cast.alice.at_desk).mine
        self.door, self.application = door, card.application.id
        self.page = f"/people/path/{self.application}"
        self.alice, self.elena = signed_in(app, cast.alice), signed_in(app, cast.elena)
        self.applicant = Browser(app.test_client())

    def does(self, who: Browser, **fields: str) -> None:
        sent = who.sends(self.page, page="/account/path", **{"said": "canary why"} | fields)
        assert sent.status_code == 303, fields

    def told(self) -> str:
        """What the applicant reads with their code."""
        where = "/help-out/where?lang=en"
        found = self.applicant.sends(where, page=where, code=self.code)
        assert "canary" not in found.text
        return found.text

    def stopped_and_opened_again(self, step: Step) -> None:
        """Whatever the step: it rests, ends, and goes on; the applicant reads each of it."""
        assert WHERE[step] in self.told()
        self.does(self.alice, move="pause")
        assert "It is paused" in self.told()
        self.does(self.alice, move="resume")
        self.does(self.alice, move="refuse", reason="not_now")
        told = self.told()
        assert "It does not go on for now" in told
        assert "this is not the moment" in told
        self.does(self.alice, move="reopen")


def test_every_step_is_paused_refused_and_opened_again_and_its_writer_always_knows(
    app: Flask, door: Door, cast: Cast, clock: StillClock
) -> None:
    story = Story(app, door, cast)
    application: UUID = story.application
    ways: tuple[tuple[Step, Callable[[], None]], ...] = (
        (Step.IDENTITY, lambda: story.does(story.alice, move="see")),
        (
            Step.REFERENCES,
            lambda: story.does(story.alice, move="refer", reference_1="one", reference_2="two"),
        ),
        (Step.INTERESTS, lambda: story.does(story.alice, move="declare", ties="none", zones="")),
        (Step.INTERVIEW, lambda: story.does(story.alice, move="meet")),
        (Step.TRAINING, lambda: learnt(door, joined(door, cast, application))),
    )
    for step, go_on in ways:
        assert stand(door, application) == Stand(step)
        story.stopped_and_opened_again(step)
        assert stand(door, application) == Stand(step)
        go_on()
    story.stopped_and_opened_again(Step.APPROVAL)
    for step in (Step.PROBATION, Step.MEMBER):
        move = "approve" if step is Step.PROBATION else "confirm"
        story.does(story.alice, move=move)
        story.does(story.elena, move=move)
        assert stand(door, application) == Stand(step)
        story.stopped_and_opened_again(step)
        assert stand(door, application) == Stand(Step.APPROVAL)  # inside again only by two
        story.does(story.alice, move="approve")
        story.does(story.elena, move="approve")
        clock.advance(door.pack.vetting.probation)
        story.alice, story.elena = signed_in(app, cast.alice), signed_in(app, cast.elena)


def test_probation_lasts_its_days_whoever_presses(
    app: Flask, door: Door, cast: Cast, clock: StillClock
) -> None:
    application, _gala = at_approval(door, cast)
    page = f"/people/path/{application}"
    take(door, cast.alice, application, services.approve)
    take(door, cast.elena, application, services.approve)
    clock.advance(door.pack.vetting.probation * (59 / 60))
    early = signed_in(app, cast.alice)
    assert 'value="confirm"' not in early.reads(page)
    assert early.sends(page, page=page, move="confirm", said="sooner").status_code == 409
    clock.advance(door.pack.vetting.probation / 60)
    alice, elena = signed_in(app, cast.alice), signed_in(app, cast.elena)
    assert alice.sends(page, page=page, move="confirm", said="well").status_code == 303
    assert stand(door, application) == Stand(Step.PROBATION)
    assert elena.sends(page, page=page, move="confirm", said="well").status_code == 303
    assert stand(door, application) == Stand(Step.MEMBER)


def test_on_probation_the_pages_give_a_key_only_beside_somebody_experienced_and_nothing_urgent(
    app: Flask, door: Door, cast: Cast, accompanied: CaseId
) -> None:
    clear(door, cast.chiara, Clearance(Level.PROBATION, door.now().date()))
    alice, page = signed_in(app, cast.alice), f"/cases/{accompanied}/access"
    share = f"/cases/{accompanied}/share"
    new = {"with": str(cast.chiara.id)}
    name = f'value="{cast.chiara.id}"'

    assert name not in alice.reads(page)  # it is for today
    assert alice.sends(share, page=page, **new).status_code == 409
    soon(door, cast, accompanied, Urgency.WEEK)
    assert name in alice.reads(page)
    clear(door, cast.bilal, Clearance(Level.PROBATION, door.now().date()))
    assert name not in alice.reads(page)  # two who are new
    assert alice.sends(share, page=page, **new).status_code == 409
    clear(door, cast.bilal, Clearance(Level.FULL, door.now().date()))
    assert alice.sends(share, page=page, **new).status_code == 303
    opened = signed_in(app, cast.chiara)
    assert opened.looks(f"/cases/{accompanied}").status_code == 200


def test_whoever_spoke_for_them_says_neither_yes_on_any_page(
    app: Flask, door: Door, cast: Cast
) -> None:
    application, _ = at_approval(door, cast, members=[cast.elena.id])
    page = f"/people/path/{application}"
    alice, elena = signed_in(app, cast.alice), signed_in(app, cast.elena)
    assert elena.looks(page).status_code == 404
    assert elena.sends(page, page="/account", move="approve", said="mine").status_code == 404
    assert alice.sends(page, page=page, move="approve", said="yes").status_code == 303
    (proposal,) = re.findall(r'href="(/decisions/[0-9a-f-]{36})"', elena.reads("/decisions"))
    assert elena.sends(f"{proposal}/confirm", page=proposal).status_code in {403, 404, 409}
    assert stand(door, application) == Stand(Step.APPROVAL, Course.GOING)
