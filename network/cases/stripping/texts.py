"""Plain text: nothing to take out but marks that could hide in it."""

from network.cases.domain import MAX_FILE, cleaned
from network.kernel.hidden import Plaintext

MARKUP = ("<", "{\\rtf")


def is_text(raw: bytes) -> bool:
    """UTF-8 that is neither markup nor another kind of file in disguise."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return bool(text.strip()) and "\0" not in text and not text.lstrip().startswith(MARKUP)


def clean(raw: bytes) -> bytes:
    """The words, without marks that nobody sees."""
    return cleaned(Plaintext(raw.decode("utf-8-sig")), "file", longest=MAX_FILE).reveal().encode()
