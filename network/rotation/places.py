"""Where everything that is sealed to the server lives, so that it can be sealed again there."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Column

from network.encryption.sealed import Place

Values = Mapping[str, Any]
PlaceOf = Callable[[Values], Place]

# Every other one stands under its own row's id, and is about nobody else.
PLACES: Final[dict[str, PlaceOf]] = {
    "ceremony_voices.share": lambda row: Place(
        "ceremony_voices", "share", row["ceremony_id"], member=row["member_id"]
    ),
    "channels.sealed": lambda row: Place("channels", "sealed", row["id"], member=row["person_id"]),
    "inbox.body": lambda row: Place("inbox", "body", str(row["update_id"])),
    "people.profile": lambda row: Place("people", "profile", row["id"], member=row["id"]),
    "talks.state": lambda row: Place("talks", "state", row["chat_index"].hex()),
}


def place_of(column: Column[Any], row: Values) -> Place:
    """Where this column of this row was sealed."""
    table = column.table
    named = PLACES.get(f"{table.name}.{column.name}")
    return Place(table.name, column.name, row["id"]) if named is None else named(row)
