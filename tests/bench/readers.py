"""Many readers at once, in a process of their own: `python -m tests.bench.readers N S URL…`."""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from http import HTTPStatus
from itertools import cycle

import aiohttp

PHONE = {"Accept-Encoding": "gzip"}
WARM = 1.0  # seconds that are not counted: caches, connections


async def read(urls: Sequence[str], *, readers: int, seconds: float) -> dict[str, float]:
    """What `readers` who ask again at once wait, in milliseconds, and how many are answered.

    Each asks for the next address of the round.
    """
    round_of = cycle(urls)
    waits: list[float] = []
    wrong: list[int] = []
    connector = aiohttp.TCPConnector(limit=readers)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
        begin = time.perf_counter() + WARM
        end = begin + seconds

        async def one() -> None:
            while (asked := time.perf_counter()) < end:
                async with session.get(next(round_of), headers=PHONE) as answer:
                    await answer.read()
                if answer.status != HTTPStatus.OK:
                    wrong.append(answer.status)
                if asked >= begin:
                    waits.append((time.perf_counter() - asked) * 1000)

        await asyncio.gather(*(one() for _ in range(readers)))
    waits.sort()
    return {
        "p50": waits[len(waits) // 2],
        "p99": waits[int(len(waits) * 0.99)],
        "each_second": len(waits) / seconds,
        "wrong": len(wrong),
    }


if __name__ == "__main__":
    many, long, *asked_urls = sys.argv[1:]
    found = asyncio.run(read(asked_urls, readers=int(many), seconds=float(long)))
    sys.stdout.write(json.dumps(found))
