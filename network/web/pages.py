"""The pages that belong to no room: landing and health."""

from flask import Blueprint, jsonify, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from network import heartbeats, probes
from network.kernel.actor import Engine
from network.web.guards import public
from network.web.here import door

bp = Blueprint("web", __name__, template_folder="templates")


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
    is open and nothing of the clock's breaks each time; else 503 naming what is not so.
    """
    pulses = door().look(heartbeats.pulses, Engine("healthz"))
    request = door().look(probes.health, Engine("healthz"))
    stale = [pulse.engine for pulse in pulses if not pulse.fresh]
    stale += [] if request.well else ["request"]
    stale += door().look(heartbeats.faltering, Engine("healthz"))
    body = {
        "ok": not stale,
        "stale": stale,
        "request": {
            "begun_at": request.begun_at.isoformat() if request.begun_at else None,
            "seconds": round(request.took.total_seconds(), 1) if request.took else None,
        },
        "engines": {
            pulse.engine: pulse.beat_at.isoformat() if pulse.beat_at else None for pulse in pulses
        },
    }
    return jsonify(body), 503 if stale else 200
