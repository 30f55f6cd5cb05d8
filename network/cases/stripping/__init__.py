"""Taking out of a file what it says about its maker: place, device, author, times, thumbnails.

What a file is, its first bytes say; its name decides nothing and is replaced by a neutral one.
A file we cannot read whole is a file we cannot clean, and so one we do not keep.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from network.cases.domain import MAX_FILE, CannotStrip, KindRefused, TooLarge
from network.cases.stripping import films, papers, pictures, sounds, texts
from network.kernel.attachments import AttachmentKind

__all__ = ["Stripped", "strip"]


@dataclass(frozen=True, slots=True)
class Stripped:
    """A clean file: how Telegram shows it, its bytes, and a name that says only its kind."""

    kind: AttachmentKind
    content: bytes = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Way:
    """How one kind of file is recognised and cleaned, and what the clean one is called."""

    fits: Callable[[bytes], bool]
    clean: Callable[[bytes], bytes]
    kind: AttachmentKind
    word: str
    ending: str


WAYS = (
    Way(pictures.is_jpeg, pictures.as_jpeg, AttachmentKind.PHOTO, "imagen", "jpg"),
    Way(pictures.is_png, pictures.as_png, AttachmentKind.PHOTO, "imagen", "png"),
    Way(pictures.is_webp, pictures.as_png, AttachmentKind.PHOTO, "imagen", "png"),
    Way(pictures.is_gif, pictures.as_png, AttachmentKind.PHOTO, "imagen", "png"),
    Way(sounds.is_ogg, sounds.clean_ogg, AttachmentKind.VOICE, "voz", "ogg"),
    Way(sounds.is_mp3, sounds.clean_mp3, AttachmentKind.DOCUMENT, "audio", "mp3"),
    Way(films.is_sound, films.clean, AttachmentKind.DOCUMENT, "audio", "m4a"),
    Way(films.is_film, films.clean, AttachmentKind.DOCUMENT, "video", "mp4"),
    Way(papers.is_pdf, papers.clean, AttachmentKind.DOCUMENT, "documento", "pdf"),
    Way(texts.is_text, texts.clean, AttachmentKind.DOCUMENT, "texto", "txt"),
)


def strip(raw: bytes, *, name: str = "") -> Stripped:
    """The same picture, sound, film, PDF or text without its metadata.

    Raises TooLarge, KindRefused or CannotStrip. `name` is what the sender called it: dropped.
    """
    del name
    if len(raw) > MAX_FILE:
        raise TooLarge
    way = next((each for each in WAYS if each.fits(raw)), None)
    if way is None:
        raise KindRefused
    content = _cleaned(way, raw)
    if len(content) > MAX_FILE:
        raise TooLarge
    return Stripped(way.kind, content, f"{way.word}-{secrets.token_hex(2)}.{way.ending}")


def _cleaned(way: Way, raw: bytes) -> bytes:
    try:
        return way.clean(raw)
    except Exception:  # noqa: BLE001  # parsers of hostile files: whatever they raise means the same
        raise CannotStrip from None
