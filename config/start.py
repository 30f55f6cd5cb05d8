"""Start everything on this machine: `python -m config.start`, or only the parts named after it.

Makes the folder and the demo's secret, then runs the Procfile until one Ctrl-C, or until one of its
parts ends. Starting everything also migrates, and seeds a demo.
"""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from honcho.environ import parse_procfile
from honcho.manager import Manager

from config.settings import DEMO_SECRET_MARK, BadSetting, Mode, Settings, load

ROOT = Path(__file__).resolve().parents[1]
SANDBOX_PORT = 8081
SANDBOX = f"http://localhost:{SANDBOX_PORT}"
SANDBOX_TOKEN = "100000001:HILO-sandbox-only-never-a-real-token"  # noqa: S105  # opens nothing
TOKEN = ("HILO_TELEGRAM_TOKEN", "HILO_TELEGRAM_TOKEN_FILE")
TALKING = frozenset({"bot", "worker"})
READY_WITHIN = 60
FIRST_STEPS = (
    "",
    "1. In the sandbox, press «Iniciar» on Rosa's phone and ask for a person.",
    "2. On the pages, sign in as alice. Her six digits: sandbox, «Códigos de acceso».",
    "",
)


class CannotStart(RuntimeError):
    """A step before the start failed, and has already said why."""


def main(names: list[str]) -> int:
    """Run the named parts of the Procfile, or all of them; returns their exit code."""
    os.umask(0o077)
    os.chdir(ROOT)
    environ = dict(os.environ)
    prepare(environ)
    sandboxed = add_sandbox(environ)
    settings = load(environ)
    environ |= {"GRANIAN_HOST": settings.bind_host, "GRANIAN_PORT": str(settings.bind_port)}
    environ |= {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{environ.get('PATH', '')}"}
    environ |= {"PYTHONUNBUFFERED": "1"}
    parts = chosen(names, sandboxed=sandboxed)
    if settings.telegram_token is None and TALKING & parts.keys():
        raise CannotStart("HILO_TELEGRAM_TOKEN is not set; the bot has nobody to be.")
    if "web" in parts:
        require_free(settings.bind_host, settings.bind_port, "set HILO_BIND to another")
    if "sandbox" in parts:
        require_free("127.0.0.1", SANDBOX_PORT, "end what uses it")
    if not names:  # parts on several machines would migrate all at once
        hilo(environ, "migrate")
        if not settings.production:
            hilo(environ, "demo", "seed")
        where = SANDBOX if sandboxed else ""
        threading.Thread(target=announce, args=(settings, where), daemon=True).start()
    return run(parts, environ)


def run(parts: Mapping[str, str], environ: Mapping[str, str]) -> int:
    """Run these commands side by side until a signal, or until one of them ends."""
    manager = Manager()
    for name, command in parts.items():
        manager.add_process(name, f"exec {command}", env=environment_of(name, environ))
    # A closed terminal hangs up on us alone: the parts have sessions of their own.
    signal.signal(signal.SIGHUP, lambda _signal, _frame: signal.raise_signal(signal.SIGTERM))
    manager.loop()
    return int(manager.returncode or 0)


def prepare(environ: Mapping[str, str]) -> None:
    """Make the data's folder, and a demo's secret where no other is set; ours alone to read."""
    var = Path(environ.get("HILO_VAR", "var"))
    try:
        var.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        why = os.strerror(problem.errno or 0)
        raise CannotStart(f"HILO_VAR names a folder that cannot be made: {why}.") from None
    if environ.get("HILO_MODE") == Mode.PRODUCTION or environ.keys() & {
        "HILO_SECRET",
        "HILO_SECRET_FILE",
    }:
        return
    if not (path := var / "secret").exists():
        path.touch(mode=0o600)
        path.write_text(DEMO_SECRET_MARK + secrets.token_urlsafe(32))


def add_sandbox(environ: dict[str, str]) -> bool:
    """Without a token a demo talks to the sandbox instead of Telegram. Whether it does."""
    if environ.keys() & set(TOKEN) or environ.get("HILO_MODE") == Mode.PRODUCTION:
        return False
    environ[TOKEN[0]] = SANDBOX_TOKEN
    environ.setdefault("HILO_TELEGRAM_API", SANDBOX)
    environ.setdefault("HILO_TELEGRAM_LINK", SANDBOX)
    return True


def chosen(names: list[str], *, sandboxed: bool) -> dict[str, str]:
    """The parts to run and the command of each."""
    parts: dict[str, str] = parse_procfile((ROOT / "Procfile").read_text()).processes
    if unknown := [name for name in names if name not in parts]:
        raise CannotStart(f"The Procfile has no {unknown[0]}; it has {', '.join(parts)}.")
    if not sandboxed:
        parts.pop("sandbox", None)
    return {name: command for name, command in parts.items() if not names or name in names}


def require_free(host: str, port: int, otherwise: str) -> None:
    """Refuse, before anything is started, to share a port with another program."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as problem:
        why = os.strerror(problem.errno or 0)
        raise CannotStart(f"{host}:{port}: {why}; {otherwise}.") from None


def environment_of(part: str, environ: Mapping[str, str]) -> dict[str, str]:
    """What one part is told: those that speak to Telegram alone learn its token."""
    return {name: value for name, value in environ.items() if part in TALKING or name not in TOKEN}


def hilo(environ: Mapping[str, str], *words: str) -> None:
    """One command of ours, to its end."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "hilo", *words]
    if subprocess.run(command, env=environment_of("cli", environ), check=False).returncode:
        raise CannotStart(f"`hilo {' '.join(words)}` failed; nothing was started.")


def announce(settings: Settings, sandbox: str) -> None:
    """Say where to go, and as whom, as soon as every engine has a heartbeat."""
    health = f"http://{reached_at(settings)}/healthz"
    for _ in range(READY_WITHIN * 2):
        time.sleep(0.5)
        if healthy(health):
            break
    else:
        print(f"Not everything is well after {READY_WITHIN} s: see {health}", flush=True)
        return
    lines = ["", "Hilo is ready. One Ctrl-C ends it.", f"Pages    {settings.address}"]
    if sandbox:
        lines += [
            f"Sandbox  {sandbox}  (everybody's phone, and the codes to sign in)",
            *FIRST_STEPS,
        ]
    lines += accounts(settings.var / "demo.json")
    print("\n".join([*lines, ""]), flush=True)


def reached_at(settings: Settings) -> str:
    """Where this machine itself reaches what listens on HILO_BIND."""
    host = settings.bind_host
    if host in {"0.0.0.0", "::"}:  # noqa: S104  # whoever listens everywhere listens here
        host = "localhost"
    return f"[{host}]:{settings.bind_port}" if ":" in host else f"{host}:{settings.bind_port}"


def accounts(path: Path) -> list[str]:
    """One line for each account of the demo; none where there is no demo."""
    if not path.exists():
        return []
    told = json.loads(path.read_text(encoding="utf-8"))["accounts"]
    return [
        f"Account  {one['handle']:<12} {one['passphrase']}  ({one['role']})"
        for one in told
        if one.get("passphrase")
    ]


def healthy(address: str) -> bool:
    """Whether every engine's heartbeat is fresh."""
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310  # our own address
            return bool(answer.status == 200)  # noqa: PLR2004  # HTTP's own number
    except (OSError, urllib.error.HTTPError):
        return False


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (BadSetting, CannotStart) as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit(130)
