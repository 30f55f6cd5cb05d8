"""A case of somebody else's, for whoever should see nothing of it."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest

from network import outbox
from network.cases import services as cases
from network.cases.domain import Urgency
from network.checkins import services as checkins
from network.checkins.domain.callplans import CallPlan
from network.checkins.domain.drills import Rehearsed
from network.checkins.domain.watches import Whom
from network.db import writing
from network.delivery import services as delivery
from network.door import Door
from network.encryption.authenticators import Made
from network.encryption.sealed import Sealed
from network.kernel.actor import Engine, InChat, InSession, Role
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, EntryId, new_id
from network.manual import services as manual
from network.manual.domain import Specialty
from network.outbox.domain import Letter
from network.people import services as people
from network.people.store import passkeys
from network.proposals import services as proposals
from network.quorum import services as quorum
from network.ringing import SCHEMAS
from network.vetting import services as vetting
from tests.cast import Cast, Somebody, somebody

CANARY = "canarin"  # no word of which references are made, as "canario" is


@dataclass(slots=True)
class Theirs:
    """A case Elena and Bilal hold, full of canaries, and the id of everything in it."""

    case: CaseId
    ids: dict[str, UUID] = field(default_factory=dict)
    canaries: tuple[str, ...] = ()
    reference: str = ""


def _written(door: Door, who: InSession, case: CaseId) -> EntryId:
    entry = door.ask(cases.write, who, case_id=case, text=Plaintext(f"{CANARY} respuesta"))
    assert entry is not None
    return entry


@pytest.fixture
def theirs(door: Door, cast: Cast) -> Theirs:
    """Elena alone was on duty; Bilal accompanies; an alarm rings at its first rung."""
    door.ask(people.set_duty, cast.elena.at_desk)
    opened = door.ask(
        checkins.intake,
        cast.family,
        situation=f"{CANARY} situacion",
        text=Plaintext(f"{CANARY} palabras"),
    )
    case = opened.case.id
    elena, bilal = cast.elena.at_desk, cast.bilal.at_desk
    door.ask(
        cases.triage,
        elena,
        case_id=case,
        urgency=Urgency.NOW,
        zone="09",
        need=f"{CANARY} necesidad",
    )
    (offer,) = door.ask(
        cases.offer, elena, case_id=case, to=(cast.bilal.id,), brief=Plaintext(f"{CANARY} resumen")
    )
    door.ask(cases.accept, bilal, offer_id=offer)
    entry = _written(door, bilal, case)
    door.ask(cases.note, bilal, case_id=case, text=Plaintext(f"{CANARY} nota"))
    rhythm = door.ask(checkins.ask_once, bilal, case_id=case)
    drill = door.ask(
        checkins.start_drill, elena, ladder=Rehearsed.ALARMS, rungs={Whom.COORDINATORS}
    )
    door.ask(cases.set_danger_word, cast.family, word=Plaintext("mandarina azul"))
    door.ask(checkins.hear, cast.family, text=Plaintext(f"{CANARY} mandarina azul"))
    (alarm,) = door.look(checkins.alarms, bilal)
    session = door.look(people.account, elena).sessions[0].id
    channel = _rings(door, cast.bilal)
    _plans(door, cast.bilal)
    letter = Letter(cast.bilal.chat, "es", CANARY)
    door.ask(lambda tx, _actor: outbox.promise(tx, letter), Engine("test"))
    review = door.ask(
        manual.say_review,
        elena,
        chapter="acompanar",
        language="es",
        sections=("nunca",),
        specialty=Specialty.LAW,
        day=door.now().date() - timedelta(days=2),
    )
    third = somebody(door, "grace", Role.COORDINATOR)  # or nobody could confirm it
    proposal = door.ask(
        cases.propose_removal, elena, person_id=cast.alice.id, reason=Plaintext(f"{CANARY} razon")
    )
    assert door.look(proposals.count_waiting, third.at_desk) == 1
    ceremony = door.ask(
        quorum.propose_founding,
        elena,
        needed=2,
        holders=(cast.elena.id, cast.alice.id),
        reason="so that nobody is left alone",
    )
    return Theirs(
        case,
        {
            "case_id": case,
            "offer_id": offer,
            "entry_id": entry,
            "rhythm_id": rhythm,
            "watch_id": alarm.id,
            "drill_id": drill.id,
            "session_id": session,
            "review_id": review,
            "application_id": _vets(door, cast, third),
            "person_id": cast.bilal.id,
            "passkey_id": _keeps(door, cast.bilal),
            "channel_id": channel,
            "letter_id": letter.id,
            "proposal_id": proposal,
            "ceremony_id": ceremony,
        },
        (CANARY, opened.case.card.verification),
        opened.case.card.reference,
    )


def _rings(door: Door, who: Somebody) -> UUID:
    """Another way to somebody."""
    door.ask(
        delivery.add_channel,
        who.at_desk,
        address=Plaintext(f"ntfys://{CANARY}.example.org/topic"),
        schemas=SCHEMAS,
        mail=False,
    )
    (channel,) = (one.id for one in door.look(delivery.channels, who.at_desk))
    return channel


def _plans(door: Door, who: Somebody) -> None:
    """Whom to call for somebody; no alarm rings about them."""
    plan = CallPlan(f"{CANARY} tio", {Whom.DUTY: f"{CANARY} hermana"})
    door.ask(checkins.write_my_plan, who.at_desk, plan=plan)


def _keeps(door: Door, who: Somebody) -> UUID:
    """A device of somebody's."""
    made, passkey = Made(new_id().bytes, b"", 0), new_id()
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        actor = people.identify(tx, who.at_desk)
        passkeys.add(tx, actor, passkey, made=made, wrapped=Sealed(b""), label=f"{CANARY} tel")
    return passkey


def _vets(door: Door, cast: Cast, third: Somebody) -> UUID:
    """Somebody on the way in. Alice spoke for them, so she is none of their two."""
    chat = InChat(8_400_001)
    door.ask(vetting.answer, chat, asked="called", text=Plaintext(f"{CANARY} nombre"))
    desks = (cast.elena.at_desk, third.at_desk)
    desk = next(each for each in desks if door.look(vetting.overview, each).mine)
    (card,) = door.look(vetting.overview, desk).mine
    words, them = Plaintext(f"{CANARY} visto"), card.application.id
    door.ask(vetting.see, desk, application_id=them, said=words)
    spoke = [cast.alice.id]
    door.ask(vetting.refer, desk, application_id=them, said=(words, words), members=spoke)
    return them
