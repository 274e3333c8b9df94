"""All tables, so that whoever needs the whole metadata imports one module."""

from sqlmodel import SQLModel

from models import (  # noqa: F401  each brings its tables
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
