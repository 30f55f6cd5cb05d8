"""The page «What would be surrendered»."""

from flask import Blueprint, render_template
from flask_babel import lazy_gettext as _l

from network.kernel.actor import Role
from network.surrender import services
from network.web.guards import current_who, for_roles
from network.web.here import door

bp = Blueprint("surrender", __name__, template_folder="templates")

READERS = {
    "case": _l("the members who hold a case"),
    "pair": _l("the two coordinators of a request to help"),
    "member": _l("one member alone"),
    "quorum": _l("several coordinators together"),
}


@bp.get("/surrender")
@for_roles(Role.COORDINATOR)
def index() -> str:
    """Counted from the rows at this moment."""
    return render_template(
        "surrender/index.html",
        found=door().look(services.report, current_who()),
        devices=door().ask(services.look_at_devices, current_who()),
        readers=READERS,
    )
