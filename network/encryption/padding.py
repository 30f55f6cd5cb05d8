"""Sizes that tell little: Padmé (Nikitin et al., PETS 2019) over a 0x80 marker and zeros."""

from typing import Final

SMALLEST: Final = 256
MARKER: Final = b"\x80"


class BadPadding(ValueError):
    """These bytes were not padded by us."""


def padded_size(size: int, *, smallest: int = SMALLEST) -> int:
    """The bucket for `size` bytes and a marker: at most 12 % more, never below `smallest`.

    Below 256 bytes Padmé would still tell «sí» from «no»; hence the floor.
    """
    wanted = max(size + 1, smallest)
    exponent = wanted.bit_length() - 1
    free_bits = exponent - exponent.bit_length()
    mask = (1 << max(free_bits, 0)) - 1
    return (wanted + mask) & ~mask


def pad(data: bytes) -> bytes:
    """Fill up to the Padmé bucket."""
    return (data + MARKER).ljust(padded_size(len(data)), b"\0")


def pad_to(data: bytes, size: int) -> bytes:
    """Fill so that everything of up to `size` bytes comes out equally long; longer is refused."""
    if len(data) > size:
        raise BadPadding
    return (data + MARKER).ljust(size + 1, b"\0")


def unpad(padded: bytes) -> bytes:
    """What was padded by `pad` or `pad_to`. Call only on authenticated bytes."""
    end = padded.rfind(MARKER)
    if end < 0 or not padded.endswith(bytes(len(padded) - end - 1)):
        raise BadPadding
    return padded[:end]
