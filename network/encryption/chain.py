"""The link between one line of the audit log and the line before it."""

import hashlib

START = b"\x00" * 32


def link(previous: bytes, fields: tuple[str, ...]) -> bytes:
    """SHA-256 over the previous link and every field with its length, so no two logs give one
    chain.
    """
    digest = hashlib.sha256(previous)
    for field in fields:
        raw = field.encode()
        digest.update(len(raw).to_bytes(4, "big"))
        digest.update(raw)
    return digest.digest()
