"""What an institution has going on about a forwarding, for tests of who may touch it."""

from datetime import timedelta

from sqlmodel import Session

from models.absence import Absence
from models.approval import Approval
from models.forwarding import Forwarding
from models.inquiry import Inquiry
from models.moments import now, riga_date
from tests.web.desk_house import DeskHouse


def institution_rows(desk: DeskHouse, forwarding: Forwarding) -> dict[str, int]:
    """An answer that waits for the head, a question that waits for the coordinator, a clerk's absence: by number.

    The absence lies ahead, so that nobody stands in for anybody.
    """
    later = riga_date(now()) + timedelta(days=30)

    def work(session: Session) -> dict[str, int]:
        at, by, text = forwarding.id or 0, "pēteris", "Mēs palīdzēsim."
        clerk, head = desk.people["pēteris"].id or 0, desk.people["zigrīda"].id or 0
        approval = Approval(forwarding_id=at, author=by, text=text, at=now())
        inquiry = Inquiry(forwarding_id=at, author=by, text=text, at=now())
        absence = Absence(person_id=clerk, substitute_id=head, first=later, last=later, set_by=by, set_at=now())
        session.add_all([approval, inquiry, absence])
        session.flush()
        return {"approval_id": approval.id or 0, "inquiry_id": inquiry.id or 0, "absence_id": absence.id or 0}

    return desk.database.write(work)
