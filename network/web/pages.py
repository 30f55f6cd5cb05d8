"""The pages that belong to no room: landing and health."""

import logging
from datetime import datetime, timedelta

from flask import Blueprint, jsonify, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from network import heartbeats, probes, schema
from network.db import TROUBLE
from network.kernel.actor import Engine
from network.web.guards import public
from network.web.here import door

bp = Blueprint("web", __name__, template_folder="templates")
ME = Engine("healthz")
log = logging.getLogger(__name__)


@bp.get("/")
@public
def landing() -> str | Response:
    """The neutral face: what this is, without saying what it is for."""
    if current_user.is_authenticated:
        return redirect(url_for("people.account"))
    return render_template("web/landing.html")


@bp.get("/healthz")
@public
def healthz() -> tuple[Response, int]:
    """200 when every engine's heartbeat is fresh, our own requests come out, the road to Telegram
    is open and nothing of the clock's breaks each time; else 503 naming what is not so. Where the
    database is away, or of another version, that alone is named.
    """
    try:
        if door().look(schema.standing, ME) is not schema.Standing.OURS:
            return _unknown(schema.NAME)
        pulses = door().look(heartbeats.pulses, ME)
        request = door().look(probes.health, ME)
        broken = door().look(heartbeats.faltering, ME)
    except TROUBLE as error:
        log.warning("no health: %s", type(error).__name__)
        return _unknown("database")
    stale = [pulse.engine for pulse in pulses if not pulse.fresh]
    stale += [] if request.well else ["request"]
    return _health(
        [*stale, *broken],
        {pulse.engine: pulse.beat_at for pulse in pulses},
        begun_at=request.begun_at,
        took=request.took,
    )


def _unknown(why: str) -> tuple[Response, int]:
    """Nothing is known of the engines."""
    return _health([why], dict.fromkeys(heartbeats.ENGINES))


def _health(
    stale: list[str],
    beats: dict[str, datetime | None],
    *,
    begun_at: datetime | None = None,
    took: timedelta | None = None,
) -> tuple[Response, int]:
    body = {
        "ok": not stale,
        "stale": stale,
        "request": {
            "begun_at": begun_at.isoformat() if begun_at else None,
            "seconds": round(took.total_seconds(), 1) if took else None,
        },
        "engines": {name: at.isoformat() if at else None for name, at in beats.items()},
    }
    return jsonify(body), 503 if stale else 200
