"""The settings of a workspace: contentops.toml, then ``CONTENTOPS_*`` variables over it.

Nested keys are written with two underscores in the environment: ``CONTENTOPS_CAPTURE__PER_MINUTE=20``.
"""

from contentops.settings.dates import CalendarSettings
from contentops.settings.domains import DomainSettings
from contentops.settings.loading import FILE_NAME, load_settings
from contentops.settings.mail import MailSettings
from contentops.settings.people import LeadSettings
from contentops.settings.server import ServerSettings
from contentops.settings.sources import Source, SourceKeys, SourceRule
from contentops.settings.tables import PREFIX, Settings
from contentops.settings.website import CaptureSettings, Channel, PrivacySettings, SiteSettings

__all__ = [
    "FILE_NAME",
    "PREFIX",
    "CalendarSettings",
    "CaptureSettings",
    "Channel",
    "DomainSettings",
    "LeadSettings",
    "MailSettings",
    "PrivacySettings",
    "ServerSettings",
    "Settings",
    "SiteSettings",
    "Source",
    "SourceKeys",
    "SourceRule",
    "load_settings",
]
