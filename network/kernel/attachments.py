"""How a file is shown to whoever receives it."""

from enum import StrEnum


class AttachmentKind(StrEnum):
    """How Telegram shows a file."""

    PHOTO = "photo"
    VOICE = "voice"
    DOCUMENT = "document"
