"""Photos, voice notes, documents and places go both ways; Telegram's limits hold."""

import io
from datetime import timedelta
from typing import Any

import mutagen.oggopus
import pytest
from aiohttp import ClientSession
from PIL import Image
from telegram import Bot, Message
from telegram.error import BadRequest

from bot.sandbox import Person
from tests.sandbox.conftest import HandClock

pytestmark = pytest.mark.asyncio


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), (90, 140, 130)).save(buffer, "JPEG")
    return buffer.getvalue()


async def newest(bot: Bot) -> Message:
    message = (await bot.get_updates())[-1].message
    assert message is not None
    return message


async def test_a_photo_from_a_person_can_be_fetched(bot: Bot, rosa: Person) -> None:
    rosa.sends_photo(picture(), "la puerta")
    message = await newest(bot)
    small, large = message.photo
    assert message.caption == "la puerta"
    assert (large.width, large.height) == (640, 480)
    assert small.width < large.width
    file = await large.get_file()
    assert bytes(await file.download_as_bytearray()) == picture()


async def test_a_voice_note_without_a_microphone_is_a_real_one(bot: Bot, rosa: Person) -> None:
    rosa.sends_voice(seconds=3)
    voice = (await newest(bot)).voice
    assert voice is not None
    content = bytes(await (await voice.get_file()).download_as_bytearray())
    assert (voice.duration, voice.mime_type) == (timedelta(seconds=3), "audio/ogg")
    read: Any = mutagen.oggopus.OggOpus(io.BytesIO(content))  # type: ignore[no-untyped-call]
    assert read.info.length == pytest.approx(3, abs=0.1)


async def test_a_document_keeps_its_name(bot: Bot, rosa: Person) -> None:
    rosa.sends_document(b"%PDF-1.4", "acta.pdf", mime="application/pdf")
    document = (await newest(bot)).document
    assert document is not None
    assert (document.file_name, document.mime_type) == ("acta.pdf", "application/pdf")


async def test_a_place_arrives(bot: Bot, rosa: Person) -> None:
    rosa.sends_location(19.4, -99.1)
    location = (await newest(bot)).location
    assert location is not None
    assert (location.latitude, location.longitude) == (19.4, -99.1)
    await bot.send_location(rosa.user_id, 20.5, -100.25)
    assert rosa.messages[-1].kind == "location"


async def test_more_than_twenty_megabytes_cannot_be_fetched(bot: Bot, rosa: Person) -> None:
    rosa.sends_document(bytes(20 * 1024 * 1024 + 1), "grande.bin")
    document = (await newest(bot)).document
    assert document is not None
    with pytest.raises(BadRequest, match="File is too big"):
        await document.get_file()


async def test_a_link_to_a_file_lives_an_hour(
    bot: Bot, rosa: Person, hand_clock: HandClock
) -> None:
    rosa.sends_document(b"abc", "a.txt")
    document = (await newest(bot)).document
    assert document is not None
    file = await document.get_file()
    async with ClientSession() as session:
        async with session.get(str(file.file_path)) as fresh:
            assert await fresh.read() == b"abc"
        hand_clock.passes(minutes=61)
        async with session.get(str(file.file_path)) as stale:
            assert stale.status == 404


async def test_the_bot_sends_files_and_sends_them_again_by_id(bot: Bot, rosa: Person) -> None:
    photo = await bot.send_photo(rosa.user_id, picture(), caption="<b>mapa</b>", parse_mode="HTML")
    assert rosa.messages[-1].file == picture()
    again = await bot.send_photo(rosa.user_id, photo.photo[-1].file_id)
    assert again.photo[-1].file_unique_id == photo.photo[-1].file_unique_id
    rosa.sends_voice()
    voice = await bot.send_voice(rosa.user_id, rosa.messages[-1].file or b"", duration=2)
    assert voice.voice is not None
    document = await bot.send_document(rosa.user_id, b"hola", filename="hoja.txt")
    assert document.document is not None
    assert document.document.mime_type == "text/plain"
    assert rosa.messages[-1].file == b"hola"


async def test_what_is_no_file_is_refused(bot: Bot, rosa: Person) -> None:
    with pytest.raises(BadRequest, match=r"(?i)image_process_failed"):
        await bot.send_photo(rosa.user_id, b"no picture")
    with pytest.raises(BadRequest, match=r"(?i)wrong file identifier"):
        await bot.send_document(rosa.user_id, "BQACnothing")
    with pytest.raises(BadRequest, match=r"(?i)invalid file_id"):
        await bot.get_file("nothing")
    with pytest.raises(BadRequest, match=r"(?i)caption is too long"):
        await bot.send_document(rosa.user_id, b"a", caption="a" * 1025)
