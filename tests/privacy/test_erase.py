"""Whoever is erased is gone: from all tables, the files of the database, the mail folder, and from old backups."""

import sqlite3
import threading

import pytest
from sqlalchemy import update
from sqlmodel import select

from contentops.errors import InvalidArgument, NotFound, WorkspaceError
from contentops.leads.erasure_list import ErasureList
from contentops.leads.suppression import ERASED, WITHDRAWN, hashing_key, key_hash, suppress, suppressed
from contentops.models import (
    Consent, Contact, ContactKey, KeyClaim, Lead, Merge, Message, MessageState, PrivacyAction, Submission, Suppression,
    new_id,
)  # fmt: skip
from contentops.privacy.finding import mentions
from tests.privacy.conftest import days, dump, file_bytes  # type: ignore[import-not-found]
