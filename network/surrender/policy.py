"""Who may see what would be surrendered. Pure, and the only place that knows."""

from network.kernel.actor import Actor, Role
from network.kernel.errors import NotAllowed


def allowed(actor: Actor) -> bool:
    """Coordination, and whoever sits at the server's command line."""
    return actor.role is Role.MACHINE or (actor.role is Role.COORDINATOR and actor.active)


def require(actor: Actor) -> None:
    """Return if the actor may, raise NotAllowed if not."""
    if not allowed(actor):
        raise NotAllowed
