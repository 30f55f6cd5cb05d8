"""What a bot sends is shown as Telegram shows it, and refused as Telegram refuses it."""

from datetime import UTC, datetime

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
    ReplyKeyboardMarkup,
)
from telegram.error import BadRequest, Forbidden

from bot.sandbox import NotShown, Person, Sandbox
from tests.sandbox.conftest import HandClock

pytestmark = pytest.mark.asyncio

YES = InlineKeyboardMarkup([[InlineKeyboardButton("Sí", callback_data="yes")]])


async def test_a_message_arrives_as_it_was_sent(bot: Bot, rosa: Person) -> None:
    message = await bot.send_message(
        rosa.user_id, "<b>Hola</b>, Rosa 🌿 &amp; <i>todos</i>", parse_mode="HTML", reply_markup=YES
    )
    assert message.text == "Hola, Rosa 🌿 & todos"
    assert message.from_user is not None
    assert message.from_user.is_bot
    assert message.chat.id == rosa.user_id
    assert message.date == datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    assert [message.parse_entity(entity) for entity in message.entities] == ["Hola", "todos"]
    assert rosa.messages[-1].labels == ["Sí"]


async def test_protected_and_silent_messages_are_marked(bot: Bot, rosa: Person) -> None:
    message = await bot.send_message(
        rosa.user_id, "solo aquí", protect_content=True, disable_notification=True
    )
    assert message.has_protected_content
    assert rosa.messages[-1].protected
    assert rosa.messages[-1].silent


async def test_nobody_is_written_to_before_they_write(sandbox: Sandbox, bot: Bot) -> None:
    stranger = sandbox.person("Dino")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(stranger.user_id, "hola")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(4242, "hola")


async def test_who_blocked_the_bot_is_left_alone(bot: Bot, rosa: Person) -> None:
    rosa.blocks()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(rosa.user_id, "hola")
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_chat_action(rosa.user_id, "typing")
    updates = await bot.get_updates()
    assert updates[-1].my_chat_member is not None
    assert updates[-1].my_chat_member.new_chat_member.status == "kicked"
    rosa.unblocks()
    await bot.send_message(rosa.user_id, "hola")


async def test_a_deleted_account_cannot_be_reached(bot: Bot, rosa: Person) -> None:
    rosa.deactivates()
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(rosa.user_id, "hola")


@pytest.mark.parametrize(
    ("text", "mode", "complaint"),
    [
        ("", None, "Message text is empty"),
        ("   ", None, "Message text is empty"),
        ("a" * 4097, None, "Message is too long"),
        ("<b>a", "HTML", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<p>a</p>", "HTML", 'Unsupported start tag "p" at byte offset 0'),
        ("ñ </b>", "HTML", "Unexpected end tag at byte offset 3"),
        ("<b>a</i>", "HTML", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("1 < 2", "HTML", "Unclosed start tag at byte offset 2"),
        ("fin.", "MarkdownV2", "Character '.' is reserved and must be escaped"),
        ("a *b", "MarkdownV2", "Can't find end of Bold entity at byte offset 2"),
        ("a _b", "Markdown", "Can't find end of the entity starting at byte offset 2"),
        ("a", "Html5", "Unsupported parse_mode"),
    ],
)
async def test_text_that_telegram_refuses_is_refused_in_its_words(
    bot: Bot, rosa: Person, text: str, mode: str | None, complaint: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        await bot.send_message(rosa.user_id, text, parse_mode=mode)
    assert complaint.lower() in str(refused.value).lower()


async def test_the_longest_text_passes(bot: Bot, rosa: Person) -> None:
    await bot.send_message(rosa.user_id, f"<b>{'a' * 4096}</b>", parse_mode="HTML")
    assert len(rosa.messages[-1].text) == 4096


async def test_markdown_is_understood(bot: Bot, rosa: Person) -> None:
    message = await bot.send_message(
        rosa.user_id, r"*ya* _no_ `a.b` [aquí](https://a.example/x) fin\.", parse_mode="MarkdownV2"
    )
    assert message.text == "ya no a.b aquí fin."
    kinds = [(entity.type, message.parse_entity(entity)) for entity in message.entities]
    assert kinds == [("bold", "ya"), ("italic", "no"), ("code", "a.b"), ("text_link", "aquí")]


@pytest.mark.parametrize(
    ("button", "complaint"),
    [
        (InlineKeyboardButton("a", callback_data="ñ" * 33), "Button_data_invalid"),
        (InlineKeyboardButton("a"), "Text buttons are unallowed in the inline keyboard"),
        (InlineKeyboardButton("a", url="nowhere"), "is invalid: Wrong HTTP URL"),
    ],
)
async def test_a_button_telegram_refuses_is_refused(
    bot: Bot, rosa: Person, button: InlineKeyboardButton, complaint: str
) -> None:
    with pytest.raises(BadRequest) as refused:
        await bot.send_message(rosa.user_id, "a", reply_markup=InlineKeyboardMarkup([[button]]))
    assert complaint.lower() in str(refused.value).lower()


async def test_an_edit_changes_what_is_shown_and_drops_the_buttons(bot: Bot, rosa: Person) -> None:
    message = await bot.send_message(rosa.user_id, "uno", reply_markup=YES)
    edited = await bot.edit_message_text("dos", rosa.user_id, message.message_id)
    assert getattr(edited, "edit_date", None)
    assert (rosa.messages[-1].text, rosa.messages[-1].labels) == ("dos", [])
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("dos", rosa.user_id, message.message_id)
    await bot.edit_message_reply_markup(rosa.user_id, message.message_id, reply_markup=YES)
    assert rosa.messages[-1].labels == ["Sí"]


async def test_only_the_bots_own_messages_can_be_edited(bot: Bot, rosa: Person) -> None:
    hers = rosa.says("mío")
    with pytest.raises(BadRequest, match="can't be edited"):
        await bot.edit_message_text("x", rosa.user_id, hers.message_id)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("x", rosa.user_id, 9999)


async def test_a_message_with_a_reply_keyboard_stays_as_it_is(bot: Bot, rosa: Person) -> None:
    message = await bot.send_message(rosa.user_id, "¿?", reply_markup=ReplyKeyboardMarkup([["Sí"]]))
    with pytest.raises(BadRequest, match="can't be edited"):
        await bot.edit_message_text("¿no?", rosa.user_id, message.message_id)


async def test_entities_worked_out_by_the_bot_are_kept(bot: Bot, rosa: Person) -> None:
    bold = MessageEntity("bold", 0, 4)
    message = await bot.send_message(rosa.user_id, "Hola Rosa", entities=[bold])
    assert message.entities == (bold,)


async def test_messages_are_deleted_for_two_days(
    bot: Bot, rosa: Person, hand_clock: HandClock
) -> None:
    old = await bot.send_message(rosa.user_id, "viejo")
    hand_clock.passes(hours=47)
    hers = rosa.says("nuevo")
    assert await bot.delete_message(rosa.user_id, hers.message_id)
    assert "nuevo" not in [message.text for message in rosa.messages]
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await bot.delete_message(rosa.user_id, hers.message_id)
    hand_clock.passes(hours=1, seconds=1)
    with pytest.raises(BadRequest, match="can't be deleted for everyone"):
        await bot.delete_message(rosa.user_id, old.message_id)


async def test_many_are_deleted_at_once_and_missing_ones_skipped(bot: Bot, rosa: Person) -> None:
    sent = [await bot.send_message(rosa.user_id, str(number)) for number in range(3)]
    ids = [message.message_id for message in sent]
    assert await bot.delete_messages(rosa.user_id, [*ids, 9999])
    assert [message.text for message in rosa.messages] == ["/start"]
    with pytest.raises(BadRequest, match=r"(?i)too many message identifiers"):
        await bot.delete_messages(rosa.user_id, list(range(1, 102)))


async def test_a_reply_keyboard_is_pressed_and_taken_away(bot: Bot, rosa: Person) -> None:
    keyboard = ReplyKeyboardMarkup([["Estoy bien"]], one_time_keyboard=True)
    await bot.send_message(rosa.user_id, "¿?", reply_markup=keyboard)
    assert rosa.keyboard == [["Estoy bien"]]
    rosa.presses("Estoy bien")
    assert rosa.messages[-1].text == "Estoy bien"
    assert rosa.keyboard == []
    with pytest.raises(NotShown, match="Estoy bien"):
        rosa.presses("Nada así")


async def test_a_reply_names_what_it_answers(bot: Bot, rosa: Person) -> None:
    hers = rosa.says("hola")
    message = await bot.send_message(rosa.user_id, "sí", reply_to_message_id=hers.message_id)
    assert message.reply_to_message is not None
    assert message.reply_to_message.text == "hola"
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await bot.send_message(rosa.user_id, "sí", reply_to_message_id=9999)


async def test_waiting_in_vain_tells_what_the_chat_shows(bot: Bot, rosa: Person) -> None:
    await bot.send_message(rosa.user_id, "otra cosa")
    with pytest.raises(NotShown, match="otra cosa"):
        rosa.wait_for("esto", timeout=0.05)
    assert rosa.wait_for("otra").text == "otra cosa"
