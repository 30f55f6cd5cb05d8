"""«Did this help?»: a plain form on a page that has no cookie, and a total that goes up by one.

There is no token: without a cookie there is nobody whose browser could be made to act for them. All
that a forged press can do is what any press does, add one to a total. What keeps a flood out is the
limiter (app.py): by address, which is held in memory for a minute and written nowhere, and for all
addresses together, so that the one writer of the database stays free for those who need it. Behind
a proxy or an onion service all readers may look like one address: then totals grow more slowly, and
nobody is kept from reading.
"""

from flask import Blueprint, render_template, request
from flask_babel import force_locale

from handbook.markup import address
from handbook.web import asked_language
from network.kernel.actor import Nobody
from network.kernel.errors import BadInput
from network.manual import services
from network.web.guards import public
from network.web.here import door

bp = Blueprint("helped", __name__, template_folder="../templates")
ANSWERS = {"yes": True, "no": False}
BY_ADDRESS = "30 per minute"  # a workshop behind one address can answer
BY_ALL = "300 per minute"


@bp.post("/manual/<slug>/<section>/helped")
@public
def say(slug: str, section: str) -> str:
    """Thank them, and show the way back to where they were."""
    useful = ANSWERS.get(request.form.get("helped", ""))
    if useful is None:
        raise BadInput("helped", "choose")
    door().ask(services.did_it_help, Nobody(), chapter=slug, section=section, useful=useful)
    language = asked_language()
    with force_locale(language):
        back = address(f"{slug}#{section}", language=language)
        return render_template("manual/thanks.html", back=back, useful=useful)
