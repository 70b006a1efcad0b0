"""What happened to what pilots the model: policy, rules of competence, replies, what is kept."""

from datetime import datetime
from typing import Literal

from dispatcher.events.base import DomainEvent


class ReplyTemplateChanged(DomainEvent):
    """Somebody made or changed a reply template; before versions were counted it was 1."""

    type: Literal["reply_template.changed"] = "reply_template.changed"
    code: str
    version: int = 1


class CompetenceRulesAdopted(DomainEvent):
    """A council put other rules of competence in force."""

    type: Literal["competence_rules.adopted"] = "competence_rules.adopted"
    version: int
    rules: int
    note: str


class PolicyAdopted(DomainEvent):
    """A council put another policy in force."""

    type: Literal["policy.adopted"] = "policy.adopted"
    name: str
    version: int
    replaces: int
    note: str


class RetentionChanged(DomainEvent):
    """Somebody changed how many days positions, contacts and words are kept."""

    type: Literal["retention.changed"] = "retention.changed"
    version: int
    positions_days: int
    contacts_days: int
    words_days: int


class WordsForgotten(DomainEvent):
    """The service forgot contacts, or the words of incidents, that ended before an instant."""

    type: Literal["retention.forgotten"] = "retention.forgotten"
    what: Literal["contacts", "words", "positions"]
    rows: int
    before: datetime
