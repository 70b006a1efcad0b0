"""What happened to the texts that pilot the model: policy, rules of competence, replies."""

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
