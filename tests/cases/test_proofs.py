"""One entry shown outside, with a proof that it stood in the log; and nothing else with it."""

import json
import shutil
import subprocess
import sys
from datetime import timedelta
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from network import audit
from network.audit import check_proof
from network.cases import services
from network.cases.domain import NotProvenYet
from network.cases.services import proofs
from network.cases.store.entries import PARTS
from network.cases.tables import EntryRow, LeafRow
from network.door import Door
from network.encryption import proofs as trees
from network.kernel.actor import Engine
from network.kernel.errors import NotAllowed, NotVisible, WrongMoment
from network.kernel.hidden import Plaintext, SecretBytes
from network.kernel.ids import CaseId, EntryId, ProposalId
from network.proposals.domain import NeedsAnother
from tests.cases.leaving import leaves
from tests.cast import Cast
from tests.ground.clock import StillClock

CLOCK = Engine("clock")
SHOWN = "the words a court asked for"


def last_entry(door: Door, cast: Cast, case: CaseId) -> EntryId:
    return door.ask(services.room, cast.alice.at_desk, case_id=case).entries[-1].id


def proposed(door: Door, cast: Cast, case: CaseId, entry: EntryId) -> ProposalId:
    return door.ask(
        proofs.propose_export,
        cast.alice.at_desk,
        case_id=case,
        entry_id=entry,
        reason=Plaintext("a judge asks for it"),
    )


@pytest.fixture
def proof(door: Door, cast: Cast, accompanied: CaseId, clock: StillClock) -> dict[str, Any]:
    """The file about one note, after the log said its head and Elena said yes."""
    entries = {}
    for words in ("another canary", SHOWN, "a third canary"):
        door.ask(services.note, cast.bilal.at_desk, case_id=accompanied, text=Plaintext(words))
        entries[words] = last_entry(door, cast, accompanied)
    entry = entries[SHOWN]
    with pytest.raises(NotProvenYet):
        proposed(door, cast, accompanied, entry)
    door.ask(proofs.anchor_and_say, CLOCK)
    door.ask(services.note, cast.bilal.at_desk, case_id=accompanied, text=Plaintext("later"))
    clock.advance(timedelta(days=1))
    door.ask(proofs.anchor_and_say, CLOCK)
    wanted = proposed(door, cast, accompanied, entry)
    with pytest.raises(WrongMoment):
        door.ask(proofs.export, cast.alice.at_desk, proposal_id=wanted)
    with pytest.raises(NeedsAnother):
        door.ask(proofs.confirm_export, cast.alice.at_desk, proposal_id=wanted)
    door.ask(proofs.confirm_export, cast.elena.at_desk, proposal_id=wanted)
    for other in (cast.elena, cast.bilal):
        with pytest.raises((NotVisible, NotAllowed)):
            door.ask(proofs.export, other.at_desk, proposal_id=wanted)
    found = door.ask(proofs.export, cast.alice.at_desk, proposal_id=wanted)
    return dict(json.loads(found.text.reveal()))


def test_the_proof_holds_leads_to_what_was_said_that_day_and_shows_nothing_else(
    proof: dict[str, Any], door: Door, cast: Cast, tmp_path: Path
) -> None:
    assert check_proof.check(proof)["text"] == SHOWN
    said = door.look(lambda tx, _: audit.printed(tx), CLOCK)[-1]
    assert (proof["words"], int(proof["line"]["number"])) == (said.words, said.number)
    text = json.dumps(proof)
    assert "canary" not in text
    assert str(cast.bilal.id) not in text
    assert cast.bilal.id.hex not in text

    # Alone: a copy of the script in an empty folder, by a Python that knows nothing of ours.
    alone, file = tmp_path / "check_proof.py", tmp_path / "proof.json"
    shutil.copyfile(check_proof.__file__, alone)
    file.write_text(text)
    run = subprocess.run(
        [sys.executable, "-I", "-S", str(alone), str(file)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert SHOWN in run.stdout
    proof["shown"]["text"]["value"] = "other words"
    file.write_text(json.dumps(proof))
    again = subprocess.run(
        [sys.executable, "-I", "-S", str(alone), str(file)],
        capture_output=True,
        check=False,
        cwd=tmp_path,
    )
    assert again.returncode == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_in_it_can_be_changed(proof: dict[str, Any]) -> None:
    def broken(change: Any) -> None:  # noqa: ANN401  # any change to any part
        other = json.loads(json.dumps(proof))
        change(other)
        with pytest.raises(check_proof.Wrong):
            check_proof.check(other)

    for name, what in product(("kind", "at", "text"), ("value", "salt")):
        broken(lambda p, n=name, w=what: p["shown"][n].update({w: "00"}))
    broken(lambda p: p["hidden"].update(author="00" * 32))
    broken(lambda p: p["hidden"].pop("author"))
    for field in ("number", "at", "actor", "verb", "case", "subject", "previous", "head"):
        broken(lambda p, f=field: p["line"].update({f: "00" * 32}))
    for step in range(len(proof["path"])):
        broken(lambda p, s=step: p["path"][s].update(hash="00" * 32))


def test_what_is_at_rest_says_nothing_of_equal_words_and_outlives_erasure(
    door: Door, cast: Cast, accompanied: CaseId, sessions: sessionmaker[Session]
) -> None:
    for _ in range(2):
        door.ask(services.note, cast.bilal.at_desk, case_id=accompanied, text=Plaintext("same"))
    with sessions() as session:
        held = list(session.scalars(select(EntryRow.commitment)))
    assert len(set(held)) == len(held) >= 3
    assert all(one is not None and len(one) == 32 for one in held)
    door.ask(proofs.anchor_and_say, CLOCK)
    assert door.ask(proofs.anchor_and_say, CLOCK) == 0
    leaves(door, cast.family)
    with sessions() as session:
        assert set(session.scalars(select(LeafRow.leaf))) == set(held)


def test_who_cannot_open_a_case_proposes_nothing_of_it(
    door: Door, cast: Cast, accompanied: CaseId
) -> None:
    entry = last_entry(door, cast, accompanied)
    door.ask(proofs.anchor_and_say, CLOCK)
    door.ask(services.drop, cast.elena.at_desk, case_id=accompanied)
    for who, error in ((cast.elena, NotVisible), (cast.bilal, NotAllowed)):
        with pytest.raises(error):
            door.ask(
                proofs.propose_export,
                who.at_desk,
                case_id=accompanied,
                entry_id=entry,
                reason=Plaintext("curious"),
            )


def climb(start: bytes, steps: tuple[trees.Step, ...]) -> bytes:
    """The root that a leaf and its neighbours lead to, as whoever checks it works it out."""
    found = start
    for step in steps:
        both = step.hash + found if step.left else found + step.hash
        found = sha256(b"\x01" + both).digest()
    return found


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40), st.data())
def test_every_leaf_of_every_tree_leads_to_its_root_and_no_other_does(
    leaves: list[bytes], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    steps = trees.path(leaves, index)
    assert climb(leaves[index], steps) == trees.root(leaves)
    assert climb(bytes(32), steps) != trees.root(leaves) or leaves[index] == bytes(32)


@given(st.dictionaries(st.sampled_from(PARTS), st.text(), min_size=1))
def test_one_parts_salt_opens_no_other_part(values: dict[str, str]) -> None:
    nonce = SecretBytes(bytes(range(16)))
    salts = {trees.salt(nonce, name) for name in values}
    assert len(salts) == len(values)
    assert trees.leaf(trees.parts(nonce, values)) != trees.leaf(
        trees.parts(trees.new_nonce(), values)
    )
