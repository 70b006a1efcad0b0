"""Wire models of the desk: reply templates, replies, the question to an expert."""

from pydantic import Field

from dispatcher.events.states import IncidentStatus
from dispatcher.wire import In, Out


class TemplateIn(In):
    """A reply template; empty lists mean every category, every state."""

    title_fr: str = Field(min_length=3, max_length=120)
    title_en: str = Field(min_length=3, max_length=120)
    text_fr: str = Field(min_length=3, max_length=2000)
    text_en: str = Field(min_length=3, max_length=2000)
    categories: list[str] = Field(default_factory=list, max_length=100)
    states: list[IncidentStatus] = Field(default_factory=list)
    closes: bool = False
    active: bool = True
    position: int = Field(0, ge=0, le=10_000)


class TemplateOut(TemplateIn):
    """A reply template and its code."""

    code: str


class ReplyIn(In):
    """Words to everybody who reported the incident; `closes` ends it as answered.

    With a template and no text of one's own, each reader gets it in his language.
    """

    template: str | None = Field(None, max_length=60)
    text: str | None = Field(None, min_length=3, max_length=2000)
    closes: bool = False


class ExpertIn(In):
    """Whether an expert is needed, and what he is asked."""

    needed: bool
    question: str | None = Field(None, max_length=1000)


class MessageSent(Out):
    """A reply as it was sent."""

    text_fr: str
    text_en: str
    state: IncidentStatus
