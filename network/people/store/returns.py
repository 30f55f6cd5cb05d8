"""Links for whoever lost what showed their codes: allowed by two, made when wanted, used once."""

import secrets

from sqlalchemy import ColumnElement, delete, insert, select, update

from network.db import Tx
from network.kernel.errors import NotVisible, WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId
from network.people.domain import RETURN_LASTS
from network.people.tables import ReturnRow

TOKENS = "people.return"
TOKEN_BYTES = 24


def allow(tx: Tx, person: PersonId) -> None:
    """From now on, for three days, one link may be made for them."""
    forget(tx, person)
    tx.session.execute(insert(ReturnRow).values(person_id=person, expires_at=tx.now + RETURN_LASTS))


def allowed(tx: Tx, person: PersonId) -> bool:
    """Whether two have agreed, lately, and it was not used yet."""
    query = select(ReturnRow.person_id).where(ReturnRow.person_id == person, _running(tx))
    return tx.session.scalar(query) is not None


def new_token(tx: Tx, person: PersonId) -> Plaintext:
    """A link's secret, kept as its blind index; an earlier one is void. WrongMoment without a yes
    of two.
    """
    token = Plaintext(secrets.token_urlsafe(TOKEN_BYTES))
    made = tx.session.scalar(
        update(ReturnRow)
        .where(ReturnRow.person_id == person, _running(tx))
        .values(token_index=tx.secret.index(TOKENS, token.reveal()))
        .returning(ReturnRow.person_id)
    )
    if made is None:
        raise WrongMoment
    return token


def bearer(tx: Tx, token: Plaintext) -> PersonId:
    """Whose link this is. Used, old, replaced and unknown ones look the same."""
    person = tx.session.scalar(select(ReturnRow.person_id).where(_named(tx, token)))
    if person is None:
        raise NotVisible
    return PersonId(person)


def use(tx: Tx, token: Plaintext) -> PersonId:
    """Spend a link. Of several at the same moment one wins."""
    person = tx.session.scalar(
        delete(ReturnRow).where(_named(tx, token)).returning(ReturnRow.person_id)
    )
    if person is None:
        raise NotVisible
    return PersonId(person)


def forget(tx: Tx, person: PersonId) -> None:
    """No link of theirs opens anything any more."""
    tx.session.execute(delete(ReturnRow).where(ReturnRow.person_id == person))


def sweep(tx: Tx) -> None:
    """Forget what nobody used in time."""
    tx.session.execute(delete(ReturnRow).where(ReturnRow.expires_at <= tx.now))


def _named(tx: Tx, token: Plaintext) -> ColumnElement[bool]:
    return ReturnRow.token_index.in_(tx.secret.indexes(TOKENS, token.reveal())) & _running(tx)


def _running(tx: Tx) -> ColumnElement[bool]:
    return ReturnRow.expires_at > tx.now
