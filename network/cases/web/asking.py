"""Finding somebody: how soon and where, whom to ask, and the answers of those who are asked."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from network.cases import services
from network.cases.domain import Case, CaseStatus, Urgency
from network.cases.forms import PLACES_SHOWN, Form, filled, sent
from network.cases.services import looking
from network.cases.web.blueprint import bp
from network.cases.web.shown import place_name, places_for
from network.kernel.actor import Role
from network.kernel.errors import BadInput, NotVisible, Refused, WrongMoment
from network.kernel.ids import CaseId, OfferId
from network.web.guards import current_who, for_roles
from network.web.here import door
from network.web.words import _

Page = str | Response | tuple[str, int]


@bp.get("/<uuid:case_id>/triage")
@for_roles(Role.COORDINATOR)
def triage(case_id: UUID) -> Page:
    """How soon, where and what, as it stands; not while somebody is deciding on it."""
    case = door().look(looking.heading, current_who(), case_id=CaseId(case_id)).case
    if case.status is CaseStatus.OFFERED:
        raise WrongMoment
    zone = case.card.zone or ""
    form = filled(urgency=case.urgency or "", zone=zone, need=case.card.need, place="")
    return _triage_form(case, form)


@bp.post("/<uuid:case_id>/triage")
@for_roles(Role.COORDINATOR)
def say_triage(case_id: UUID) -> Page:
    """Look for a place, or keep how soon, where and what."""
    form = sent("urgency", "zone", "need", "place", "looked")
    case = door().look(looking.heading, current_who(), case_id=CaseId(case_id)).case
    if "look" in request.form:
        return _triage_form(case, form)
    try:
        door().ask(
            services.triage,
            current_who(),
            case_id=case.id,
            urgency=form.choice("urgency", Urgency),
            zone=_zone(form),
            need=form.one("need"),
        )
    except Refused as refusal:
        return _triage_form(case, form.failed(refusal))
    try:
        door().look(looking.heading, current_who(), case_id=case.id)
    except NotVisible:
        flash(_("Your own interests lie in that place, so somebody else has it from now on."))
        return redirect(url_for("cases.index"), code=303)
    return redirect(url_for("cases.room", case_id=case_id), code=303)


@bp.get("/<uuid:case_id>/offer")
@for_roles(Role.COORDINATOR)
def offer(case_id: UUID) -> Page:
    """Whom to ask, and what they must know first."""
    case = door().look(looking.heading, current_who(), case_id=CaseId(case_id)).case
    if case.status is not CaseStatus.TRIAGED:
        raise WrongMoment
    return _offer_form(case.id, Form())


@bp.post("/<uuid:case_id>/offer")
@for_roles(Role.COORDINATOR)
def make_offer(case_id: UUID) -> Page:
    """Ask them."""
    form, case = sent("to", "brief"), CaseId(case_id)
    try:
        door().ask(
            services.offer,
            current_who(),
            case_id=case,
            to=form.people("to"),
            brief=form.text("brief"),
        )
    except Refused as refusal:
        return _offer_form(case, form.failed(refusal))
    flash(_("They have been asked. You are told as soon as somebody says yes."))
    return redirect(url_for("cases.room", case_id=case_id), code=303)


@bp.post("/<uuid:case_id>/withdraw-offer")
@for_roles(Role.COORDINATOR)
def withdraw_offer(case_id: UUID) -> Response:
    """Take every open offer of it back."""
    door().ask(services.withdraw_offer, current_who(), case_id=CaseId(case_id))
    return redirect(url_for("cases.room", case_id=case_id), code=303)


@bp.post("/offers/<uuid:offer_id>/accept")
@for_roles(Role.ACTIVIST)
def accept(offer_id: UUID) -> Response:
    """Yes: the key is theirs, and the room opens."""
    try:
        case = door().ask(services.accept, current_who(), offer_id=OfferId(offer_id))
    except WrongMoment:
        return _too_late()
    return redirect(url_for("cases.room", case_id=case.id), code=303)


@bp.post("/offers/<uuid:offer_id>/decline")
@for_roles(Role.ACTIVIST)
def decline(offer_id: UUID) -> Response:
    """No, and nothing stays behind."""
    try:
        door().ask(services.decline, current_who(), offer_id=OfferId(offer_id))
    except WrongMoment:
        return _too_late()
    flash(_("Thank you for answering. Somebody else is looked for."))
    return redirect(url_for("cases.index"), code=303)


def _too_late() -> Response:
    flash(_("That question is over: somebody else said yes, or its time ran out. Thank you."))
    return redirect(url_for("cases.index"), code=303)


def _zone(form: Form) -> str | None:
    """The place chosen; None where it was said that nobody knows it yet."""
    place = form.one("place").strip()
    unseen = place and place != form.one("looked").strip()
    if unseen or "zone" not in request.form:
        found = door().pack.areas.search(place, limit=1)
        raise BadInput("zone", "choose" if found else "no_such_place")
    return form.one("zone") or None


def _triage_form(case: Case, form: Form) -> Page:
    places = places_for(form.one("place"), form.one("zone"), limit=PLACES_SHOWN)
    page = render_template(
        "cases/triage.html",
        case=case,
        form=form,
        places=places,
        unknown=not form.one("zone") and not (form.one("place") and places),
    )
    return (page, form.problem.status) if form.problem else page


def _offer_form(case_id: CaseId, form: Form) -> Page:
    case, people = door().look(looking.to_ask, current_who(), case_id=case_id)
    page = render_template(
        "cases/offer.html",
        case=case,
        form=form,
        place=place_name(case.card.zone),
        people=people,
        most=door().pack.offers.most_invited,
    )
    return (page, form.problem.status) if form.problem else page
