"""A member's other ways: e-mail, ntfy, Matrix, SMS. Confirmed with a word, tested by the month."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hmac import compare_digest
from re import fullmatch

from network.kernel.errors import BadInput, Refused, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import ChannelId, PersonId

TEST_EVERY = timedelta(days=30)
CONFIRM_WITHIN = timedelta(days=3)
ASK_AGAIN_AFTER = timedelta(minutes=2)
MOST = 3  # channels of one member
WORDS_A_DAY = 6  # that a member may have sent, to all their channels; the clock's own come beside
TRIES = 5  # at one word
LONGEST = 600
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
WORD_LENGTH = 6
MAIL = "mail"  # an address of a person, sent to through the network's own HILO_MAIL
KINDS = {
    MAIL: "e-mail",
    "mailto": "e-mail",
    "mailtos": "e-mail",
    "ntfy": "ntfy",
    "ntfys": "ntfy",
    "matrix": "Matrix",
    "matrixs": "Matrix",
    "signal": "Signal",
    "signals": "Signal",
    "threema": "Threema",
}


class ChannelState(StrEnum):
    """Whether a channel was ever confirmed, and how its last test went."""

    NEW = "new"
    WORKS = "works"
    FAILED = "failed"


class WrongWord(Refused):
    """Not the word that was sent there, or it is void."""

    key = "wrong_word"


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to a member. What its address is, only the machine knows.

    `shut` says that what is stored of it does not open: it is nowhere, and has to be added anew.
    """

    id: ChannelId
    person_id: PersonId
    state: ChannelState
    address: Plaintext = field(repr=False)
    test_at: datetime
    asked_at: datetime | None = None
    word: str = field(default="", repr=False)
    tries: int = 0
    shut: bool = False

    @property
    def kind(self) -> str:
        """What it is, for its owner and the desk: no address. Empty where it does not open."""
        if self.shut:
            return ""
        return KINDS.get(self.address.reveal().partition(":")[0].casefold(), "SMS")

    @property
    def rings(self) -> bool:
        """Whether alarms may go there: a word from there was once typed in."""
        return self.state is not ChannelState.NEW

    def asked(self, now: datetime) -> "Channel":
        """With a new word to be sent there; the last one is void."""
        if self.asked_at is not None and now < self.asked_at + ASK_AGAIN_AFTER:
            raise WrongMoment
        word = "".join(secrets.choice(LETTERS) for _ in range(WORD_LENGTH))
        return replace(self, word=word, tries=0, asked_at=now, test_at=now + CONFIRM_WITHIN)

    def tried(self) -> "Channel":
        """After a word that was not the right one; after five, none is."""
        tries = self.tries + 1
        return replace(self, tries=tries, word=self.word if tries < TRIES else "")

    def is_word(self, typed: str) -> bool:
        """Whether this is the word, whatever its case, spaces and look-alike letters."""
        plain = "".join(one for one in typed.upper() if one.isalnum())
        plain = plain.translate(str.maketrans("OIL", "011"))
        return bool(self.word) and compare_digest(plain.encode(), self.word.encode())

    def confirmed(self, now: datetime) -> "Channel":
        """Its word came back."""
        return replace(
            self, state=ChannelState.WORKS, word="", asked_at=None, test_at=now + TEST_EVERY
        )

    def failed(self, now: datetime) -> "Channel":
        """Its word did not come back in three days. Alarms still go there: more is better."""
        state = ChannelState.NEW if self.state is ChannelState.NEW else ChannelState.FAILED
        return replace(self, state=state, word="", asked_at=None, test_at=now + TEST_EVERY)


def read_address(typed: str, *, schemas: frozenset[str], mail: bool) -> Plaintext:
    """What a member typed: an e-mail address, or an Apprise address of a kind that is allowed."""
    plain = typed.strip()
    if not plain or len(plain) > LONGEST or not plain.isprintable():
        raise BadInput("address", "address_shape")
    if fullmatch(r"[^@\s:/?&#%]+@[^@\s:/?&#%]+\.[^@\s:/?&#%]+", plain):
        if not mail:
            raise BadInput("address", "no_mail")
        return Plaintext(f"{MAIL}:{plain}")
    schema, mark, rest = plain.partition("://")
    if not mark or not rest or schema.casefold() not in schemas:
        raise BadInput("address", "address_kind")
    return Plaintext(f"{schema.casefold()}://{rest}")
