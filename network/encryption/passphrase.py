"""What becomes of a passphrase: judged once when it is chosen, stretched at every sign-in."""

import re
import unicodedata
from threading import Lock
from typing import Final

from cryptography.hazmat.primitives.kdf import argon2
from zxcvbn import matching, zxcvbn

from network.encryption.symmetric import KEY_BYTES
from network.kernel.hidden import Plaintext

SALT_BYTES: Final = 16
MEMORY_KIB: Final = 64 * 1024
PASSES: Final = 3
LANES: Final = 1

STRONG: Final = 3
SCORED_LETTERS: Final = 100  # zxcvbn takes quadratic time and worse
# It tries every reading of «4», «@», «|» and their like: with all of them in a text, for a minute.
STAND_INS: Final = frozenset(sign for signs in matching.L33T_TABLE.values() for sign in signs)
SCORED_STAND_INS: Final = 6
LONGEST: Final = 1_000

# zxcvbn's dictionaries are English: without these, «contraseña segura» would score 4.
COMMON_HERE: Final = (
    "contraseña contrasena clave secreto secreta segura seguro familia mexico méxico guadalupe "
    "virgen teamo te amo mucho amor dios jesus maria mama mamá papa papá hijo hija hijos hermano "
    "hermana esposo esposa bebe bebé corazon corazón vida cielo princesa hermosa bonita preciosa "
    "vivos vivas llevaron queremos hasta encontrarte encontrarlos donde dónde están estan "
    "desaparecidos desaparecida búsqueda busqueda colectivo madres buscadoras justicia verdad "
    "esperanza libertad casa perro gato luna sol estrella america américa chivas cruz azul pumas "
    "hola mundo bienvenido bienvenida acceso usuario administrador coordinacion coordinación "
    "acompañante hilo red telegram vivosselosllevaron vivoslosqueremos hastaencontrarlos "
    "hastaencontrarles hastaencontrarte"
)

# zxcvbn keeps the hints in a dictionary of its module, shared by every thread.
_one_at_a_time = Lock()


def strong_enough(passphrase: Plaintext, hints: tuple[str, ...]) -> bool:
    """Whether guessing would take long enough, knowing what `hints` tells about the person."""
    text = _normal(passphrase)
    if len(text) > LONGEST:
        return False
    words = re.findall(r"\w+", " ".join((*hints, COMMON_HERE)))
    known = [*words, *map(_plain, hints), *map(_plain, words)]
    # zxcvbn counts each space as a choice; «clave segura» is judged as «clavesegura» too.
    return min(_score(text, known), _score(_plain(text), known)) >= STRONG


def _score(text: str, known: list[str]) -> int:
    judged = _quickly_judged(text)
    if not judged:
        return 0
    with _one_at_a_time:
        try:
            return int(zxcvbn(judged, known, SCORED_LETTERS)["score"])
        finally:
            matching.RANKED_DICTIONARIES["user_inputs"] = {}


def _quickly_judged(text: str) -> str:
    """Its beginning, without the stand-ins after the first few kinds: never stronger than it is."""
    begun = text[:SCORED_LETTERS]
    kinds = dict.fromkeys(letter for letter in begun if letter in STAND_INS)
    too_many = set(tuple(kinds)[SCORED_STAND_INS:])
    return "".join(letter for letter in begun if letter not in too_many)


def _plain(text: str) -> str:
    """Only letters and digits, in lower case, without accents."""
    apart = unicodedata.normalize("NFKD", text).lower()
    return "".join(letter for letter in apart if letter.isalnum())


def stretch(passphrase: Plaintext, salt: bytes) -> bytes:
    """32 bytes by Argon2id with 64 MiB and three passes: about 0.2 s, without holding the GIL."""
    return argon2.Argon2id(
        salt=salt, length=KEY_BYTES, iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB
    ).derive(_normal(passphrase).encode("utf-8", "surrogatepass"))


def _normal(passphrase: Plaintext) -> str:
    """The same letters whichever keyboard composed them."""
    return unicodedata.normalize("NFKC", passphrase.reveal())
