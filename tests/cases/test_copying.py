"""A family takes along what it wrote and what was written to it, and nothing else."""

import io
from datetime import timedelta
from functools import partial

import pikepdf
import pytest
from flask import Flask
from PIL import Image

from config.language import say
from network import audit
from network.audit import Receipt
from network.cases import files, services
from network.cases.domain import WORD_CHOSEN, EntryKind, FileLink, Outcome
from network.cases.paper import Paper, Said, locked
from network.cases.services import copying
from network.checkins import services as checkins
from network.db import Tx
from network.door import Door
from network.encryption.files import new_file_key
from network.kernel.actor import Actor, Role
from network.kernel.errors import BadInput, NotAllowed, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, ProposalId
from network.people import services as people
from network.proposals.domain import Proposal
from tests.cases.browsing import signed_in
from tests.cases.test_races import together
from tests.cast import Cast, Somebody, somebody
from tests.checkins.conftest import Postman
from tests.ground.clock import StillClock

WHY = Plaintext("canary reason: Rosa asked me at her kitchen table")
SAID = "ēl nō vino 😢 (ayer) \\ «canary theirs»"
ANSWERED = "canary ours: we are here"
OURS = ("canary note", "canary event", "brief canary", "canary reason", "Bilal", "Alice", "Elena")


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (1200, 900), (20, 90, 120)).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def talked(door: Door, cast: Cast, accompanied: CaseId) -> CaseId:
    """They wrote, somebody answered, a photo came; and much stands around it."""
    door.ask(checkins.hear, cast.family, text=Plaintext(SAID))
    door.ask(services.write, cast.bilal.at_desk, case_id=accompanied, text=Plaintext(ANSWERED))
    door.ask(services.note, cast.bilal.at_desk, case_id=accompanied, text=Plaintext("canary note"))
    event = Plaintext("canary event")
    door.ask(
        lambda tx, _actor: services.record(tx, case_id=accompanied, author=None, text=event),
        cast.alice.id,
    )
    for text in (say("es", WORD_CHOSEN), say("en", WORD_CHOSEN)):
        door.ask(checkins.hear, cast.family, text=Plaintext(text))
    door.ask(checkins.hear, cast.family, text=Plaintext("old canary word"), kind=EntryKind.EVENT)
    raw, key = picture(), new_file_key()
    file_id = door.ask(files.make_room, cast.family)
    for number, batch in files.batches(files.sealed((raw,), key, file_id)):
        door.ask(files.put, cast.family, file_id=file_id, first_number=number, pieces=batch)
    link = FileLink(file_id, key, "photo", "../foto de casa.jpg", len(raw))
    door.ask(checkins.hear, cast.family, text=Plaintext("see"), file=link)
    return accompanied


def agreed(door: Door, cast: Cast, case_id: CaseId) -> ProposalId:
    """Alice has proposed it and Elena said yes."""
    made = door.ask(copying.propose_copy, cast.alice.at_desk, case_id=case_id, reason=WHY)
    door.ask(copying.confirm_copy, cast.elena.at_desk, proposal_id=made)
    return made


def made_of(
    door: Door, who: Somebody, proposal: ProposalId, words: str
) -> tuple[copying.Copy, int]:
    number = door.ask(copying.note_copy, who.at_desk, proposal_id=proposal)
    passphrase = Plaintext(words)
    made = door.look(
        copying.make_copy,
        who.at_desk,
        proposal_id=proposal,
        number=number,
        passphrase=passphrase,
    )
    return made, number


def read(content: bytes, words: str) -> tuple[str, dict[str, bytes], int]:
    """Everything in it as somebody with the words finds it: pages, attached files, how many."""
    with pikepdf.open(io.BytesIO(content), password=words) as paper:
        shown = b"".join(page.Contents.read_bytes() for page in paper.pages)
        inside = {
            name: paper.attachments[name].get_file().read_bytes() for name in paper.attachments
        }
        assert not paper.docinfo
        return shown.decode("cp1252"), inside, len(paper.pages)


def test_it_holds_what_was_written_both_ways_and_nothing_of_what_stands_around(
    door: Door, cast: Cast, talked: CaseId
) -> None:
    words = copying.new_words()
    made, number = made_of(door, cast.alice, agreed(door, cast, talked), words)
    shown, inside, _ = read(made.content, words)

    exact = inside.pop(say("es", copying.EXACT_WORDS)).decode()
    assert SAID in exact
    assert ANSWERED in exact
    assert "el no vino · \\(ayer\\) \\\\ «canary theirs»" in shown
    assert say("es", copying.NUMBERED, number=str(number)) in shown
    assert list(inside.values()) == [picture()]
    assert all("/" not in name and ".." not in name for name in inside)
    for hidden in (*OURS, "old canary word", say("es", WORD_CHOSEN), say("en", WORD_CHOSEN)):
        assert hidden not in shown
        assert hidden not in exact


def test_without_its_words_it_is_shut_and_says_nothing(
    door: Door, cast: Cast, talked: CaseId
) -> None:
    words = copying.new_words()
    made, _ = made_of(door, cast.alice, agreed(door, cast, talked), words)
    for wrong in ("", words[:-1], copying.new_words()):
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(io.BytesIO(made.content), password=wrong)
    for canary in (b"canary", b"foto", b"palabras", picture()[:200]):
        assert canary not in made.content
    other, _ = made_of(door, cast.alice, agreed_again(door, cast, talked), copying.new_words())
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(other.content), password=words)


def agreed_again(door: Door, cast: Cast, case_id: CaseId) -> ProposalId:
    (each,) = door.look(copying.copies, cast.alice.at_desk, case_id=case_id)
    return each.id


def test_it_takes_two_of_whom_one_holds_the_case_and_each_copy_is_in_the_log(
    door: Door, cast: Cast, talked: CaseId
) -> None:
    words = copying.new_words()
    grace = somebody(door, "grace", Role.COORDINATOR)
    for who, refusal in (
        (cast.bilal, NotAllowed),
        (cast.chiara, NotVisible),
        (grace, NotVisible),
    ):
        with pytest.raises(refusal):
            door.ask(copying.propose_copy, who.at_desk, case_id=talked, reason=WHY)
    proposal = door.ask(copying.propose_copy, cast.alice.at_desk, case_id=talked, reason=WHY)
    with pytest.raises(WrongMoment):
        made_of(door, cast.alice, proposal, words)
    door.ask(copying.confirm_copy, grace.at_desk, proposal_id=proposal)
    for who in (cast.elena, grace):  # only whoever proposed it
        with pytest.raises(NotVisible):
            made_of(door, who, proposal, words)
    for weak in ("", "uno dos tres", "a a a a a a", f"{words} {words}"):
        with pytest.raises(BadInput):
            door.look(
                copying.make_copy,
                cast.alice.at_desk,
                proposal_id=proposal,
                number=1,
                passphrase=Plaintext(weak),
            )
    made_of(door, cast.alice, proposal, words)

    def of_it(tx: Tx, _actor: Actor) -> list[Receipt]:
        return list(audit.receipts_of(tx, talked, limit=99))

    lines = [one for one in door.look(of_it, cast.alice.id) if one.verb == copying.COPIED]
    assert {(one.person_id, one.subject) for one in lines} == {(cast.alice.id, grace.id)}
    door.ask(services.drop, cast.alice.at_desk, case_id=talked)
    with pytest.raises(NotVisible):  # whoever lost the case makes no more of them
        made_of(door, cast.alice, proposal, words)


def test_where_whoever_said_yes_is_suspended_the_others_hear_of_the_copy(
    door: Door, cast: Cast, talked: CaseId
) -> None:
    proposal = agreed(door, cast, talked)
    grace = somebody(door, "grace", Role.COORDINATOR)
    door.ask(people.suspend, cast.alice.at_desk, person_id=cast.elena.id)
    door.ask(copying.note_copy, cast.alice.at_desk, proposal_id=proposal)
    told = [one for one in Postman(door).walk() if one.say == copying.COPY_MADE_UNHEARD]
    assert [one.to for one in told] == [grace.chat]


def test_one_yes_is_three_copies_in_three_days_and_whoever_gave_it_hears_of_each(
    door: Door, cast: Cast, talked: CaseId, clock: StillClock
) -> None:
    proposal = agreed(door, cast, talked)
    numbers = []
    for _ in range(copying.MOST_COPIES):
        clock.advance(timedelta(minutes=1))
        assert [one.id for one in copies(door, cast, talked)] == [proposal]
        numbers.append(made_of(door, cast.alice, proposal, copying.new_words())[1])
    told = [one for one in Postman(door).walk() if one.say == copying.COPY_MADE]
    assert {one.to for one in told} == {cast.elena.chat}
    assert {int(one.params["number"]) for one in told} == set(numbers)
    assert copies(door, cast, talked) == ()
    with pytest.raises(WrongMoment):
        door.ask(copying.note_copy, cast.alice.at_desk, proposal_id=proposal)

    clock.advance(timedelta(minutes=1))
    again = agreed(door, cast, talked)
    clock.advance(copying.YES_LASTS - timedelta(minutes=1))
    made_of(door, cast.alice, again, copying.new_words())
    clock.advance(timedelta(minutes=1))
    assert copies(door, cast, talked) == ()
    with pytest.raises(WrongMoment):
        made_of(door, cast.alice, again, copying.new_words())


def test_of_many_who_press_at_once_three_get_a_copy(door: Door, cast: Cast, talked: CaseId) -> None:
    proposal = agreed(door, cast, talked)
    press = partial(door.ask, copying.note_copy, cast.alice.at_desk, proposal_id=proposal)
    ended = together(*[press] * (copying.MOST_COPIES + 2))
    assert sorted(ended) == ["done"] * copying.MOST_COPIES + ["wrong_moment"] * 2


def copies(door: Door, cast: Cast, case_id: CaseId) -> tuple[Proposal, ...]:
    return door.look(copying.copies, cast.alice.at_desk, case_id=case_id)


def test_it_can_still_be_given_after_it_was_closed(door: Door, cast: Cast, talked: CaseId) -> None:
    door.ask(services.close, cast.alice.at_desk, case_id=talked, outcome=Outcome.REUNITED)
    words = copying.new_words()
    made, _ = made_of(door, cast.alice, agreed(door, cast, talked), words)
    assert ANSWERED in read(made.content, words)[1][say("es", copying.EXACT_WORDS)].decode()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_page_shows_the_words_once_and_hands_out_the_file(
    app: Flask, door: Door, cast: Cast, talked: CaseId
) -> None:
    alice, page = signed_in(app, cast.alice), f"/cases/{talked}/copy"
    assert page in alice.reads(f"/cases/{talked}")
    assert page not in signed_in(app, cast.bilal).reads(f"/cases/{talked}")
    empty = alice.sends(page, page=page, reason=" ")
    assert empty.status_code == 400
    assert alice.sends(page, page=page, reason=WHY.reveal()).status_code == 303
    (proposal,) = door.look(copying.copies, cast.alice.at_desk, case_id=talked)
    door.ask(copying.confirm_copy, cast.elena.at_desk, proposal_id=proposal.id)
    text = alice.reads(page)
    words = text.split('<p class="secret">')[1].split("</p>")[0].strip()
    assert words not in alice.reads(page)
    sent = alice.sends(f"/cases/copies/{proposal.id}", page=page, words=words)
    assert (sent.status_code, sent.mimetype) == (200, "application/pdf")
    assert ANSWERED in read(sent.data, words)[1][say("es", copying.EXACT_WORDS)].decode()


def test_a_long_one_goes_over_many_pages_and_what_is_no_picture_is_not_drawn() -> None:
    said = [Said("h", "palabra " * 100 + "x" * 300, b"\xff\xd8\xffno picture")] * 40
    content = locked(Paper(("o",), said, "f", "words.txt", {}), "one two")
    shown, inside, pages = read(content, "one two")
    assert pages > 5
    assert shown.count("palabra") == 40 * 100
    assert list(inside) == ["words.txt"]
