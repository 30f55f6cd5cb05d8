"""A file from the room reaches the family's phone whole, streamed out of its sealed pieces."""

import secrets

from bot.sandbox.people import Person
from network.cases import files
from network.cases import services as cases
from network.cases.domain import FileLink
from network.door import Door
from network.encryption.files import new_file_key
from network.kernel.actor import InChat
from network.kernel.hidden import Plaintext
from network.outbox.domain import AttachmentKind
from tests.bot.conftest import RunningBot, opens
from tests.bot.test_members import offered
from tests.cast import Cast


def test_a_file_written_in_the_room_arrives_whole_and_protected(
    bot: RunningBot, rosa: Person, cast: Cast, phones: dict[str, Person], door: Door
) -> None:
    bot.start()
    opens(rosa)
    offered(door, cast, rosa)
    bilal = phones["bilal"]
    offer = bilal.wait_for(lambda shown: "accept:" in str([b.data for b in shown.buttons]))
    bilal.presses(str(offer.buttons[0].data))
    bilal.wait_for(lambda shown: "/cases/" in shown.text)
    found = door.look(cases.case_of, InChat(rosa.user_id))
    assert found is not None
    content = secrets.token_bytes(300_000)
    key, file_id = new_file_key(), door.ask(files.make_room, cast.bilal.at_desk)
    for number, batch in files.batches(files.sealed([content], key, file_id)):
        door.ask(files.put, cast.bilal.at_desk, file_id=file_id, first_number=number, pieces=batch)
    link = FileLink(file_id, key, AttachmentKind.DOCUMENT.value, "documento.pdf", len(content))
    door.ask(
        cases.write,
        cast.bilal.at_desk,
        case_id=found[0].id,
        text=Plaintext("read this"),
        file=link,
    )
    shown = rosa.wait_for("read this")
    assert shown.kind == "document"
    assert shown.protected
    assert shown.file == content
