"""The two symmetric steps the other modules are made of: derive a key, lock bytes under it."""

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import aead
from cryptography.hazmat.primitives.kdf import hkdf

from network.encryption.sealed import Tampered, framed

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16


def derive(secret: bytes, purpose: str, *context: bytes, length: int = KEY_BYTES) -> bytes:
    """A key for one purpose in one context, by HKDF-SHA256. The secret must be high-entropy."""
    info = framed(b"hilo/1", purpose.encode(), *context)
    return hkdf.HKDF(hashes.SHA256(), length, None, info).derive(secret)


def lock(key: bytes, data: bytes, aad: bytes) -> bytes:
    """Nonce and ciphertext under AES-256-GCM; for keys that lock few things."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + aead.AESGCM(key).encrypt(nonce, data, aad)


def unlock(key: bytes, locked: bytes, aad: bytes) -> bytes:
    """What `lock` locked, or `Tampered`."""
    if len(locked) < NONCE_BYTES + TAG_BYTES:
        raise Tampered
    try:
        return aead.AESGCM(key).decrypt(locked[:NONCE_BYTES], locked[NONCE_BYTES:], aad)
    except InvalidTag:
        raise Tampered from None
