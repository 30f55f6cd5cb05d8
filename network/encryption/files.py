"""Files of any size in 64 KiB chunks, never whole in memory.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015): every chunk's nonce
holds its number and whether it is the last, so chunks cannot be dropped, doubled, swapped or cut
off unnoticed. A missing end is only noticed at the end: **what `open_chunks` gave before it raised
`Tampered` is authentic but incomplete**. Who acts on a file waits for its end; a page that streams
one breaks the connection instead of closing it well.
"""

import secrets
from collections.abc import Iterable, Iterator
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import aead

from network.encryption.padding import MARKER, padded_size
from network.encryption.sealed import Place, Suite, Tampered, body_of, fail_closed, header
from network.encryption.symmetric import KEY_BYTES, TAG_BYTES, derive
from network.kernel.hidden import SecretBytes

CHUNK_BYTES: Final = 64 * 1024
SALT_BYTES: Final = 16
SMALLEST: Final = 4 * 1024
FRONT_BYTES: Final = 2 + SALT_BYTES
COUNTER_BYTES: Final = 11


def new_file_key() -> SecretBytes:
    """A key for one file, to be sealed to the case it belongs to."""
    return SecretBytes(secrets.token_bytes(KEY_BYTES))


def seal_chunks(source: Iterable[bytes], key: SecretBytes, place: Place) -> Iterator[bytes]:
    """The sealed file, piece by piece, padded at its end. If it raises, throw away all of it."""
    with fail_closed:
        salt = secrets.token_bytes(SALT_BYTES)
        cipher = _cipher(key, salt, place)
    yield header(Suite.FILE) + salt
    number = 0
    waiting = b""
    for chunk in _chunks_of(_padded(source), CHUNK_BYTES):
        if waiting:
            yield _seal_chunk(cipher, number, waiting, last=False)
            number += 1
        waiting = chunk
    yield _seal_chunk(cipher, number, waiting, last=True)


def open_chunks(sealed: Iterable[bytes], key: SecretBytes, place: Place) -> Iterator[bytes]:
    """The file, piece by piece; `Tampered` at the first wrong chunk or at a missing end."""
    return _unpadded(_opened(sealed, key, place))


def _opened(sealed: Iterable[bytes], key: SecretBytes, place: Place) -> Iterator[bytes]:
    pieces = _chunks_of(sealed, CHUNK_BYTES + TAG_BYTES, first=FRONT_BYTES)
    salt = body_of(next(pieces, b""), Suite.FILE)
    if len(salt) != SALT_BYTES:
        raise Tampered
    cipher = _cipher(key, salt, place)
    number = 0
    waiting = next(pieces, b"")
    for piece in pieces:
        yield _open_chunk(cipher, number, waiting, last=False)
        number += 1
        waiting = piece
    yield _open_chunk(cipher, number, waiting, last=True)


def _cipher(key: SecretBytes, salt: bytes, place: Place) -> aead.AESGCM:
    # A key of its own for each stream: sealing a file again after a failure repeats no nonce.
    return aead.AESGCM(derive(key.reveal(), "file", header(Suite.FILE), salt, place.aad()))


def _seal_chunk(cipher: aead.AESGCM, number: int, chunk: bytes, *, last: bool) -> bytes:
    with fail_closed:
        return cipher.encrypt(_nonce(number, last=last), chunk, None)


def _open_chunk(cipher: aead.AESGCM, number: int, piece: bytes, *, last: bool) -> bytes:
    if len(piece) < TAG_BYTES:
        raise Tampered
    try:
        return cipher.decrypt(_nonce(number, last=last), piece, None)
    except InvalidTag:
        raise Tampered from None


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(COUNTER_BYTES, "big") + bytes((last,))


def _chunks_of(source: Iterable[bytes], size: int, *, first: int = 0) -> Iterator[bytes]:
    """The same bytes cut every `size`, after one cut at `first`; the last piece may be shorter."""
    buffer = bytearray()
    wanted = first or size
    for given in source:
        view = memoryview(given)
        for start in range(0, len(view), CHUNK_BYTES):
            buffer += view[start : start + CHUNK_BYTES]
            while len(buffer) >= wanted:
                yield bytes(buffer[:wanted])
                del buffer[:wanted]
                wanted = size
    if buffer:
        yield bytes(buffer)


def _padded(source: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for given in source:
        size += len(given)
        yield given
    yield MARKER
    zeros = padded_size(size, smallest=SMALLEST) - size - len(MARKER)
    yield from _zeros(zeros)


def _zeros(count: int) -> Iterator[bytes]:
    for start in range(0, count, CHUNK_BYTES):
        yield bytes(min(CHUNK_BYTES, count - start))


def _unpadded(opened: Iterable[bytes]) -> Iterator[bytes]:
    """All but the last marker and the zeros behind it, which may reach over several chunks."""
    held = 0  # a marker and zeros that are padding if nothing else follows
    for chunk in opened:
        data = chunk.rstrip(b"\0")
        if not data:
            if held:
                held += len(chunk)
            else:
                yield chunk
            continue
        if held:
            yield MARKER
            yield from _zeros(held - len(MARKER))
        if data.endswith(MARKER):
            held = len(chunk) - len(data) + len(MARKER)
            yield data[: -len(MARKER)]
        else:
            held = 0
            yield chunk
    if not held:
        raise Tampered
