"""What there is to be administered, for tests of who may do so: nobody who is needed elsewhere."""

from sqlmodel import Session

from models.calendar_day import CalendarDay
from models.canned import CannedReply
from models.institution import institution_by_code
from models.moments import now
from models.people_file import PeopleFile
from models.staff import Person, Role
from tests.web.desk_house import DeskHouse
from web.admin_invitation import invite


def administration_rows(desk: DeskHouse) -> dict[str, int]:
    """Numbers by the names that the addresses of routes have."""
    if "guntis" not in desk.people:
        desk.employ("guntis", Role.CLERK, "LAD")

    def work(session: Session) -> dict[str, int]:
        rows = {
            "reply_id": CannedReply(name="Paraugs", texts={"lv": "Labdien!"}, changed_by="admin", changed_at=now()),
            "day_id": CalendarDay(
                calendars=["state"], works=now().date().replace(month=1, day=2), reason="x", added_by="admin",
                added_at=now(),
            ),
            "file_id": PeopleFile(sha256="x", text="login,role,institution\nguntis,clerk,LAD\n", mark="", by="admin", at=now()),
        }  # fmt: skip
        session.add_all(rows.values())
        session.flush()
        lad = institution_by_code(session, "LAD")
        assert lad is not None
        return {name: row.id or 0 for name, row in rows.items()} | {"institution_id": lad.id or 0}

    return desk.database.write(work) | {"staff_id": desk.people["guntis"].id or 0}


def invitation_of(desk: DeskHouse) -> str:
    """A link by which somebody may set a password of his own; a new one, as it changes with the password."""
    if "guntis" not in desk.people:
        return "x"
    return invite(desk.portal, desk.all(Person, login="guntis")[0]).rpartition("/")[2]
