"""Values that refuse to be seen: they print, format, log and pickle as nothing."""

from hmac import compare_digest
from typing import NoReturn, final


@final
class Plaintext:
    """Text a family trusted us with. Only `reveal()` shows it, a word easy to search for."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The words themselves. Every caller must have a reason to hold them."""
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plaintext) and compare_digest(
            self._text.encode("utf-8", "surrogatepass"),
            other._text.encode("utf-8", "surrogatepass"),
        )

    __hash__ = None  # type: ignore[assignment]  # a hash would let words be looked up

    def __repr__(self) -> str:
        return "<plaintext>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "<plaintext>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("plaintext is never serialised")


@final
class SecretBytes:
    """A key, or what a key is made from."""

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def reveal(self) -> bytes:
        """The bytes themselves, for the encryption room and the cookie."""
        return self._raw

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretBytes) and compare_digest(self._raw, other._raw)

    __hash__ = None  # type: ignore[assignment]  # a hash would let keys be looked up

    def __repr__(self) -> str:
        return "<secret>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "<secret>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never serialised")
