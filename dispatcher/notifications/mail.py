"""E-mail by SMTP: one connection a message, a Message-ID that never changes."""

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Literal

from dispatcher.notifications.channels import TIMEOUT_S, Outgoing, Undelivered


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail goes out."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    user: str = ""
    password: str = ""
    sender: str = "cpo@localhost"


class Mail:
    """The e-mail channel."""

    def __init__(
        self,
        server: MailServer,
        now: Callable[[], datetime],
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Prepare; `now` dates the messages, `context` judges the server's certificate."""
        self._server = server
        self._now = now
        self._context = context or ssl.create_default_context()

    def send(self, message: Outgoing) -> str | None:
        """Hand a message to the server; see `Channel.send`.

        An answer of 5xx is final, save for those about authentication, which somebody will mend.
        """
        try:
            with self._connect() as client:
                refused = client.send_message(self._written(message))
        except smtplib.SMTPAuthenticationError as error:
            raise Undelivered(f"the mail server refused us: {error.smtp_code}") from error
        except smtplib.SMTPRecipientsRefused as error:
            codes = sorted({code for code, _ in error.recipients.values()})
            raise Undelivered(f"recipient refused: {codes}", is_final=min(codes) >= 500) from error
        except smtplib.SMTPResponseException as error:
            final = error.smtp_code >= 500
            raise Undelivered(f"mail server said {error.smtp_code}", is_final=final) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Undelivered(f"mail server: {type(error).__name__}") from error
        return None if refused else f"accepted by {self._server.host}"

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        client: smtplib.SMTP
        if server.security == "tls":
            client = smtplib.SMTP_SSL(
                server.host, server.port, timeout=TIMEOUT_S, context=self._context
            )
        else:
            client = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
        try:
            if server.security == "starttls":
                client.starttls(context=self._context)
            if server.user:
                client.login(server.user, server.password)
        except BaseException:
            client.close()
            raise
        return client

    def _written(self, message: Outgoing) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"] = self._server.sender, message.to
        mail["Subject"] = " ".join(message.subject.split())
        mail["Date"] = format_datetime(self._now())
        domain = parseaddr(self._server.sender)[1].rpartition("@")[2] or "localhost"
        mail["Message-ID"] = f"<{message.id}@{domain}>"
        # Out-of-office robots stay silent (RFC 3834).
        mail["Auto-Submitted"] = "auto-generated"
        if message.unsubscribe:
            # One click, no page in between (RFC 2369 and RFC 8058).
            mail["List-Unsubscribe"] = f"<{message.unsubscribe}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail.set_content(message.text)
        return mail
