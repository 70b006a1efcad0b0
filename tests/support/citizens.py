"""Somebody who reported, in a test: his form, his link, and what he does on his page."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from sqlmodel import select

from dispatcher.auth.tracking import request_by_token
from dispatcher.models import Incident
from dispatcher.models import Request as Followed
from tests.support.world import World

TYPED = {"text": "Nid-de-poule devant la mairie", "commune": "Tulle", "address": "place Jean Tavé"}
CONTACT = {"name": "Odette Marchal", "phone": "06 12 34 56 78", "email": "odette@exemple.fr"}


@dataclass(slots=True)
class Citizen:
    """Somebody with the link of his request."""

    world: World
    http: httpx.AsyncClient
    link: str

    @property
    def token(self) -> str:
        """The secret of his link."""
        return self.link.rpartition("/")[2]

    @property
    def request(self) -> Followed:
        """His request as it is stored."""
        with self.world.look() as session:
            return request_by_token(session, self.token)

    @property
    def incident(self) -> Incident:
        """The incident that he follows."""
        with self.world.look() as session:
            found = request_by_token(session, self.token)
            return session.exec(select(Incident).where(Incident.id == found.incident_id)).one()

    @property
    def incident_id(self) -> UUID:
        """Its id."""
        return self.incident.id

    async def page(self, lang: str = "fr") -> str:
        """Return his page."""
        answer = await self.http.get(self.link, params={"lang": lang})
        assert answer.status_code == 200
        return answer.text

    async def act(self, what: str, status: int = 303, **fields: Any) -> httpx.Response:
        """Send one of the forms of his page."""
        files = fields.pop("files", None)
        answer = await self.http.post(f"{self.link}/{what}", data=fields, files=files)
        assert answer.status_code == status, answer.text
        await self.world.settle()
        return answer


async def report(world: World, http: httpx.AsyncClient, **fields: str) -> Citizen:
    """Send the report form and return who follows it."""
    sent = await http.post("/signaler", data={**TYPED, "known_seen": "1", **fields})
    assert sent.status_code == 303, sent.text
    await world.settle()
    return Citizen(world, http, sent.headers["location"])
