"""The verbs of the delivery room. Each takes the transaction and who asks."""

from network.delivery.services.channels import (
    Way,
    add_channel,
    channels,
    confirm_channel,
    cut,
    elsewhere,
    remove_channel,
    test_channel,
    test_due,
    to_coordination,
    ways,
    ways_to,
)
from network.delivery.services.letters import (
    LettersPage,
    cancel_letter,
    failing_channels,
    letters,
    retry_letter,
)
from network.delivery.services.road import walk_the_road
from network.delivery.services.vigil import Said, Vigil, keep_vigil, vigil_told

__all__ = [
    "LettersPage",
    "Said",
    "Vigil",
    "Way",
    "add_channel",
    "cancel_letter",
    "channels",
    "confirm_channel",
    "cut",
    "elsewhere",
    "failing_channels",
    "keep_vigil",
    "letters",
    "remove_channel",
    "retry_letter",
    "test_channel",
    "test_due",
    "to_coordination",
    "vigil_told",
    "walk_the_road",
    "ways",
    "ways_to",
]
