"""What the frame of every page knows: the reader, the time in words, whether we are well."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask, request
from flask_login import current_user

from config.language import languages
from network import heartbeats
from network.kernel.actor import Actor, Engine, Role
from network.web.headers import NEUTRAL_PAGE
from network.web.here import door, settings
from network.web.words import ENGINES, _, chosen_language, ngettext

MINUTE, HOUR, DAY = 60, 3600, 86400


def frame(app: Flask) -> None:
    """Give every template the words and facts its frame needs."""

    @app.context_processor
    def around() -> dict[str, object]:
        actor = current_user.actor if current_user and current_user.is_authenticated else None
        return {
            "actor": actor,
            "language": chosen_language(),
            "languages": languages(),
            "neutral_page": NEUTRAL_PAGE,
            "demo": not settings().production,
            "telegram_link": settings().telegram_link,
            "stale": _stale(actor),
            "engine_names": ENGINES,
            "Role": Role,
        }

    app.jinja_env.filters["ago"] = ago
    app.jinja_env.filters["clock"] = clock
    app.jinja_env.globals["now"] = lambda: door().now()


def ago(then: datetime) -> str:
    """How long ago (or in how long), in the reader's words, to one unit."""
    seconds = int((door().now() - then).total_seconds())
    span = _span(abs(seconds))
    return _("in %(span)s", span=span) if seconds < 0 else _("%(span)s ago", span=span)


def clock(then: datetime) -> str:
    """A moment as `21/11 14:05` in the network's own time zone."""
    return then.astimezone(ZoneInfo(door().pack.time_zone)).strftime("%d/%m %H:%M")


def _span(seconds: int) -> str:
    if seconds < MINUTE:
        return _("less than a minute")
    if seconds < HOUR:
        return ngettext("%(num)s minute", "%(num)s minutes", seconds // MINUTE)
    if seconds < DAY:
        return ngettext("%(num)s hour", "%(num)s hours", round(seconds / HOUR))
    return ngettext("%(num)s day", "%(num)s days", round(seconds / DAY))


def _stale(actor: Actor | None) -> tuple[str, ...]:
    """The engines that gave no sign of life for a minute; members are told on every page."""
    if actor is None or not actor.active or request.endpoint == "static":
        return ()
    pulses = door().look(heartbeats.pulses, Engine("frame"))
    return tuple(str(ENGINES[pulse.engine]) for pulse in pulses if not pulse.fresh)
