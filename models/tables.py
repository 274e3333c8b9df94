"""All tables, so that whoever needs the whole metadata imports one module."""

from sqlmodel import SQLModel

from models import (  # noqa: F401  each brings its tables
    absence,
    approval,
    calendar_day,
    canned,
    catalogue_load,
    change,
    clock,
    contact,
    delivery,
    draft,
    forwarding,
    inquiry,
    institution,
    lease,
    log_in,
    message,
    note,
    people_file,
    presence,
    queue,
    retention,
    rulebook,
    service,
    setting,
    slack,
    staff,
    step,
    ticket,
    ticket_link,
    translation,
)

metadata = SQLModel.metadata
