"""Voice notes and music: tags, covers and maker's names taken out, the sound left as it is."""

import io
from typing import Any

from mutagen import apev2, id3
from mutagen.mp3 import MP3
from mutagen.ogg import OggPage
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis

from network.cases.domain import CannotStrip

# mutagen has no types.
OPUS: Any = OggOpus
VORBIS: Any = OggVorbis
LAYER_3: Any = MP3
PAGE: Any = OggPage
FRAME_STARTS = (b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2")


def is_ogg(raw: bytes) -> bool:
    """By its first bytes."""
    return raw.startswith(b"OggS")


def is_mp3(raw: bytes) -> bool:
    """By its first bytes."""
    return raw.startswith((b"ID3", *FRAME_STARTS))


def clean_ogg(raw: bytes) -> bytes:
    """One stream of Opus or Vorbis with an empty comment header."""
    _one_stream_only(raw)
    file = io.BytesIO(raw)
    sound = OPUS(file) if b"OpusHead" in raw[:64] else VORBIS(file)
    # Opus lets a maker hide more behind its tags.
    if sound.tags is None or vars(sound.tags).get("_pad_data"):
        raise CannotStrip
    sound.tags.vendor = ""
    file.seek(0)
    sound.delete(file)
    return file.getvalue()


def clean_mp3(raw: bytes) -> bytes:
    """The frames, without ID3 in front or behind and without APE."""
    file = io.BytesIO(raw)
    for delete in (apev2.delete, id3.delete):
        file.seek(0)
        delete(file)
    content = file.getvalue()
    file.seek(0)
    if LAYER_3(file).info.length <= 0 or not content.startswith(FRAME_STARTS):
        raise CannotStrip
    return content


def _one_stream_only(raw: bytes) -> None:
    """A second stream inside could be anything; and every byte must belong to a page."""
    file, serials = io.BytesIO(raw), set()
    while file.tell() < len(raw):
        serials.add(PAGE(file).serial)
    if len(serials) != 1:
        raise CannotStrip
