"""Wire models of the desk: reply templates, replies, the question to an expert."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from dispatcher.desk.placeholders import ProblemCode
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


class TemplatePut(TemplateIn):
    """A template to keep: why, and which version its author knew as the newest one."""

    note: str = Field("", max_length=300)
    replaces: int | None = Field(None, ge=0)


class TemplateNamed(TemplateIn):
    """A reply template and its code, as a file writes it."""

    code: str


class TemplateOut(TemplateNamed):
    """A reply template, its version, and its words filled for one incident if one was named."""

    version: int = 1
    filled_fr: str | None = None
    filled_en: str | None = None


class TemplateVersionOut(Out):
    """One version of a template; `at` is empty for what was there before anybody edited it."""

    version: int
    note: str
    by: str
    at: datetime | None
    body: TemplateIn


class TemplateTextIn(In):
    """The words of a template on trial; `skip` asks for another incident to see them with."""

    text_fr: str = Field("", max_length=2000)
    text_en: str = Field("", max_length=2000)
    categories: list[str] = Field(default_factory=list, max_length=100)
    skip: int = Field(0, ge=0, le=50)


class TemplateProblem(Out):
    """What is wrong: in which text, on which line (from 1), which word."""

    field: Literal["text_fr", "text_en"]
    code: ProblemCode | Literal["only_here"]
    line: int
    word: str


class SmsOut(Out):
    """What a filled text takes as SMS."""

    encoding: Literal["gsm7", "ucs2"]
    units: int
    parts: int
    left: int
    odd: str


class SpokenOut(Out):
    """A text as its reader gets it."""

    text: str
    sms: SmsOut


class TemplateCheckOut(Out):
    """What is wrong with the words of a template, and how they read for a real incident.

    Attributes:
        problems: Those of code `only_here` are a doubt, the others a refusal.
        placeholders: Every word that may stand in braces.
        ref: The incident that filled them; empty when there is none.
        fr: In French.
        en: In English.
    """

    problems: list[TemplateProblem]
    placeholders: list[str]
    ref: str
    fr: SpokenOut
    en: SpokenOut


class ReplyIn(In):
    """Words to everybody who reported the incident; `closes` ends it as answered, `asks` wants an
    answer from whoever reads them.

    With a template and no text of one's own, each reader gets it in his language.
    """

    template: str | None = Field(None, max_length=60)
    text: str | None = Field(None, min_length=3, max_length=2000)
    closes: bool = False
    asks: bool = False


class ExpertIn(In):
    """Whether an expert is needed, and what he is asked."""

    needed: bool
    question: str | None = Field(None, max_length=1000)


class MessageSent(Out):
    """A reply as it was sent."""

    text_fr: str
    text_en: str
    state: IncidentStatus
