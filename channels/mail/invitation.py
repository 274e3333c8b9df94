"""A calendar invitation in one line."""

import re

_LINE = re.compile(r"^(SUMMARY|DTSTART|DTEND|LOCATION|METHOD)([^:\n]*):(.*)$", re.MULTILINE | re.IGNORECASE)
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?")


def invitation(ics: str) -> str:
    """What, when and where, of its first event, by the sender's clock; empty where it holds none."""
    unfolded = re.sub(r"\r?\n[ \t]", "", ics[:200_000])
    event = re.split(r"BEGIN:VEVENT", unfolded, maxsplit=1, flags=re.IGNORECASE)[-1]
    event = re.split(r"(?:BEGIN:VALARM|END:VEVENT)", event, maxsplit=1, flags=re.IGNORECASE)[0]
    found: dict[str, str] = {}
    for name, _, value in _LINE.findall(event):
        found.setdefault(name.upper(), value.strip())
    if "DTSTART" not in found and "SUMMARY" not in found:
        return ""
    said = (_plain(found.get("SUMMARY", "")), _when(found), _plain(found.get("LOCATION", "")))
    return ", ".join(part for part in said if part)


def _when(found: dict[str, str]) -> str:
    start, start_day = _moment(found.get("DTSTART", ""))
    end, end_day = _moment(found.get("DTEND", ""))
    if not end or end == start:
        return start
    return f"{start}–{end[11:] if start_day == end_day and len(end) > 10 else end}"


def _moment(value: str) -> tuple[str, str]:
    """The moment, and its day alone."""
    found = _MOMENT.match(value)
    if found is None:
        return "", ""
    year, month, day, hour, minute, utc = found.groups()
    date = f"{year}-{month}-{day}"
    return (f"{date} {hour}:{minute}{' UTC' if utc else ''}" if hour else date), date


def _plain(value: str) -> str:
    """A value of the calendar without its escapes, on one line."""
    return " ".join(re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value).split())[:300]
