"""The sandbox's HTTP server: the Bot API, the control room and the phone page on loopback."""

import asyncio
import contextlib
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.sandbox.api import BotApi
from bot.sandbox.control import Control
from bot.sandbox.incoming import UPLOAD_LIMIT
from bot.sandbox.page import pages

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
HOSTS = ("127.0.0.1", "::1")
SHUTDOWN_SECONDS = 0.2
BACKLOG = 1024


def _host(address: str) -> str | None:
    return urlsplit(f"//{address}").hostname


def from_here(request: web.BaseRequest) -> bool:
    """Whether a page of this machine asks: keeps other sites' pages from steering the demo."""
    if _host(request.headers.get("Host", "")) not in LOOPBACK:
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("Host")


class Server:
    """Listens on 127.0.0.1 and ::1, so that http://localhost works everywhere."""

    def __init__(self, api: BotApi, control: Control) -> None:
        self._api = api
        self._control = control
        self._runner: web.ServerRunner | None = None
        self.port = 0

    async def start(self, port: int) -> None:
        """Binds; port 0 takes any free one."""
        server = web.Server(self._answer, request_factory=_request, access_log=None)
        self._runner = web.ServerRunner(server, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await self._runner.setup()
        first = web.TCPSite(self._runner, HOSTS[0], port, backlog=BACKLOG)
        await first.start()
        self.port = self._runner.addresses[0][1]
        with contextlib.suppress(OSError):  # a machine without IPv6
            await web.TCPSite(self._runner, HOSTS[1], self.port, backlog=BACKLOG).start()

    async def stop(self) -> None:
        """Ends every long poll and event stream, then the server."""
        await self._api.stop()
        await self._control.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.raw_path
        if path.startswith("/bot"):
            return await self._api.answer(request, path)
        if path.startswith("/file/bot"):
            return await self._api.download(path)
        if not from_here(request):
            return web.Response(status=403, text="The sandbox answers this machine only.")
        if path.startswith("/control/"):
            return await self._control.answer(request)
        return pages.answer(request)


def _request(
    message: Any,  # noqa: ANN401 - aiohttp's own parts, handed through
    payload: Any,  # noqa: ANN401
    protocol: Any,  # noqa: ANN401
    writer: Any,  # noqa: ANN401
    task: "asyncio.Task[None]",
) -> web.BaseRequest:
    return web.BaseRequest(
        message,
        payload,
        protocol,
        writer,
        task,
        asyncio.get_running_loop(),
        client_max_size=UPLOAD_LIMIT,
    )
