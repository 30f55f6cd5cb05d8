"""Every route, every role, somebody else's id: not there, and not a byte of theirs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.routing import Rule

from network import outbox
from network.cases import services as cases
from network.cases.domain import Urgency
from network.checkins import services as checkins
from network.checkins.domain.drills import Rehearsed
from network.checkins.domain.watches import Whom
from network.db import Tx, writing
from network.delivery import services as delivery
from network.door import Door
from network.encryption.authenticators import Made
from network.encryption.envelope import new_key_pair
from network.encryption.sealed import Sealed
from network.kernel.actor import Actor, Engine, InChat, Role
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, new_id
from network.manual import services as manual
from network.manual.domain import Specialty
from network.outbox.domain import Letter
from network.people import services as people
from network.people.domain import Device, Opened
from network.people.entrance.coming import begun
from network.people.store import passes, passkeys
from network.proposals import services as proposals
from network.quorum import services as quorum
from network.ringing import SCHEMAS
from network.vetting import services as vetting
from tests.cases.browsing import Browser, signed_in
from tests.cast import Cast, Somebody, somebody

CANARY = "canario"
EVERYBODY = None
MEMBERS = frozenset({Role.ACTIVIST, Role.COORDINATOR})
SIGNED_IN = MEMBERS | {Role.STRANGER}  # also while they wait to be vetted
COORDINATORS = frozenset({Role.COORDINATOR})
ACTIVISTS = frozenset({Role.ACTIVIST})

# Who each page is for, written a second time on purpose.
FOR: dict[str, frozenset[Role] | None] = {
    "static": EVERYBODY,
    "web.landing": EVERYBODY,
    "web.healthz": EVERYBODY,
    "metrics.metrics": EVERYBODY,  # who has its token; to others there is no such page
    "webhook.receive": EVERYBODY,
    "visits.quick_exit": EVERYBODY,
    "handbook.index": EVERYBODY,
    "handbook.chapter": EVERYBODY,
    "handbook.board": EVERYBODY,
    "handbook.board_style": EVERYBODY,
    "handbook.carried_index": EVERYBODY,
    "handbook.find": EVERYBODY,
    "handbook.finder": EVERYBODY,
    "handbook.forgotten": EVERYBODY,
    "handbook.glossary": EVERYBODY,
    "handbook.manifest": EVERYBODY,
    "handbook.paper": EVERYBODY,
    "handbook.script": EVERYBODY,
    "handbook.style": EVERYBODY,
    "handbook.tree": EVERYBODY,
    "handbook.worker": EVERYBODY,
    "helped.say": EVERYBODY,
    "manual.lines": COORDINATORS,
    "manual.dial": COORDINATORS,
    "manual.reviews": COORDINATORS,
    "manual.review": COORDINATORS,
    "manual.say_review": COORDINATORS,
    "manual.confirm_review": COORDINATORS,
    "manual.withdraw_review": COORDINATORS,
    "manual.totals": COORDINATORS,
    "manual.courses": SIGNED_IN,
    "manual.course": SIGNED_IN,
    "manual.answer": SIGNED_IN,
    "manual.of_case": MEMBERS,
    "manual.send": MEMBERS,
    "people.enter": EVERYBODY,
    "people.join": EVERYBODY,
    "people.prove": EVERYBODY,
    "people.joined": EVERYBODY,
    "people.recover": EVERYBODY,
    "people.ask_device": EVERYBODY,
    "people.enter_by_device": EVERYBODY,
    "people.enter_after_device": EVERYBODY,
    "people.ask_again": SIGNED_IN,
    "people.ask_new_device": SIGNED_IN,
    "people.add_device": SIGNED_IN,
    "people.remove_device": SIGNED_IN,
    "people.sign_out": SIGNED_IN,
    "people.start": SIGNED_IN,
    "people.account": SIGNED_IN,
    "people.change_language": SIGNED_IN,
    "people.change_zone": SIGNED_IN,
    "people.change_passphrase": SIGNED_IN,
    "people.end_session": SIGNED_IN,
    "people.end_other_sessions": SIGNED_IN,
    "people.new_link_code": SIGNED_IN,
    "people.new_recovery_code": SIGNED_IN,
    "people.rename": SIGNED_IN,
    "people.unlink": SIGNED_IN,
    "people.index": COORDINATORS,
    "people.invite": COORDINATORS,
    "people.approve": COORDINATORS,
    "people.refuse": COORDINATORS,
    "people.restore": COORDINATORS,
    "people.suspend": COORDINATORS,
    "people.take_duty": COORDINATORS,
    "people.leave_duty": COORDINATORS,
    "outside.form": EVERYBODY,
    "outside.apply": EVERYBODY,
    "outside.where": EVERYBODY,
    "outside.ask_where": EVERYBODY,
    "people.come_back": EVERYBODY,
    "people.prove_return": EVERYBODY,
    "returns.show": COORDINATORS,
    "returns.propose": COORDINATORS,
    "returns.make_link": COORDINATORS,
    "vetting.mine": SIGNED_IN,
    "vetting.index": COORDINATORS,
    "vetting.show": COORDINATORS,
    "vetting.step": COORDINATORS,
    "vetting.interests": COORDINATORS,
    "vetting.invite": COORDINATORS,
    "vetting.review_member": COORDINATORS,
    "delivery.channels": MEMBERS,
    "delivery.add_channel": MEMBERS,
    "delivery.test_channel": MEMBERS,
    "delivery.confirm_channel": MEMBERS,
    "delivery.remove_channel": MEMBERS,
    "delivery.letters": COORDINATORS,
    "delivery.retry_letter": COORDINATORS,
    "delivery.cancel_letter": COORDINATORS,
    "proposals.index": COORDINATORS,
    "proposals.show": COORDINATORS,
    "proposals.confirm": COORDINATORS,
    "proposals.decline": COORDINATORS,
    "proposals.withdraw": COORDINATORS,
    "cases.exposure": COORDINATORS,
    "cases.copy": COORDINATORS,
    "cases.propose_copy": COORDINATORS,
    "cases.make_copy": COORDINATORS,
    "cases.exposure_table": COORDINATORS,
    "cases.propose_removal": COORDINATORS,
    "surrender.index": COORDINATORS,
    "quorum.index": COORDINATORS,
    "quorum.log": COORDINATORS,
    "quorum.found": COORDINATORS,
    "quorum.hand_on": COORDINATORS,
    "quorum.say_yes": COORDINATORS,
    "quorum.settle": COORDINATORS,
    "quorum.stop": COORDINATORS,
    "cases.proof": COORDINATORS,
    "cases.propose_proof": COORDINATORS,
    "cases.proof_file": COORDINATORS,
    "cases.leaked": COORDINATORS,
    "cases.find_copy": COORDINATORS,
    "cases.glass": COORDINATORS,
    "cases.find": COORDINATORS,
    "cases.ask_opening": COORDINATORS,
    "cases.open_together": COORDINATORS,
    "cases.entrust": COORDINATORS,
    "cases.index": MEMBERS,
    "cases.room": MEMBERS,
    "cases.access": MEMBERS,
    "cases.file": MEMBERS,
    "cases.write": MEMBERS,
    "cases.note": MEMBERS,
    "cases.rest": MEMBERS,
    "cases.resume": MEMBERS,
    "cases.close": COORDINATORS,
    "cases.close_for_good": COORDINATORS,
    "cases.rekey": COORDINATORS,
    "cases.reseal": COORDINATORS,
    "cases.renew": MEMBERS,
    "cases.propose_reach": COORDINATORS,
    "cases.share": COORDINATORS,
    "cases.hand_over": COORDINATORS,
    "cases.estate": COORDINATORS,
    "cases.hand_on": COORDINATORS,
    "cases.drop": COORDINATORS,
    "cases.withdraw": ACTIVISTS,
    "cases.accept": ACTIVISTS,
    "cases.decline": ACTIVISTS,
    "cases.triage": COORDINATORS,
    "cases.say_triage": COORDINATORS,
    "cases.offer": COORDINATORS,
    "cases.make_offer": COORDINATORS,
    "cases.withdraw_offer": COORDINATORS,
    "checkins.desk": COORDINATORS,
    "checkins.drills": COORDINATORS,
    "checkins.start_drill": COORDINATORS,
    "checkins.take_drill": COORDINATORS,
    "checkins.call_off_drill": COORDINATORS,
    "checkins.show": MEMBERS,
    "checkins.plan": MEMBERS,
    "checkins.write_plan": MEMBERS,
    "checkins.set_rhythm": MEMBERS,
    "checkins.ask_once": MEMBERS,
    "checkins.pause": MEMBERS,
    "checkins.resume": MEMBERS,
    "checkins.end": MEMBERS,
    "checkins.skip": MEMBERS,
    "checkins.trip": MEMBERS,
    "checkins.begin_trip": MEMBERS,
    "checkins.extend_trip": MEMBERS,
    "checkins.end_trip": MEMBERS,
    "checkins.call_for_help": MEMBERS,
    "checkins.open_trip": MEMBERS,
    "checkins.alarm": MEMBERS,
    "checkins.own": MEMBERS,
    "checkins.hold_erasure": COORDINATORS,
    "checkins.hold_unread": COORDINATORS,
    "cases.hold_erasure": COORDINATORS,
    "checkins.renew": MEMBERS,
    "checkins.resolve": MEMBERS,
}


@dataclass(slots=True)
class Theirs:
    """A case Elena and Bilal hold, full of canaries, and the id of everything in it."""

    case: CaseId
    ids: dict[str, UUID] = field(default_factory=dict)
    canaries: tuple[str, ...] = ()
    reference: str = ""


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
    entry = door.ask(cases.write, bilal, case_id=case, text=Plaintext(f"{CANARY} respuesta"))
    door.ask(cases.note, bilal, case_id=case, text=Plaintext(f"{CANARY} nota"))
    rhythm = door.ask(checkins.ask_once, bilal, case_id=case)
    drill = door.ask(
        checkins.start_drill, elena, ladder=Rehearsed.ALARMS, rungs={Whom.COORDINATORS}
    )
    door.ask(cases.set_danger_word, cast.family, word=Plaintext("mandarina azul"))
    door.ask(checkins.hear, cast.family, text=Plaintext(f"{CANARY} mandarina azul"))
    (alarm,) = door.look(checkins.alarms, bilal)
    session = door.look(people.account, elena).sessions[0].id
    door.ask(
        delivery.add_channel,
        cast.bilal.at_desk,
        address=Plaintext(f"ntfys://{CANARY}.example.org/topic"),
        schemas=SCHEMAS,
        mail=False,
    )
    (channel,) = (one.id for one in door.look(delivery.channels, cast.bilal.at_desk))
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


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def address(app: Flask, rule: Rule, theirs: Theirs) -> str:
    other = {
        "token": "x" * 32,
        "slug": "llamada-virtual",
        "section": "ahora",
        "step": "1",
        "chapter": "acompanar",
        "spoken": "es",
        "line": "911",
        "filename": "hilo.css",
        "name": "manual-es.pdf",
    }
    values = {name: theirs.ids.get(name) or other[name] for name in rule.arguments}
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        return adapter.build(rule.endpoint, values, method=None)


# Every coordinator knows of an alarm, by its reference and without a word of what was said: the
# ladder tells them all in the end, and nobody may fall through because one of them is asleep.
BY_REFERENCE = {
    "checkins.desk",
    "checkins.alarm",
    "checkins.own",
    "checkins.renew",
    "checkins.hold_erasure",
    "checkins.resolve",
    "checkins.open_trip",
    "checkins.take_drill",
    "checkins.call_off_drill",
    # Of a letter they know that it did not get through, and may have it tried again.
    "delivery.retry_letter",
    "delivery.cancel_letter",
    # What is asked of several coordinators is known to all of them, and each can stop it.
    "quorum.say_yes",
    "quorum.settle",
    "quorum.stop",
    "cases.open_together",
}
# A review is all of coordination's: the second pair of eyes is anybody's but who said it.
OF_COORDINATION = {"manual.confirm_review", "manual.withdraw_review"}
LEAVES = {"people.sign_out", "visits.quick_exit"}  # their own session, nobody else's


def outsiders(app: Flask, cast: Cast, rule: Rule) -> Iterator[tuple[str, Browser]]:
    """Everybody who has nothing to do with it. Coordinators do decide about members."""
    if rule.endpoint in LEAVES:
        return
    yield "nobody", Browser(app.test_client())
    yield "dino", signed_in(app, cast.dino)
    yield "chiara", signed_in(app, cast.chiara)
    if "person_id" not in rule.arguments:
        yield "alice", signed_in(app, cast.alice)


def test_every_route_is_declared_for_whom_this_table_says(app: Flask) -> None:
    assert app.extensions["network.declared"] == FOR


def test_what_is_somebody_elses_is_not_there(app: Flask, cast: Cast, theirs: Theirs) -> None:
    wrong = []
    for rule, method in rules(app):
        for name, browser in outsiders(app, cast, rule):
            response = browser.asks(method, address(app, rule, theirs))
            text = unescape(response.get_data(as_text=True))
            where = f"{method} {rule} as {name}: {response.status_code}"
            hidden = theirs.canaries if _known(rule, name) else (*theirs.canaries, theirs.reference)
            if shown := [word for word in hidden if word in text]:
                wrong.append(f"{where} shows {shown}")
            status, location = response.status_code, response.location
            if (
                _names_somebody(rule)
                and not _known(rule, name)
                and not _not_there(name, rule, status, location)
            ):
                wrong.append(where)
            response.close()
    assert wrong == []


def _known(rule: Rule, name: str) -> bool:
    return name == "alice" and rule.endpoint in BY_REFERENCE | OF_COORDINATION


def _names_somebody(rule: Rule) -> bool:
    """Whether the address holds an id that is not theirs."""
    return any(argument.endswith("_id") for argument in rule.arguments)


def _not_there(name: str, rule: Rule, status: int, location: str | None) -> bool:
    if name == "nobody":
        return status == 302 and (location or "").startswith("/enter")
    if rule.endpoint == "people.end_session":
        return status in {302, 404}  # ending a session that is not mine changes nothing
    return status == 404


def test_a_cover_shows_nothing_of_what_its_owner_holds(
    app: Flask, cast: Cast, theirs: Theirs
) -> None:
    """Every page and every write, as Elena and Bilal made to sign in: they hold the case."""
    wrong = []
    for owner in (cast.elena, cast.bilal):
        colleagues = {one.alias for one in cast.everybody if one is not owner}
        hidden = (*theirs.canaries, theirs.reference, *colleagues)
        browser = covered(app, owner)
        for rule, method in rules(app):
            if rule.endpoint in LEAVES:
                continue
            response = browser.asks(method, address(app, rule, theirs))
            text = unescape(response.get_data(as_text=True))
            shown = [word for word in hidden if word in text]
            mine = Role.STRANGER in (FOR[rule.endpoint] or SIGNED_IN)
            if shown or (not mine and response.status_code != 404):
                wrong.append(f"{method} {rule} as {owner.name}: {response.status_code} {shown}")
            response.close()
    assert wrong == []


def covered(app: Flask, owner: Somebody) -> Browser:
    """A browser in which somebody was made to sign in."""
    door = door_of(app)
    who, half = begun(owner.id, Opened(new_key_pair().private, 1), Device.PHONE)
    with writing(door.database, door.now(), door.secret, door.pack) as tx:
        passes.open_session(tx, owner.id, half)
    browser = Browser(app.test_client())
    with browser.client.session_transaction() as session:
        session.update(
            {"_user_id": who.session_id.hex, "half": who.secret.reveal().hex(), "_fresh": True}
        )
    return browser


def test_nothing_of_theirs_changed_meanwhile(app: Flask, cast: Cast, theirs: Theirs) -> None:
    def everything(tx: Tx, _actor: Actor) -> list[object]:
        tables = (
            "cases",
            "epochs",
            "grants",
            "offers",
            "entries",
            "rhythms",
            "watches",
            "sessions",
            "trainings",
            "applications",
            "application_lines",
            "application_seats",
            "passkeys",
            "returns",
        )
        found: list[object] = []
        for table in tables:
            rows = tx.session.connection().exec_driver_sql(f"select * from {table}")  # noqa: S608
            found.append(sorted(str(row) for row in rows if table != "sessions") or rows.rowcount)
        return found

    before = door_of(app).look(everything, cast.elena.id)
    for rule, method in rules(app):
        if method == "POST" and _names_somebody(rule):
            for name, browser in outsiders(app, cast, rule):
                if _known(rule, name):
                    continue
                browser.asks(method, address(app, rule, theirs)).close()
    assert door_of(app).look(everything, cast.elena.id) == before
    door_of(app).look(people.whoami, cast.elena.at_desk)


def door_of(app: Flask) -> Door:
    door = app.extensions["network.door"]
    assert isinstance(door, Door)
    return door


# Telegram proves itself, leaving must always work, and a total has nobody to be forged for.
WITHOUT_TOKEN = {"webhook.receive", "visits.quick_exit", "helped.say"}


def test_a_write_without_its_token_changes_nothing(app: Flask, cast: Cast, theirs: Theirs) -> None:
    browser = signed_in(app, cast.bilal)
    for rule, method in rules(app):
        if method != "POST" or rule.endpoint in WITHOUT_TOKEN:
            continue
        response = browser.client.post(address(app, rule, theirs))
        assert response.status_code == 400, rule
    entries = door_of(app).ask(cases.room, cast.bilal.at_desk, case_id=theirs.case).entries
    assert len(entries) >= 3
