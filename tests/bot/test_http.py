"""The lean client against servers that misbehave: every failure is a sentence without the token."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.bells import Bells
from bot.http import LONGEST_WAIT, LeanRequest, TooLong
from bot.postman import never
from bot.telegram_bot import connect, make_bot, seconds
from config.settings import load

TOKEN = "1234567:canary-token-that-nobody-may-see"
NO = '{{"ok": false, "error_code": 400, "description": "{}"}}'
MOVED = """{"ok": false, "error_code": 400, "description": "Bad Request: group chat was upgraded",
            "parameters": {"migrate_to_chat_id": -1001}}"""
Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[str]:
    server = web.Server(answer, access_log=None)
    runner = web.ServerRunner(server)
    await runner.setup()
    site = web.TCPSite(runner, "localhost", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"http://localhost:{port}/bot{TOKEN}/sendMessage"
    finally:
        await runner.cleanup()


async def outcome(answer: Answer, read_timeout: float = 5.0) -> BaseException | object:
    async with serving(answer) as url:
        request = LeanRequest()
        await request.initialize()
        try:
            return await request.post(url, read_timeout=read_timeout)
        except TelegramError as error:
            return error
        finally:
            await request.shutdown()


def saying(status: int, body: str, headers: dict[str, str] | None = None) -> Answer:
    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=status, text=body, headers=headers)

    return answer


async def cutting(request: web.BaseRequest) -> web.StreamResponse:
    assert request.transport
    request.transport.abort()
    return web.Response()


async def sleeping(_request: web.BaseRequest) -> web.StreamResponse:
    await asyncio.sleep(0.5)
    return web.Response(text="{}")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (cutting, NetworkError),
        (saying(502, "<html>canary</html>"), NetworkError),
        (saying(500, '{"ok": false, "description": "Internal"}'), NetworkError),
        (saying(200, "canary, and not JSON"), NetworkError),
        (saying(200, "[]"), NetworkError),
        (saying(401, '{"ok": false, "description": "Unauthorized"}'), InvalidToken),
        (saying(429, '{"ok": false, "parameters": {"retry_after": 3}}'), RetryAfter),
    ],
)
@pytest.mark.asyncio
async def test_whatever_breaks_is_telegrams_error_and_shows_no_token(
    answer: Answer, error: type[TelegramError], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    found = await outcome(answer)
    assert isinstance(found, error)
    assert "canary" not in f"{found!r} {found.__cause__!r} {caplog.text}"


SOMEBODY_ELSE = "<html>canary: our proxy does not let you</html>"


@pytest.mark.parametrize(
    "answer",
    [
        *(saying(status, SOMEBODY_ELSE) for status in (400, 403, 404, 407, 451, 511)),
        *(saying(status, '{"error": "canary"}') for status in (400, 403)),
        saying(403, '{"ok": false}'),
        saying(200, '{"ok": false, "error_code": 403, "description": "canary"}'),
        saying(200, '{"ok": true}'),
        saying(200, "{}"),
        saying(200, "[" * 100_000),
        saying(400, "[" * 100_000),
        saying(400, '{"ok": false, "description": "canary", "parameters": [1]}'),
        saying(400, '{"ok": false, "description": 5}'),
    ],
)
@pytest.mark.asyncio
async def test_a_no_that_is_not_telegrams_own_only_delays(
    answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    found = await outcome(answer)
    assert isinstance(found, NetworkError)
    assert never(found) is None
    assert "canary" not in f"{found!r} {found.__cause__!r} {caplog.text}"


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (saying(403, NO.format("Forbidden: bot was blocked by the user")), "blocked"),
        (saying(403, NO.format("Forbidden: something new")), "forbidden"),
        (saying(400, NO.format("Bad Request: chat not found")), "chat_not_found"),
        (saying(400, NO.format("Bad Request: something new")), "bad_request"),
        (saying(400, MOVED), "chat_not_found"),
        (saying(413, SOMEBODY_ELSE), "too_long"),
        (saying(413, NO.format("Request Entity Too Large")), "too_long"),
    ],
)
@pytest.mark.asyncio
async def test_telegrams_own_no_is_final_and_says_why(answer: Answer, word: str) -> None:
    found = await outcome(answer)
    assert isinstance(found, TelegramError)
    assert never(found) == word


@pytest.mark.parametrize(
    ("asked", "kept"),
    [("0", 1), ("-3", 1), ("7", 7), ("86400", LONGEST_WAIT), ("9" * 30, LONGEST_WAIT), ("2.5", 2)],
)
@pytest.mark.asyncio
async def test_telegrams_wait_is_kept_within_what_anybody_can_wait(asked: str, kept: int) -> None:
    found = await outcome(saying(429, f'{{"ok": false, "parameters": {{"retry_after": {asked}}}}}'))
    assert isinstance(found, RetryAfter)
    assert seconds(found) == kept


@pytest.mark.asyncio
async def test_an_answer_that_takes_too_long_is_given_up() -> None:
    assert isinstance(await outcome(sleeping, read_timeout=0.1), TimedOut)


@pytest.mark.asyncio
async def test_the_token_is_never_carried_to_where_a_redirect_points() -> None:
    seen: list[str] = []

    async def elsewhere(request: web.BaseRequest) -> web.StreamResponse:
        seen.append(request.path)
        return web.Response(text='{"ok": true, "result": 1}')

    async with serving(elsewhere) as trap:
        found = await outcome(saying(302, "", {"Location": trap}))
    assert isinstance(found, TelegramError)
    assert seen == []


@pytest.mark.asyncio
async def test_a_file_is_read_no_further_than_we_carry() -> None:
    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(64):
            await response.write(bytes(65536))
        return response

    async with serving(endless) as url:
        request = LeanRequest()
        await request.initialize()
        with pytest.raises(TooLong):
            await request.fetch(url, most=100_000)
        await request.shutdown()


@pytest.mark.asyncio
async def test_a_start_without_telegram_says_so_and_goes_on_trying(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked, bells = 0, Bells()

    async def down(_request: web.BaseRequest) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        if asked > 1:
            bells.stop.set()
        return web.Response(status=502)

    async with serving(down) as address:
        settings = load(
            {
                "HILO_SECRET": "s" * 48,
                "HILO_TELEGRAM_TOKEN": TOKEN,
                "HILO_TELEGRAM_API": address,
            }
        )
        bot = make_bot(settings)
        assert not await connect(bot, bells)
        await bot.shutdown()
    assert asked > 1
    assert "telegram does not answer" in caplog.text
    assert TOKEN not in caplog.text
