"""All tables, so that whoever needs the whole metadata imports one module."""

from sqlmodel import SQLModel

from models import (
    catalogue_load,
    clock,
    contact,
    forwarding,
    institution,
    lease,
    message,
    queue,
    rulebook,
    service,
    staff,
    step,
    ticket,
)

TABLES = (
    catalogue_load,
    clock,
    contact,
    forwarding,
    institution,
    lease,
    message,
    queue,
    rulebook,
    service,
    staff,
    step,
    ticket,
)
metadata = SQLModel.metadata
