"""Invitations to those who owe a step: iTIP messages (RFC 5546) that their calendar program understands. Pure rules."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event, vCalAddress, vText

from contentops.planning.outgoing.ics import PRODID, one_line, plain

REQUEST, CANCEL = "REQUEST", "CANCEL"


@dataclass(frozen=True, slots=True)
class Meeting:
    """What one invitation says.

    Attributes:
        uid: another than the feed's, or a subscriber would see it twice. day: all day long. summary, description: text.
        organizer: the address that mail comes from. attendee: the address that is asked, and the person's name.
        sequence: grows with every message about it. changed_at: UTC.
    """

    uid: str
    day: date
    summary: str
    description: str
    organizer: str
    attendee: str
    name: str
    sequence: int
    changed_at: datetime


def itip(meeting: Meeting, method: str) -> bytes:
    """Return one iTIP message: a request (also for an update), or a cancellation.

    Nobody is asked to answer (RSVP=FALSE): the step is owed either way, and nobody reads the answers.
    """
    calendar = Calendar()
    calendar.add("PRODID", PRODID)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", method)
    event = Event()
    event.add("UID", meeting.uid)
    event.add("DTSTAMP", meeting.changed_at)
    event.add("SEQUENCE", meeting.sequence)
    event.add("DTSTART", meeting.day)
    event.add("DTEND", meeting.day + timedelta(days=1))
    event.add("SUMMARY", one_line(meeting.summary))
    event.add("DESCRIPTION", plain(meeting.description))
    event.add("STATUS", "CANCELLED" if method == CANCEL else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT")
    event.add("X-MICROSOFT-CDO-BUSYSTATUS", vText("FREE"))
    event.add("ORGANIZER", vCalAddress(f"mailto:{meeting.organizer}"))
    attendee = vCalAddress(f"mailto:{meeting.attendee}")
    # Quotes in a name would be written in a way (RFC 6868) that Outlook shows as it stands.
    attendee.params["CN"] = one_line(meeting.name).replace('"', "")
    attendee.params["ROLE"], attendee.params["PARTSTAT"], attendee.params["RSVP"] = (
        "REQ-PARTICIPANT", "NEEDS-ACTION", "FALSE",
    )  # fmt: skip
    event.add("ATTENDEE", attendee)
    calendar.add_component(event)
    return bytes(calendar.to_ical(sorted=False))
