"""What the service tells Prometheus of itself: requests, writer, log, sockets, jobs, incidents.

Figures of state are read when they are asked for; only requests are counted as they pass. Nothing
here names a person, a place or a link.
"""

from collections.abc import Iterator
from contextlib import suppress

from prometheus_client import REGISTRY, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select
from starlette.types import Scope

from dispatcher import event_log
from dispatcher.auth.context import Service
from dispatcher.events.states import IncidentStatus
from dispatcher.models import Delivery, Incident, Job, Page
from dispatcher.travel import desk as travel
from dispatcher.travel.calibration import last_measured as travel_coverage

ENDED = {IncidentStatus.CLOSED.value, IncidentStatus.RESOLVED.value, IncidentStatus.CANCELLED.value}
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

WAITING = {("GET", "/live/sse"), ("GET", "/live/poll"), ("GET", "/suivi/{token}/live")}
"""Routes that last as long as somebody follows, as their routers name them: how long says nothing
about this service."""


class Figures:
    """The figures of one service, in a registry of its own: a test runs several in one process."""

    def __init__(self, service: Service) -> None:
        """Begin to count."""
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "cpo_http_request_seconds",
            "Time to answer a request.",
            ["method", "route", "status"],
            buckets=BUCKETS_S,
            registry=self._registry,
        )
        self._registry.register(_State(service))

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        """Note an answered request under its route, never its address: links are secrets."""
        route = getattr(scope.get("route"), "path", "none")
        if (scope["method"], route) in WAITING and status == 200:
            return
        self._requests.labels(scope["method"], route, str(status)).observe(seconds)

    def text(self) -> bytes:
        """Return everything in Prometheus' text format, the process's own figures included."""
        return generate_latest(self._registry) + generate_latest(REGISTRY)


class _State(Collector):
    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """Yield what is so now."""
        store = self._service.store
        yield GaugeMetricFamily("cpo_writer_up", "1 while the writer works.", not store.failure)
        yield GaugeMetricFamily("cpo_writer_waiting", "Commands in the queue.", store.waiting)
        worker = self._service.parts.get("worker")
        in_office = bool(worker is not None and worker.in_office)
        yield GaugeMetricFamily("cpo_in_office", "1 where the background loops run.", in_office)
        yield from self._live()
        yield self._travel()
        degraded = GaugeMetricFamily("cpo_degraded", "1 while a part is away.", labels=["part"])
        for name, ask in self._service.parts.get("degradations", {}).items():
            degraded.add_metric([name], 1 if ask() else 0)
        yield degraded
        stored: list[Metric] = []
        # What is left out is not zero: an alert on absence sees it.
        with suppress(SQLAlchemyError), store.read() as session:
            stored = [*_stored(session), self._behind(event_log.head(session).seq)]
            stored += _windows(session)
        yield GaugeMetricFamily("cpo_database_up", "1 while the database answers.", bool(stored))
        yield from stored

    def _live(self) -> Iterator[Metric]:
        live = self._service.parts.get("live")
        if live is None:
            return
        stats = live.hub.stats()
        for name, help_, value in (
            ("connections", "Open sockets.", stats.connections),
            ("topics", "Topics with a subscriber.", stats.topics),
            ("lagging", "Subscriptions served from the log until they caught up.", stats.lagging),
        ):
            yield GaugeMetricFamily(f"cpo_live_{name}", help_, value)
        for name, help_, value in (
            ("publications", "Changes told to topics.", stats.publications),
            ("writes", "Writes to sockets.", stats.writes),
            ("resyncs", "Clients told to fetch a fresh picture.", stats.resyncs),
            ("cut", "Clients closed because they stopped reading.", stats.cut),
        ):
            yield CounterMetricFamily(f"cpo_live_{name}", help_, value)

    def _travel(self) -> Metric:
        pairs = GaugeMetricFamily(
            "cpo_travel_pairs", "Pairs of places known better than by flight.", labels=["source"]
        )
        desk = self._service.parts.get(travel.KEY)
        for source, number in (desk.standing().pairs if desk is not None else {}).items():
            pairs.add_metric([source], number)
        return pairs

    def _behind(self, seq: int) -> Metric:
        live = self._service.parts.get("live")
        behind = max(0, seq - live.hub.position) if live is not None else 0
        return GaugeMetricFamily("cpo_live_behind", "Events stored and not yet told.", behind)


def _stored(session: Session) -> Iterator[Metric]:
    yield CounterMetricFamily("cpo_events", "Events in the log.", event_log.head(session).seq)
    jobs = GaugeMetricFamily("cpo_jobs", "Jobs by kind and state.", labels=["kind", "state"])
    for kind, state, number in session.exec(
        select(Job.kind, Job.state, func.count()).group_by(Job.kind, Job.state)
    ):
        jobs.add_metric([kind, state], number)
    yield jobs
    yield from _paging(session)
    incidents = GaugeMetricFamily("cpo_incidents_open", "Open incidents.", labels=["priority"])
    for priority, number in session.exec(
        select(Incident.priority, func.count())
        .where(col(Incident.state).not_in(ENDED))
        .group_by(Incident.priority)
    ):
        incidents.add_metric([priority], number)
    yield incidents


def _windows(session: Session) -> Iterator[Metric]:
    """Yield how windows told to people held, as of the last learning: 0.8 is the goal."""
    arrivals = GaugeMetricFamily(
        "cpo_eta_arrivals", "Arrivals that had a window, by when it was told.", labels=["told"]
    )
    inside = GaugeMetricFamily(
        "cpo_eta_inside", "Of these, arrivals inside their window.", labels=["told"]
    )
    for moment, (count, held) in travel_coverage(session).items():
        arrivals.add_metric([moment], count)
        inside.add_metric([moment], held)
    yield from (arrivals, inside)


def _paging(session: Session) -> Iterator[Metric]:
    """Yield pages and messages by state; an alert should watch what fell through and the dead."""
    pages = GaugeMetricFamily("cpo_pages", "On-call pages by state.", labels=["state"])
    for state, number in session.exec(select(Page.state, func.count()).group_by(Page.state)):
        pages.add_metric([state], number)
    yield pages
    lost = select(func.count()).select_from(Page).where(Page.cause == "audit")
    yield CounterMetricFamily(
        "cpo_pages_fell_through", "Pages that only the auditor found.", session.exec(lost).one()
    )
    sent = GaugeMetricFamily(
        "cpo_deliveries", "Messages by channel and state.", labels=["channel", "state"]
    )
    for channel, state, number in session.exec(
        select(Delivery.channel, Delivery.state, func.count()).group_by(
            Delivery.channel, Delivery.state
        )
    ):
        sent.add_metric([channel, state], number)
    yield sent
