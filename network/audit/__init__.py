"""The audit log: append-only, hash-chained. Every opening of a case leaves its receipt here."""

from network.audit.heads import PrintedHead, printed, verify_with_heads, write_down
from network.audit.store import (
    Broken,
    Receipt,
    done_by,
    done_to,
    head,
    last_by,
    moments,
    receipt,
    receipts_of,
    verify,
)
from network.encryption.chain import in_words

__all__ = [
    "Broken",
    "PrintedHead",
    "Receipt",
    "done_by",
    "done_to",
    "head",
    "in_words",
    "last_by",
    "moments",
    "printed",
    "receipt",
    "receipts_of",
    "verify",
    "verify_with_heads",
    "write_down",
]
