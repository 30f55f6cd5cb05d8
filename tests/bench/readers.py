"""Many readers at once, in a process of their own: `python -m tests.bench.readers URL N S`."""

import asyncio
import json
import sys
import time
from http import HTTPStatus

import aiohttp

WARM = 1.0  # seconds that are not counted: caches, connections


async def read(url: str, *, readers: int, seconds: float) -> dict[str, float]:
    """What `readers` who ask again at once wait, in milliseconds, and how many are answered."""
    waits: list[float] = []
    wrong: list[int] = []
    connector = aiohttp.TCPConnector(limit=readers)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
        begin = time.perf_counter() + WARM
        end = begin + seconds

        async def one() -> None:
            while (asked := time.perf_counter()) < end:
                async with session.get(url, headers={"Accept-Encoding": "gzip"}) as answer:
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
    asked_url, many, long = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    sys.stdout.write(json.dumps(asyncio.run(read(asked_url, readers=many, seconds=long))))
