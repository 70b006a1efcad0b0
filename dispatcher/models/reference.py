"""Reference data of the territory served: communes, councils, depots, sensitive sites,
categories.
"""

from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from dispatcher.models.base import json_column


class Commune(SQLModel, table=True):
    """A commune (INSEE), with its outline and centroid."""

    insee: str = Field(primary_key=True, max_length=5)
    org: str = Field(index=True)
    name: str
    population: int
    council_code: str | None = Field(default=None, index=True)
    postcodes: list[str] = Field(sa_column=json_column())
    lat: float
    lon: float
    outline: dict[str, Any] = Field(sa_column=json_column())


class Council(SQLModel, table=True):
    """An intercommunal authority (EPCI); `sector` is the group of crews that answers for it."""

    code: str = Field(primary_key=True, max_length=9)
    org: str = Field(index=True)
    name: str
    kind: str
    population: int
    sector: str | None = None


class Depot(SQLModel, table=True):
    """A place where crews start and end their day."""

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    code: str = Field(unique=True)
    name: str
    sector: str
    lat: float
    lon: float


class SensitiveSite(SQLModel, table=True):
    """A hospital, school or care home whose nearness raises a score."""

    __tablename__ = "sensitive_site"

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    code: str = Field(unique=True)
    kind: str
    name: str
    insee: str
    lat: float
    lon: float
    synthetic: bool = True


class Category(SQLModel, table=True):
    """What kind of incident, with everything the engines need to know of it."""

    code: str = Field(primary_key=True)
    org: str = Field(index=True)
    service: str = Field(index=True)
    label_fr: str
    label_en: str
    severity: int
    urgency: int
    skills: list[str] = Field(sa_column=json_column())
    duration_min: int
    targets: dict[str, Any] = Field(sa_column=json_column())
    words: list[str] = Field(sa_column=json_column())
    extra: dict[str, Any] = Field(sa_column=json_column())
    position: int = 0
