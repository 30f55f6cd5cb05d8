"""Check a proof that one entry stood in the log. Runs alone: `python check_proof.py FILE`.

Needs nothing but Python 3.11 and its standard library; words.txt beside it says the head in words.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

ANCHORED = "entries.anchored:"
NAMES = ("author", "at", "file", "kind", "letter", "location", "text")


class Wrong(Exception):
    """The proof does not hold; says which step."""


def check(proof: dict[str, Any]) -> dict[str, str]:
    """What is shown of the entry, if every step from it to the head of the log holds."""
    if proof.get("hilo_proof") != 1:
        raise Wrong("this is not a proof of a kind I know")
    shown, hidden = proof["shown"], proof["hidden"]
    if sorted([*shown, *hidden]) != sorted(NAMES):
        raise Wrong("its parts are not those of an entry")
    parts = {name: bytes.fromhex(one) for name, one in hidden.items()}
    for name, one in shown.items():
        parts[name] = _part(name, bytes.fromhex(one["salt"]), one["value"])
    found = _leaf(parts)
    for step in proof["path"]:
        other = bytes.fromhex(step["hash"])
        pair = other + found if step["left"] else found + other
        found = hashlib.sha256(b"\x01" + pair).digest()
    line = proof["line"]
    if line["verb"] != ANCHORED + found.hex():
        raise Wrong("the entry does not lead to the root that the line of the log holds")
    fields = [line[name] for name in ("number", "at", "actor", "verb", "case", "subject")]
    if _link(bytes.fromhex(line["previous"]), fields).hex() != line["head"]:
        raise Wrong("the line of the log does not lead to the head")
    return {name: one["value"] for name, one in shown.items()}


def in_words(head: str, words: list[str]) -> str:
    """The first sixty bits of a head as six words."""
    number = int(head[:16], 16) >> 4
    return " ".join(words[number >> place & 1023] for place in range(50, -1, -10))


def main(arguments: list[str]) -> int:
    """Print what holds, and what is left for a person to compare."""
    if len(arguments) != 1:
        return _say("Say which file: python check_proof.py FILE", 2)
    try:
        proof = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        shown = check(proof)
    except (Wrong, KeyError, TypeError, ValueError, OSError) as error:
        return _say(f"The proof does not hold: {error}", 1)
    line = proof["line"]
    for name, value in sorted(shown.items()):
        _say(f"{name}: {value}")
    _say(f"This stood in the log at line {line['number']}, written {line['at']}.")
    _say(f"The head there is {line['head']}")
    listed = Path(__file__).with_name("words.txt")
    if listed.exists():
        words = listed.read_text(encoding="ascii").split()
        _say(f"In words: {in_words(line['head'], words)}")
    return _say("Compare it with what coordinators were sent that day: that ties it to the day.")


def _say(sentence: str, code: int = 0) -> int:
    sys.stdout.write(sentence + "\n")
    return code


def _framed(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _part(name: str, salt: bytes, value: str) -> bytes:
    raw = value.encode("utf-8", "surrogatepass")
    return hashlib.sha256(b"\x02" + _framed(name.encode(), salt, raw)).digest()


def _leaf(parts: dict[str, bytes]) -> bytes:
    joined = [item for name in sorted(parts) for item in (name.encode(), parts[name])]
    return hashlib.sha256(b"\x00" + _framed(*joined)).digest()


def _link(previous: bytes, fields: list[str]) -> bytes:
    return hashlib.sha256(previous + _framed(*(field.encode() for field in fields))).digest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
