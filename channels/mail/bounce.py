"""Reports that a mail of ours did not arrive: by RFC 3464, and the forms that servers had before it and beside it."""

import re

from channels.mail.bounce_words import SAID, SUBJECTS
from channels.mail.enclosed import WHOLE
from channels.mail.evidence import Evidence, is_nobody

STATUS = ("message/delivery-status", "message/global-delivery-status")
ENOUGH = 4
"""points: no single sign but the form of RFC 3464 and the name of a mail server is believed alone"""
_DAEMON = re.compile(
    r"(mailer[-_. ]?d(a|ae)mon|mail[-_. ]?d(a|ae)mon|smtp[-_. ]?daemon|mdaemon|double-?bounce"
    r"|mail(er)?[-_. ]delivery([-_. ](sub)?system)?|microsoftexchange[0-9a-f]{16,40}"
    r"|(internet )?mail deliver(y|er)?( (sub)?(system|service|agent))|mail delivery)\b"
)
_POSTMASTER = re.compile(
    r"(po+st[-_.]?master|mail(er)?[-_. ]?(master|admin(istrator)?|system|router|gateway|server)|mail transport agent"
    r"|(\w{1,40}[-_. ])?(smtp|mail)[-_. ]?(service|system|server|gateway)"
    r"|system administrator|system attendant|content-?filter|microsoft (outlook|exchange)|delivery[-_ ]?(status"
    r"|report|notification|service|agent)|spam ?filter|mail ?security|e-?mail (gateway|security)|virus\w*|amavis\S*|mta"
    r"|\S{0,60}-(bounces|owner|admin|request)|bounces?|owner-\S{1,60}|listserv|majordomo|mailman|sympa|ezmlm|"
    r".{0,60}\b(mail system|delivery (sub)?system|mailer))\b"
)
_ACTION = re.compile(r"^action\s*:\s*([a-z]+)", re.IGNORECASE | re.MULTILINE)
_FIELDS_IN_TEXT = re.compile(
    r"^(final-recipient|original-recipient)\s*.{0,400}?^(action|status)\s*:", re.IGNORECASE | re.MULTILINE | re.DOTALL
)
_COPY = re.compile(
    r"^[^\w\n]{0,40}(?:original|returned|unsent) (?:message|mail)\b[^\n]{0,40}\n{1,3}"
    r"(?:[A-Za-z-]{2,40}:[^\n]{0,500}\n(?:[ \t][^\n]{0,500}\n){0,9}){0,12}?(?:received|message-id)\s?:",
    re.IGNORECASE | re.MULTILINE,
)
"""a line that says so, then headers as they were sent"""
_RECIPIENT = re.compile(r"\S@\S|/[cgos]=\w")
_CODE = re.compile(r"(^| )#?(4[25]\d|5[0257]\d)[ -]")
_ARRIVED = {"delivered", "relayed", "expanded"}


def is_bounce(evidence: Evidence) -> bool:
    if evidence.report in ("delivery-status", "global-delivery-status") or evidence.notice == "bounce":
        return True
    machine, words = _machine(evidence), _words(evidence)
    if evidence.is_answer_or_forward and machine < ENOUGH:
        return _daemon(evidence) > 0 and _speaks_of_mail(evidence) and bool(_CODE.search(evidence.opening))
    if machine == evidence.empty_return_path and not _speaks_of_mail(evidence):
        return False
    words += 2 * (words > 0 and _encloses(evidence))
    if machine == _daemon(evidence) < ENOUGH:  # a name under which also people write
        return machine > 0 and words >= ENOUGH
    return machine + words >= ENOUGH


def _encloses(evidence: Evidence) -> bool:
    """The mail that did not arrive, from somebody who is hardly a person; in the text itself only from a postmaster."""
    if _daemon(evidence):
        return evidence.has(*WHOLE) or bool(_COPY.search(evidence.text))
    return evidence.is_from_nobody and evidence.has(*WHOLE)


def _speaks_of_mail(evidence: Evidence) -> bool:
    """At once, and naming an address: what did not arrive is a mail, and no parcel."""
    return bool(SAID.search(evidence.opening[:250]) and _RECIPIENT.search(evidence.text[:4000]))


def actions(evidence: Evidence) -> set[str]:
    """What the report says was done: failed, delayed, delivered, …; empty where it says nothing."""
    texts = [section.text for section in evidence.sections if section.type in STATUS]
    return {found.lower() for text in texts or [evidence.text] for found in _ACTION.findall(text)}


def has_arrived(evidence: Evidence) -> bool:
    """A report of success (RFC 3464), which somebody asked for."""
    said = actions(evidence) if evidence.has(*STATUS) else set()
    return bool(said) and said <= _ARRIVED


def _machine(evidence: Evidence) -> int:
    """Points for what a person's program does not do."""
    points = _daemon(evidence)
    points += evidence.empty_return_path
    points += evidence.auto_submitted.startswith("auto-")
    points += 3 * bool(evidence.says("x-failed-recipients"))
    points += bool(evidence.report)
    points += evidence.is_of_list
    points += is_nobody(evidence.sender.address)
    if points and _FIELDS_IN_TEXT.search(evidence.text):
        points += 2
    return points


def _words(evidence: Evidence) -> int:
    """Points for what it says; a person may say the same of a mail of theirs."""
    points = 3 * evidence.has(*STATUS)
    points += 2 * bool(SUBJECTS.match(evidence.subject))
    points += 2 * bool(SAID.search(evidence.opening[:1200]))
    return points


def _daemon(evidence: Evidence) -> int:
    """4 for a name that no person has, 2 for one that a person may write under."""
    local = evidence.sender.address.partition("@")[0]
    shown = evidence.says("from")
    names = (local, evidence.sender.name.casefold(), shown.strip("<\"' "))
    if any(_DAEMON.match(name) for name in names) or shown.endswith("<>"):
        return ENOUGH
    return 2 if any(_POSTMASTER.match(name) for name in names) or not shown else 0
