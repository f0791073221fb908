"""The data map: every column of every table in a class. What is not in it fails a test.

The order of what is of people outside is the order of a copy; erasing goes the other way, children first.
"""

from sqlalchemy import or_

from contentops.models import (
    Asset,
    AssetText,
    Attachment,
    CalendarDirty,
    CalendarEvent,
    CalendarLedger,
    Consent,
    Contact,
    ContactKey,
    DateChange,
    DeliveryPause,
    DistinctPair,
    Download,
    EmailDomain,
    Feed,
    Invitation,
    KeyClaim,
    Lead,
    Merge,
    Message,
    Milestone,
    NoticeText,
    Person,
    PrivacyAction,
    RateCount,
    Reminder,
    RoleHolder,
    Slot,
    SourceFile,
    Submission,
    Suppression,
    Touch,
    TrackedLink,
    Transition,
)
from contentops.privacy.holdings import Erasure, Holding, columns

DELETE, BLANK, KEEP = Erasure.DELETE, Erasure.BLANK, Erasure.KEEP

_CONTACT = columns(
    identity="name company job_title",
    contact="email phone",
    behaviour="changed_at",
    technical="id person_id language created_at",
)
_EMPTIED = {
    "contact_id": None, "lead_id": None, "about_id": None, "recipient_hash": None, "last_error": "",
    "claim_token": None, "lease_until": None,
}  # fmt: skip

OUTSIDE = (
    Holding(
        Contact, _CONTACT, "contact.person_id", lambda who: who.contacts(Contact.id), DELETE,
        retention="person", handed_to="mail",
    ),
    Holding(
        ContactKey, columns(contact="value", technical="contact_id"), "contact → contact_key.contact_id",
        lambda who: who.contacts(ContactKey.contact_id), DELETE, retention="person",
    ),
    Holding(
        KeyClaim, columns(contact="value", technical="contact_id at"), "contact → key_claim.contact_id",
        lambda who: who.contacts(KeyClaim.contact_id), DELETE, retention="person",
    ),
    Holding(
        Merge, columns(staff="by undone_by", technical="id kept_id absorbed_id contact_ids at undone_at"),
        "contact → merge.kept_id, merge.absorbed_id",
        lambda who: or_(who.contacts(Merge.kept_id), who.contacts(Merge.absorbed_id)), DELETE, retention="person",
    ),
    Holding(
        DistinctPair, columns(staff="by", technical="id first_id second_id at"),
        "contact → distinct_pair.first_id, distinct_pair.second_id",
        lambda who: or_(who.contacts(DistinctPair.first_id), who.contacts(DistinctPair.second_id)), DELETE,
        retention="person",
    ),
    Holding(
        Lead,
        columns(
            behaviour="asset_id origin created_at last_at", consent="awaits_confirmation confirmed_at",
            technical="id contact_id",
        ),
        "contact → lead.contact_id", lambda who: who.leads(Lead.id), DELETE, retention="person",
    ),
    Holding(
        Submission,
        columns(
            identity="fields", behaviour="asset_id at page",
            technical="id lead_id trusted idempotency_key content_sha256 quarantined reason released_at",
        ),
        "lead → submission.lead_id; or an address of theirs in submission.fields of one in quarantine",
        lambda who: or_(who.leads(Submission.lead_id), Submission.id.in_(who.submission_ids)),  # type: ignore[attr-defined]
        DELETE, retention="quarantine",
    ),
    Holding(
        Touch,
        columns(
            behaviour="at source medium campaign term content click_ids referrer_host landing_path page code "
            "offline_code",
            technical="id lead_id flags",
        ),
        "lead → touch.lead_id", lambda who: who.leads(Touch.lead_id), DELETE, retention="person",
    ),
    Holding(
        Download, columns(behaviour="at by_machine", technical="id lead_id attachment_id"),
        "lead → download.lead_id", lambda who: who.leads(Download.lead_id), DELETE, retention="person",
    ),
    Holding(
        Consent,
        columns(
            consent="purpose channel action how wording wording_sha256 notice locale page evidence at",
            technical="id contact_id submission_id",
        ),
        "contact → consent.contact_id", lambda who: who.contacts(Consent.contact_id), DELETE, retention="person",
    ),
    Holding(
        Message,
        columns(
            behaviour="kind target asset_id state created_at done_at",
            technical="id contact_id lead_id about_id last_error recipient_hash",
            none="attempts tried_at next_at lease_until claim_token",
        ),
        "contact → message.contact_id; lead → message.lead_id",
        lambda who: or_(who.contacts(Message.contact_id), who.leads(Message.lead_id)), BLANK,
        _EMPTIED, "message", "counts", "mail",
    ),
    Holding(
        Suppression, columns(technical="key_hash", consent="reason at"), "contact → contact_key, hashed → suppression",
        lambda who: Suppression.key_hash.in_(who.hashes), retention="never", why="suppression",  # type: ignore[attr-defined]
    ),
    Holding(
        RateCount, columns(technical="key span count"), "", None, retention="day", why="unlinked",
    ),
    Holding(
        EmailDomain, columns(technical="domain disposable accepts_mail checked_at next_at"), "", None,
        retention="domain", why="shared", handed_to="dns",
    ),
)  # fmt: skip
"""What is kept of people outside."""

INSIDE = (
    Holding(Person, columns(staff="id name email")),
    Holding(RoleHolder, columns(staff="person_id", none="role since")),
    Holding(Transition, columns(staff="by reason", none="id asset_id from_state to_state action at")),
    Holding(DateChange, columns(staff="by reason", none="id asset_id what from_on to_on at")),
    Holding(
        Milestone,
        columns(
            staff="checklist",
            none="id asset_id step lane name role due_on pinned effort_hours state standard_version channel format "
            "address created_at changed_at",
        ),
    ),
    Holding(
        CalendarEvent,
        columns(
            staff="rendered summary former",
            none="uid asset_id key lane role kind day cancelled revision fingerprint changed_at",
        ),
        handed_to="calendars",
    ),
    Holding(
        Feed,
        columns(
            staff="label person last_used_on", none="id token_sha256 roles kinds lanes created_at changed_at revoked_at"
        ),
    ),
    Holding(Reminder, columns(staff="person sent_at", none="id day medium begun_at"), handed_to="mail"),
    Holding(
        Invitation, columns(staff="email", none="id milestone_id sequence day summary cancelled sent_at"),
        handed_to="mail",
    ),
    Holding(
        TrackedLink, columns(staff="by", none="code asset_id channel campaign content term state target created_at")
    ),
    Holding(PrivacyAction, columns(staff="by", none="id action at count detail"), retention="never", why="proof"),
    Holding(
        Asset,
        columns(
            staff="front_matter",
            none="id slug kind language translation_key title description state gate owner draft dated_on changed_on "
            "go_live_at expires_at planned_on published_at reviewed_on review_on standard_version aliases stages "
            "personas industries keywords offer created_at changed_at",
        ),
        retention="content",
    ),
    Holding(AssetText, columns(staff="markdown", none="asset_id sha256"), retention="content"),
)  # fmt: skip
"""What is kept of colleagues: names beside work. An erasure of somebody outside leaves it alone."""

NOBODYS = (
    Holding(NoticeText, columns(none="version locale text first_at"), retention="never", why="proof"),
    Holding(DeliveryPause, columns(none="target until failures reason")),
    Holding(
        Attachment, columns(none="id asset_id role path file_name media_type size_bytes mtime_ns sha256"),
        retention="content",
    ),
    Holding(
        SourceFile, columns(none="path asset_id size_bytes mtime_ns sha256 rules_sha256 problem problem_line"),
        retention="content",
    ),
    Holding(CalendarLedger, columns(none="id version context_sha256 changed_at")),
    Holding(CalendarDirty, columns(none="id asset_id")),
    Holding(Slot, columns(none="id series rule_on day kind name state asset_id changed_at")),
)  # fmt: skip
"""What is kept of nobody."""

INVENTORY = (*OUTSIDE, *INSIDE, *NOBODYS)
"""All tables."""


def erased_in_order() -> list[Holding]:
    """Return the tables that an erasure touches, so that rows go before those they hang on."""
    return [holding for holding in reversed(OUTSIDE) if holding.reach is not None and holding.erasure is not KEEP]
