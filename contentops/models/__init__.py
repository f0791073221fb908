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
from contentops.models.feed import Feed
from contentops.models.lead import Consent, Contact, ContactKey, Download, Lead, Submission, Touch
from contentops.models.message import Invitation, Reminder
from contentops.models.milestone import DateChange, Lane, Milestone, MilestoneState
from contentops.models.person import Person, RoleHolder
from contentops.models.record import Record, new_id
from contentops.models.slot import Slot, SlotState
from contentops.models.tracked_link import TrackedLink

__all__ = [
    "Asset",
    "AssetFields",
    "AssetText",
    "Attachment",
    "CalendarDirty",
    "CalendarEvent",
    "CalendarLedger",
    "Consent",
    "Contact",
    "ContactKey",
    "DateChange",
    "Download",
    "Feed",
    "Gate",
    "Invitation",
    "Lane",
    "Lead",
    "Milestone",
    "MilestoneState",
    "Person",
    "Record",
    "Reminder",
    "RoleHolder",
    "Slot",
    "SlotState",
    "SourceFile",
    "Submission",
    "Touch",
    "TrackedLink",
    "Transition",
    "WorkflowState",
    "new_id",
]
