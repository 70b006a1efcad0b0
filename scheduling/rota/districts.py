"""A problem cut by posts that share nobody: smaller problems with the same answers.

Coarser than `parts.split`, which also sees absences and dates, but made before any rule
is stated: whoever repairs one sector need not state the rules of the whole département.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from scheduling.rota.problem import Assignment, Problem
from scheduling.rota.solution import Rota


def districts(problem: Problem) -> list[Problem]:
    """The problem in independent pieces, in the order of their first post."""
    groups: list[set[str]] = [{post.code} for post in problem.posts]
    posts_of = {p.id: {q.post for q in p.qualifications} for p in problem.people}
    joined = [*posts_of.values()]
    joined += [posts_of[one] | posts_of[other] for one, other in problem.policy.apart]
    joined += [
        set().union(*(posts_of[i] for i in (rule.novice_id, *rule.senior_ids)))
        for rule in problem.policy.mentoring
    ]
    for posts in joined:
        touched = [group for group in groups if group & posts]
        for group in touched[1:]:
            touched[0].update(group)
            groups.remove(group)
    return [restrict(problem, group) for group in groups]


def restrict(problem: Problem, posts: Collection[str]) -> Problem:
    """The problem of some posts and of the people who hold a right to one of them."""
    people = tuple(p for p in problem.people if any(q.post in posts for q in p.qualifications))
    ids = {person.id for person in people}
    duties = tuple(duty for duty in problem.duties if duty.post in posts)
    names = {duty.id for duty in duties}

    def inside(cells: Iterable[Assignment]) -> tuple[Assignment, ...]:
        return tuple(c for c in cells if c.duty_id in names and c.person_id in ids)

    policy = problem.policy
    return replace(
        problem,
        posts=tuple(post for post in problem.posts if post.code in posts),
        people=people,
        duties=duties,
        absences=tuple(a for a in problem.absences if a.person_id in ids),
        wishes=tuple(w for w in problem.wishes if w.person_id in ids),
        carries=tuple(c for c in problem.carries if c.person_id in ids),
        pins=inside(problem.pins),
        bans=inside(problem.bans),
        history=tuple(h for h in problem.history if h.person_id in ids),
        policy=replace(
            policy,
            apart=tuple(pair for pair in policy.apart if ids.issuperset(pair)),
            mentoring=tuple(
                replace(rule, senior_ids=tuple(i for i in rule.senior_ids if i in ids))
                for rule in policy.mentoring
                if rule.novice_id in ids
            ),
        ),
    )


def share_of(rota: Rota, problem: Problem) -> Rota:
    """The assignments of a rota that belong to one district."""
    names = {duty.id for duty in problem.duties}
    return Rota(frozenset(cell for cell in rota.assignments if cell.duty_id in names))
