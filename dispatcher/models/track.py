"""Where crews were while they served a visit: kept for a time, then deleted."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel


class TrackPoint(SQLModel, table=True):
    """One position of a crew on its way or at work, degrees WGS 84."""

    __tablename__ = "track_point"

    id: UUID = Field(primary_key=True)
    org: str = Field(index=True)
    crew_id: UUID = Field(foreign_key="crew.id", index=True)
    visit_id: UUID = Field(foreign_key="visit.id")
    at: datetime = Field(index=True)
    lat: float
    lon: float
