"""`cpo demo`: an empty machine becomes a control centre on the Corrèze, with a simulated day."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from dispatcher import logs, migrations
from dispatcher.actors import Role, system
from dispatcher.app import Front, build_service, create_app
from dispatcher.auth.commands import Account, make_user
from dispatcher.clock import ScaledClock, SystemClock
from dispatcher.database import Store, Tx
from dispatcher.desk.commands import load_templates
from dispatcher.models import Crew, EventRow, User
from dispatcher.oncall.generation import Wanted, generate
from dispatcher.oncall.snapshot import Horizon
from dispatcher.reference.readers import read_folder
from dispatcher.reference.territory import load_territory, territory_folder
from dispatcher.settings import Settings
from priority.policy import Policy

PARIS = ZoneInfo("Europe/Paris")
PASSWORD = "correze-demo"  # noqa: S105 - published on purpose; demo mode is bound to loopback
OPENING = time(8, 25)
CALENDAR = Policy.default().calendar.working


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account that exists only in the demo."""

    username: str
    name: str
    role: Role
    page: str
    crew_code: str | None = None


ACCOUNTS = (
    DemoAccount("ordo", "Julie Bordes", Role.DISPATCHER, "/tableau"),
    DemoAccount("operateur", "Camille Lafarge", Role.OPERATOR, "/tableau"),
    DemoAccount("equipe", "Équipe Tulle 1", Role.CREW, "/equipe", crew_code="tulle-1"),
    DemoAccount("expert", "Hélène Marut", Role.EXPERT, "/expertise"),
    DemoAccount("astreinte", "Sophie Vialle", Role.ONCALL_MANAGER, "/astreintes"),
    DemoAccount("elu", "Marie Chassagne", Role.COUNCIL, "/politique"),
    DemoAccount("visiteur", "Visite", Role.OBSERVER, "/tableau"),
    DemoAccount("admin", "Administration", Role.ADMIN, "/tableau"),
)


def run(port: int, folder: Path, *, fresh: bool, serve: Callable[[Front, Settings], None]) -> None:
    """Prepare the demo's database, say where to go, and serve until stopped."""
    if fresh and folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        mode="demo",
        host="127.0.0.1",
        port=port,
        database_url=f"sqlite:///{folder / 'cpo.sqlite3'}",
    )
    logs.set_up("WARNING")
    sys.stdout.write("\n  Préparation du centre (communes, équipes, astreintes)…\n")
    sys.stdout.flush()
    migrations.upgrade(settings.database_url)
    clock = prepare(settings)
    _say(settings)
    serve(create_app(settings, clock), settings)


def prepare(settings: Settings) -> ScaledClock:
    """Fill an empty demo database with the Corrèze and return the clock of its simulated day.

    A demo that ran before goes on where it stopped: the clock never runs backwards.
    """
    service = build_service(settings)
    store, actor = service.store, system(settings.org)
    store.start()
    try:
        start_at = _opening(store)
        clock = ScaledClock(SystemClock(), start_at, settings.simulation_rate)
        service.clocks.service = clock
        if not _is_filled(store):
            territory = read_folder(territory_folder())
            store.submit_wait(lambda tx: load_territory(tx, territory), actor, deadline_s=120)
            store.submit_wait(load_templates, actor, deadline_s=30)
            store.submit_wait(_make_accounts, actor, deadline_s=30)
            generate(store, actor, Wanted(Horizon(None, 12, settings.timezone)))
    finally:
        store.stop()
    return ScaledClock(SystemClock(), start_at, settings.simulation_rate)


def _opening(store: Store) -> datetime:
    day = SystemClock().now().astimezone(PARIS).date()
    while not CALENDAR.is_open(datetime.combine(day, OPENING, PARIS)):
        day += timedelta(days=1)
    opening = datetime.combine(day, OPENING, PARIS)
    with store.read() as session:
        last = session.exec(select(EventRow.at).order_by(col(EventRow.seq).desc())).first()
    return max(opening, last) if last is not None else opening


def _is_filled(store: Store) -> bool:
    with store.read() as session:
        return session.exec(select(User).where(col(User.demo).is_(True))).first() is not None


def _make_accounts(tx: Tx) -> None:
    for account in ACCOUNTS:
        crew = None
        if account.crew_code is not None:
            crew = tx.session.exec(select(Crew).where(Crew.code == account.crew_code)).one()
        made = Account(account.username, PASSWORD, account.role, account.name)
        user = make_user(tx, made)
        user.crew_id = crew.id if crew else None
        user.demo = True


def _say(settings: Settings) -> None:
    lines = [
        "",
        f"  Centre de pilotage: {settings.origin}/tableau",
        f"  Signaler (usager):  {settings.origin}/signaler",
        "",
        f"  Comptes de démonstration, mot de passe « {PASSWORD} »:",
        *(f"    {a.username:<10} {a.name:<18} {settings.origin}{a.page}" for a in ACCOUNTS),
        "",
        "  Journée simulée: personnes et incidents sont inventés. Ctrl+C pour arrêter.",
        "",
    ]
    sys.stdout.write("\n".join(lines))
    sys.stdout.flush()
