"""A small catalogue that the tests begin with, and files written from it."""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml
from sqlmodel import Session

from catalogue.entry import LISTS, TEXTS, Entry
from catalogue.read import check, read
from config.flaw import Flaw
from models.institution import Institution
from models.service import LifeSituation, Service, service_by_code

TODAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def institutions(session: Session) -> None:
    for code in ("VSAA", "PMLP", "PAŠV-DZ"):
        session.add(Institution(code=code, name={"lv": f"Iestāde {code}"}, kind="state", areas={"lv": ["pensija"]}))
    session.add(LifeSituation(code="pensionesanas", title={"lv": "Pensionēšanās"}))
    session.flush()


def form(code: str = "vecuma-pensija", **changes: Any) -> dict[str, Any]:
    """A service as a file has it."""
    whole: dict[str, Any] = {
        "code": code,
        "institution": "VSAA",
        "also": ["PMLP"],
        "municipality": None,
        "life_situation": "pensionesanas",
        "audience": "resident",
        "published_on": date(2026, 11, 2),
        "url": "https://www.vsaa.gov.lv/pensija",
        "term_working_days": 10,
    }
    whole |= {name: {"lv": f"{name} latviski", "en": f"{name} in English", "ru": f"{name} по-русски"} for name in TEXTS}
    whole["keywords"] = {"lv": ["pensija", "vecums"], "ru": ["пенсия"]}
    whole["questions"] = {"lv": [f"Kā saņemt {code}?", f"Cik ilgi gaidīt {code}?"]}
    return whole | changes


def yaml_file(folder: Path, *forms: dict[str, Any]) -> Path:
    return text_file(folder, yaml.safe_dump({"services": list(forms)}, allow_unicode=True, sort_keys=False))


def text_file(folder: Path, text: str | bytes, name: str = "services.yaml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def csv_text(*forms: dict[str, Any], delimiter: str = ",") -> str:
    """As a person would fill in a spreadsheet: lists parted by semicolons."""
    rows = [_flat(each) for each in forms]
    out = io.StringIO()
    columns = dict.fromkeys(name for row in rows for name in row)
    writer = csv.DictWriter(out, list(columns), restval="", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def entries(session: Session, folder: Path, *forms: dict[str, Any]) -> list[Entry]:
    return read(session, yaml_file(folder, *forms), TODAY)


def flaws(session: Session, path: Path) -> list[Flaw]:
    return check(session, path, TODAY)


def the_flaw(session: Session, path: Path) -> Flaw:
    found = flaws(session, path)
    assert len(found) == 1, found
    return found[0]


def in_force(session: Session, code: str = "vecuma-pensija") -> Service:
    service = service_by_code(session, code)
    assert service is not None
    return service


def _flat(whole: dict[str, Any]) -> dict[str, str]:
    row: dict[str, str] = {}
    for name, value in whole.items():
        if name in TEXTS:
            row |= {f"{name}_{language}": words for language, words in value.items()}
        elif name in LISTS:
            row |= {f"{name}_{language}": ";".join(items) for language, items in value.items()}
        else:
            row[name] = ";".join(value) if isinstance(value, list) else "" if value is None else str(value)
    return row
