"""Stripping in a process of its own, with little memory, little time and none of our secrets.

A file of a megabyte can unfold into many gigabytes, and a parser can be talked into worse. What
happens in there ends that one file: not the process that answers everybody, nor what it knows.
"""

import resource
import subprocess
import sys
from pathlib import Path
from typing import Final

from network.cases.domain import CannotStrip, KindRefused, TooLarge
from network.cases.stripping import Stripped, strip
from network.kernel.attachments import AttachmentKind
from network.kernel.errors import Refused

ROOT: Final = Path(__file__).resolve().parents[3]
MOST_MEMORY: Final = 1536 * 1024 * 1024  # bytes of addresses: a picture of 64 megapixels fits twice
MOST_WORK: Final = 60  # seconds of one core
PATIENCE: Final = 120  # seconds, on a busy machine
REFUSALS: Final[dict[int, type[Refused]]] = {3: TooLarge, 4: KindRefused, 5: CannotStrip}


def strip_apart(raw: bytes) -> Stripped:
    """As `strip`. Whatever breaks, and whatever takes too much, is CannotStrip."""
    try:
        done = subprocess.run(  # noqa: S603  # our own module
            [sys.executable, "-m", __name__],
            input=raw,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={},
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise CannotStrip from None
    if done.returncode:
        raise REFUSALS.get(done.returncode, CannotStrip)
    kind, _, rest = done.stdout.partition(b"\n")
    name, _, content = rest.partition(b"\n")
    return Stripped(AttachmentKind(kind.decode()), content, name.decode())


def main() -> int:
    """The child: bytes in, kind and name and clean bytes out, or a number that says why not."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_WORK, MOST_WORK))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        clean = strip(sys.stdin.buffer.read())
    except Refused as refusal:
        codes = {kind: code for code, kind in REFUSALS.items()}
        return codes.get(type(refusal), codes[CannotStrip])
    sys.stdout.buffer.write(f"{clean.kind.value}\n{clean.name}\n".encode() + clean.content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
