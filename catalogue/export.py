"""The services in force as files that `read` takes again without a change."""

import csv
import io
from typing import Any

import yaml
from sqlmodel import Session

from catalogue.entry import Form, form_of
from catalogue.publish import in_force
from catalogue.read_csv import COLUMNS, guarded, listed

_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def forms(session: Session) -> list[Form]:
    return [form_of(service) for service in in_force(session).values()]


def export_yaml(session: Session) -> str:
    return yaml.dump({"services": forms(session)}, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=4096)


def export_csv(session: Session, *, excel: bool = False) -> str:
    """One row a service. `excel` writes what Latvian Excel opens by itself: semicolons and a byte order mark."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if excel else ",", lineterminator="\r\n" if excel else "\n")
    writer.writerow(COLUMNS)
    for form in forms(session):
        writer.writerow([_cell(form, *place) for place in COLUMNS.values()])
    return ("\ufeff" if excel else "") + out.getvalue()


def _cell(form: Form, field: str, language: str | None = None) -> str:
    value = form[field] if language is None else form[field].get(language)
    if isinstance(value, list):
        value = listed(value) if value else ""
    return guarded("" if value is None else str(value))


class _Plain(_DUMPER):  # type: ignore[misc]
    """Writes every value out; `read` refuses aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True
