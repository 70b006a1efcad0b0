"""Every way out: what is sent, how it is signed, and which errors are worth another try."""

import base64
import hashlib
import hmac
import json
import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from dispatcher.notifications.channels import Outgoing, Undelivered
from dispatcher.notifications.https import Caution
from dispatcher.notifications.mail import Mail
from dispatcher.notifications.mail import MailServer as Server
from dispatcher.notifications.sms import HttpSms, OvhAccount, OvhSms, ovh_signature
from dispatcher.notifications.webhook import Webhook, key_of, sign
from tests.support.http_sink import http_sink
from tests.support.mail_server import mail_server

AT = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
ID = UUID("01900000-0000-7000-8000-000000000001")
SMS = Outgoing(ID, "+33 6 39 98 00 01", "Astreinte", "CPO P1. OK 4821", "page", {"ref": "2026-1"})
MAIL = Outgoing(ID, "someone@exemple.invalid", "Astreinte P1\nBcc: x@y.z", "Fuite à Tulle\n.\nfin")
ACCOUNT = OvhAccount("sms-ab1-1", "app", "secret", "consumer")


def now() -> datetime:
    return AT


def mail_to(port: int) -> Mail:
    return Mail(Server("127.0.0.1", port, "none", sender="CPO <cpo@exemple.invalid>"), now)


def test_an_e_mail_has_a_message_id_that_never_changes() -> None:
    with mail_server() as server:
        mail_to(server.port).send(MAIL)
        mail_to(server.port).send(MAIL)

    first, second = server.taken
    assert first["Message-ID"] == second["Message-ID"] == f"<{ID}@exemple.invalid>"
    assert first["To"] == "someone@exemple.invalid"
    assert first["Bcc"] is None, "a line break in a subject adds no header"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first.get_content().split() == ["Fuite", "à", "Tulle", ".", "fin"]


@pytest.mark.parametrize(("answer", "is_final"), [("550 unknown", True), ("450 busy", False)])
def test_a_refused_recipient_is_final_only_when_the_server_says_so(
    answer: str, is_final: bool
) -> None:
    with mail_server() as server:
        server.rcpt_answer = answer
        with pytest.raises(Undelivered) as refused:
            mail_to(server.port).send(MAIL)

    assert refused.value.is_final is is_final
    assert "exemple" not in refused.value.reason


def test_a_server_that_hangs_up_may_have_taken_the_message() -> None:
    with mail_server() as server:
        server.data_answer = None
        with pytest.raises(Undelivered) as refused:
            mail_to(server.port).send(MAIL)

    assert not refused.value.is_final
    assert len(server.taken) == 1


def test_a_mail_server_that_is_not_there_is_tried_again() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Undelivered) as refused:
            mail_to(taken.getsockname()[1]).send(MAIL)

    assert not refused.value.is_final


def test_an_sms_leaves_in_the_shape_of_ovhcloud_with_its_signature() -> None:
    with http_sink() as sink:
        sink.body = b'{"ids": [77], "invalidReceivers": []}'
        account = OvhAccount("sms-ab1-1", "app", "secret", "consumer", root=f"{sink.url}/1.0")
        receipt = OvhSms(account, now, Caution(private=True, plain=True)).send(SMS)

    path, headers, body = sink.taken[0]
    told = json.loads(body)
    text = f"secret+consumer+POST+{sink.url}{path}+{body.decode()}+{int(AT.timestamp())}"
    assert receipt == "ovh:77"
    assert path == "/1.0/sms/sms-ab1-1/jobs"
    assert headers["x-ovh-signature"] == "$1$" + hashlib.sha1(text.encode()).hexdigest()
    assert headers["x-ovh-timestamp"] == str(int(AT.timestamp()))
    assert told["receivers"] == ["+33639980001"]
    assert told["senderForResponse"] is True
    assert "secret" not in body.decode()


def test_the_signature_of_ovhcloud_is_that_of_its_documentation() -> None:
    # https://help.ovhcloud.com, « First steps with the OVHcloud APIs »: the worked example.
    account = OvhAccount(
        "", "", "EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF", "MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1"
    )
    made = ovh_signature(account, "GET", "https://eu.api.ovh.com/1.0/domains/", "", 1366560945)
    assert made == "$1$d3705e8afb27a0d2970a322b96550abfc67bb798"


def test_a_number_that_the_provider_refuses_is_final() -> None:
    with http_sink() as sink:
        sink.body = b'{"ids": [], "invalidReceivers": ["x"]}'
        account = OvhAccount("s", "a", "b", "c", root=sink.url)
        with pytest.raises(Undelivered) as refused:
            OvhSms(account, now, Caution(private=True, plain=True)).send(SMS)

    assert refused.value.is_final


def test_an_sms_leaves_by_a_generic_gateway_with_an_idempotency_key() -> None:
    with http_sink() as sink:
        sink.body = b'{"id": "abc"}'
        receipt = HttpSms(sink.url, "token", Caution(private=True, plain=True)).send(SMS)

    _, headers, body = sink.taken[0]
    assert receipt == "abc"
    assert headers["authorization"] == "Bearer token"
    assert headers["idempotency-key"] == str(ID)
    assert json.loads(body) == {"id": str(ID), "to": "+33639980001", "text": "CPO P1. OK 4821"}


@pytest.mark.parametrize(
    ("status", "is_final"),
    [(301, True), (400, True), (404, True), (429, False), (500, False), (503, False)],
)
def test_answers_that_are_no_success_say_whether_to_try_again(status: int, is_final: bool) -> None:
    with http_sink() as sink:
        sink.status, sink.headers = status, {"Location": f"{sink.url}/elsewhere"}
        with pytest.raises(Undelivered) as refused:
            HttpSms(sink.url, "", Caution(private=True, plain=True)).send(SMS)

    assert refused.value.is_final is is_final
    assert len(sink.taken) == 1, "no redirect is followed"


def test_a_webhook_carries_its_id_and_a_signature_that_the_receiver_can_check(
    certificate: tuple[Path, Path],
) -> None:
    trust = ssl.create_default_context(cafile=str(certificate[0]))
    key = base64.b64encode(b"a key of a receiver").decode()
    with http_sink(certificate) as sink:
        to = Outgoing(ID, f"{sink.url}/hook?x=1", "", "", "page", {"ref": "2026-1"})
        Webhook(f"whsec_{key}", now, Caution(private=True, context=trust)).send(to)

    path, headers, body = sink.taken[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = hmac.new(b"a key of a receiver", signed, hashlib.sha256).digest()
    assert path == "/hook?x=1"
    assert headers["webhook-id"] == str(ID)
    assert headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()
    assert json.loads(body)["data"] == {"ref": "2026-1"}


def test_the_webhook_signature_is_that_of_the_standard() -> None:
    # Standard Webhooks 1.0, the example of its reference libraries.
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: tuple[Path, Path]) -> None:
    with http_sink(certificate) as sink, pytest.raises(Undelivered):
        Webhook("k", now, Caution(private=True)).send(Outgoing(ID, sink.url, "", ""))

    assert sink.taken == []


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://10.0.0.1/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/",
        "https://[fd00::1]/",
        "https://[fe80::1]/",
        "http://93.184.216.34/",
        "ftp://93.184.216.34/",
        "file:///etc/passwd",
        "https://user:password@93.184.216.34/",
        "https://93.184.216.34:99999/",
        "https:///path",
    ],
)
def test_addresses_that_could_lead_inside_are_never_called(url: str) -> None:
    with pytest.raises(Undelivered) as refused:
        Webhook("k", now).send(Outgoing(ID, url, "", ""))

    assert refused.value.is_final
