"""The refusals a service may raise. Adapters turn each into a page or a reply."""


class Refused(Exception):
    """A rule said no. Carries a message key, never the caller's data."""

    key = "refused"


class NotVisible(Refused):
    """No such thing, or it is not yours to see; the caller cannot tell which."""

    key = "not_found"


class NotAllowed(Refused):
    """You may know of it, but this is not yours to do."""

    key = "not_allowed"


class WrongMoment(Refused):
    """The thing has moved on since the page or the button was drawn."""

    key = "wrong_moment"


class BadInput(Refused):
    """What was sent cannot be used; `field` names the place, `reason` is a message key."""

    key = "bad_input"

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason


class SlowDown(Refused):
    """Too many tries; wait `seconds` and try again."""

    key = "slow_down"

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class NoKey(Refused):
    """This needs the caller's private key, which only a signed-in browser holds."""

    key = "no_key"
