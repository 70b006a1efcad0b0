"""Web push: encrypted as RFC 8291 says, signed as RFC 8292 says, forgotten when its browser is."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlmodel import select

from dispatcher.models import Delivery, EventRow, PushSubscription
from dispatcher.notifications.channels import Outgoing, Undelivered
from dispatcher.notifications.https import Caution
from dispatcher.notifications.web_push import (
    Browser,
    Gone,
    WebPush,
    authorization,
    b64,
    encrypt,
    new_private_key,
    private_key,
    public_text,
    unb64,
)
from tests.dispatcher.oncall.test_paging import leak
from tests.support.http_sink import Sink, http_sink
from tests.support.oncall import NightShift
from tests.support.world import World

AT = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
ID = UUID("01900000-0000-7000-8000-000000000001")
KEY = private_key("", b"s" * 40)
LOCAL = Caution(private=True, plain=True)


class Phone:
    """A browser of a test's own: it reads what is sent to it with code of its own."""

    def __init__(self, url: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = b"0123456789abcdef"
        self.browser = Browser(f"{url}/push/1", public_text(self.key), b64(self.auth))

    @property
    def asks(self) -> dict[str, Any]:
        """What it sends to subscribe."""
        keys = {"p256dh": self.browser.p256dh, "auth": self.browser.auth}
        return {"endpoint": self.browser.endpoint, "keys": keys, "device": "Firefox, Android"}

    def read(self, body: bytes) -> dict[str, Any]:
        """Decrypt a message (RFC 8188, RFC 8291)."""
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size
        curve = ec.SECP256R1()
        shared = self.key.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(curve, sender)
        )
        info = b"WebPush: info\0" + unb64(self.browser.p256dh) + sender
        secret = HKDF(hashes.SHA256(), 32, self.auth, info).derive(shared)
        key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(secret)
        nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(secret)
        plain = AESGCM(key).decrypt(nonce, sealed, None)
        assert plain.endswith(b"\x02")
        found: dict[str, Any] = json.loads(plain[:-1])
        return found


def outgoing(browser: Browser) -> Outgoing:
    to = json.dumps({"endpoint": browser.endpoint, "p256dh": browser.p256dh, "auth": browser.auth})
    return Outgoing(ID, to, "Astreinte P1", "Tulle", "page", link="http://cpo/astreinte/x")


def channel() -> WebPush:
    return WebPush(KEY, "mailto:cpo@exemple.invalid", lambda: AT, LOCAL)


def test_the_example_of_rfc_8291_is_encrypted_to_the_byte() -> None:
    browser = Browser(
        "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
    )
    scalar = int.from_bytes(unb64("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
    own = ec.derive_private_key(scalar, ec.SECP256R1())
    body = encrypt(
        b"When I grow up, I want to be a watermelon", browser, unb64("DGv6ra1nlYgDCS1FRnbzlw"), own
    )
    assert b64(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLoc"
        "InmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLV"
        "WGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_a_push_service_can_tell_who_sends() -> None:
    header = authorization(KEY, "https://push.example:8443/a/b", "mailto:x@y.z", AT)
    token = header.removeprefix("vapid t=").partition(", k=")[0]
    head, claims, signature = token.split(".")
    assert json.loads(unb64(head)) == {"typ": "JWT", "alg": "ES256"}
    told = json.loads(unb64(claims))
    assert told == {
        "aud": "https://push.example:8443",
        "exp": int(AT.timestamp()),
        "sub": "mailto:x@y.z",
    }
    raw = unb64(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    KEY.public_key().verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        KEY.public_key().verify(der, b"other", ec.ECDSA(hashes.SHA256()))
    assert header.endswith(public_text(KEY))


def test_a_key_is_the_one_given_or_stays_the_same() -> None:
    text = new_private_key()
    assert public_text(private_key(text, b"a")) == public_text(private_key(text, b"b"))
    assert public_text(private_key("", b"a")) != public_text(private_key("", b"b"))
    with pytest.raises(ValueError, match="32 bytes"):
        private_key("c2hvcnQ", b"a")


def test_a_message_is_read_by_its_browser_alone_and_never_in_the_clear() -> None:
    with http_sink() as sink:
        sink.status = 201
        phone = Phone(sink.url)
        assert channel().send(outgoing(phone.browser)) == "push:201"
        assert channel().send(outgoing(phone.browser)) == "push:201"
    (_, headers, body), (_, _, again) = sink.taken
    assert phone.read(body)["url"] == "http://cpo/astreinte/x"
    assert b"Tulle" not in body
    assert body[:16] != again[:16], "a salt is never used twice"
    assert (headers["content-encoding"], headers["urgency"]) == ("aes128gcm", "high")
    assert int(headers["ttl"]) > 0


@pytest.mark.parametrize(
    ("status", "is_gone", "is_final"),
    [(410, True, True), (404, True, True), (403, False, True), (503, False, False)],
)
def test_what_a_push_service_refuses(status: int, is_gone: bool, is_final: bool) -> None:
    with http_sink() as sink:
        sink.status = status
        with pytest.raises(Undelivered) as refused:
            channel().send(outgoing(Phone(sink.url).browser))
    assert isinstance(refused.value, Gone) is is_gone
    assert refused.value.is_final is is_final
    assert "localhost" not in refused.value.reason


@pytest.fixture
async def night(world: World) -> NightShift:
    """A night in which only web push is set up, by a push service on this machine."""
    settings = world.service.settings.model_copy(update={"push_private": True})
    world.service.settings = settings
    made = NightShift(world, {"push": WebPush(KEY, "mailto:x@y.z", lambda: AT, LOCAL)})
    await made.begin()
    return made


async def subscribed(night: NightShift, sink: Sink) -> tuple[Phone, str]:
    """Have the phone of whoever is on call take messages, by the personal link."""
    phone = Phone(sink.url)
    async with night.world.client("oncall_manager") as manager:
        rows = (await manager.get("/api/v1/oncall/calendars")).json()
    page = next(one["page"] for one in rows if one["person"] == "Sophie Mazière")
    path = "/" + page.split("/", 3)[3]
    async with night.world.client() as browser:
        done = await browser.post(f"{path}/push", json=phone.asks)
        assert done.status_code == 204, done.text
        assert "Firefox, Android" in (await browser.get(path)).text
    return phone, path


async def test_a_page_rings_the_browser_and_its_link_takes_the_call(night: NightShift) -> None:
    with http_sink() as sink:
        phone, _ = await subscribed(night, sink)
        incident_id = await leak(night)
        await night.turn()
    (_, _, body), *_ = sink.taken
    told = phone.read(body)
    assert "Astreinte P1" in told["title"]
    link = "/" + told["url"].split("/", 3)[3]
    async with night.world.client() as browser:
        assert (await browser.post(f"{link}/prendre")).status_code == 303
    assert night.page(incident_id).state == "acknowledged"


async def test_a_browser_that_is_gone_is_forgotten_and_nobody_is_alarmed(
    night: NightShift,
) -> None:
    with http_sink() as sink:
        sink.status = 410
        await subscribed(night, sink)
        await leak(night)
        await night.turn()
    with night.world.look() as session:
        assert session.exec(select(PushSubscription)).all() == []
        (sent,) = session.exec(select(Delivery).where(Delivery.channel == "push")).all()
        told = session.exec(select(EventRow).where(EventRow.type == "push.changed")).all()
    assert sent.state == "cancelled"
    assert [row.data["state"] for row in told] == ["added", "gone"]


async def test_accounts_have_their_own_browsers(night: NightShift) -> None:
    with http_sink() as sink:
        phone = Phone(sink.url)
        async with night.world.client("crew") as crew, night.world.client("operator") as other:
            key = (await crew.get("/api/v1/push/key")).json()["public_key"]
            made = await crew.post("/api/v1/push/subscriptions", json=phone.asks)
            path = f"/api/v1/push/subscriptions/{made.json()['id']}"
            foreign = await other.delete(path)
            assert [
                len((await who.get("/api/v1/push/subscriptions")).json()) for who in (crew, other)
            ] == [1, 0]
            own = await crew.delete(path)
    assert len(unb64(key)) == 65
    assert (made.status_code, foreign.status_code, own.status_code) == (201, 404, 204)


@pytest.mark.parametrize("wrong", ["key", "auth", "address"])
async def test_keys_that_cannot_be_are_refused(night: NightShift, wrong: str) -> None:
    phone = Phone("https://push.example")
    asks = phone.asks
    match wrong:
        case "key":
            asks["keys"]["p256dh"] = b64(b"\x04" + bytes(64))
        case "auth":
            asks["keys"]["auth"] = b64(bytes(15))
        case _:
            asks["endpoint"] = "ftp://push.example/1"
    async with night.world.client("crew") as crew:
        answer = await crew.post("/api/v1/push/subscriptions", json=asks)
    assert answer.status_code == 422
