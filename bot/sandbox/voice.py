"""A valid, silent OGG Opus voice note, for people without a microphone (RFC 3533, RFC 7845)."""

import struct

SERIAL = 0x48494C4F
RATE = 48_000
FRAME = 960
PACKETS_PER_PAGE = 50
SILENCE = bytes((0xF8, 0xFF, 0xFE))
POLYNOMIAL = 0x04C11DB7
TOP, MASK = 0x80000000, 0xFFFFFFFF
FIRST, LAST = 2, 4


def _table() -> tuple[int, ...]:
    table = []
    for index in range(256):
        value = index << 24
        for _ in range(8):
            value = (value << 1) ^ (POLYNOMIAL if value & TOP else 0)
        table.append(value & MASK)
    return tuple(table)


TABLE = _table()


def _checksum(page: bytes) -> int:
    value = 0
    for byte in page:
        value = ((value << 8) & MASK) ^ TABLE[(value >> 24) ^ byte]
    return value


def page(packets: list[bytes], *, number: int, position: int, flags: int) -> bytes:
    """One Ogg page; every packet shorter than 255 bytes."""
    lacing = bytes(len(packet) for packet in packets)
    header = struct.pack("<4sBBqIII", b"OggS", 0, flags, position, SERIAL, number, 0)
    whole = header + bytes((len(packets),)) + lacing + b"".join(packets)
    return whole[:22] + struct.pack("<I", _checksum(whole)) + whole[26:]


def silent_voice(seconds: int) -> bytes:
    """A voice note of that many seconds in which nobody speaks."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, RATE, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 4) + b"none" + struct.pack("<I", 0)
    pages = [
        page([head], number=0, position=0, flags=FIRST),
        page([tags], number=1, position=0, flags=0),
    ]
    left = max(1, seconds) * RATE // FRAME
    done = 0
    while left:
        count = min(left, PACKETS_PER_PAGE)
        left, done = left - count, done + count
        pages.append(
            page(
                [SILENCE] * count,
                number=len(pages),
                position=done * FRAME,
                flags=0 if left else LAST,
            )
        )
    return b"".join(pages)
