"""The audit log: append-only, hash-chained. Every opening of a case leaves its receipt here."""

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

__all__ = [
    "Broken",
    "Receipt",
    "done_by",
    "done_to",
    "head",
    "last_by",
    "moments",
    "receipt",
    "receipts_of",
    "verify",
]
