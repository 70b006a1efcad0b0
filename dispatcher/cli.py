"""The command line: set up (`init`, `migrate`, `import`, `user`), run (`serve`, `worker`, `demo`),
keep (`backup`, `restore`, `doctor`).
"""

import json
import sys
from pathlib import Path
from socket import AF_INET, AF_INET6, create_server, socket
from typing import Annotated

import typer
import uvicorn
from sqlmodel import Session

from dispatcher import event_log, logs
from dispatcher.actors import Role, system
from dispatcher.app import Front, build_service, create_app, create_worker
from dispatcher.auth.commands import Account, make_user
from dispatcher.clock import SystemClock
from dispatcher.engines import connect
from dispatcher.errors import CpoError
from dispatcher.intake.library import landmarks, reading_model
from dispatcher.keeper import keep
from dispatcher.process import settle
from dispatcher.settings import Settings
from dispatcher.travel.roads import CREDIT as OSM_CREDIT
from dispatcher.travel.roads import LICENCE as OSM_LICENCE
from dispatcher.travel.roads import Rights
from dispatcher.travel.roads import load as load_roads
from realtime.serving import DrainingServer

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Control centre for a local public service: incidents, crews, on-call, live.",
)


def serve_app(app: Front, settings: Settings, listening: socket | None = None) -> None:
    """Run the service until it is told to stop, on its address or on a socket that listens."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        ws="websockets-sansio",
        # Frames are shared between connections and pings are the protocol's own: see realtime/.
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        ws_max_size=16_384,
        # Our own lines (logs.py) instead of uvicorn's.
        log_config=None,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=10,
        server_header=False,
        # What proxies say is judged by edge/proxies.py.
        proxy_headers=False,
    )
    settle()
    DrainingServer(config, app.drain).run(sockets=[listening] if listening else None)


@cli.command()
def serve(
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Run the service with the settings of the environment."""
    settings = _running_settings(port)
    if settings.mode == "production":
        serve_app(create_app(settings), settings)
        return
    # The one process of an embedded service has no colleague to stand in for it.
    _migrate(settings, "head")
    listening = _listen(settings)
    reading_model(), landmarks()
    settle()
    keep(lambda: serve_app(create_app(settings), settings, listening))


def _listen(settings: Settings) -> socket:
    try:
        family = AF_INET6 if ":" in settings.host else AF_INET
        return create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        typer.echo(f"{settings.host}:{settings.port}: {error.strerror}", err=True)
        raise typer.Exit(1) from None


@cli.command()
def worker(
    port: Annotated[int | None, typer.Option(help="Port for /health and /metrics.")] = None,
) -> None:
    """Run what works behind `serve`: reactions, calendar, solver; answers health checks only."""
    settings = _running_settings(port)
    if settings.sqlite_path is not None:
        typer.echo("A SQLite service is one process: `cpo serve` runs everything.", err=True)
        raise typer.Exit(2)
    serve_app(create_worker(settings), settings)


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its database.")] = Path(
        ".demo"
    ),
    fresh: Annotated[bool, typer.Option(help="Forget the last demo and begin anew.")] = False,
) -> None:
    """Run the whole control centre on the real Corrèze with a simulated day."""
    from dispatcher import demonstration

    demonstration.run(port, folder, fresh=fresh, serve=serve_app)


@cli.command()
def migrate(
    to: Annotated[str, typer.Argument(help="Schema version, e.g. head, base, 0001.")] = "head",
) -> None:
    """Bring the database to a schema version, forwards or back."""
    _migrate(Settings(), to)
    typer.echo(f"schema: {to}")


@cli.command(name="import")
def import_(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of CSV, GeoJSON and TOML files.")
    ] = None,
) -> None:
    """Load communes, depots, crews, categories and people; errors name file and line."""
    from dispatcher.desk.commands import load_templates
    from dispatcher.reference.readers import ReferenceError, read_folder
    from dispatcher.reference.territory import load_territory, territory_folder

    settings = Settings()
    try:
        territory = read_folder(folder or territory_folder())
    except ReferenceError as error:
        for line in error.problems:
            typer.echo(line, err=True)
        raise typer.Exit(2) from None
    service = build_service(settings)
    service.store.start()
    try:
        counts = service.store.submit_wait(
            lambda tx: load_territory(tx, territory), system(settings.org), deadline_s=120
        )
        replies = service.store.submit_wait(load_templates, system(settings.org), deadline_s=30)
    finally:
        service.store.stop()
    typer.echo(json.dumps(counts | {"replies": replies}, ensure_ascii=False))


@cli.command()
def roads(
    file: Annotated[Path, typer.Argument(help="An .osm.pbf extract, or NAME-edges.csv.")],
    out: Annotated[Path | None, typer.Option(help="File to write; default: beside it.")] = None,
    date: Annotated[str | None, typer.Option(help="Date of the data (CSV only).")] = None,
    credit: Annotated[str, typer.Option(help="Whom to name (CSV only).")] = OSM_CREDIT,
    licence: Annotated[str, typer.Option(help="Licence of the data (CSV only).")] = OSM_LICENCE,
) -> None:
    """Compile a road network for CPO_ROAD_FILE; says what it holds and where it comes from."""
    from dispatcher.travel.compiling import compile_file

    to, rights = out or file.with_name(file.name + ".roads"), Rights(date, credit, licence)
    origin = compile_file(file, to, SystemClock(), rights)
    typer.echo(json.dumps(origin, ensure_ascii=False))


@cli.command()
def user(
    username: Annotated[str, typer.Argument(help="Name to sign in with.")],
    role: Annotated[Role, typer.Option(help="What the person may do.")] = Role.DISPATCHER,
    name: Annotated[str, typer.Option(help="Display name.")] = "",
) -> None:
    """Create an account; the password is asked, never given on the command line."""
    settings = Settings()
    password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    if len(password) < 12:
        typer.echo("A password has at least 12 characters.", err=True)
        raise typer.Exit(2)
    service = build_service(settings)
    service.store.start()
    try:
        service.store.submit_wait(
            lambda tx: make_user(tx, Account(username, password, role, name)).id,
            system(settings.org),
        )
    finally:
        service.store.stop()
    typer.echo(f"{username}: {role.value}")


@cli.command()
def init(
    domain: Annotated[str, typer.Option(help="Address people type, e.g. cpo.example.fr.")],
    org: Annotated[str, typer.Option(help="Slug of the authority.")] = "correze",
    org_name: Annotated[str, typer.Option(help="Name shown to people.")] = "Corrèze centre",
    file: Annotated[Path, typer.Option(help="File to write.")] = Path(".env"),
) -> None:
    """Write the settings of a production service with fresh secrets; never over a file."""
    from dispatcher import initial

    try:
        initial.write(file, initial.Answers(domain, org, org_name))
    except (FileExistsError, ValueError) as error:
        typer.echo(f"{file}: {error}", err=True)
        raise typer.Exit(2) from None
    typer.echo(f"{file}: written, readable by you alone; keep a copy in a safe place")


@cli.command()
def backup(file: Annotated[Path, typer.Argument(help="File to write.")]) -> None:
    """Write everything to one file, while the service runs; fits either kind of store."""
    from dispatcher import backup as copies
    from dispatcher.attachments.files import Folder

    settings = Settings()
    folder = Folder(settings.attachments_path)
    counts = copies.backup(settings.database_url, file, SystemClock().now(), folder)
    typer.echo(f"{file}: {sum(counts.values())} rows, {counts['event_log']} events")


@cli.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `cpo backup` wrote.")],
    replace: Annotated[bool, typer.Option(help="Empty the database first.")] = False,
) -> None:
    """Fill the database from a backup; stop the service first. Screens then fetch anew."""
    from dispatcher import backup as copies
    from dispatcher.attachments.files import Folder

    settings = Settings()
    _ready_folder(settings)
    try:
        folder = Folder(settings.attachments_path)
        counts = copies.restore(settings.database_url, file, replace=replace, folder=folder)
    except copies.BackupRefused as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    typer.echo(f"{file}: {sum(counts.values())} rows, {counts['event_log']} events")


@cli.command()
def watch(
    topic: Annotated[str, typer.Argument(help="Such as board:correze.")],
    username: Annotated[str, typer.Option(help="Who looks.")],
    url: Annotated[str, typer.Option(help="The service.")] = "http://127.0.0.1:8000",
    password: Annotated[
        str, typer.Option(envvar="CPO_WATCH_PASSWORD", prompt=True, hide_input=True)
    ] = "",
) -> None:
    """Follow a topic as a browser does, one line a change; resumes by itself. Ctrl+C ends it."""
    from dispatcher import watch as watching

    try:
        cookie = watching.sign_in(url, username, password)
        watching.watch(url, topic, cookie, typer.echo)
    except CpoError as refused:
        typer.echo(refused.detail, err=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


@cli.command()
def doctor(
    verify_log: Annotated[bool, typer.Option(help="Check every link of the event log.")] = False,
) -> None:
    """Say what is wrong with this installation."""
    settings = Settings()
    engine = connect(settings.database_url, read_only=True)
    failed = False
    with Session(engine) as session:
        head = event_log.head(session)
        typer.echo(f"database: ok, log at {head.seq} (epoch {head.epoch})")
        if verify_log:
            broken = list(event_log.broken_links(session))
            failed = bool(broken)
            typer.echo(
                f"log: {'broken at seq ' + ', '.join(map(str, broken)) if broken else 'whole'}"
            )
    engine.dispose()
    if settings.road_file:
        origin = load_roads(Path(settings.road_file)).origin
        about = f"{origin.nodes} nodes, data of {origin.data_at or 'unknown date'}"
        typer.echo(f"roads: {origin.file}, {about}, {origin.credit}, {origin.licence}")
    if failed:
        raise typer.Exit(1)


def _migrate(settings: Settings, to: str) -> None:
    from dispatcher import migrations

    _ready_folder(settings)
    if to == "base":
        migrations.downgrade(settings.database_url, to)
    else:
        migrations.upgrade(settings.database_url, to)


def _running_settings(port: int | None) -> Settings:
    logs.set_up()
    settings = Settings()
    return settings if port is None else settings.model_copy(update={"port": port})


def _ready_folder(settings: Settings) -> None:
    if settings.sqlite_path is not None:
        settings.sqlite_path.parent.mkdir(parents=True, exist_ok=True)


def main() -> None:
    """Run the command line."""
    try:
        cli()
    except CpoError as refused:
        typer.echo(refused.detail, err=True)
        sys.exit(2)
