"""Institutions at the desk: changed by hand they stay so, the understanding learns of it, none is retired too early."""

import html
import re
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlmodel import Session

import catalogue.start
from catalogue.learn import catalogue_stamp, competences
from catalogue.start import load_start
from models.change import Change
from models.institution import Institution, institution_by_code
from models.moments import now
from tests.web.desk_house import DeskHouse, Visitor

FORM = {
    "name_lv": "Lauku atbalsta dienests", "kind": "state", "calendar": "state", "email": "pasts@lad.gov.lv",
    "email_domain": "lad.gov.lv", "areas_lv": "bišu dravas\r\n\r\nplatību maksājumi",
}  # fmt: skip


def of(desk: DeskHouse, code: str = "LAD") -> Institution:
    with desk.database.read() as session:
        found = institution_by_code(session, code)
        assert found is not None
        return found


def page(desk: DeskHouse, code: str = "LAD") -> str:
    return f"/desk/admin/institutions/{of(desk, code).id}"


async def test_what_people_change_stays_when_the_file_is_read_again(
    desk_on_both: DeskHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = desk_on_both
    with desk.database.read() as session:
        stamp = catalogue_stamp(session)
    async with desk.visitor("admin") as admin:
        saved = await admin.submits(page(desk), page(desk), **FORM)
        assert "Izmaiņas ir saglabātas" in saved.text
        assert "bišu dravas" in saved.text
    with desk.database.read() as session:
        assert catalogue_stamp(session) != stamp, "the understanding sees that there is something to learn"
        (learnt,) = [one for one in competences(session) if one.code == "LAD"]
    assert learnt.areas == {"lv": ("bišu dravas", "platību maksājumi")}
    monkeypatch.setattr(catalogue.start, "_READER", "another one")
    desk.database.write(lambda session: load_start(session, now()) and None)
    assert of(desk).areas == {"lv": ["bišu dravas", "platību maksājumi"]}
    assert of(desk).name == {"lv": "Lauku atbalsta dienests"}
    assert of(desk, "PMLP").areas["lv"], "what nobody changed follows the file"


async def test_a_change_stands_in_the_trail_with_what_was_before(desk: DeskHouse) -> None:
    async with desk.visitor("admin") as admin:
        shown = await admin.submits(page(desk), page(desk), **FORM)
        (change,) = desk.all(Change, thing="institution")
        assert (change.actor, change.name, change.what) == ("admin", "LAD", "changed")
        assert change.after["email"] == "pasts@lad.gov.lv"
        assert change.before["email"] is None
        assert "kind" not in change.after, "only what differs"
        assert "pasts@lad.gov.lv" in shown.text
        again = await admin.submits(page(desk), page(desk), **FORM)
        assert again.status_code == 200
    assert len(desk.all(Change, thing="institution")) == 1, "nothing has changed, so nothing is noted"


async def test_two_who_change_the_same_do_not_overwrite_each_other(desk: DeskHouse) -> None:
    async with desk.visitor("admin") as admin:
        seen = re.findall(r'name="seen" value="(\w+)"', (await admin.opens(page(desk))).text)[0]
        csrf = await admin.csrf(page(desk))
        first = FORM | {"csrf": csrf, "seen": seen}
        assert (await admin.client.post(page(desk), data=first)).status_code == 303
        late = await admin.client.post(page(desk), data=first | {"name_lv": "Cits vārds"})
    assert late.status_code == 409
    assert "Cits vārds" in late.text, "what was typed is not lost"
    assert of(desk).name == {"lv": "Lauku atbalsta dienests"}


WRONG = [
    ("name_lv", ""),
    ("email", "lad at lad.gov.lv"),
    ("web", "javascript:alert(1)"),
    ("calendar", "mars"),
    ("kind", "king"),
    ("coordinates", "resident"),
    ("areas_lv", "\n".join(f"joma {number}" for number in range(201))),
]


async def test_what_is_wrong_is_said_and_nothing_typed_is_lost(desk: DeskHouse) -> None:
    async with desk.visitor("admin") as admin:
        for field, value in WRONG:
            form = FORM | {field: value, "name_en": "<script>x</script>"}
            answer = await admin.submits(page(desk), page(desk), **form)
            assert answer.status_code == 422, field
            assert "&lt;script&gt;x&lt;/script&gt;" in answer.text
            assert "Neizdevās" in answer.text
            said = re.sub(r'(id|name|for|href|aria-describedby)="[^"]*"', "", answer.text)
            assert "institution_" not in said, "a key is no sentence"
    assert desk.all(Change) == []


async def test_an_institution_is_added_once(desk: DeskHouse) -> None:
    async with desk.visitor("admin") as admin:
        made = await add(admin, "JAUNA")
        assert "Iestāde ir pievienota" in made.text
        twice = await add(admin, "JAUNA")
        assert twice.status_code == 422
        assert "jau ir" in twice.text
        assert (await add(admin, "<b>")).status_code == 422
    assert of(desk, "JAUNA").edited_at is not None


async def add(admin: Visitor, code: str) -> httpx.Response:
    return await admin.submits("/desk/admin/institutions/new", "/desk/admin/institutions", **FORM | {"code": code})


async def test_one_with_waiting_questions_cannot_be_retired_and_says_why(desk: DeskHouse, tmp_path: Path) -> None:
    ticket = desk.asked()
    desk.forwarded(ticket, "PMLP")
    async with desk.visitor("admin") as admin:
        shown = await admin.opens(page(desk, "PMLP"))
        assert ticket.ref in shown.text
        assert f'action="{page(desk, "PMLP")}/retire"' not in shown.text
        csrf = await admin.csrf(page(desk, "PMLP"))
        refused = await admin.client.post(f"{page(desk, 'PMLP')}/retire", data={"csrf": csrf})
        assert refused.status_code == 409
        assert of(desk, "PMLP").retired_at is None
        coordinator = await admin.client.post(f"{page(desk, 'VDAA')}/retire", data={"csrf": csrf})
        assert coordinator.status_code == 409


async def test_nothing_goes_to_one_that_is_retired(desk: DeskHouse) -> None:
    ticket = desk.asked(suggested=("LAD",))
    async with desk.visitor("admin") as admin:
        await admin.submits(page(desk), f"{page(desk)}/retire")
        assert "vairs nepārsūta" in (await admin.opens(page(desk))).text
    with desk.database.read() as session:
        assert "LAD" not in [one.code for one in competences(session)]
    async with desk.visitor("anna") as anna:
        address = f"/desk/tickets/{ticket.ref}"
        form = {"csrf": await anna.csrf(address), "institutions": "LAD", "note": ""}
        refused = await anna.client.post(f"{address}/forward", data=form)
    assert refused.status_code == 409
    assert "vairs nepieņem jautājumus" in refused.text
    async with desk.visitor("admin") as admin:
        await admin.submits(page(desk), f"{page(desk)}/back")
    assert of(desk).retired_at is None


async def test_an_editor_changes_areas_and_nothing_else(desk: DeskHouse) -> None:
    areas = f"/desk/admin/competences/{of(desk).id}"
    async with desk.visitor("elīna") as editor:
        saved = await editor.submits(areas, areas, areas_lv="dravas", name_lv="Cits", email="x@x.lv")
        assert "Jomas ir saglabātas" in saved.text
        assert (await editor.opens(page(desk))).status_code == 404
    assert of(desk).areas == {"lv": ["dravas"]}
    assert of(desk).called("lv") == "Lauku atbalsta dienests"


async def test_a_question_is_tried_with_its_reasons(desk: DeskHouse) -> None:
    desk.app.state.portal = replace(desk.portal, understand=desk.brain.understand)
    async with desk.visitor("elīna") as editor:
        shown = await editor.opens("/desk/admin/competences?question=Kā+deklarēt+dzīvesvietu%3F")
        text = html.unescape(shown.text)
    assert "PMLP" in text
    assert re.search(r"Robots (atbildētu pats|precizētu)|nonāktu pie koordinatora", text)
    assert not desk.all(Change)


def test_every_field_of_an_institution_has_words_for_what_is_wrong_with_it(desk: DeskHouse) -> None:
    from catalogue.institutions import FIELDS
    from web.pages import page_words

    said = page_words("desk", "lv")["problem"]
    assert {f"institution_{name}" for name in FIELDS} <= set(said)


def test_nobody_is_left_without_a_coordinator(desk_on_both: DeskHouse) -> None:
    from catalogue.institutions import Wrong, put_institution

    def work(session: Session) -> None:
        put_institution(session, {"code": "PMLP", "coordinates": "business"}, "admin", now())

    with pytest.raises(Wrong):
        desk_on_both.database.write(work)
