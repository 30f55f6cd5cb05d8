"""The audit log: append-only, hash-chained. Every opening of a case leaves its receipt here."""

from network.audit.store import (
    Broken,
    Receipt,
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
    "head",
    "last_by",
    "moments",
    "receipt",
    "receipts_of",
    "verify",
]
