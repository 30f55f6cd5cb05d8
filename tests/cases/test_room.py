"""The family and its accompanier talk; everybody sees honestly what became of each word."""

import pytest

from network import audit, outbox
from network.cases import files, services
from network.cases.domain import MAX_FILE, CaseStatus, EntryKind, FileLink, TooLarge
from network.cases.policy import CasePermission
from network.db import Database, Tx
from network.door import Door
from network.encryption.files import new_file_key
from network.encryption.sealed import Tampered
from network.kernel.actor import Actor, Engine, InChat, InSession
from network.kernel.errors import BadInput, NoKey, NotAllowed, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, FileId
from network.outbox.domain import Leased, LetterStatus
from network.outbox.store import Sent
from tests.cases.conftest import words_in
from tests.cases.test_intake import counting
from tests.cast import Cast
from tests.ground.clock import StillClock

POSTMAN = Engine("postman")


def leased(door: Door) -> list[Leased]:
    def lease(tx: Tx, actor: Actor) -> list[Leased]:
        assert actor.person_id is None
        return outbox.lease(tx, 100)

    return door.ask(lease, POSTMAN)


def settle(door: Door, letters: list[Leased]) -> None:
    def delivered(tx: Tx, actor: Actor) -> None:
        assert actor.person_id is None
        outbox.delivered(tx, [Sent(each.number, 1) for each in letters])

    door.ask(delivered, POSTMAN)


def upload(door: Door, who: InChat | InSession, raw: bytes) -> FileLink:
    """A file as the bot or a page stores it."""
    key, file_id = new_file_key(), door.ask(files.make_room, who)
    source = (raw[at : at + 50_000] for at in range(0, len(raw), 50_000))
    for number, batch in files.batches(files.sealed(files.measured(source), key, file_id)):
        door.ask(files.put, who, file_id=file_id, first_number=number, pieces=batch)
    return FileLink(file_id, key, "voice", "voz.ogg", len(raw))


def download(door: Door, who: InSession, case_id: CaseId, link: FileLink) -> bytes:
    def pieces() -> list[bytes]:
        found: list[bytes] = []
        while more := door.look(
            files.read, who, case_id=case_id, file_id=link.id, first_number=len(found)
        ):
            found += more
        return found

    return b"".join(files.opened(pieces(), link.key, link.id))


def test_what_is_written_in_the_room_is_promised_to_the_chat(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    settle(door, leased(door))
    door.ask(services.write, cast.bilal.at_desk, case_id=accompanied, text=Plaintext("I am here"))
    (letter,) = leased(door)

    assert letter.letters[0].to == cast.family.chat
    assert letter.letters[0].words == Plaintext("I am here")
    seen = door.ask(services.room, cast.bilal.at_desk, case_id=accompanied)
    entry = seen.entries[-1]
    assert entry.kind is EntryKind.TO_FAMILY
    assert entry.author == cast.bilal.id
    assert entry.letter is not None
    assert seen.deliveries[entry.letter].status is LetterStatus.WAITING
    settle(door, [letter])
    seen = door.ask(services.room, cast.bilal.at_desk, case_id=accompanied)
    assert seen.deliveries[entry.letter].status is LetterStatus.DELIVERED


def test_a_note_stays_inside(door: Door, cast: Cast, accompanied: CaseId) -> None:
    settle(door, leased(door))
    door.ask(services.note, cast.alice.at_desk, case_id=accompanied, text=Plaintext("careful"))

    assert leased(door) == []
    assert words_in(door, cast.bilal, accompanied)[-1] == "careful"


def test_a_voice_note_goes_both_ways(door: Door, cast: Cast, accompanied: CaseId) -> None:
    voice = bytes(range(256)) * 9_000
    door.ask(services.hear, cast.family, file=upload(door, cast.family, voice))
    seen = door.ask(services.room, cast.bilal.at_desk, case_id=accompanied)
    entry = seen.entries[-1]
    link = door.ask(files.link, cast.bilal.at_desk, case_id=accompanied, entry_id=entry.id)

    assert download(door, cast.bilal.at_desk, accompanied, link) == voice
    settle(door, leased(door))
    answer = upload(door, cast.bilal.at_desk, b"answer")
    door.ask(services.write, cast.bilal.at_desk, case_id=accompanied, file=answer)
    (letter,) = leased(door)
    attachment = letter.letters[0].attachment
    assert attachment is not None
    sealed = door.look(
        files.read_to_deliver, POSTMAN, file_id=FileId(attachment.file_id), first_number=0
    )
    opened = b"".join(files.opened(sealed, attachment.key, FileId(attachment.file_id)))
    assert opened == b"answer"


def test_long_words_beside_a_file_go_in_a_letter_of_their_own(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    settle(door, leased(door))
    door.ask(
        services.write,
        cast.bilal.at_desk,
        case_id=accompanied,
        text=Plaintext("a" * 1_001),
        file=upload(door, cast.bilal.at_desk, b"x"),
    )
    (first,) = leased(door)
    settle(door, [first])
    (second,) = leased(door)
    assert first.letters[0].attachment is None
    assert second.letters[0].words is None


def test_a_file_belongs_to_one_case_only(door: Door, cast: Cast, accompanied: CaseId) -> None:
    link = upload(door, cast.family, b"ours")
    door.ask(services.hear, cast.family, file=link)
    other = door.ask(
        services.intake, cast.neighbours, situation="missing", text=Plaintext("us too")
    )
    with pytest.raises(BadInput):
        door.ask(services.hear, cast.neighbours, file=link)
    alice = cast.alice.at_desk
    assert door.look(files.read, alice, case_id=accompanied, file_id=link.id, first_number=0)
    assert not door.look(files.read, alice, case_id=other.case.id, file_id=link.id, first_number=0)
    with pytest.raises(NotVisible):
        door.look(
            files.read, cast.chiara.at_desk, case_id=accompanied, file_id=link.id, first_number=0
        )


def test_a_piece_missing_or_moved_is_noticed(door: Door, cast: Cast, received: CaseId) -> None:
    link = upload(door, cast.family, bytes(200_000))
    door.ask(services.hear, cast.family, file=link)
    pieces = door.look(
        files.read, cast.alice.at_desk, case_id=received, file_id=link.id, first_number=0
    )
    for wrong in (pieces[:-1], (pieces[0], pieces[2], pieces[1], *pieces[3:])):
        with pytest.raises(Tampered):
            b"".join(files.opened(wrong, link.key, link.id))


def test_what_nothing_names_is_swept_away(
    door: Door, cast: Cast, received: CaseId, clock: StillClock
) -> None:
    kept, lost = upload(door, cast.family, b"kept"), upload(door, cast.family, b"lost")
    door.ask(services.hear, cast.family, file=kept)
    clock.advance(files.SWEPT_AFTER)
    assert door.ask(files.sweep, Engine("clock")) == 0
    clock.advance(files.SWEPT_AFTER)
    assert door.ask(files.sweep, Engine("clock")) == 1
    assert door.look(
        files.read, cast.alice.at_desk, case_id=received, file_id=kept.id, first_number=0
    )
    with pytest.raises(BadInput):
        door.ask(services.hear, cast.family, file=lost)
    with pytest.raises(NotVisible):
        door.ask(files.put, cast.family, file_id=lost.id, first_number=0, pieces=(b"x",))


def test_too_much_is_noticed_while_it_comes(door: Door, cast: Cast, received: CaseId) -> None:
    with pytest.raises(TooLarge):
        list(files.measured(bytes(1024) for _ in range(MAX_FILE // 1024 + 1)))
    file_id = door.ask(files.make_room, cast.family)
    for first, pieces in ((files.MOST_PIECES, (b"x",)), (0, (b"x",) * 17), (0, (bytes(70_000),))):
        with pytest.raises(TooLarge):
            door.ask(files.put, cast.family, file_id=file_id, first_number=first, pieces=pieces)
    with pytest.raises(NotVisible):
        door.ask(files.make_room, cast.strangers)
    with pytest.raises(NotAllowed):
        door.ask(files.make_room, cast.dino.at_desk)
    assert words_in(door, cast.alice, received)


def test_every_look_leaves_a_receipt(door: Door, cast: Cast, accompanied: CaseId) -> None:
    words_in(door, cast.elena, accompanied)
    seen = door.ask(services.room, cast.bilal.at_desk, case_id=accompanied)

    opened = [each.person_id for each in seen.receipts if each.verb == "case.opened-room"]
    assert opened == [cast.bilal.id, cast.elena.id]

    def verify(tx: Tx, actor: Actor) -> object:
        assert actor.person_id is None
        return audit.verify(tx)

    assert door.look(verify, POSTMAN) is None


def test_the_room_opens_for_keys_only(door: Door, cast: Cast, accompanied: CaseId) -> None:
    with pytest.raises(NoKey):
        door.ask(services.room, cast.bilal.in_chat, case_id=accompanied)
    for who in (cast.chiara.at_desk, cast.dino.at_desk, cast.family, cast.strangers, POSTMAN):
        with pytest.raises(NotVisible):
            door.ask(services.room, who, case_id=accompanied)


def test_the_room_shows_a_page_at_a_time(door: Door, cast: Cast, received: CaseId) -> None:
    for number in range(7):
        door.ask(services.hear, cast.family, text=Plaintext(str(number)))
    last = door.ask(services.room, cast.alice.at_desk, case_id=received, limit=5)
    first = door.ask(services.room, cast.alice.at_desk, case_id=received, limit=5, before=last.more)

    assert [each.text.reveal() for each in last.entries] == ["2", "3", "4", "5", "6"]
    assert [each.text.reveal() for each in first.entries][1:] == ["0", "1"]
    assert first.more is None


def test_the_room_takes_as_many_statements_for_a_hundred_entries_as_for_one(
    door: Door, cast: Cast, received: CaseId, database: Database
) -> None:
    alice = cast.alice.at_desk
    with counting(database) as few:
        door.ask(services.room, alice, case_id=received)
    for number in range(40):
        door.ask(services.hear, cast.family, text=Plaintext(str(number)))
    with counting(database) as many:
        door.ask(services.room, alice, case_id=received)

    assert len(few) == len(many) <= 16, many


def test_an_activist_who_only_shares_a_case_does_not_write_to_the_family(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    door.ask(services.share, cast.alice.at_desk, case_id=accompanied, with_=cast.chiara.id)
    seen = door.ask(services.room, cast.chiara.at_desk, case_id=accompanied)

    assert {CasePermission.READ, CasePermission.NOTE} < seen.may
    assert CasePermission.WRITE not in seen.may
    with pytest.raises(NotAllowed):
        door.ask(services.write, cast.chiara.at_desk, case_id=accompanied, text=Plaintext("hello"))


def test_a_case_rests_and_goes_on(door: Door, cast: Cast, accompanied: CaseId) -> None:
    door.ask(services.rest, cast.bilal.at_desk, case_id=accompanied)
    door.ask(services.hear, cast.family, text=Plaintext("still here"))
    with pytest.raises(WrongMoment):
        door.ask(services.rest, cast.bilal.at_desk, case_id=accompanied)
    door.ask(services.resume, cast.alice.at_desk, case_id=accompanied)

    found = door.look(services.desk, cast.bilal.at_desk)
    assert [each.status for each in found.mine] == [CaseStatus.ACCOMPANIED]


@pytest.mark.parametrize("text", ["", "\0", "a" * 4_001])
def test_a_letter_telegram_would_refuse_is_refused_here(
    door: Door, cast: Cast, accompanied: CaseId, text: str
) -> None:
    with pytest.raises(BadInput):
        door.ask(services.write, cast.bilal.at_desk, case_id=accompanied, text=Plaintext(text))


def test_the_desk_shows_the_longest_wait_first(
    door: Door, cast: Cast, received: CaseId, clock: StillClock
) -> None:
    clock.advance(files.SWEPT_AFTER)
    second = door.ask(
        services.intake, cast.neighbours, situation="missing", text=Plaintext("us too")
    )
    found = door.look(services.desk, cast.alice.at_desk)

    assert [each.case.id for each in found.requests] == [received, second.case.id]
    assert found.requests[0].wait == files.SWEPT_AFTER
    assert door.look(services.desk, cast.bilal.at_desk).requests == ()
    assert door.look(services.desk, cast.dino.at_desk).counts == {}
