"""`/metrics` for Prometheus, behind a token of its own. No label carries a person."""

from collections.abc import Iterator
from hmac import compare_digest
from http import HTTPStatus

from flask import Blueprint, Response, abort, request
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from network import heartbeats, inbox, outbox, probes
from network.checkins import services as checkins
from network.db import Tx
from network.delivery import services as delivery
from network.kernel.actor import Actor, Engine
from network.outbox.domain import Priority
from network.web.guards import public
from network.web.here import door, settings

bp = Blueprint("metrics", __name__)
ME = Engine("metrics")


@bp.get("/metrics")
@public
def metrics() -> Response:
    """How the machine is. Where no token is set, and for whoever has another, there is no such
    page.
    """
    token = settings().metrics_token
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token is None or not compare_digest(
        shown.encode("utf-8", "surrogatepass"), token.get_secret_value().encode()
    ):
        abort(HTTPStatus.NOT_FOUND)
    families = door().look(measure, ME)
    registry = CollectorRegistry()
    registry.register(_Measured(families))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Measured(Collector):
    """What was read in one transaction, as the registry wants it."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        """The figures as they are."""
        return iter(self._families)


def measure(tx: Tx, actor: Actor) -> list[Metric]:
    """Every figure, read at one moment."""
    return [
        *_letters(tx),
        *_engines(tx, actor),
        *_requests(tx, actor),
        *_people(tx, actor),
    ]


def _letters(tx: Tx) -> Iterator[Metric]:
    due = GaugeMetricFamily("hilo_letters_due", "Letters due and not out", labels=["priority"])
    oldest = GaugeMetricFamily(
        "hilo_letters_oldest_seconds", "Age of the oldest letter due", labels=["priority"]
    )
    retried = GaugeMetricFamily(
        "hilo_letters_retried", "Letters due that were tried before", labels=["priority"]
    )
    found = outbox.queues(tx)
    for priority in Priority:
        queue = found[priority]
        name = [priority.name.lower()]
        due.add_metric(name, queue.due)
        oldest.add_metric(name, queue.oldest.total_seconds())
        retried.add_metric(name, queue.retried)
    yield from (due, oldest, retried)
    yield _one("hilo_letters_refused", "Letters refused in two days", outbox.backlog(tx)[1])
    road = outbox.road(tx)
    silent = (tx.now - road.failing_since).total_seconds() if road.failing_since else 0
    yield _one("hilo_telegram_failing_seconds", "Since when nothing gets through", silent)
    quiet = (road.quiet_until - tx.now).total_seconds() if road.quiet_until else 0
    yield _one("hilo_telegram_quiet_seconds", "How long Telegram wants us quiet", max(0, quiet))


def _engines(tx: Tx, actor: Actor) -> Iterator[Metric]:
    fresh = GaugeMetricFamily("hilo_engine_fresh", "1 for a fresh heartbeat", labels=["engine"])
    age = GaugeMetricFamily("hilo_engine_beat_age_seconds", "Since its beat", labels=["engine"])
    for pulse in heartbeats.pulses(tx, actor):
        fresh.add_metric([pulse.engine], pulse.fresh)
        if pulse.beat_at is not None:
            age.add_metric([pulse.engine], (tx.now - pulse.beat_at).total_seconds())
    yield from (fresh, age)


def _requests(tx: Tx, actor: Actor) -> Iterator[Metric]:
    waiting, aside = inbox.backlog(tx)
    yield _one("hilo_arrivals_waiting", "Arrivals not handled", waiting)
    yield _one(
        "hilo_arrivals_oldest_seconds",
        "How long the oldest of them waits",
        inbox.longest_wait(tx).total_seconds(),
    )
    yield _one("hilo_arrivals_set_aside", "Arrivals set aside in a week", aside)
    health = probes.health(tx, actor)
    yield _one("hilo_request_late", "1 when our own request does not come out", not health.well)
    if health.took is not None:
        yield _one("hilo_request_seconds", "What our last one took", health.took.total_seconds())


def _people(tx: Tx, actor: Actor) -> Iterator[Metric]:
    found = checkins.figures(tx, actor)
    yield _one("hilo_ladders_open", "Alarms nobody has ended; drills not counted", found.ladders)
    yield _one("hilo_ladders_unowned", "Of those, nobody has them", found.unowned)
    yield _one(
        "hilo_ladders_unowned_seconds",
        "How long ago the oldest of those began",
        found.unowned_for.total_seconds(),
    )
    yield _one("hilo_alarms_unreadable", "Alarms that cannot be read", found.unreadable)
    overdue = GaugeMetricFamily(
        "hilo_overdue_seconds", "How late the clock is with what is due first", labels=["of"]
    )
    for what, late in found.overdue.items():
        overdue.add_metric([what], late.total_seconds())
    yield overdue
    yield _one("hilo_checkins_late", "Questions late or not delivered", found.late)
    yield _one("hilo_rhythms_set_aside", "Rhythms that cannot be read", found.rhythms_set_aside)
    yield _one("hilo_drills_untaken", "Drills of a year that nobody took", found.drills_untaken)
    if found.drilled is not None:
        age = found.drilled.total_seconds()
        yield _one("hilo_drill_age_seconds", "Since the last drill began", age)
    if found.drill_took is not None:
        took = found.drill_took.total_seconds()
        yield _one("hilo_drill_seconds", "Until somebody took the last that was taken", took)
    yield _one("hilo_channels_failing", "Failed their test", delivery.failing_channels(tx))


def _one(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)
