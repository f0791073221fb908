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
from contentops.models.lead import Consent, Contact, ContactKey, Download, Lead, Submission, Touch
from contentops.models.milestone import Milestone, MilestoneState
from contentops.models.person import Person, RoleHolder
from contentops.models.record import Record, new_id

__all__ = [
    "Asset",
    "AssetFields",
    "AssetText",
    "Attachment",
    "Consent",
    "Contact",
    "ContactKey",
    "Download",
    "Gate",
    "Lead",
    "Milestone",
    "MilestoneState",
    "Person",
    "Record",
    "RoleHolder",
    "SourceFile",
    "Submission",
    "Touch",
    "Transition",
    "WorkflowState",
    "new_id",
]
