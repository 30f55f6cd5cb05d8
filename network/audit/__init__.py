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
    verify,
)
from network.encryption.chain import in_words

__all__ = [
    "Broken",
    "Line",
    "PrintedHead",
    "Receipt",
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
    "verify",
    "verify_with_heads",
    "write_down",
]
