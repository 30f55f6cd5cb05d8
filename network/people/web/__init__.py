"""The pages of the people room: coming in, joining, who is who, one's own account."""

from network.people.web import colleagues, entry, joining, own, passkeys, proving, returning
from network.people.web.blueprint import bp

__all__ = ["bp", "colleagues", "entry", "joining", "own", "passkeys", "proving", "returning"]
