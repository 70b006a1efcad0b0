"""Somebody who reports again and again, to whichever process answers, and repeats what was not
answered.
"""

import http.client
import json
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import cycle

from dispatcher.clock import monotonic_s

AGAIN_S = 0.05


class Caller(threading.Thread):
    """One caller.

    Attributes:
        answered: The reference given for each key.
        statuses: How often each HTTP status was heard; 0 for a connection that broke.
        unadvised: Refusals for the moment that did not say when to come back.
        lies: Keys that got two different answers.
    """

    def __init__(self, number: int, ports: Sequence[int]) -> None:
        super().__init__(name=f"caller-{number}", daemon=True)
        self.number = number
        self.answered: dict[str, str] = {}
        self.statuses: Counter[int] = Counter()
        self.unadvised = 0
        self.lies: list[str] = []
        self._ports = cycle(ports)
        self._port = next(self._ports)
        self._leaving = threading.Event()

    def run(self) -> None:
        """Report until told to leave; every key is asked until it has its answer."""
        count = 0
        while not self._leaving.is_set():
            count += 1
            key = f"caller-{self.number:03d}-report-{count:05d}"
            while not self.ask(key) and not self._leaving.is_set():
                self._port = next(self._ports)
                self._leaving.wait(AGAIN_S)
            self._last = key

    def ask(self, key: str) -> bool:
        """Send one report; return whether it was accepted."""
        body = json.dumps({"text": f"Nid-de-poule à Tulle, appel {key}"})
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=15)) as asked:
                asked.request("POST", "/api/v1/reports", body, headers)
                answer = asked.getresponse()
                told = answer.read()
        except (OSError, http.client.HTTPException):
            self.statuses[0] += 1
            return False
        self.statuses[answer.status] += 1
        if answer.status in {429, 503} and not answer.getheader("Retry-After"):
            self.unadvised += 1
        if answer.status != 201:
            return False
        reference = json.loads(told)["reference"]
        if self.answered.setdefault(key, reference) != reference:
            self.lies.append(key)
        return True

    def leave(self) -> None:
        """Stop; then ask for what stayed open, and for something answered before once more."""
        self._leaving.set()
        self.join(timeout=30)
        assert not self.is_alive(), "a call hangs"
        until_s = monotonic_s() + 30
        for key in {self._last, next(iter(self.answered), self._last)}:
            while not self.ask(key):
                assert monotonic_s() < until_s, f"{key} is never answered: {self.statuses}"
                self._port = next(self._ports)
                self._leaving.wait(AGAIN_S) or threading.Event().wait(AGAIN_S)

    _last = "caller-000-report-00000"


@contextmanager
def calling(ports: Sequence[int], callers: int = 4) -> Iterator[list[Caller]]:
    """Let callers call for the time of the block; afterwards each call has its answer."""
    made = [Caller(number, [*ports[number % len(ports) :], *ports]) for number in range(callers)]
    for caller in made:
        caller.start()
    yield made
    for caller in made:
        caller.leave()


def answers(callers: Sequence[Caller]) -> int:
    """Return how many reports were accepted so far."""
    return sum(len(caller.answered) for caller in callers)


def go_on(callers: Sequence[Caller], more: int = 8, within_s: float = 60.0) -> None:
    """Wait until so many more reports were accepted."""
    wanted, until_s = answers(callers) + more, monotonic_s() + within_s
    pause = threading.Event()
    while answers(callers) < wanted:
        heard = [dict(caller.statuses) for caller in callers]
        assert monotonic_s() < until_s, f"nothing is accepted any more: {heard}"
        pause.wait(0.02)
