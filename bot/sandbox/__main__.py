"""`python -m bot.sandbox`: the sandbox by itself, for the demo and for benches."""

import argparse
import signal
import sys
import threading
from pathlib import Path

from bot.sandbox.sandbox import CALLS_KEPT, DEMO_TOKEN, NotInProduction, Sandbox

PORT = 8081
REFUSED = 2


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bot.sandbox",
        description="A Bot API server on this machine only, and a page that looks like a phone.",
    )
    parser.add_argument("--port", type=int, default=PORT, help="0 takes any free one")
    parser.add_argument(
        "--people", type=Path, default=Path("var/demo.json"), help="the demo's accounts"
    )
    parser.add_argument("--token", default=DEMO_TOKEN, help="the bot token it answers to")
    parser.add_argument(
        "--latency", type=float, default=0.0, help="milliseconds added to every answer"
    )
    parser.add_argument(
        "--calls", type=int, default=CALLS_KEPT, help="calls kept for looking at; 0 keeps none"
    )
    return parser.parse_args()


def main() -> int:
    """Serves until SIGINT or SIGTERM."""
    arguments = _arguments()
    sandbox = Sandbox(
        port=arguments.port,
        token=arguments.token,
        people_file=arguments.people,
        calls_kept=arguments.calls,
    )
    sandbox.faults.latency = arguments.latency / 1000
    sandbox.person("Rosa", user_id=5001)
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda _signal, _frame: ended.set())
    try:
        sandbox.start()
    except (NotInProduction, OSError) as refusal:
        sys.stderr.write(f"{refusal}\n")
        return REFUSED
    sys.stdout.write(f"sandbox: {sandbox.url}\n")
    sys.stdout.flush()
    ended.wait()
    sandbox.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
