"""One entry shown to a court with a proof that it stood in the log, and nothing else with it."""

import json
from dataclasses import dataclass, field
from uuid import UUID

from network import audit
from network.audit.check_proof import ANCHORED
from network.cases.domain import NotProvenYet
from network.cases.policy import CasePermission, require
from network.cases.services.opening import mend, open_keys
from network.cases.store import cases, entries, leaves
from network.db import Tx
from network.encryption import proofs
from network.kernel.actor import Actor
from network.kernel.errors import NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import CaseId, EntryId, PersonId, ProposalId
from network.proposals import services as proposals
from network.proposals.domain import Matter, Proposal, ProposalStatus
from network.quorum import services as quorum

SHOWN = ("kind", "at", "text")
EXPORTED = "case.exported-entry"


@dataclass(frozen=True, slots=True)
class Proof:
    """A file for somebody outside: everything they need to check it, and nothing more."""

    name: str
    text: Plaintext = field(repr=False)


def anchor_and_say(tx: Tx, actor: Actor) -> int:
    """Once a day the clock puts the root over the new entries into the log, and says its head."""
    require(actor, CasePermission.KEEP_HOUSE)
    if audit.said_today(tx):
        return 0
    audit.wait_in_line(tx)
    if audit.said_today(tx):  # by another clock, while this one waited
        return 0
    found, upto = leaves.fresh(tx)
    if found:
        number = audit.receipt(tx, actor, ANCHORED + proofs.root(found).hex())
        leaves.anchor(tx, number, found, upto)
    return quorum.say_head(tx, actor)


def propose_export(
    tx: Tx, actor: Actor, *, case_id: CaseId, entry_id: EntryId, reason: Plaintext
) -> ProposalId:
    """A coordinator who can open a case proposes to hand one entry of it to somebody outside."""
    case = cases.get(tx, actor, case_id)
    require(actor, CasePermission.EXPORT, case)
    _line_of(tx, entries.one(tx, case_id, entry_id).commitment)
    return proposals.propose(
        tx,
        actor,
        matter=Matter.EXPORT,
        subject=entry_id,
        reason=reason,
        payload={"case": case_id.hex},
        about=case.card.reference,
    )


def confirm_export(tx: Tx, actor: Actor, *, proposal_id: ProposalId) -> None:
    """The second pair of eyes. They need not hold the case, and see none of it."""
    proposals.confirm(tx, actor, proposal_id=proposal_id, matter=Matter.EXPORT)


def export(tx: Tx, actor: Actor, *, proposal_id: ProposalId) -> Proof:
    """The file, for whoever proposed it and can still open the case. Each time leaves a receipt."""
    decided = proposals.proposal(tx, actor, proposal_id=proposal_id)
    if decided.matter is not Matter.EXPORT or decided.proposer != actor.person_id:
        raise NotVisible
    if decided.status is not ProposalStatus.CONFIRMED:
        raise WrongMoment
    case = cases.get(tx, actor, CaseId(UUID(decided.payload["case"])))
    require(actor, CasePermission.EXPORT, case)
    row = entries.one(tx, case.id, EntryId(decided.subject))
    known = open_keys(tx, actor, case)
    mend(tx, known)
    told = entries.told(row, case.id, known.openers({row.epoch}))
    hidden = proofs.parts(told.nonce, told.parts)
    if proofs.leaf(hidden) != told.commitment:
        raise WrongMoment
    tree, line = _line_of(tx, told.commitment)
    audit.receipt(tx, actor, EXPORTED, case=case.id, subject=decided.second)
    found = {
        "hilo_proof": 1,
        "shown": {
            name: {"value": told.parts[name], "salt": proofs.salt(told.nonce, name).hex()}
            for name in SHOWN
        },
        "hidden": {name: hash_.hex() for name, hash_ in hidden.items() if name not in SHOWN},
        "path": [
            {"hash": step.hash.hex(), "left": step.left}
            for step in proofs.path(tree, tree.index(told.commitment))
        ],
        "line": line.shown(),
        "words": audit.in_words(line.link),
    }
    text = json.dumps(found, ensure_ascii=False, indent=1)
    return Proof(f"hilo-{line.receipt.number}.json", Plaintext(text))


def exports(tx: Tx, actor: Actor, *, entry_id: EntryId) -> tuple[Proposal, ...]:
    """What the actor proposed about one entry: waiting, or decided."""
    found = (
        *proposals.open_proposals(tx, actor, matter=Matter.EXPORT),
        *proposals.ended_proposals(tx, actor),
    )
    return tuple(
        each
        for each in found
        if each.matter is Matter.EXPORT
        and each.subject == entry_id
        and each.proposer == PersonId(actor.person)
    )


def _line_of(tx: Tx, commitment: bytes | None) -> tuple[tuple[bytes, ...], audit.Line]:
    """The tree that holds a commitment and the line of the log that holds the tree."""
    found = leaves.tree_of(tx, commitment) if commitment is not None else None
    if found is None:
        raise NotProvenYet
    number, tree = found
    return tree, audit.line(tx, number)
