"""Import of people: what is shown is what is done, exactly that file, and nothing of a file that is wrong."""

import csv
import html
import io
import re

import httpx

from models.change import Change
from models.contact import Contact
from models.people_file import PeopleFile
from models.staff import Person, Role
from tests.web.desk_house import DeskHouse, Visitor

IMPORT = "/desk/admin/people/import"
NEW = (
    "lietotājvārds;vārds;loma;iestāde;valoda;e-pasts;aktīvs\njānis;Jānis Bērziņš;darbinieks;VSAA;lv;janis@vsaa.lv;jā\n"
)


async def upload(admin: Visitor, content: str | bytes) -> httpx.Response:
    raw = content.encode() if isinstance(content, str) else content
    csrf = await admin.csrf(IMPORT)
    return await admin.client.post(IMPORT, data={"csrf": csrf}, files={"file": ("people.csv", raw, "text/csv")})


async def apply(admin: Visitor, shown: httpx.Response) -> httpx.Response:
    (address,) = re.findall(rf'action="({IMPORT}/\d+/apply)"', shown.text)
    return await admin.client.post(address, data={"csrf": await admin.csrf(IMPORT)})


def whats(shown: httpx.Response) -> list[str]:
    """What would come of each row, as its page says."""
    return re.findall(r'<span class="tag[^"]*">(jauns|mainīts|bez izmaiņām|kļūda)</span>', html.unescape(shown.text))


def person(desk: DeskHouse, login: str) -> Person | None:
    return next(iter(desk.all(Person, login=login)), None)


FORMS = {
    "plain": NEW,
    "marked": "\ufeff" + NEW,
    "windows": NEW.replace("\n", "\r\n"),
    "sep": "sep=;\r\n" + NEW,
    "marked sep": "\ufeffsep=;\n" + NEW,
    "commas": NEW.replace(";", ","),
    "tabs": NEW.replace(";", "\t"),
    "English": "Login,Role,Institution,Name,E-mail,Active\nJĀNIS,clerk,VSAA,Jānis Bērziņš,janis@vsaa.lv,yes\n",
    "empty cells": NEW.rstrip("\n") + ";;;\n\n;;;;;;\n",
}


async def test_every_form_of_a_spreadsheet_is_read_alike(desk: DeskHouse) -> None:
    async with desk.visitor("admin") as admin:
        for form, content in FORMS.items():
            shown = await upload(admin, content)
            assert whats(shown) == ["jauns"], form
            assert "janis@vsaa.lv" not in [row.address for row in desk.all(Contact)], "so far it is only shown"
        assert person(desk, "jānis") is None
        done = await apply(admin, shown)
    assert done.status_code == 200
    made = person(desk, "jānis")
    assert made is not None
    assert (made.name, made.role, made.language, made.active) == ("Jānis Bērziņš", Role.CLERK, "lv", True)
    assert "/desk/invitation/" in done.text, "the new one gets a link"


async def test_rows_are_new_changed_unchanged_or_wrong_with_line_and_reason(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    rows = [
        "anna;Anna Ozola;coordinator;VDAA;lv;;jā",
        "vita;Vita Kalna;clerk;VSAA;lv;vita@vsaa.lv;jā",
        "jauna;Jauna;clerk;NAV;lv;;",
        "cits;Cits;coordinator;PMLP;lv;;",
        "Vita;Vita;clerk;VSAA;lv;;",
        "a b;X;clerk;VSAA;lv;;",
        "zane;Zane;ķēniņš;VSAA;lv;;",
        "zane2;Zane;clerk;VSAA;lv;nav;",
        "zane3;Zane;clerk;VSAA;lv;;varbūt",
        "admin;Ada;clerk;VDAA;lv;;",
    ]
    async with desk.visitor("admin") as admin:
        shown = await upload(admin, NEW.split("\n")[0] + "\n" + "\n".join(rows))
    assert whats(shown) == ["bez izmaiņām", "mainīts", *["kļūda"] * 8]
    text = html.unescape(shown.text)
    for line, reason in ((4, "Šādas iestādes nav"), (6, "failā ir divreiz"), (11, "Vismaz vienam administratoram")):
        row = re.search(rf'<th scope="row" class="figure">{line}</th>(.*?)</tr>', text, re.DOTALL)
        assert row
        assert reason in row[1]
    assert "/apply" not in text, "a file with a wrong row is not applied"
    vita = person(desk, "vita")
    assert vita is not None
    assert vita.name == "Vita Krūmiņa", "nothing was done"
    assert desk.all(Change) == []


async def test_only_what_was_shown_is_applied_and_only_once(desk: DeskHouse) -> None:
    async with desk.visitor("admin") as admin:
        shown = await upload(admin, NEW)
        await admin.submits(
            "/desk/admin/people/new", "/desk/admin/people", login="jānis", role="clerk", institution="PMLP"
        )
        late = await apply(admin, shown)
        assert late.status_code == 409
        assert whats(late) == ["mainīts"], "it is shown anew"
        made = person(desk, "jānis")
        assert made is not None
        assert made.institution_id == desk.people["pēteris"].institution_id
        assert (await apply(admin, late)).status_code == 200
        again = await apply(admin, late)
        assert again.status_code == 409
        assert "jau ir ieviests" in again.text
    (applied,) = desk.all(Change, thing="import")
    assert applied.after["changed"] == 1
    assert len([file for file in desk.all(PeopleFile) if file.applied_at]) == 1


async def test_another_administrators_file_is_not_there(desk: DeskHouse) -> None:
    desk.employ("otrais", Role.ADMINISTRATOR, "VDAA")
    async with desk.visitor("admin") as admin, desk.visitor("otrais") as other:
        shown = await upload(admin, NEW)
        assert (await apply(other, shown)).status_code == 404


NO_TABLES: list[tuple[bytes | str, str]] = [
    (b"", "nav nevienas rindas"),
    (NEW.split("\n")[0], "nav nevienas rindas"),
    (NEW.encode("cp1257"), "nav UTF-8"),
    (b"\xff\xfe" + NEW.encode("utf-16-le"), "nav UTF-8"),
    ("lietotājvārds;loma\na;b\n", "trūkst"),
    ("login;role;institution;alga\na;b;c;1\n", "Šādas kolonnas nav"),
    ("login;role;institution;Login\na;b;c;d\n", "divreiz"),
    ('login;role;institution\n"a;b;c\n', "CSV"),
    (b"PK\x03\x04" + b"\x00" * 50, "trūkst"),
    ("login;role;institution\n" + "a;b;c\n" * 2_001, "2000 rindām"),
]


async def test_what_is_no_such_table_is_refused_in_words(desk: DeskHouse) -> None:
    async with desk.visitor("admin") as admin:
        for content, said in NO_TABLES:
            shown = await upload(admin, content)
            assert shown.status_code == 422
            assert said in html.unescape(shown.text), content[:60]
    assert desk.all(PeopleFile) == []


async def test_what_is_exported_reads_back_unchanged_and_runs_nothing(desk: DeskHouse) -> None:
    desk.employ("viltus", Role.CLERK, "VSAA", "=HYPERLINK(1)")
    async with desk.visitor("admin") as admin:
        await admin.submits(
            "/desk/admin/people/new", "/desk/admin/people",
            login="jānis", role="head", institution="VSAA", mail="janis@vsaa.lv",
        )  # fmt: skip
        exported = await admin.opens("/desk/admin/people.csv")
        assert exported.content.startswith(b"\xef\xbb\xbf")
        cells = [cell for row in csv.reader(io.StringIO(exported.text[1:]), delimiter=";") for cell in row]
        assert "'=HYPERLINK(1)" in cells
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
        shown = await upload(admin, exported.content)
        assert set(whats(shown)) == {"bez izmaiņām"}
        assert len(whats(shown)) == len(desk.all(Person))
