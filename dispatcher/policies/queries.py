"""Reads of the policy: what is in force, what a draft would do, what overrides say."""

from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session, col, select

from dispatcher.i18n import Locale
from dispatcher.incidents import scoring
from dispatcher.models import Incident, PolicyVersion
from dispatcher.policies import hints, history, text
from dispatcher.policies.csv_file import CsvPast, Known
from dispatcher.policies.history import Past
from dispatcher.policies.schemas import (
    BadLineOut,
    CheckOut,
    DraftOut,
    HintOut,
    OverridesOut,
    PairOut,
    PolicyInForce,
    ProblemOut,
    ReplayOut,
    SampleOut,
    ScoreOut,
    VersionOut,
)
from priority.policy import Policy
from priority.replay import Move, replay
from priority.score import assess

COUNTED = 20_000
"""Incidents looked at for overrides: the newest ones."""


def in_force(session: Session, org: str, locale: Locale) -> PolicyInForce:
    """Return the policy that scores now; without a text of its author's, one is written."""
    policy = scoring.policy_in_force(session, org)
    row = session.exec(
        select(PolicyVersion).where(
            PolicyVersion.org == org,
            PolicyVersion.state == "in_force",
            PolicyVersion.label == scoring.label_of(policy),
        )
    ).first()
    return PolicyInForce(
        name=policy.name,
        version=policy.version,
        body=policy.model_dump(mode="json"),
        text=row.text if row else text.to_text(policy, locale),
        adopted_at=row.at if row else None,
        adopted_by=row.by if row else None,
        note=row.note if row else "",
    )


def draft(session: Session, org: str) -> DraftOut:
    """Return the draft that colleagues share."""
    row = session.exec(
        select(PolicyVersion).where(PolicyVersion.org == org, PolicyVersion.state == "draft")
    ).first()
    return DraftOut(
        text=row.text if row else None, by=row.by if row else None, at=row.at if row else None
    )


def versions(session: Session, org: str) -> list[VersionOut]:
    """Return the policies that are or were in force, newest first."""
    rows = session.exec(
        select(PolicyVersion)
        .where(PolicyVersion.org == org, col(PolicyVersion.state) != "draft")
        .order_by(col(PolicyVersion.version).desc())
    ).all()
    return [
        VersionOut(
            name=str(row.body["name"]),
            version=row.version,
            state="in_force" if row.state == "in_force" else "past",
            note=row.note,
            by=row.by,
            at=row.at,
        )
        for row in rows
    ]


def check(session: Session, org: str, toml: str, now: datetime) -> CheckOut:
    """Return what is wrong with a text, or what it would do to a few incidents."""
    checked = text.check(toml)
    problems = [
        ProblemOut(path=p.path, line=p.line, code=p.code, message=p.message, params=dict(p.params))
        for p in checked.problems
    ]
    if checked.policy is None:
        return CheckOut(valid=False, problems=problems, body=None, samples=[])
    policy = scoring.policy_in_force(session, org)
    found = history.samples(session, org, now)
    return CheckOut(
        valid=True,
        problems=[],
        body=checked.policy.model_dump(mode="json"),
        samples=[_sample(past, policy, checked.policy) for past in found],
    )


def known(session: Session, org: str, before: Policy, after: Policy) -> Known:
    """Return what a file of past incidents may name under two policies."""
    return Known(
        categories=history.categories_of(session, org),
        dangers={*before.dangers, *after.dangers},
        sites={*before.sites, *after.sites},
    )


def try_on(read: CsvPast, before: Policy, after: Policy) -> ReplayOut:
    """Return what a draft would have changed for past incidents."""
    past = read.past
    found = replay([one.facts for one in past], before, after)
    return ReplayOut(
        incidents=found.incidents,
        changed=found.changed,
        would_wait=found.would_wait,
        overtaken={kept.value: n for kept, n in found.overtaken.items()},
        classes=[
            PairOut(before=a.value, after=b.value, count=n) for (a, b), n in found.classes.items()
        ],
        moves=[_moved(past[move.index], move) for move in found.moves],
        bad_lines=[BadLineOut.model_validate(one) for one in read.bad],
        bad_count=read.bad_count,
    )


def overrides(session: Session, org: str) -> OverridesOut:
    """Return how often people changed the computed class, over all and by rule."""
    rows = session.exec(
        select(Incident.priority, Incident.override_priority, Incident.reasons)
        .where(Incident.org == org)
        .order_by(col(Incident.reported_at).desc())
        .limit(COUNTED)
    ).all()
    scored = [hints.Scored(computed, override, reasons) for computed, override, reasons in rows]
    total = hints.counts(scored)
    return OverridesOut(
        **total,
        rules=[
            HintOut.model_validate(
                {
                    **asdict(hint),
                    "rate": hint.rate,
                    "low": hint.interval[0],
                    "high": hint.interval[1],
                    "advice": hint.advice,
                }
            )
            for hint in hints.override_hints(scored)
            if hint.raised + hint.lowered > 0
        ],
    )


def _sample(past: Past, before: Policy, after: Policy) -> SampleOut:
    old, new = assess(past.facts, before), assess(past.facts, after)
    return SampleOut(
        ref=past.ref,
        title=past.title,
        commune=past.commune,
        before=ScoreOut(priority=old.priority.value, score=old.score),
        after=ScoreOut(priority=new.priority.value, score=new.score),
    )


def _moved(past: Past, move: Move) -> SampleOut:
    return SampleOut(
        ref=past.ref,
        title=past.title,
        commune=past.commune,
        before=ScoreOut(priority=move.before.value, score=move.score_before),
        after=ScoreOut(priority=move.after.value, score=move.score_after),
    )
