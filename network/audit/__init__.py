"""The audit log: append-only, hash-chained. Every opening of a case leaves its receipt here."""

from network.audit.heads import PrintedHead, printed, said_today, verify_with_heads, write_down
from network.audit.store import (
    Broken,
    Line,
    Receipt,
    done_by,
    done_to,
    head,
    last_about,
    last_by,
    line,
    moments,
    receipt,
    receipts_of,
    times,
    times_about,
    verify,
    wait_in_line,
)
from network.audit.words import LANGUAGES, are_words_of, in_words

__all__ = [
    "LANGUAGES",
    "Broken",
    "Line",
    "PrintedHead",
    "Receipt",
    "are_words_of",
    "done_by",
    "done_to",
    "head",
    "in_words",
    "last_about",
    "last_by",
    "line",
    "moments",
    "printed",
    "receipt",
    "receipts_of",
    "said_today",
    "times",
    "times_about",
    "verify",
    "verify_with_heads",
    "wait_in_line",
    "write_down",
]
