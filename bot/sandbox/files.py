"""Files Telegram keeps for a bot: what people sent and what the bot uploaded."""

import io
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from PIL import Image

from bot.sandbox.refusals import bad_request

Json = dict[str, Any]

DOWNLOAD_LIMIT = 20 * 1024 * 1024
LINK_LIVES = timedelta(hours=1)
THUMBNAIL = 90
PREFIX = {"photos": "AgACAgEAAxk", "voice": "AwACAgEAAxk", "documents": "BQACAgEAAxk"}


@dataclass(slots=True)
class StoredFile:
    """One file: its bytes and the link it may be fetched by for an hour."""

    file_id: str
    unique_id: str
    content: bytes
    name: str
    mime: str
    path: str
    card: Json
    link_until: datetime | None = None

    def facts(self) -> Json:
        """What Telegram tells of any file."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.content),
        }


class Files:
    """The files of one bot; an id of another bot's file means nothing here."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def keep(self, folder: str, content: bytes, name: str, mime: str) -> StoredFile:
        """Keeps the bytes exactly as they came; even where Telegram would compress a photo."""
        number = len(self._by_id)
        ending = name.rpartition(".")[2] if "." in name else "bin"
        stored = StoredFile(
            file_id=PREFIX[folder] + secrets.token_urlsafe(40),
            unique_id="AQAD" + secrets.token_urlsafe(9),
            content=content,
            name=name,
            mime=mime,
            path=f"{folder}/file_{number}.{ending}",
            card={},
        )
        self._by_id[stored.file_id] = stored
        self._by_path[stored.path] = stored
        return stored

    def known(self, file_id: str) -> StoredFile | None:
        """The file with this id, if this bot has it."""
        return self._by_id.get(file_id)

    def link(self, file_id: str, now: datetime) -> Json:
        """What getFile answers; the path works for an hour."""
        stored = self._by_id.get(file_id)
        if stored is None:
            raise bad_request("invalid file_id")
        if len(stored.content) > DOWNLOAD_LIMIT:
            raise bad_request("file is too big")
        stored.link_until = now + LINK_LIVES
        return stored.facts() | {"file_path": stored.path}

    def download(self, path: str, now: datetime) -> StoredFile | None:
        """The file behind a path that getFile gave less than an hour ago."""
        stored = self._by_path.get(path)
        if stored is None or stored.link_until is None or now > stored.link_until:
            return None
        return stored

    def keep_photo(self, content: bytes) -> list[Json]:
        """A photo in two sizes, the smaller first; refuses what is no picture."""
        try:
            with Image.open(io.BytesIO(content)) as picture:
                width, height = picture.size
                small = picture.convert("RGB")
        except (OSError, ValueError, Image.DecompressionBombError):
            raise bad_request("IMAGE_PROCESS_FAILED") from None
        small.thumbnail((THUMBNAIL, THUMBNAIL))
        buffer = io.BytesIO()
        small.save(buffer, "JPEG")
        sizes = []
        for data, (wide, high) in ((buffer.getvalue(), small.size), (content, (width, height))):
            stored = self.keep("photos", data, "photo.jpg", "image/jpeg")
            stored.card = stored.facts() | {"width": wide, "height": high}
            sizes.append(stored.card)
        return sizes

    def keep_voice(self, content: bytes, seconds: int) -> Json:
        """A voice note."""
        stored = self.keep("voice", content, "voice.oga", "audio/ogg")
        stored.card = stored.facts() | {"duration": seconds, "mime_type": "audio/ogg"}
        return stored.card

    def keep_document(self, content: bytes, name: str, mime: str) -> Json:
        """A document under its own name."""
        stored = self.keep("documents", content, name, mime)
        stored.card = stored.facts() | {"file_name": name, "mime_type": mime}
        return stored.card
