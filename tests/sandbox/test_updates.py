"""Updates reach the bot at least once, in order, by long poll or webhook, as Telegram's do."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, web
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, MaybeInaccessibleMessage
from telegram.error import BadRequest, Conflict

from bot.sandbox import Person, Sandbox
from tests.sandbox.conftest import HandClock, client_of

pytestmark = pytest.mark.asyncio

YES = InlineKeyboardMarkup([[InlineKeyboardButton("Sí", callback_data="yes")]])


async def test_updates_wait_until_they_are_confirmed(bot: Bot, rosa: Person) -> None:
    rosa.says("uno")
    rosa.says("dos")
    first = await bot.get_updates()
    assert [update.message.text for update in first if update.message] == ["/start", "uno", "dos"]
    assert [u.update_id for u in await bot.get_updates()] == [u.update_id for u in first]
    rest = await bot.get_updates(offset=first[1].update_id)
    assert [u.update_id for u in rest] == [u.update_id for u in first[1:]]
    assert len(await bot.get_updates(limit=1)) == 1
    assert [u.update_id for u in await bot.get_updates(offset=-1)] == [first[-1].update_id]
    assert not await bot.get_updates(offset=first[-1].update_id + 1)


async def has_arrived(sandbox: Sandbox) -> None:
    """A poll that was sent is waiting there."""
    for _ in range(6_000):
        if sandbox.api._polls:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("no poll arrived")


async def test_a_long_poll_ends_when_something_arrives(
    bot: Bot, sandbox: Sandbox, rosa: Person
) -> None:
    (start,) = await bot.get_updates()
    began = time.monotonic()
    poll = asyncio.create_task(bot.get_updates(offset=start.update_id + 1, timeout=50))
    await has_arrived(sandbox)
    rosa.says("ahora")
    (update,) = await poll
    assert update.message is not None
    assert update.message.text == "ahora"
    assert time.monotonic() - began < 50


async def test_of_two_pollers_the_first_is_told_of_the_conflict(sandbox: Sandbox) -> None:
    async with client_of(sandbox) as one, client_of(sandbox) as other:
        poll = asyncio.create_task(one.get_updates(timeout=50))
        await has_arrived(sandbox)
        assert await other.get_updates() == ()
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await poll


async def test_a_command_is_marked_so_that_handlers_see_it(bot: Bot, sandbox: Sandbox) -> None:
    bilal = sandbox.person("Bilal", language_code="en")
    bilal.starts("code-7")
    (update,) = await bot.get_updates()
    assert update.message is not None
    assert update.message.text == "/start code-7"
    assert update.message.entities[0].type == "bot_command"
    assert update.effective_user is not None
    assert (update.effective_user.language_code, update.effective_user.is_bot) == ("en", False)


async def test_unwanted_kinds_are_not_kept(bot: Bot, rosa: Person) -> None:
    (start,) = await bot.get_updates(allowed_updates=["callback_query"])
    message = await bot.send_message(rosa.user_id, "¿?", reply_markup=YES)
    rosa.says("no llega")
    rosa.presses("Sí")
    (update,) = await bot.get_updates(offset=start.update_id + 1)
    assert update.callback_query is not None
    assert update.callback_query.data == "yes"
    assert update.callback_query.chat_instance
    assert update.callback_query.message is not None
    assert update.callback_query.message.message_id == message.message_id


async def test_a_press_is_answered_in_time_or_not_at_all(
    bot: Bot, rosa: Person, hand_clock: HandClock
) -> None:
    await bot.send_message(rosa.user_id, "¿?", reply_markup=YES)
    rosa.presses("yes")
    rosa.presses("Sí")
    queries = [u.callback_query for u in await bot.get_updates() if u.callback_query]
    assert await queries[0].answer("Listo")
    assert rosa.answers == ["Listo"]
    hand_clock.passes(seconds=16)
    with pytest.raises(BadRequest, match="Query is too old and response timeout expired"):
        await queries[1].answer("tarde")


async def test_a_press_under_an_old_message_comes_without_its_content(
    bot: Bot, rosa: Person
) -> None:
    await bot.send_message(rosa.user_id, "¿?", reply_markup=YES)
    rosa.presses_long_after("Sí")
    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    assert isinstance(query.message, MaybeInaccessibleMessage)
    assert not query.message.is_accessible


async def test_after_a_day_an_update_is_gone(bot: Bot, rosa: Person, hand_clock: HandClock) -> None:
    hand_clock.passes(hours=25)
    rosa.says("hoy")
    assert [u.message.text for u in await bot.get_updates() if u.message] == ["hoy"]


async def test_confirmed_updates_may_come_again_under_the_same_id(
    bot: Bot, sandbox: Sandbox, rosa: Person
) -> None:
    (start,) = await bot.get_updates()
    assert not await bot.get_updates(offset=start.update_id + 1)
    assert sandbox.redeliver(1) == 1
    assert [u.update_id for u in await bot.get_updates(offset=start.update_id + 1)] == [
        start.update_id
    ]
    sandbox.faults.redelivery = True
    rosa.says("dos veces")
    (once,) = await bot.get_updates(offset=start.update_id + 1)
    (again,) = await bot.get_updates(offset=once.update_id + 1)
    assert again.update_id == once.update_id
    assert not await bot.get_updates(offset=once.update_id + 1)


async def test_a_sandbox_started_again_goes_on_above_its_old_updates(
    sandbox: Sandbox, rosa: Person, hand_clock: HandClock, bot: Bot
) -> None:
    rosa.says("antes")
    last = (await bot.get_updates())[-1].update_id
    sandbox.stop()
    hand_clock.passes(minutes=1)
    with Sandbox(now=hand_clock) as again:
        again.person("Rosa").says("después")
        async with client_of(again) as client:
            (update,) = await client.get_updates(offset=last + 1)
    assert update.update_id > last


async def test_foreign_updates_can_be_put_in_and_a_group_left(bot: Bot, sandbox: Sandbox) -> None:
    group = {"id": -100123, "title": "Otros", "type": "supergroup"}
    sandbox.inject({"message": {"message_id": 1, "date": 1, "chat": group, "text": "hola"}})
    (update,) = await bot.get_updates()
    assert update.effective_chat is not None
    assert await bot.leave_chat(-100123)


async def test_a_wrong_token_is_told_apart_from_a_malformed_one(sandbox: Sandbox) -> None:
    wanted = {"200000002:" + "x" * 35: (401, "Unauthorized"), "nonsense": (404, "Not Found")}
    async with ClientSession() as session:
        for token, (code, why) in wanted.items():
            async with session.get(f"{sandbox.url}/bot{token}/getMe") as answer:
                assert answer.status == code
                assert await answer.json() == {"ok": False, "error_code": code, "description": why}


async def test_two_bots_do_not_see_each_others_chats(sandbox: Sandbox, rosa: Person) -> None:
    token = "200000002:" + "y" * 35
    other = sandbox.add_bot(token, username="other_bot", name="Otro")
    dino = sandbox.person("Dino", bot=other)
    dino.says("hola")
    async with client_of(sandbox, token) as second:
        assert second.username == "other_bot"
        (update,) = await second.get_updates()
        assert update.message is not None
        assert update.message.text == "hola"
        with pytest.raises(BadRequest, match="Chat not found"):
            await second.send_message(rosa.user_id, "hola")


class Hook:
    """A bot's webhook: what came, and how to answer."""

    def __init__(self) -> None:
        self.came: list[tuple[str, str]] = []
        self.statuses: list[int] = []
        self.answer: dict[str, object] = {}
        self.url = ""

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        update = json.loads(await request.read())
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        self.came.append((update["message"]["text"], secret))
        status = self.statuses.pop(0) if self.statuses else 200
        return web.json_response(self.answer, status=status)

    async def has(self, count: int) -> list[str]:
        for _ in range(3_000):
            if len(self.came) >= count:
                break
            await asyncio.sleep(0.02)
        return [text for text, _ in self.came]


@asynccontextmanager
async def hooked(bot: Bot) -> AsyncIterator[Hook]:
    hook = Hook()
    runner = web.ServerRunner(web.Server(hook))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://localhost:{runner.addresses[0][1]}/hook"
    await bot.set_webhook(hook.url, secret_token="s3cret-Word_1")
    try:
        yield hook
    finally:
        await bot.delete_webhook()
        await runner.cleanup()


async def test_a_webhook_gets_what_waits_and_what_comes_with_its_secret(
    bot: Bot, rosa: Person
) -> None:
    async with hooked(bot) as hook:
        rosa.says("uno")
        assert await hook.has(2) == ["/start", "uno"]
        assert {secret for _, secret in hook.came} == {"s3cret-Word_1"}
        with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
            await bot.get_updates()
        assert (await bot.get_webhook_info()).url == hook.url
    assert (await bot.get_webhook_info()).url == ""
    assert await bot.get_updates() == ()


async def test_a_refused_update_is_tried_again_before_the_next_of_its_chat(
    bot: Bot, rosa: Person
) -> None:
    async with hooked(bot) as hook:
        hook.statuses = [500, 500]
        rosa.says("uno")
        assert await hook.has(4) == ["/start", "/start", "/start", "uno"]
        info = await bot.get_webhook_info()
        assert info.last_error_message is not None
        assert "500" in info.last_error_message


async def test_a_webhook_may_answer_with_a_message(bot: Bot, rosa: Person) -> None:
    async with hooked(bot) as hook:
        hook.answer = {"method": "sendMessage", "chat_id": rosa.user_id, "text": "al vuelo"}
        rosa.says("uno")
        await asyncio.to_thread(rosa.wait_for, "al vuelo")


async def test_a_webhook_elsewhere_or_with_a_bad_secret_is_refused(bot: Bot) -> None:
    with pytest.raises(BadRequest, match=r"(?i)bad webhook"):
        await bot.set_webhook("https://example.org/hook")
    with pytest.raises(BadRequest, match=r"(?i)secret token contains unallowed characters"):
        await bot.set_webhook("http://localhost:1/hook", secret_token="año")
