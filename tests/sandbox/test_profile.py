"""What the bot says about itself, by language."""

import pytest
from telegram import Bot, BotCommandScopeChat
from telegram.error import BadRequest

from bot.sandbox import Person

pytestmark = pytest.mark.asyncio


async def test_commands_are_kept_by_scope_and_language(bot: Bot, rosa: Person) -> None:
    scope = BotCommandScopeChat(rosa.user_id)
    await bot.set_my_commands([("start", "Empezar")])
    await bot.set_my_commands([("start", "Begin")], language_code="en")
    await bot.set_my_commands([("sos", "Ayuda")], scope=scope)
    assert [c.description for c in await bot.get_my_commands()] == ["Empezar"]
    assert [c.description for c in await bot.get_my_commands(language_code="en")] == ["Begin"]
    assert [c.command for c in await bot.get_my_commands(scope=scope)] == ["sos"]
    await bot.delete_my_commands()
    assert await bot.get_my_commands() == ()
    with pytest.raises(BadRequest, match=r"(?i)bot_command_invalid"):
        await bot.set_my_commands([("Not Good", "a")])


async def test_name_and_descriptions_follow_the_language(bot: Bot) -> None:
    await bot.set_my_name("Hilo")
    await bot.set_my_name("Thread", language_code="en")
    await bot.set_my_description("Estamos aquí")
    await bot.set_my_short_description("Aquí")
    assert (await bot.get_my_name()).name == "Hilo"
    assert (await bot.get_my_name("en")).name == "Thread"
    assert (await bot.get_my_name("fr")).name == "Hilo"
    assert (await bot.get_my_description()).description == "Estamos aquí"
    assert (await bot.get_my_short_description("en")).short_description == "Aquí"


async def test_who_a_person_is(bot: Bot, rosa: Person) -> None:
    chat = await bot.get_chat(rosa.user_id)
    assert (chat.type, chat.first_name) == ("private", "Rosa")
    assert (await bot.get_user_profile_photos(rosa.user_id)).total_count == 0
    with pytest.raises(BadRequest, match=r"(?i)private chats"):
        await bot.leave_chat(rosa.user_id)
