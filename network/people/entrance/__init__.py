"""Everything slow about coming in and going out, between the door's short transactions."""

from network.people.entrance.coming import recognise, sign_in, sign_out
from network.people.entrance.joining import (
    Prepared,
    brought_back,
    carried,
    keys_of,
    prepare,
    prove,
    seal_totp,
)
from network.people.entrance.keeping import (
    change_passphrase,
    new_recovery_code,
    set_other_passphrase,
)
from network.people.entrance.recovering import recover
from network.people.lanes import LANE_WIDTH

__all__ = [
    "LANE_WIDTH",
    "Prepared",
    "brought_back",
    "carried",
    "change_passphrase",
    "keys_of",
    "new_recovery_code",
    "prepare",
    "prove",
    "recognise",
    "recover",
    "seal_totp",
    "set_other_passphrase",
    "sign_in",
    "sign_out",
]
