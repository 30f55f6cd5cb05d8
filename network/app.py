"""Build the web app. Wiring only."""

from datetime import timedelta

import jinja2
from flask import Flask
from flask_limiter import Limiter
from flask_wtf import CSRFProtect

from config.settings import Settings
from handbook.web import COUNTRY, KNOWN, PAPER
from handbook.web import bp as handbook
from network.cases.web import bp as cases
from network.cases.web.exposing import carried_out
from network.checkins.web import bp as checkins
from network.cli import hilo
from network.delivery.web import bp as delivery
from network.door import Door
from network.manual.web import bp as manual
from network.manual.web import helped
from network.manual.web.known import Known
from network.metrics import bp as metrics
from network.people.domain import ABSOLUTE
from network.people.visits import bp as visits
from network.people.visits import quick_exit, watch_visits
from network.people.web import bp as people
from network.proposals.web import EXECUTORS
from network.proposals.web import bp as proposals
from network.quorum.web import bp as quorum
from network.surrender.web import bp as surrender
from network.vetting import lost
from network.vetting.lost import let_back
from network.vetting.web import BY_ADDRESS as APPLICATIONS
from network.vetting.web import bp as vetting
from network.vetting.web import let_in, outside
from network.web.errors import calm
from network.web.frame import frame
from network.web.guards import protect
from network.web.headers import dress
from network.web.hosts import answer_to_our_name, visitor
from network.web.pages import bp as pages
from network.web.uploads import keep_in_memory
from network.web.webhook import bp as webhook
from network.web.words import speak

FORM_BYTES = 25 * 1024 * 1024  # a 20 MB file and the form around it


ROOMS = (
    pages,
    visits,
    people,
    vetting,
    outside,
    lost.bp,
    delivery,
    proposals,
    quorum,
    surrender,
    cases,
    checkins,
    manual,
    helped.bp,
    handbook,
    webhook,
    metrics,
)


def create_app(settings: Settings, door: Door) -> Flask:
    """One app over one door. Raises UndeclaredRoute when a page forgot to say who it is for."""
    app = Flask(__name__, static_folder="web/static", template_folder="web/templates")
    https = settings.address.startswith("https://")
    keys = door.secret.cookie_keys
    app.config.update(
        SECRET_KEY=keys[0],
        SECRET_KEY_FALLBACKS=list(keys[1:]),
        SESSION_COOKIE_NAME="__Host-hilo" if https else "hilo",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=ABSOLUTE,
        MAX_CONTENT_LENGTH=FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=256 * 1024,
        WTF_CSRF_TIME_LIMIT=int(timedelta(hours=10).total_seconds()),
        WTF_CSRF_SSL_STRICT=False,  # it asks for a Referer, which our own policy withholds
        RATELIMIT_HEADERS_ENABLED=False,
    )
    app.jinja_env.undefined = jinja2.StrictUndefined
    app.extensions.update(
        {"network.door": door, "network.settings": settings}
        | {KNOWN: Known(door), COUNTRY: settings.country, PAPER: settings.paper}
    )
    app.extensions[EXECUTORS] = {**carried_out(), **let_in(), **let_back()}
    for room in ROOMS:
        app.register_blueprint(room)
    app.cli.add_command(hilo)
    answer_to_our_name(app, settings)
    keep_in_memory(app)
    tokens = CSRFProtect(app)
    tokens.exempt(webhook)
    # A page from before the last sign-in has an old token, and must still let its reader leave.
    # Another site cannot ask for it: the cookie is strict.
    tokens.exempt(quick_exit)
    tokens.exempt(helped.bp)  # why, and what keeps floods out: see there
    limiter = Limiter(visitor, app=app, storage_uri="memory://", default_limits=[])
    for open_to_all, rate in ((helped.bp, helped.BY_ADDRESS), (outside, APPLICATIONS)):
        limiter.limit(rate)(open_to_all)
    limiter.shared_limit(helped.BY_ALL, scope="helped", key_func=lambda: "all")(helped.bp)
    speak(app)
    frame(app)
    calm(app)
    watch_visits(app)
    protect(app)
    dress(app, https=https)
    return app
