"""What a crew notes on a visit's card: things ticked, parts used."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel


class VisitCheck(SQLModel, table=True):
    """One thing of a checklist, ticked or not, by whom and when on the phone's clock."""

    __tablename__ = "visit_check"

    visit_id: UUID = Field(primary_key=True, foreign_key="visit.id")
    item: str = Field(primary_key=True, max_length=40)
    done: bool
    by: str
    at: datetime
    recorded_at: datetime


class VisitPart(SQLModel, table=True):
    """A part used on a visit, and how many."""

    __tablename__ = "visit_part"

    visit_id: UUID = Field(primary_key=True, foreign_key="visit.id")
    name: str = Field(primary_key=True, max_length=80)
    quantity: float
    by: str
    at: datetime
    recorded_at: datetime
