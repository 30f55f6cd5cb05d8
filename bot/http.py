"""A lean HTTP client behind python-telegram-bot: one pool, kept-alive connections, no redirects."""

import asyncio
import json
import re
from typing import Any, Final

import aiohttp
from telegram._utils.defaultvalue import DEFAULT_NONE
from telegram._utils.types import JSONDict, ODVInput
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

CONNECTIONS: Final = 256
KEEP_ALIVE: Final = 60.0
CONNECT_TIMEOUT: Final = 10.0
READ_TIMEOUT: Final = 20.0
UPLOAD_TIMEOUT: Final = 180.0
LONGEST_WAIT: Final = 900  # seconds; who was told to wait for longer asks again by then
TOO_LARGE: Final = 413
YES: Final = re.compile(rb'\s*\{\s*"ok"\s*:\s*true\s*,\s*"result"\s*:')


class TooLong(TelegramError):
    """What was to be fetched is longer than we can carry."""


class LeanRequest(BaseRequest):
    """Speaks HTTP for a Bot. The token stands in every address, so no address is ever shown."""

    def __init__(self, connections: int = CONNECTIONS) -> None:
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds an answer may take."""
        return READ_TIMEOUT

    async def initialize(self) -> None:
        """Open the pool; connections are made when they are needed."""
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(
                limit=self._connections, keepalive_timeout=KEEP_ALIVE, ttl_dns_cache=300
            )
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=True
            )

    async def shutdown(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(  # noqa: PLR0913, PLR0917  # python-telegram-bot's own signature
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = DEFAULT_NONE,
        write_timeout: ODVInput[float] = DEFAULT_NONE,
        connect_timeout: ODVInput[float] = DEFAULT_NONE,
        pool_timeout: ODVInput[float] = DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One call. Whatever breaks is a NetworkError that names no address."""
        body = _body(request_data)
        if isinstance(body, aiohttp.FormData):
            total: float | None = UPLOAD_TIMEOUT
        else:
            total = _seconds(read_timeout, READ_TIMEOUT)
        try:
            async with self._open.request(
                method,
                url,
                data=body,
                headers=None if isinstance(body, aiohttp.FormData) else _JSON,
                timeout=aiohttp.ClientTimeout(total=total, sock_connect=CONNECT_TIMEOUT),
                allow_redirects=False,
            ) as answer:
                return answer.status, _of_telegram(answer.status, await answer.read())
        except TimeoutError:
            raise TimedOut from None
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError) as error:
            raise NetworkError(type(error).__name__) from None

    async def fetch(self, url: str, *, most: int) -> bytes:
        """A file of at most `most` bytes; TooLong as soon as it turns out to be longer."""
        try:
            async with self._open.get(
                url,
                timeout=aiohttp.ClientTimeout(total=UPLOAD_TIMEOUT, sock_connect=CONNECT_TIMEOUT),
                allow_redirects=False,
            ) as answer:
                if answer.status != 200:  # noqa: PLR2004  # HTTP's own number
                    raise NetworkError(f"HTTP {answer.status}")
                return await _read(answer, most)
        except TimeoutError:
            raise TimedOut from None
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(type(error).__name__) from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> JSONDict:
        """The answer as an object. Unlike the inherited one, writes no line with what it holds."""
        return _object(payload)

    @property
    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise NetworkError("Not initialized")
        return self._session


_JSON = {"Content-Type": "application/json"}


def _body(data: RequestData | None) -> bytes | aiohttp.FormData | None:
    if data is None:
        return None
    if not data.contains_files:
        return json.dumps(data.parameters, separators=(",", ":")).encode()
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (file_name, content, kind) in data.multipart_data.items():
        form.add_field(name, content, filename=file_name, content_type=kind)
    return form


def _of_telegram(status: int, payload: bytes) -> bytes:
    """The payload, where it is Telegram's own yes or no.

    Whoever stands between us, a proxy or a gate, may say anything: their «no» is no reason to give
    a letter up, and their pages would be quoted in the library's exceptions.
    """
    if status < 300:  # noqa: PLR2004  # HTTP's own number
        if YES.match(payload) or (
            "result" in (said := _object(payload)) and said.get("ok") is True
        ):
            return payload
        raise NetworkError("Not a yes")
    if status == TOO_LARGE:
        raise BadRequest("Request Entity Too Large")  # the same at each try, whoever says it
    said = _object(payload)
    more = said.get("parameters", {})
    if said.get("ok") is not False or not isinstance(more, dict):
        raise NetworkError(f"HTTP {status}")
    if isinstance(wait := more.get("retry_after"), int | float):
        raise RetryAfter(min(max(int(wait), 1), LONGEST_WAIT))
    if not isinstance(said.get("description"), str):
        raise NetworkError(f"HTTP {status}")
    return payload


def _object(payload: bytes) -> JSONDict:
    try:
        found: Any = json.loads(payload)
    except (ValueError, RecursionError):
        raise NetworkError("Not JSON") from None
    if not isinstance(found, dict):
        raise NetworkError("Not an object")
    return found


async def _read(answer: aiohttp.ClientResponse, most: int) -> bytes:
    if (answer.content_length or 0) > most:
        raise TooLong("Too long")
    whole = bytearray()
    async for piece in answer.content.iter_chunked(1 << 16):
        whole += piece
        if len(whole) > most:
            raise TooLong("Too long")
    return bytes(whole)


def _seconds(given: ODVInput[float], standard: float) -> float | None:
    return standard if given is DEFAULT_NONE else given  # type: ignore[return-value]  # a default is no float
