"""From a delivery row to a message with an address, and out by the adapter of its channel."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from uuid import UUID

from sqlmodel import Session

from dispatcher.auth.context import Service
from dispatcher.auth.links import numbered, sign_link
from dispatcher.i18n import Locale, pick, t
from dispatcher.models import OnCallPerson, PushSubscription
from dispatcher.notifications import citizens
from dispatcher.notifications.channels import Channel, Console, Outgoing, Undelivered
from dispatcher.notifications.deliveries import Held, Outcome
from dispatcher.notifications.https import Caution
from dispatcher.notifications.mail import Mail, MailServer
from dispatcher.notifications.sms import OVH_EUROPE, HttpSms, OvhAccount, OvhSms
from dispatcher.notifications.subscriptions import subscription_of
from dispatcher.notifications.web_push import Gone, WebPush, private_key
from dispatcher.notifications.webhook import Webhook
from dispatcher.settings import Settings

PAGE_LINK = "page"
"""Purpose of the links that acknowledge a page."""
MINE_LINK = "mine"
"""Purpose of the links to somebody's own page."""


@dataclass(slots=True)
class Post:
    """Every way out of one service: channel name to adapter.

    Attributes:
        service: Its settings, secret and clock.
        channels: Adapters that are set up.
    """

    service: Service
    channels: Mapping[str, Channel] = field(default_factory=dict)

    @classmethod
    def of(cls, service: Service) -> "Post":
        """Return the adapters that the settings ask for; the demo logs what would leave."""
        settings, now = service.settings, service.clocks.wall.now
        channels: dict[str, Channel] = {"sms": _sms(service)}
        if settings.mode == "demo":
            channels["email"] = Console("email")
        elif settings.smtp_host:
            server = MailServer(
                settings.smtp_host,
                settings.smtp_port,
                settings.smtp_security,
                settings.smtp_user,
                settings.smtp_password.get_secret_value(),
                settings.mail_from,
            )
            channels["email"] = Mail(server, now)
        if settings.webhook_url:
            caution = Caution(private=settings.webhook_private)
            channels["webhook"] = Webhook(settings.webhook_secret.get_secret_value(), now, caution)
        channels["push"] = _push(service)
        return cls(service, channels)

    @property
    def is_real(self) -> bool:
        """Whether a channel reaches people who did nothing for it, instead of the log."""
        return any(not isinstance(channel, Console | WebPush) for channel in self.channels.values())

    def send(self, held: Held) -> Outcome:
        """Send one delivery and say what came of it (blocking; call it from a thread)."""
        try:
            channel = self.channels.get(held.channel)
            if channel is None:
                raise Undelivered("this channel is not set up", is_final=True)
            with self.service.store.read() as session:
                message = self._written(session, held)
            return Outcome(receipt=channel.send(message))
        except Gone as error:
            return Outcome(error=error.reason, is_final=True, is_gone=True)
        except Undelivered as error:
            return Outcome(error=error.reason, is_final=error.is_final)
        except Exception as error:  # the edge of an adapter: a bug there must not stop the others
            return Outcome(error=f"{type(error).__name__}")

    def _written(self, session: Session, held: Held) -> Outgoing:
        if held.target.startswith(citizens.TARGET):
            return citizens.written(self.service, session, held)
        locale = self._locale(session, held)
        link = self._link(session, held)
        words = {**held.payload, "link": link, "org": self.service.settings.org_name}
        words["place"] = words.get("place") or t(locale, "notify.no_place")
        words["label"] = t(locale, "notify.simulated") if words.get("simulated") else ""
        data = {k: v for k, v in held.payload.items() if k not in {"call_id", "mine_id"}}
        return Outgoing(
            id=held.id,
            to=self._address(session, held),
            subject=t(locale, f"notify.{held.kind}.subject", **words).strip(),
            text=t(locale, f"notify.{held.kind}.{held.channel}", **words).strip(),
            kind=held.kind,
            data=data,
            link=link,
        )

    def _locale(self, session: Session, held: Held) -> Locale:
        default = self.service.settings.default_locale
        if held.channel != "push":
            return default
        browser = session.get(PushSubscription, subscription_of(held.target))
        return pick(browser.locale, default) if browser is not None else default

    def _address(self, session: Session, held: Held) -> str:
        if held.target == "webhook":
            return self.service.settings.webhook_url or ""
        if held.channel == "push":
            return _browser(session, held.target)
        person = session.get(OnCallPerson, UUID(held.target.removeprefix("person:")))
        found = None
        if person is not None:
            found = {"sms": person.phone, "email": person.email}.get(held.channel)
        if not found:
            raise Undelivered("this person has no address there", is_final=True)
        return found

    def _link(self, session: Session, held: Held) -> str:
        if "mine_id" in held.payload:
            person = session.get_one(OnCallPerson, UUID(held.payload["mine_id"]))
            purpose = numbered(MINE_LINK, person.link_serial)
            mine = sign_link(self.service.secret, purpose, person.id)
            return f"{self.service.settings.origin}/mes-astreintes/{mine}"
        if "call_id" not in held.payload:
            return self.service.settings.origin + str(held.payload.get("page", ""))
        token = sign_link(self.service.secret, PAGE_LINK, UUID(held.payload["call_id"]))
        return f"{self.service.settings.origin}/astreinte/{token}"


def _browser(session: Session, target: str) -> str:
    row = session.get(PushSubscription, subscription_of(target))
    if row is None:
        raise Gone("this browser was forgotten", is_final=True)
    return json.dumps({"endpoint": row.endpoint, "p256dh": row.p256dh, "auth": row.auth})


def _push(service: Service) -> WebPush:
    settings = service.settings
    key = private_key(settings.push_private_key.get_secret_value(), service.secret)
    contact = settings.push_contact or f"mailto:{parseaddr(settings.mail_from)[1]}"
    own = settings.push_private
    return WebPush(key, contact, service.clocks.wall.now, Caution(private=own, plain=own))


def _sms(service: Service) -> Channel:
    settings: Settings = service.settings
    secret = settings.sms_secret.get_secret_value()
    match settings.sms_provider:
        case "ovh":
            account = OvhAccount(
                settings.sms_account,
                settings.sms_key,
                secret,
                settings.sms_consumer_key.get_secret_value(),
                settings.sms_sender,
                settings.sms_url or OVH_EUROPE,
            )
            return OvhSms(account, service.clocks.wall.now)
        case "http":
            plain = (settings.sms_url or "").startswith("http://127.0.0.1")
            return HttpSms(settings.sms_url or "", secret, Caution(private=True, plain=plain))
        case _:
            return Console("sms")
