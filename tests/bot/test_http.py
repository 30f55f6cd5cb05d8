"""The lean client against servers that misbehave: every failure is a sentence without the token."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.http import LeanRequest, TooLong

TOKEN = "1234567:canary-token-that-nobody-may-see"
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
