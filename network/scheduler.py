"""What the clock does and how often: {name: (interval, service)}, handed to APScheduler."""

from datetime import timedelta

from network import heartbeats, probes
from network.cases import files
from network.cases import services as cases
from network.cases.services import glass, proofs
from network.checkins import services as checkins
from network.delivery import services as delivery
from network.door import Service
from network.inbox import services as inbox
from network.outbox import services as outbox
from network.people import services as people
from network.proposals import services as proposals
from network.quorum import services as quorum
from network.vetting import services as vetting

WATCH = "checkins.watch"

TICKS: dict[str, tuple[timedelta, Service[[], object]]] = {
    WATCH: (timedelta(seconds=1), checkins.watch),
    "checkins.find_lost": (timedelta(minutes=1), checkins.find_lost),
    "checkins.find_abandoned": (timedelta(minutes=1), checkins.find_abandoned),
    "checkins.rehearse": (timedelta(seconds=5), checkins.rehearse),
    "cases.expire_offers": (timedelta(seconds=30), cases.expire_offers),
    "cases.let_go_of_removed": (timedelta(seconds=2), cases.let_go_of_removed),
    "cases.tell_of_stopped": (timedelta(minutes=1), cases.tell_of_stopped),
    "cases.end_openings": (timedelta(minutes=1), glass.end_openings),
    "cases.keep_quorum": (timedelta(minutes=10), glass.keep_quorum),
    "cases.anchor_and_say": (timedelta(minutes=10), proofs.anchor_and_say),
    "quorum.lapse": (timedelta(minutes=10), quorum.lapse),
    "cases.end_grants": (timedelta(minutes=10), cases.end_grants),
    "cases.warn_of_ends": (timedelta(hours=1), cases.warn_of_ends),
    "cases.measure_reach": (timedelta(hours=1), cases.measure_reach),
    "probes.begin": (timedelta(minutes=1), probes.begin),
    "delivery.walk_the_road": (timedelta(seconds=10), delivery.walk_the_road),
    "delivery.test_due": (timedelta(hours=1), delivery.test_due),
    "files.sweep": (timedelta(minutes=10), files.sweep),
    "inbox.sweep": (timedelta(hours=1), inbox.sweep),
    "outbox.sweep": (timedelta(hours=1), outbox.sweep),
    "people.sweep": (timedelta(hours=1), people.sweep),
    "proposals.tidy": (timedelta(minutes=10), proposals.tidy),
    "vetting.keep_pairs": (timedelta(minutes=5), vetting.keep_pairs),
    "vetting.erase_due": (timedelta(hours=1), vetting.erase_due),
    "vetting.remind_of_reviews": (timedelta(hours=1), vetting.remind_of_reviews),
    "heartbeats.sweep": (timedelta(hours=1), heartbeats.sweep),
    "checkins.sweep_trips": (timedelta(hours=1), checkins.sweep_trips),
    "checkins.sweep_plans": (timedelta(hours=1), checkins.sweep_plans),
    "checkins.end_pauses": (timedelta(hours=1), checkins.end_pauses),
    "checkins.sweep": (timedelta(hours=1), checkins.sweep),
    "checkins.destroy_left": (timedelta(minutes=10), checkins.destroy_left),
    "checkins.erase_due": (timedelta(minutes=1), checkins.erase_due),
}
