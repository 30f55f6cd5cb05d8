"""Films and MPEG-4 sound: boxes that tell of maker, place and time emptied where they stand.

Nothing moves, so the offsets inside stay true. The pictures and sounds themselves are untouched.
ISO/IEC 14496-12 names the boxes.
"""

import struct
from typing import Final

from network.cases.domain import CannotStrip

INSIDE: Final = {
    b"moov",
    b"trak",
    b"mdia",
    b"minf",
    b"stbl",
    b"edts",
    b"dinf",
    b"moof",
    b"traf",
    b"mvex",
}
TIMED: Final = {b"mvhd", b"tkhd", b"mdhd"}
KEPT: Final = {
    b"ftyp", b"styp", b"mdat", b"sidx", b"mfra", b"mehd", b"trex", b"mfhd", b"tfhd", b"tfdt",
    b"trun", b"hdlr", b"vmhd", b"smhd", b"nmhd", b"dref", b"elst", b"stsd", b"stts", b"ctts",
    b"stss", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"sgpd", b"sbgp", b"sdtp", b"cslg",
    b"stps",
}  # fmt: skip
SOUND_BRANDS: Final = {b"M4A ", b"M4B ", b"M4P "}
FILM_BRANDS: Final = {
    b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"qt  ", b"MSNV",
    b"3gp4", b"3gp5", b"3gp6", b"3gp7",
}  # fmt: skip
SHOWN: Final = {b"soun", b"vide"}  # a track of anything else may be a record of places
HEAD: Final = 8
LONG_HEAD: Final = 16
DEEPEST: Final = 8


def is_sound(raw: bytes) -> bool:
    """By its first box."""
    return raw[4:8] == b"ftyp" and raw[8:12] in SOUND_BRANDS


def is_film(raw: bytes) -> bool:
    """By its first box."""
    return raw[4:8] == b"ftyp" and raw[8:12] in FILM_BRANDS


def clean(raw: bytes) -> bytes:
    """The same file with every box we do not need to play it filled with zeros."""
    content = bytearray(raw)
    _clean(content, 0, len(content), depth=0)
    return bytes(content)


def _clean(content: bytearray, start: int, end: int, *, depth: int) -> None:
    if depth > DEEPEST:
        raise CannotStrip
    while start < end:
        name, body, after = _box(content, start, end)
        if name in INSIDE:
            _clean(content, body, after, depth=depth + 1)
        elif name in TIMED:
            _forget_times(content, body, after)
        elif name == b"hdlr":
            _check_track(content, body, after)
        elif name not in KEPT:
            content[start + 4 : start + HEAD] = b"free"
            content[body:after] = bytes(after - body)
        start = after


def _box(content: bytearray, start: int, end: int) -> tuple[bytes, int, int]:
    if end - start < HEAD:
        raise CannotStrip
    size, name = struct.unpack_from(">I4s", content, start)
    body = start + HEAD
    if size == 1:
        if end - start < LONG_HEAD:
            raise CannotStrip
        (size,) = struct.unpack_from(">Q", content, body)
        body = start + LONG_HEAD
    elif size == 0:
        size = end - start
    if start + size > end or start + size < body:
        raise CannotStrip
    return name, body, start + size


def _forget_times(content: bytearray, body: int, after: int) -> None:
    """Created and changed: two numbers behind the version, of four or of eight bytes each."""
    length = 16 if content[body] == 1 else 8
    if body + 4 + length > after:
        raise CannotStrip
    content[body + 4 : body + 4 + length] = bytes(length)


def _check_track(content: bytearray, body: int, after: int) -> None:
    """The handler says what a track is; its free-text name is emptied."""
    kind = bytes(content[body + 8 : body + 12])
    is_media = content[body + 4 : body + 8] != b"dhlr"  # QuickTime's pointer to the data itself
    if is_media and kind not in SHOWN:
        raise CannotStrip
    content[body + 24 : after] = bytes(after - body - 24)
