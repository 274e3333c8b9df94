"""Who leads: of several processes, the one that holds a lease does what only one may do."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, text
from sqlmodel import Field, Session, SQLModel

from models.moments import Instant, now

LEADER = timedelta(seconds=20)
"""how long a holder that is not heard of stays one"""


class Lease(SQLModel, table=True):
    name: str = Field(primary_key=True)
    owner: str
    until: datetime = Field(sa_type=Instant)


_TAKE = text(
    "INSERT INTO lease (name, owner, until) VALUES (:name, :owner, :until) "
    "ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until "
    "WHERE lease.owner = excluded.owner OR lease.until < :at OR lease.until > :beyond RETURNING owner"
).bindparams(*(bindparam(name, type_=Instant) for name in ("until", "at", "beyond")))


def hold(session: Session, name: str, owner: str, at: datetime) -> bool:
    """Takes or renews the lease; False while another process holds it.

    One that ends later than any can was taken before the clock was set back, and is worth nothing.
    """
    values = {"name": name, "owner": owner, "until": at + LEADER, "at": at, "beyond": at + 2 * LEADER}
    return session.connection().execute(_TAKE, values).first() is not None


def time_of(session: Session) -> datetime:
    """The time that all processes share, the database server's own: a machine whose clock is off does no harm."""
    if session.get_bind().dialect.name == "sqlite":  # one machine, one clock
        return now()
    shared: datetime = session.connection().execute(text("SELECT clock_timestamp()")).scalar_one()
    return shared
