"""What is stored: one file per noun. These tables are the public data model; query them with SQLModel."""

from contentops.models.asset import (
    Asset,
    AssetFields,
    AssetText,
    Attachment,
    Gate,
    SourceFile,
    Transition,
    WorkflowState,
)
from contentops.models.calendar_event import CalendarDirty, CalendarEvent, CalendarLedger
from contentops.models.consent import Consent, ConsentAction, NoticeText, PrivacyAction, Suppression
from contentops.models.contact import Contact, ContactKey, DistinctPair, KeyClaim, Merge
from contentops.models.email_domain import EmailDomain
from contentops.models.feed import Feed
from contentops.models.lead import Download, Lead, RateCount, Submission, Touch
from contentops.models.message import (
    ASSET,
    CONFIRM,
    LINK,
    MAIL,
    DeliveryPause,
    Invitation,
    Message,
    MessageState,
    Reminder,
)
from contentops.models.milestone import DateChange, Lane, Milestone, MilestoneState
from contentops.models.person import Person, RoleHolder
from contentops.models.record import Record, id_at, new_id
from contentops.models.slot import Slot, SlotState
from contentops.models.tracked_link import TrackedLink

__all__ = [
    "ASSET",
    "CONFIRM",
    "LINK",
    "MAIL",
    "Asset",
    "AssetFields",
    "AssetText",
    "Attachment",
    "CalendarDirty",
    "CalendarEvent",
    "CalendarLedger",
    "Consent",
    "ConsentAction",
    "Contact",
    "ContactKey",
    "DateChange",
    "DeliveryPause",
    "DistinctPair",
    "Download",
    "EmailDomain",
    "Feed",
    "Gate",
    "Invitation",
    "KeyClaim",
    "Lane",
    "Lead",
    "Merge",
    "Message",
    "MessageState",
    "Milestone",
    "MilestoneState",
    "NoticeText",
    "Person",
    "PrivacyAction",
    "RateCount",
    "Record",
    "Reminder",
    "RoleHolder",
    "Slot",
    "SlotState",
    "SourceFile",
    "Submission",
    "Suppression",
    "Touch",
    "TrackedLink",
    "Transition",
    "WorkflowState",
    "id_at",
    "new_id",
]
