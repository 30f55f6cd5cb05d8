"""What people do with cases. Each verb: look, check, decide, save, promise."""

from network.cases.services.intake import (
    Heard,
    Opened,
    Responders,
    case_of,
    hear,
    intake,
    letter_to_family,
    responders,
    set_danger_word,
)

__all__ = [
    "Heard",
    "Opened",
    "Responders",
    "case_of",
    "hear",
    "intake",
    "letter_to_family",
    "responders",
    "set_danger_word",
]
