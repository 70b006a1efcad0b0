"""What follows from what: one table, event type to consequences.

Slices never call their siblings; they record events, and this table decides. A consumer with a
cursor of its own runs it in the writer, so each consequence is stored once, in the order of the
log.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import select

from dispatcher import cursors, jobs
from dispatcher.database import Tx
from dispatcher.events.states import IncidentStatus, VisitStatus
from dispatcher.expertise import commands as expertise
from dispatcher.expertise import hours, routing
from dispatcher.field import help as help_calls
from dispatcher.field import lone, ringing
from dispatcher.followup import commands as followup
from dispatcher.followup import notices
from dispatcher.incidents.holding import follow_hold
from dispatcher.incidents.images import priority_of
from dispatcher.models import (
    EventRow,
    ExpertQuestion,
    HelpCall,
    Incident,
    LoneWatch,
    Request,
    Visit,
)
from dispatcher.models import Message as MessageRow
from dispatcher.notifications import deliveries
from dispatcher.notifications.notices import NoticeCode
from dispatcher.oncall import alarming, law, paging
from dispatcher.oncall.board import refresh_on_call
from dispatcher.planning import proposals, visits
from dispatcher.planning.commands import retime
from dispatcher.planning.rows import OUT_OF_PLAY
from dispatcher.policies.commands import rescore_living
from dispatcher.sensing import suspicion
from priority.fusion import WATER_SIGNS

CURSOR = "reactions"
REPLAN = "replan"
REPLAN_DELAY = timedelta(milliseconds=500)
FREEZE = timedelta(0)
"""Rolling forward moves times, never order or crew: no horizon needs protecting."""
FOLLOWED = frozenset({"en_route", "on_site", "completed", "incomplete", "refused"})

TROUBLE = frozenset({"late", "overtime"})

Reaction = Callable[[Tx, EventRow], None]


def tell_crew(tx: Tx, event: EventRow) -> None:
    """Mark a fresh assignment as told: its crew's topic carries it from this commit on, and the
    browsers of its people ring.
    """
    visit = tx.session.get(Visit, UUID(event.data["visit_id"]))
    if visit is not None and visit.state == VisitStatus.ASSIGNED:
        visits.move_visit(tx, visit, VisitStatus.NOTIFIED)
        _ring(tx, visit)


def _ring(tx: Tx, visit: Visit) -> None:
    incident = tx.session.get_one(Incident, visit.incident_id)
    payload = _about(incident) | {"page": "/equipe"}
    ringing.ring_crew(tx, visit.crew_id, "visit", f"visit:{visit.id}:{visit.version}", payload)


def _about(incident: Incident) -> dict[str, Any]:
    """Return what a browser that rings says of an incident."""
    return {
        "ref": incident.ref,
        "title": incident.title,
        "place": incident.place_label or incident.commune,
        "priority": priority_of(incident),
        "simulated": incident.simulated,
    }


def ring_experts(tx: Tx, event: EventRow) -> None:
    """Ring those who are asked, and the crew that gets an answer."""
    question = tx.session.get(ExpertQuestion, UUID(event.data["question_id"]))
    if question is None:
        return
    incident = tx.session.get_one(Incident, question.incident_id)
    key = f"question:{question.id}:{question.version}"
    if question.state == "open":
        asked = routing.asked_at(tx.session, incident, question.level, tx.now)
        users = [contact.user_id for contact in asked if contact.user_id is not None]
        payload = _about(incident) | {"page": "/expertise"}
        ringing.ring(tx, users, "question", key, payload)
    elif question.state == "answered" and question.crew_id is not None:
        payload = _about(incident) | {"page": "/equipe"}
        ringing.ring_crew(tx, question.crew_id, "answer", key, payload)


def plan_experts(tx: Tx, _event: EventRow) -> None:
    """Have the time of experts planned anew."""
    hours.ask_plan(tx)


def ring_lone(tx: Tx, event: EventRow) -> None:
    """Ring whoever works alone when he is asked whether all is well."""
    watch = tx.session.get(LoneWatch, UUID(event.data["watch_id"]))
    if watch is not None and watch.state == "asking":
        incident = tx.session.get_one(Incident, watch.incident_id)
        key = f"lone:{watch.id}:{watch.version}"
        ringing.ring_crew(tx, watch.crew_id, "lone", key, _about(incident) | {"page": "/equipe"})


def brief_crews(tx: Tx, event: EventRow) -> None:
    """Tell crews under way what changed in their incident."""
    incident = tx.session.exec(select(Incident).where(Incident.id == event.incident_id)).first()
    if incident is not None:
        visits.refresh_briefs(tx, incident)


def call_off(tx: Tx, event: EventRow) -> None:
    """Send nobody to what the desk has closed or put on hold."""
    incident = tx.session.exec(select(Incident).where(Incident.id == event.incident_id)).first()
    if incident is not None and incident.state in OUT_OF_PLAY:
        visits.release_visits(tx, incident.id)


def ask_replan(tx: Tx, _event: EventRow) -> None:
    """Ask the optimiser for a better plan; many changes in a row make one request."""
    jobs.put(tx, REPLAN, tx.org, delay=REPLAN_DELAY)


def ask_replan_if_worse(tx: Tx, event: EventRow) -> None:
    """Ask for a better plan when a delay makes somebody late or keeps a crew past its shift."""
    if any(image["kind"] == "visit" and TROUBLE & set(image["flags"]) for image in event.after):
        ask_replan(tx, event)


def follow_route(tx: Tx, event: EventRow) -> None:
    """Roll a crew's route forward when it leaves, arrives or finishes."""
    if event.data["target"] in FOLLOWED:
        retime(tx, FREEZE, {UUID(event.data["crew_id"])})


def outdate_proposals(tx: Tx, event: EventRow) -> None:
    """Close proposals that were computed on a plan no longer in force."""
    proposals.outdate(tx, int(event.data["version"]))


def page_on_call(tx: Tx, event: EventRow) -> None:
    """Page for an incident that arrived, or whose class changed."""
    incident = tx.session.exec(select(Incident).where(Incident.id == event.incident_id)).first()
    if incident is not None:
        paging.consider(tx, incident, "arrival" if event.type == "incident.opened" else "raised")


def follow_page(tx: Tx, event: EventRow) -> None:
    """Stop calling for an incident that is over or attended; call again for a reopened one."""
    incident = tx.session.exec(select(Incident).where(Incident.id == event.incident_id)).first()
    if incident is not None:
        paging.follow_incident(tx, incident)


def page_at_closing(tx: Tx, event: EventRow) -> None:
    """Page for what nobody has when the service closes."""
    if not all(image.get("service_hours", True) for image in event.after):
        paging.consider_waiting(tx, "closing")


def call_the_next(tx: Tx, event: EventRow) -> None:
    """Call the next rung when nothing can reach the last one."""
    page_id = event.data["page_id"]
    if page_id is not None and not deliveries.has_hope(tx, UUID(event.data["delivery_id"])):
        paging.hurry(tx, UUID(page_id))


def make_room(tx: Tx, event: EventRow) -> None:
    """Move what follows a visit that takes longer."""
    if event.data["need"] == "more_time":
        retime(tx, FREEZE, {UUID(event.data["crew_id"])})


def ask_experts(tx: Tx, event: EventRow) -> None:
    """Put a crew's question to the experts of its domain."""
    call = tx.session.get(HelpCall, UUID(event.data["help_id"]))
    if call is None or call.need != "expert":
        return
    visit = tx.session.get_one(Visit, call.visit_id)
    incident = tx.session.get_one(Incident, call.incident_id)
    phone = call.brief.get("phone")
    asked = expertise.Asked(call.note or call.brief["title"], call.asked_by, visit, phone)
    expertise.ask(tx, incident, asked)
    # The experts have it: the desk sees the question itself.
    help_calls.see_help(tx, call)


def watch_lone(tx: Tx, event: EventRow) -> None:
    """Start the watch over a crew of one that arrives, end it with its visit."""
    visit = tx.session.get(Visit, UUID(event.data["visit_id"]))
    if visit is not None:
        by_crew = event.data["said_by"] == "crew"
        lone.follow(tx, visit, VisitStatus(event.data["target"]), by_crew=by_crew)


def call_for_lone(tx: Tx, event: EventRow) -> None:
    """Call the on-call ladder for somebody who no longer answers, until he is looked after."""
    watch = tx.session.get(LoneWatch, UUID(event.data["watch_id"]))
    if watch is None:
        return
    if watch.state == "alarmed" and watch.answered_by is None:
        incident = tx.session.get_one(Incident, watch.incident_id)
        alarming.alarm(tx, incident, f"Travailleur isolé sans réponse : {watch.brief['crew']}")
    else:
        alarming.calm(tx, watch.incident_id, "attended" if watch.state == "alarmed" else "well")


def drop_questions(tx: Tx, event: EventRow) -> None:
    """Ask experts no more about what is over."""
    if event.data["target"] in OUT_OF_PLAY and event.data["target"] != "on_hold":
        incident = tx.session.exec(select(Incident).where(Incident.id == event.incident_id)).first()
        if incident is not None:
            expertise.withdraw(tx, incident)


def settle_help(tx: Tx, event: EventRow) -> None:
    """Take calls for help off the board when their incident is over."""
    if event.data["target"] in OUT_OF_PLAY and event.data["target"] != "on_hold":
        help_calls.settle_help(tx, UUID(event.data["incident_id"]))


def answer_call(tx: Tx, event: EventRow) -> None:
    """Take a call for a second crew off the board once a crew is given."""
    visit = tx.session.get(Visit, UUID(event.data["visit_id"]))
    if visit is not None:
        help_calls.answer_with(tx, visit.work_order_id)


def end_with_the_work(tx: Tx, event: EventRow) -> None:
    """Let a second crew turn back, and calls for help end, when the first has done the work."""
    if event.data["target"] != VisitStatus.COMPLETED:
        return
    incident = tx.session.exec(select(Incident).where(Incident.id == event.incident_id)).first()
    if incident is not None and incident.state == IncidentStatus.RESOLVED:
        visits.release_visits(tx, incident.id)
        help_calls.settle_help(tx, incident.id)
        expertise.withdraw(tx, incident)


def let_rest(tx: Tx, event: EventRow) -> None:
    """Let whoever worked at night start later, and his crew with him."""
    law.refresh_person(tx, UUID(event.data["person_id"]))


def let_crew_rest(tx: Tx, event: EventRow) -> None:
    """Let a crew that worked past its shift start later tomorrow."""
    if event.data["target"] in {"completed", "incomplete"}:
        law.refresh_after_overtime(tx, UUID(event.data["crew_id"]))


def show_on_call(tx: Tx, _event: EventRow) -> None:
    """Show on every board who is on call now."""
    refresh_on_call(tx)


def count_hold(tx: Tx, event: EventRow) -> None:
    """Stop the promises of what waits for a third party, and move them when it goes on."""
    incident = tx.session.exec(select(Incident).where(Incident.id == event.incident_id)).first()
    if incident is not None:
        follow_hold(tx, incident, event)


def apply_policy(tx: Tx, _event: EventRow) -> None:
    """Score what is still alive by the policy just adopted."""
    rescore_living(tx)


def suspect_burst(tx: Tx, event: EventRow) -> None:
    """Look for a burst main where somebody tells of the water."""
    if not any(image.get("category") in WATER_SIGNS for image in event.after):
        return
    incident = tx.session.exec(select(Incident).where(Incident.id == event.incident_id)).first()
    if incident is not None:
        suspicion.look_around(tx, incident)


def welcome_citizen(tx: Tx, event: EventRow) -> None:
    """Tell whoever left an address that his report came in."""
    notices.welcome(tx, UUID(event.data["report_id"]))


def tell_citizens(tx: Tx, event: EventRow) -> None:
    """Tell those who reported an incident what is new of it."""
    if event.incident_id is not None:
        notices.follow(tx, event.incident_id)


def tell_words(tx: Tx, event: EventRow) -> None:
    """Send the desk's words to those who reported an incident."""
    message = tx.session.get(MessageRow, UUID(event.data["message_id"]))
    if message is not None and event.incident_id is not None:
        code: NoticeCode = "question" if message.asks else "message"
        notices.tell_all(tx, event.incident_id, code, message)


def tell_wish(tx: Tx, event: EventRow) -> None:
    """Tell somebody whether he gets the time that he asked for."""
    request = tx.session.get(Request, UUID(event.data["request_id"]))
    if request is not None:
        is_yes = event.data["decision"] == "accepted"
        notices.tell_one(tx, request, "wish_accepted" if is_yes else "wish_refused")


def ask_outcome(tx: Tx, event: EventRow) -> None:
    """Ask some of those who reported whether it is really repaired, once it is closed."""
    moved = (event.data["source"], event.data["target"])
    rules = notices.rules_of(tx.session)
    if moved != ("resolved", "closed") or rules is None:
        return
    incident = tx.session.get(Incident, event.incident_id)
    if incident is not None:
        for request in followup.ask_outcomes(tx, incident, rules.share):
            notices.tell_one(tx, request, "fixed")


REACTIONS: dict[str, tuple[Reaction, ...]] = {
    "incident.edited": (suspect_burst, brief_crews, ask_replan),
    "incident.priority_overridden": (brief_crews, page_on_call, ask_replan),
    "incident.rescored": (brief_crews, page_on_call),
    "report.received": (welcome_citizen, suspect_burst, brief_crews),
    "burst.suspected": (brief_crews, page_on_call, ask_replan),
    "incident.opened": (page_on_call, ask_replan),
    "incident.moved": (
        count_hold,
        call_off,
        follow_page,
        settle_help,
        drop_questions,
        tell_citizens,
        ask_outcome,
        ask_replan,
    ),
    "incident.merged": (call_off, follow_page, ask_replan),
    "incident.joined": (brief_crews, ask_replan),
    "incident.unmerged": (page_on_call, ask_replan),
    "incident.parted": (brief_crews, ask_replan),
    "visit.assigned": (tell_crew, answer_call, tell_citizens),
    "visit.retimed": (tell_citizens, ask_replan_if_worse),
    "visit.window_told": (tell_citizens,),
    "visit.withdrawn": (tell_citizens,),
    "visit.moved": (
        follow_route,
        watch_lone,
        end_with_the_work,
        tell_citizens,
        let_crew_rest,
        ask_replan,
    ),
    "help.asked": (make_room, ask_experts, ask_replan),
    "lone.moved": (call_for_lone, ring_lone),
    "question.asked": (ring_experts, plan_experts),
    "question.moved": (ring_experts, plan_experts),
    "field.policy_changed": (plan_experts,),
    "incident.replied": (tell_words,),
    "citizen.wish_decided": (tell_wish, ask_replan),
    "policy.adopted": (apply_policy, ask_replan),
    "planning.tuned": (ask_replan,),
    "plan.changed": (outdate_proposals, ask_replan),
    "crew.changed": (ask_replan,),
    "rota.generated": (show_on_call,),
    "rota.turns_moved": (show_on_call,),
    "oncall.changed": (page_at_closing,),
    "delivery.died": (call_the_next,),
    "call_out.moved": (let_rest,),
}


def react(tx: Tx, events: Sequence[EventRow]) -> None:
    """Run the consequences of events, in the order of the log."""
    for event in events:
        for reaction in REACTIONS.get(event.type, ()):
            reaction(tx, event)


def step(tx: Tx) -> int:
    """Take the next events off the log and react to them; return how many there were."""
    return cursors.follow(tx, CURSOR, lambda events: react(tx, events))
