"""The mathematics: any k give the key back, k-1 give nothing, and nothing moves elsewhere."""

from itertools import combinations
from uuid import uuid4

import pytest

from network.encryption import quorum
from network.encryption.envelope import new_key_pair
from network.encryption.sealed import EncryptionError, Tampered
from network.encryption.server import ServerSecret
from network.kernel.hidden import Plaintext


def test_any_three_of_five_give_the_key_back_and_no_two_do() -> None:
    pair = new_key_pair()
    shares = quorum.split(pair.private, needed=3, holders=5)
    for three in list(combinations(shares, 3))[::3]:
        assert quorum.combine(three, pair.public) == pair.private
    for two in combinations(shares, 2):
        with pytest.raises(quorum.NotEnough):
            quorum.combine(two, pair.public)


def test_shares_of_two_splits_of_one_key_do_not_go_together() -> None:
    pair = new_key_pair()
    one = quorum.split(pair.private, needed=2, holders=3)
    other = quorum.split(pair.private, needed=2, holders=3)
    with pytest.raises(quorum.NotEnough):
        quorum.combine((one[0], other[1]), pair.public)


@pytest.mark.parametrize(("needed", "holders"), [(1, 3), (4, 3), (2, 17)])
def test_one_person_is_no_quorum(needed: int, holders: int) -> None:
    with pytest.raises(EncryptionError):
        quorum.split(new_key_pair().private, needed=needed, holders=holders)


def test_words_that_are_no_share_are_not_enough() -> None:
    pair = new_key_pair()
    for words in ((), (Plaintext(""),), (Plaintext("not a share"), Plaintext("at all"))):
        with pytest.raises(quorum.NotEnough):
            quorum.combine(words, pair.public)


def test_a_share_on_its_way_opens_for_its_opener_with_the_servers_help_and_nowhere_else() -> None:
    keeper, opener, other = new_key_pair(), new_key_pair(), new_key_pair()
    secret = ServerSecret.from_text(ServerSecret.new_text())
    way = quorum.Way(uuid4(), uuid4(), uuid4())
    (share, _) = quorum.split(new_key_pair().private, needed=2, holders=2)
    kept = quorum.seal_share(share, keeper.public, split_id=way.split, member=way.member)
    passed = quorum.pass_on(secret, keeper.private, kept, opener.public, way)

    assert quorum.receive(secret, opener.private, passed, way) == share
    elsewhere = quorum.Way(way.split, way.member, uuid4())
    thief = ServerSecret.from_text(ServerSecret.new_text())
    for secret_of, own, place in (
        (secret, other.private, way),
        (secret, keeper.private, way),
        (thief, opener.private, way),
        (secret, opener.private, elsewhere),
    ):
        with pytest.raises(Tampered):
            quorum.receive(secret_of, own, passed, place)


def test_an_epochs_key_moved_to_another_case_does_not_open() -> None:
    recovery, epoch = new_key_pair(), new_key_pair()
    case, key = uuid4(), uuid4()
    held = quorum.escrow(epoch.private, recovery.public, key=key, case=case, epoch=2)

    assert quorum.open_escrow(recovery.private, held, case=case, epoch=2) == epoch.private
    for moved, number in ((uuid4(), 2), (case, 1)):
        with pytest.raises(Tampered):
            quorum.open_escrow(recovery.private, held, case=moved, epoch=number)
