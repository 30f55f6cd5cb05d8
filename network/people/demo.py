"""The demo's cast: five accounts anybody may play. Their passphrases are no secret."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from network.db import Tx
from network.door import Door
from network.kernel.actor import Actor, Engine, InChat, Role
from network.kernel.errors import WrongMoment
from network.kernel.hidden import Plaintext
from network.kernel.ids import PersonId
from network.people import entrance, services, totp
from network.people.domain import Clearance, Level, Newcomer

ME = Engine("demo")
STRANGER = Actor(Role.STRANGER)


@dataclass(frozen=True, slots=True)
class Part:
    """One account of the demo."""

    name: str
    role: Role
    chat: int
    passphrase: str
    vetted: bool = True
    on_duty: bool = False

    @property
    def handle(self) -> str:
        """What they sign in with."""
        return self.name.lower()


CAST = (
    Part("Alice", Role.COORDINATOR, 1001, "ventana cobre trece nube martillo", on_duty=True),
    Part("Elena", Role.COORDINATOR, 1005, "helecho tambor jueves vidrio naranja"),
    Part("Bilal", Role.ACTIVIST, 1002, "pizarra camello lluvia botella once"),
    Part("Chiara", Role.ACTIVIST, 1003, "semilla puerto violeta guitarra hielo"),
    Part("Dino", Role.ACTIVIST, 1004, "cuchara bosque reloj amarillo tortuga", vetted=False),
)


def seed_people(door: Door) -> list[dict[str, object]]:
    """Let the cast in, all or none, and say what each signs in with.

    WrongMoment where anybody has joined before. Keys are made before the one transaction.
    """
    with ThreadPoolExecutor(entrance.LANE_WIDTH) as pool:
        made = list(pool.map(lambda part: _made(door, part), CAST))
    door.ask(settle, ME, newcomers=tuple(newcomer for newcomer, _ in made))
    return [
        {
            "name": part.name,
            "handle": part.handle,
            "passphrase": part.passphrase,
            "totp_secret": secret.reveal(),
            "role": part.role.value,
            "telegram_user_id": part.chat if part.vetted else 0,
        }
        for part, (_, secret) in zip(CAST, made, strict=True)
    ]


def settle(tx: Tx, actor: Actor, *, newcomers: tuple[Newcomer, ...]) -> None:
    """Everybody joins by the same verbs as anybody else does."""
    if services.count_members(tx):
        raise WrongMoment
    inviter = actor
    for part, newcomer in zip(CAST, newcomers, strict=True):
        by = actor if part.vetted else inviter
        token = services.invite(tx, by, role=part.role, alias=part.name)
        services.join(tx, STRANGER, token=token, newcomer=newcomer)
        if part.vetted:
            _vet(tx, newcomer.id)
            _link(tx, newcomer.id, part.chat)
        if part.role is Role.COORDINATOR:
            inviter = services.identify(tx, newcomer.id)
        if part.on_duty:
            services.set_duty(tx, inviter)


def _vet(tx: Tx, person: PersonId) -> None:
    """As if they had come all the way: the demo begins when everybody knows each other."""
    member = services.member(tx, person)
    today = tx.now.date()
    review_on = today + tx.pack.vetting.review
    services.set_clearance(tx, member, Clearance(Level.FULL, today, review_on))


def _link(tx: Tx, person: PersonId, chat: int) -> None:
    code = services.new_link_code(tx, services.identify(tx, person))
    services.link_chat(tx, services.identify(tx, InChat(chat)), code=code)


def _made(door: Door, part: Part) -> tuple[Newcomer, Plaintext]:
    prepared = entrance.prepare(
        door,
        handle=part.handle,
        alias=part.name,
        language="es",
        passphrase=Plaintext(part.passphrase),
    )
    secret = prepared.totp_secret
    proven = entrance.prove(door, prepared, code=totp.code_at(secret, door.now()))
    return replace(proven, step=0), secret  # the code of this very moment still signs in
