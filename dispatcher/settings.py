"""How a service is set up: one documented class, read once from the environment (prefix `CPO_`)."""

from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting of the service; each is an environment variable `CPO_<NAME>`."""

    model_config = SettingsConfigDict(
        env_prefix="CPO_", env_file=".env", extra="ignore", frozen=True
    )

    mode: Literal["demo", "embedded", "production"] = Field(
        "embedded", description="demo: simulated day and demo accounts, loopback only."
    )
    database_url: str = Field(
        "sqlite:///cpo.sqlite3",
        description="SQLAlchemy URL: sqlite:///file or postgresql+psycopg://user:password@host/base.",
    )
    redis_url: str | None = Field(
        None, description="Wake-up hints between workers; without it they stay in the process."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")
    public_url: str | None = Field(
        None,
        description="Address people type, e.g. https://cpo.example.fr; default: http://host:port.",
    )
    behind_proxy: bool = Field(
        False, description="A reverse proxy ends TLS and sets X-Forwarded-For and -Proto."
    )
    trusted_proxies: tuple[str, ...] = Field(
        ("127.0.0.1", "::1"),
        description="Addresses and networks of the proxies whose X-Forwarded headers are believed "
        "when CPO_BEHIND_PROXY is set; everybody else's are ignored.",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="At least 32 characters; derives tracking tokens. Kept in a file if empty.",
    )
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="Bearer token that opens /metrics to Prometheus; else administrators only.",
    )
    sensors_token: SecretStr = Field(
        SecretStr(""),
        description="Bearer token with which a gateway posts the readings of sensors; else "
        "administrators only.",
    )
    wall_token: SecretStr = Field(
        SecretStr(""),
        description="Bearer token of wall screens: /mur#cle=<token> shows the wall without an "
        "account, for days; else members of staff only.",
    )
    readings_kept_days: int = Field(
        30, ge=1, le=3650, description="Readings of sensors are forgotten after so many days."
    )
    org: str = Field(
        "correze", pattern=r"^[a-z0-9-]{2,40}$", description="Slug of the authority served."
    )
    org_name: str = Field("Corrèze centre", description="Name of the authority shown to people.")
    theme_accent: str | None = Field(
        None,
        pattern=r"^#[0-9A-Fa-f]{6}$",
        description="Accent colour of the authority; refused at start if people could not read it "
        "(WCAG 2.1 AA).",
    )
    theme_accent_dark: str | None = Field(
        None,
        pattern=r"^#[0-9A-Fa-f]{6}$",
        description="The accent in the dark theme; default: the accent lightened until it reads.",
    )
    theme_logo: str | None = Field(
        None, description="File of the authority's logo: SVG, PNG or WebP, square, 200 kB at most."
    )
    desk_phone: str | None = Field(
        None, pattern=r"^[+0-9 ]{3,20}$", description="Number that crews call for the desk."
    )
    timezone: str = Field("Europe/Paris", description="Civil time of the service.")
    default_locale: Literal["fr", "en"] = Field(
        "fr", description="Language shown before anyone chooses."
    )
    session_idle_minutes: int = Field(
        30, ge=5, description="A desk session ends after this idle time."
    )
    session_hours: int = Field(
        12, ge=1, le=24, description="A session ends after this time in any case."
    )
    max_body_bytes: int = Field(
        1_048_576, ge=1024, description="Largest JSON or form body accepted."
    )
    max_upload_bytes: int = Field(
        16_777_216, ge=65_536, description="Largest body accepted where photos may be sent."
    )
    attachments_dir: str | None = Field(
        None,
        description="Folder of photos, voice notes and signatures; default: beside the SQLite "
        "file, <name>-attachments. Processes on several machines need a shared one.",
    )
    attachments_kept_days: int = Field(
        1095,
        ge=30,
        le=36500,
        description="Photos, voice notes and signatures are deleted after so many days.",
    )
    quiet_from_hour: int = Field(
        21, ge=0, le=23, description="Civil hour from which citizens get no message at night."
    )
    quiet_until_hour: int = Field(
        8, ge=0, le=23, description="Civil hour at which messages to citizens leave again."
    )
    window_moved_minutes: int = Field(
        30, ge=5, le=720, description="Citizens are told when their window moves by more than this."
    )
    outcome_share: float = Field(
        0.3,
        ge=0,
        le=1,
        description="Share of reporters who are asked after closing whether it is really repaired.",
    )
    citizens_see_distance: bool = Field(
        False,
        description="Tracking pages say how far the crew is, in whole kilometres, while it drives.",
    )
    typing_per_minute: int = Field(
        40,
        ge=1,
        description="Times that one address may ask what is known already while it types, each "
        "minute.",
    )
    reports_per_minute: int = Field(
        10, ge=1, description="Citizens' reports per address and minute."
    )
    logins_per_quarter_hour: int = Field(
        20, ge=1, description="Failed logins per address in 15 minutes."
    )
    writer_queue: int = Field(
        2000, ge=1, description="Commands that may wait for the writer; then 503."
    )
    writer_deadline_s: float = Field(
        10.0, gt=0, description="A waiting command is told 503 after this time."
    )
    solver: bool = Field(
        True, description="Re-plan in the background with OR-Tools, in its own process."
    )
    solver_seconds: float = Field(2.0, gt=0, description="Solver budget of one background re-plan.")
    solver_processes: int = Field(
        2, ge=1, le=32, description="Processes that work at once on a large plan, sector by sector."
    )
    lease_seconds: float = Field(
        30.0, gt=0, description="A worker silent for so long loses its job to another one."
    )
    tracks_kept_days: int = Field(
        60, ge=1, le=366, description="Positions of crews are deleted after so many days."
    )
    freeze_minutes: int = Field(
        20, ge=0, description="Stops starting within this time are not moved."
    )
    map_tiles: str | None = Field(
        None,
        pattern=r"^https://[^/{}]+/.*\{z\}.*$",
        description="Address of raster tiles under the board's map, with {z}, {x} and {y}: the "
        "IGN's plan for instance; without it the map draws the communes it holds, offline.",
    )
    map_tiles_credit: str = Field("© IGN", description="Whom the map thanks for the tiles.")
    road_file: str | None = Field(
        None,
        description="Compiled road network, made by `cpo roads`; without it (and without a router) "
        "travel is a great circle with a factor.",
    )
    router: Literal["osrm", "valhalla"] = Field(
        "osrm", description="Kind of router at CPO_ROUTER_URL."
    )
    router_url: str | None = Field(
        None,
        pattern=r"^https?://",
        description="Address of an OSRM or Valhalla server of the authority; asked in the "
        "background, never waited for.",
    )
    router_timeout_s: float = Field(
        5.0, gt=0, le=60, description="A router that takes longer for one table has failed."
    )
    travel_file: str | None = Field(
        None,
        description="File in which answers of the router and the road network are kept over a "
        "restart (a cache: no backup needs it); empty: beside the SQLite database, if any.",
    )
    travel_places: int = Field(
        1500,
        ge=2,
        le=5000,
        description="Places between which travel is kept in memory (9 bytes a pair: 20 MB).",
    )
    simulation_rate: float = Field(
        10.0, ge=1, le=120, description="Pace of the simulated day at start."
    )
    extra_origins: tuple[str, ...] = Field(
        (),
        description="Other exact origins whose pages may call us, e.g. Vite in development.",
    )
    sms_provider: Literal["console", "ovh", "http"] = Field(
        "console", description="Who sends SMS: console only logs them (demo and tests)."
    )
    sms_url: str | None = Field(
        None,
        description="http: address that takes a JSON message; ovh: API root if not Europe's.",
    )
    sms_account: str = Field("", description="ovh: name of the SMS service, e.g. sms-ab12345-1.")
    sms_sender: str = Field("", description="Sender shown on the phone; empty: replies possible.")
    sms_key: str = Field("", description="ovh: application key.")
    sms_secret: SecretStr = Field(
        SecretStr(""), description="ovh: application secret; http: bearer token."
    )
    sms_consumer_key: SecretStr = Field(SecretStr(""), description="ovh: consumer key.")
    sms_hook_token: SecretStr = Field(
        SecretStr(""), description="Bearer token with which the provider hands replies over."
    )
    smtp_host: str | None = Field(None, description="Mail server; without it no e-mail leaves.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="none only for a relay on the same machine or network."
    )
    smtp_user: str = Field("", description="Name at the mail server; empty: no authentication.")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password at the mail server.")
    mail_from: str = Field("cpo@localhost", description="Sender of e-mails.")
    webhook_url: str | None = Field(
        None, description="https address that is told of every call (Standard Webhooks)."
    )
    webhook_secret: SecretStr = Field(
        SecretStr(""), description="whsec_… : base64 key that signs webhooks."
    )
    webhook_private: bool = Field(
        False, description="Allow webhooks to private addresses, as to a server of the same LAN."
    )
    push_private_key: SecretStr = Field(
        SecretStr(""),
        description="Web push: 32 bytes in base64url, written by cpo init; empty: derived.",
    )
    push_contact: str = Field(
        "", description="Web push: mailto: or https address of whoever answers for us."
    )
    push_private: bool = Field(
        False, description="Allow push services on private addresses and http, as in tests."
    )
    geocoder_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s]+$",
        description="Root of a geocoder of the Base Adresse Nationale, e.g. "
        "https://data.geopf.fr/geocodage; without it places come from our gazetteer only.",
    )
    geocoder_timeout_s: float = Field(
        1.0, gt=0, le=10, description="Patience with the geocoder; the gazetteer answers after it."
    )
    weather_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s]+$",
        description="Vigilance bulletin of Météo-France, "
        "https://public-api.meteofrance.fr/public/DPVigilance/v1/cartevigilance/encours; "
        "without it people write warnings down on the board.",
    )
    weather_key: SecretStr = Field(
        SecretStr(""), description="Key of the weather's server, sent as `apikey`."
    )
    weather_department: str = Field(
        "19",
        pattern=r"^[0-9AB]{2,3}$",
        description="Département of the territory in the bulletin.",
    )
    storm_per_hour: int = Field(
        30,
        ge=2,
        le=10_000,
        description="New incidents within an hour from which the board offers to group its queue.",
    )
    simulation_seed: int = Field(19, description="Seed of the simulated day.")

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for one in given:
            ip_network(one, strict=False)
        return given

    @model_validator(mode="after")
    def _demo_stays_home(self) -> "Settings":
        # Demo accounts have published passwords: they may never be reachable from another machine.
        if self.mode == "demo" and self.host not in {"127.0.0.1", "localhost", "::1"}:
            raise ValueError("the demo listens on the loopback address only (CPO_HOST=127.0.0.1)")
        given = len(self.secret_key.get_secret_value())
        if given < 32 and (given or self.mode == "production"):
            raise ValueError("CPO_SECRET_KEY has at least 32 characters; production needs one")
        if self.webhook_url and not self.webhook_secret.get_secret_value():
            raise ValueError("CPO_WEBHOOK_URL needs CPO_WEBHOOK_SECRET to sign what leaves")
        if self.sms_provider == "http" and not self.sms_url:
            raise ValueError("CPO_SMS_PROVIDER=http needs CPO_SMS_URL")
        return self

    @property
    def origin(self) -> str:
        """The exact origin of our own pages, e.g. `http://127.0.0.1:8000`."""
        parts = urlsplit(self.public_url or f"http://{self.host}:{self.port}")
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def secure(self) -> bool:
        """Whether people reach us over https (decides cookie name and flags)."""
        return self.origin.startswith("https://")

    @property
    def sqlite_path(self) -> Path | None:
        """The database file when the store is SQLite, else None."""
        prefix = "sqlite:///"
        return (
            Path(self.database_url.removeprefix(prefix))
            if self.database_url.startswith(prefix)
            else None
        )

    @property
    def travel_path(self) -> Path | None:
        """Where travel answers are kept over a restart, if anywhere."""
        if self.travel_file:
            return Path(self.travel_file)
        database = self.sqlite_path
        return database.with_suffix(".travel.npz") if database is not None else None

    @property
    def attachments_path(self) -> Path:
        """The folder of attachments."""
        if self.attachments_dir:
            return Path(self.attachments_dir)
        beside = self.sqlite_path
        return beside.with_name(f"{beside.stem}-attachments") if beside else Path("attachments")

    @property
    def origins(self) -> frozenset[str]:
        """Every exact origin that may send unsafe requests or open sockets."""
        own = {self.origin, *self.extra_origins}
        if self.public_url is None and self.host in {"127.0.0.1", "localhost", "::1"}:
            own |= {f"http://{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        return frozenset(own)
