"""A mail server of a test's own, which takes what it is given and can misbehave on request."""

import contextlib
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass
class MailServer:
    """A server on 127.0.0.1.

    Attributes:
        port: Where it listens.
        taken: Messages accepted, in order.
        rcpt_answer: What it says to a recipient.
        data_answer: What it says to a message; None hangs up without a word, having taken it.
        on_data: Called with every message before the answer.
    """

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    rcpt_answer: str = "250 ok"
    data_answer: str | None = "250 taken"
    on_data: Callable[[EmailMessage], None] = lambda _message: None


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        # A client that was killed hangs up in the middle of a word.
        with contextlib.suppress(ConnectionError):
            self._talk()

    def _talk(self) -> None:
        mail: MailServer = self.server.mail  # type: ignore[attr-defined]
        self._say("220 test")
        while line := self.rfile.readline():
            verb = line.split(b":")[0].split()[0].upper() if line.strip() else b""
            if verb == b"QUIT":
                self._say("221 bye")
                return
            if verb == b"DATA":
                self._say("354 go on")
                message = self._read()
                mail.taken.append(message)
                mail.on_data(message)
                if mail.data_answer is None:
                    return
                self._say(mail.data_answer)
            elif verb == b"RCPT":
                self._say(mail.rcpt_answer)
            else:
                self._say("250 ok")

    def _read(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line[1:] if line.startswith(b".") else line)
        found = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextlib.contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server for the time of the block."""
    mail = MailServer()
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.mail = mail  # type: ignore[attr-defined]
        mail.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield mail
        finally:
            server.shutdown()
            thread.join(10)
