"""The one base of all tables."""

import time
from os import urandom

from pydantic import ConfigDict
from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Record(SQLModel, registry=registry(metadata=MetaData(naming_convention=NAMING))):
    """Base of everything that is stored, with a registry of its own: a host application may own a table ``asset`` too.

    Make rows with ``model_validate({...})``, which refuses unknown and wrong fields; the constructor of a table model
    accepts anything (by design of SQLModel). The desks do so; rows that you read are plain values of your own.
    """

    model_config = ConfigDict(validate_assignment=True, extra="forbid")  # type: ignore[assignment]


def new_id() -> str:
    """Return an identifier of 32 hexadecimal digits: the second it was made in, and 96 random bits.

    It cannot be guessed. What is made together lies together in every index, which spares the disk most of the pages
    that random identifiers would touch.
    """
    return f"{id_at(time.time())}{urandom(12).hex()}"


def id_at(second: float) -> str:
    """Return what identifiers of a second of Unix time begin with; those made before it are less, later ones more."""
    return f"{int(second) & 0xFFFFFFFF:08x}"
