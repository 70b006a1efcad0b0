"""A loop that leases jobs of one kind, one after the other, and outlives what goes wrong in one."""

import asyncio
import logging
import os
from abc import ABC, abstractmethod
from datetime import timedelta
from typing import ClassVar

from dispatcher import jobs
from dispatcher.actors import system
from dispatcher.auth.context import Service
from dispatcher.clock import new_id

log = logging.getLogger("cpo.jobs")


class JobLoop(ABC):
    """Works on the jobs of one kind until cancelled."""

    kind: ClassVar[str]
    idle_s: ClassVar[float]

    def __init__(self, service: Service) -> None:
        """Prepare; nothing runs before `run()`."""
        self.service = service
        self.actor = system(service.settings.org)
        self.name = f"{self.kind}-{os.getpid()}-{new_id().hex[-8:]}"
        self.lease = timedelta(seconds=service.settings.lease_seconds)

    async def run(self) -> None:
        """Work on jobs until cancelled."""
        while True:
            try:
                worked = await self.step()
            except Exception:  # the edge of a job: logged; its lease ends and it is tried again
                log.exception("job_failed", extra={"kind": self.kind})
                worked = False
            if not worked:
                await asyncio.sleep(self.idle_s)

    async def step(self) -> bool:
        """Take one job if there is one; return whether there was."""
        held = await self.service.store.submit(
            lambda tx: jobs.lease(tx, [self.kind], self.name, self.lease), self.actor
        )
        if held is None:
            return False
        await self.work(held)
        return True

    @abstractmethod
    async def work(self, held: jobs.Lease) -> None:
        """Do a job and end its lease."""
