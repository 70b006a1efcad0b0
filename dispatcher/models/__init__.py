"""All tables, one file per aggregate. Tables never parse input: `table=True` classes do not
validate.
"""

from sqlmodel import SQLModel

from dispatcher.models.account import User, UserSession
from dispatcher.models.attachment import Attachment
from dispatcher.models.bulk import BulkAction
from dispatcher.models.card import VisitCheck, VisitPart
from dispatcher.models.citizen import CitizenWord, NoticeTemplate, Outcome, WishedTime
from dispatcher.models.claim import CompetenceClaim
from dispatcher.models.crew import Crew, Shift
from dispatcher.models.desk import Message, ReplyTemplate
from dispatcher.models.field import ExpertDuty, ExpertQuestion, HelpCall, LoneWatch
from dispatcher.models.filters import SavedFilter
from dispatcher.models.incident import Incident, Note, Person, RefCounter, Report, Request
from dispatcher.models.job import Job
from dispatcher.models.log import (
    Cursor,
    EventPosition,
    EventRow,
    IdempotentAnswer,
    KeptState,
    LogHead,
)
from dispatcher.models.merge import IncidentMerge
from dispatcher.models.oncall import (
    HandoverNote,
    OnCallDuty,
    OnCallPerson,
    OnCallPost,
    Rota,
    SharedFeed,
    Swap,
    Wish,
)
from dispatcher.models.paging import (
    CallOut,
    Delivery,
    InboundMessage,
    Page,
    PageCall,
    PushSubscription,
)
from dispatcher.models.pause import IncidentPause
from dispatcher.models.plan import Plan, Proposal
from dispatcher.models.policy import PolicyVersion
from dispatcher.models.reference import (
    Category,
    Commune,
    Council,
    Depot,
    SensitiveSite,
)
from dispatcher.models.revision import Revision
from dispatcher.models.sensing import Sensor, SensorReading, SuspectedBurst
from dispatcher.models.track import TrackPoint
from dispatcher.models.travel import LearnedTravel
from dispatcher.models.work import Visit, VisitStamp, WorkOrder

metadata = SQLModel.metadata

__all__ = [
    "Attachment",
    "BulkAction",
    "CallOut",
    "Category",
    "CitizenWord",
    "Commune",
    "CompetenceClaim",
    "Council",
    "Crew",
    "Cursor",
    "Delivery",
    "Depot",
    "EventPosition",
    "EventRow",
    "ExpertDuty",
    "ExpertQuestion",
    "HandoverNote",
    "HelpCall",
    "IdempotentAnswer",
    "InboundMessage",
    "Incident",
    "IncidentMerge",
    "IncidentPause",
    "Job",
    "KeptState",
    "LearnedTravel",
    "LogHead",
    "LoneWatch",
    "Message",
    "Note",
    "NoticeTemplate",
    "OnCallDuty",
    "OnCallPerson",
    "OnCallPost",
    "Outcome",
    "Page",
    "PageCall",
    "Person",
    "Plan",
    "PolicyVersion",
    "Proposal",
    "PushSubscription",
    "RefCounter",
    "ReplyTemplate",
    "Report",
    "Request",
    "Revision",
    "Rota",
    "SavedFilter",
    "SensitiveSite",
    "Sensor",
    "SensorReading",
    "SharedFeed",
    "Shift",
    "SuspectedBurst",
    "Swap",
    "TrackPoint",
    "User",
    "UserSession",
    "Visit",
    "VisitCheck",
    "VisitPart",
    "VisitStamp",
    "Wish",
    "WishedTime",
    "WorkOrder",
    "metadata",
]
