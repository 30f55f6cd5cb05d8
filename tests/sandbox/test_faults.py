"""The bad days of the real network, switched on one by one."""

import time
from datetime import timedelta

import pytest
from telegram import Bot
from telegram.error import Forbidden, NetworkError, RetryAfter

from bot.sandbox import Person, Sandbox

pytestmark = pytest.mark.asyncio


async def test_telegram_asks_to_wait(bot: Bot, sandbox: Sandbox, rosa: Person) -> None:
    sandbox.faults.too_many_requests("sendMessage", retry_after=7, times=1)
    with pytest.raises(RetryAfter) as refused:
        await bot.send_message(rosa.user_id, "hola")
    assert refused.value.retry_after == timedelta(seconds=7)
    await bot.send_message(rosa.user_id, "hola")


async def test_a_server_error_does_nothing(bot: Bot, sandbox: Sandbox, rosa: Person) -> None:
    for status in (500, 502):
        sandbox.faults.server_error(status=status, times=1)
        with pytest.raises(NetworkError):
            await bot.send_message(rosa.user_id, "hola")
    assert [message.text for message in rosa.messages] == ["/start"]


async def test_a_connection_cut_before_or_after_looks_the_same_to_the_bot(
    bot: Bot, sandbox: Sandbox, rosa: Person
) -> None:
    sandbox.faults.cut_before("sendMessage", times=1)
    with pytest.raises(NetworkError):
        await bot.send_message(rosa.user_id, "antes")
    sandbox.faults.cut_after("sendMessage", times=1)
    with pytest.raises(NetworkError):
        await bot.send_message(rosa.user_id, "después")
    assert [message.text for message in rosa.messages] == ["/start", "después"]


async def test_one_chat_refuses_and_the_others_do_not(
    bot: Bot, sandbox: Sandbox, rosa: Person
) -> None:
    bilal = sandbox.person("Bilal", has_started=True)
    fault = sandbox.faults.blocked(rosa.user_id)
    with pytest.raises(Forbidden, match="blocked by the user"):
        await bot.send_message(rosa.user_id, "hola")
    await bot.send_message(bilal.user_id, "hola")
    sandbox.faults.clear(fault)
    await bot.send_message(rosa.user_id, "hola")


async def test_every_third_call_fails(bot: Bot, sandbox: Sandbox, rosa: Person) -> None:
    sandbox.faults.server_error("sendMessage", every=3)
    failed = 0
    for number in range(9):
        try:
            await bot.send_message(rosa.user_id, str(number))
        except NetworkError:
            failed += 1
    assert failed == 3


async def test_answers_are_late(bot: Bot, sandbox: Sandbox, rosa: Person) -> None:
    sandbox.faults.latency = 0.05
    sandbox.faults.slow("sendMessage", seconds=0.1, times=1)
    began = time.monotonic()
    await bot.send_message(rosa.user_id, "hola")
    assert time.monotonic() - began >= 0.15


async def test_calls_are_kept_with_their_moment(bot: Bot, sandbox: Sandbox, rosa: Person) -> None:
    await bot.send_message(rosa.user_id, "palabra canaria")
    (call,) = sandbox.called("sendMessage")
    assert call.parameters["text"] == "palabra canaria"
    assert 0 <= time.monotonic() - call.at < 5
