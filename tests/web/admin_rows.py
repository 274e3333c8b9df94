"""What there is to be administered, for tests of who may do so: nobody who is needed elsewhere."""

from datetime import date

from sqlmodel import Session

from models.calendar_day import CalendarDay
from models.canned import CannedReply
from models.institution import institution_by_code
from models.moments import now
from models.people_file import PeopleFile
from models.staff import Person, Role
from tests.web.desk_house import DeskHouse
from web.admin.invitation import invite


def administration_rows(desk: DeskHouse) -> dict[str, int]:
    """Numbers by the names that the addresses of routes have."""
    if "guntis" not in desk.people:
        desk.employ("guntis", Role.CLERK, "LAD")

    def work(session: Session) -> dict[str, int]:
        at, text = now(), "login,role,institution\nguntis,clerk,LAD\n"
        reply = CannedReply(name="Paraugs", texts={"lv": "Labdien!"}, changed_by="admin", changed_at=at)
        day = CalendarDay(
            calendars=["state"], works=date(at.year, 1, 2), reason="pārcelta", added_by="admin", added_at=at
        )
        file = PeopleFile(sha256="x", text=text, mark="", by="admin", at=at)
        session.add_all([reply, day, file])
        session.flush()
        lad = institution_by_code(session, "LAD")
        assert lad is not None
        return {
            "reply_id": reply.id or 0,
            "day_id": day.id or 0,
            "file_id": file.id or 0,
            "institution_id": lad.id or 0,
        }

    return desk.database.write(work) | {"staff_id": desk.people["guntis"].id or 0}


def invitation_of(desk: DeskHouse) -> str:
    """A link by which somebody may set a password of his own; a new one, as it changes with the password."""
    if "guntis" not in desk.people:
        return "x"
    return invite(desk.portal, desk.all(Person, login="guntis")[0]).rpartition("/")[2]
