"""What a bounce or complaint says of the mail of ours that it is about: which one, to whom, why, for good or not."""

import re

from channels.mail.bounce import STATUS, actions
from channels.mail.bounce_words import LATE, SURE
from channels.mail.complaint import FEEDBACK
from channels.mail.evidence import Evidence
from channels.mail.mail import Returned
from channels.mail.phrase import folded

RECIPIENTS = 50
REASON = 300
"""characters"""
_ADDRESS = r"[\w.!#$%&'*+/=?^`{|}~-]{1,100}@[\w-]{1,80}(?:\.[\w-]{1,80}){0,8}"
_MESSAGE_ID = re.compile(
    r"^[>\s|]{0,8}(?:original-)?message-id\s*:\s*<?\s*([^<>\s]{3,900})>?", re.IGNORECASE | re.MULTILINE
)
_IN_JSON = re.compile(r'"name"\s*:\s*"message-id"\s*,\s*"value"\s*:\s*"<?([^"<>\\]{3,900})', re.IGNORECASE)
_JSON_ADDRESS = re.compile(rf'"emailAddress"\s*:\s*"(?:[^"<>]{{0,80}}<)?({_ADDRESS})')
_JSON_REASON = re.compile(r'"(?:diagnosticCode|complaintFeedbackType)"\s*:\s*"([^"]{1,600})')
_FIELD = r"^{}\s*:\s*(?:[\w-]{{1,20}}\s*;)?[ \t]*([^\r\n]{{1,2000}})"
_ORIGINAL, _FINAL, _DIAGNOSTIC, _STATUS, _ACTION = (
    re.compile(_FIELD.format(name), re.IGNORECASE | re.MULTILINE)
    for name in ("(?:x-)?original-recipient", "final-recipient", "(?:x-)?diagnostic-code", "status", "action")
)
_COMPLAINER = re.compile(_FIELD.format("(?:original-rcpt-to|removal-recipient|x-hmxmroriginalrecipient)"), re.I | re.M)
_FEEDBACK_TYPE = re.compile(_FIELD.format("feedback-type"), re.IGNORECASE | re.MULTILINE)
_TO = re.compile(r"^[>\s|]{0,8}to\s*:([^\r\n]{1,500})", re.IGNORECASE | re.MULTILINE)
_COPY = re.compile(
    r"^.{0,40}(?:original message|copy of (?:the|your) message|message headers|header of the original|"
    r"headers? follow|returned message"
    r"|message text follows|unsent message|message header|the message that was|bounced e-?mail|исходное письмо|"
    r"first \d+ (?:lines|characters))",
    re.IGNORECASE | re.MULTILINE,
)
_NAMED = re.compile(
    rf"(?:^[\s>*|\"'(]{{0,12}}<?({_ADDRESS})>?|\b(?:to|recipients?|address|addressed to|user|for|кому|"
    rf"rcpt to)\s*:?\s{{1,4}}?:?\s?[<\"(]?({_ADDRESS}))",
    re.IGNORECASE | re.MULTILINE,
)
_CODED = re.compile(r"(?:^|[\s(#<\"'])(?:[45]\d\d[ -]|#?[45]\.\d{1,3}\.\d{1,3}\b)")
_NO_REASON = re.compile(r"\s*(?:[\w-]{2,20}:\s|\w+:$|[-=*#_ ]+$)")
_DIGITS = re.compile(r"(?<![\d.])([45])(?:\.\d{1,3}\.\d{1,3}(?![\d.])|\d\d (?=\D))")


def came_back(evidence: Evidence) -> Returned:
    """`permanent` as the server says what it has done; the digits of its status count only where it says nothing."""
    above = _above_copy(evidence.text)
    return Returned(
        _message_id(evidence), _recipients(evidence, above), _is_permanent(evidence, above), _reason(evidence, above)
    )


def complained_of(evidence: Evidence) -> Returned:
    report = "\n".join(section.text for section in evidence.sections if section.type == FEEDBACK) or evidence.text
    copy = _copy(evidence)
    named = [*_COMPLAINER.findall(f"{report}\n{copy}"), *_JSON_ADDRESS.findall(evidence.text), *_TO.findall(copy)]
    kind = _FEEDBACK_TYPE.search(report) or _JSON_REASON.search(evidence.text)
    reason = _line(kind[1]) if kind else _line(evidence.headers.text("subject"))
    return Returned(_message_id(evidence), _clean(named), True, reason)


def _message_id(evidence: Evidence) -> str:
    """Of the outermost mail that is enclosed; one that is a bounce itself encloses ours."""
    copies = [section.text for section in evidence.sections if section.type not in (*STATUS, FEEDBACK)]
    ours = [
        copy for copy in copies if not re.search(r"^from\s*:.{0,80}mailer-daemon", copy, re.IGNORECASE | re.MULTILINE)
    ]
    reports = [section.text for section in evidence.sections if section.type == FEEDBACK or section.type in STATUS]
    for text in [*ours, *copies, evidence.text[len(_above_copy(evidence.text)) :], evidence.text, *reports]:
        if found := _MESSAGE_ID.search(text) or _IN_JSON.search(text):
            return found[1]
    answered = re.findall(
        r"<([^<>\s]{3,900})>", evidence.headers.bare("in-reply-to") or evidence.headers.bare("references")
    )
    return answered[-1] if answered else ""


def _recipients(evidence: Evidence, above: str) -> tuple[str, ...]:
    named: list[str] = []
    for block in _blocks(evidence):
        said = _ACTION.search(block)
        if said is None or said[1].strip().lower() not in ("delivered", "relayed", "expanded"):
            named += [*_ORIGINAL.findall(block)[:1], *_FINAL.findall(block)[:1]]
    named = list(_clean(named)) or [evidence.says("x-failed-recipients"), *_JSON_ADDRESS.findall(evidence.text)]
    if found := _clean(named):
        return found
    own = set(_clean([evidence.says("to"), evidence.says("from"), evidence.says("reply-to")]))
    inline = _clean(["".join(pair) for pair in _NAMED.findall(above)[:RECIPIENTS]])
    others = tuple(one for one in inline or _clean([above]) if one not in own)
    return others or inline or _clean(_TO.findall(_copy(evidence))[:1])


def _is_permanent(evidence: Evidence, above: str) -> bool:
    if said := actions(evidence):
        return "failed" in said or "delayed" not in said
    words = folded(f"{evidence.headers.text('subject')} {above[:4000]}")
    if LATE.search(words):
        return False
    digits = {digit for block in _blocks(evidence) for digit in _DIGITS.findall("\n".join(_STATUS.findall(block)))}
    digits = digits or set(_DIGITS.findall(above[:8000]))
    return digits != {"4"} or bool(SURE.search(words))


def _reason(evidence: Evidence, above: str) -> str:
    for block in _blocks(evidence):
        if found := _DIAGNOSTIC.search(block):
            return _line(found[1])
    if found := _JSON_REASON.search(evidence.text):
        return _line(found[1])
    lines = [line for line in above[:8000].splitlines() if line.strip()]
    coded = next((line for line in lines if _CODED.search(line[:500])), "")
    if coded:
        return _line(coded)
    after = next((number for number, line in enumerate(lines) if re.search(_ADDRESS, line[:500])), len(lines))
    behind = next((line for line in lines[after + 1 :] if not _NO_REASON.match(line)), "")
    status = next((found[1] for block in _blocks(evidence) if (found := _STATUS.search(block))), "")
    return _line(behind or status or evidence.headers.text("subject"))


def _blocks(evidence: Evidence) -> list[str]:
    texts = [section.text for section in evidence.sections if section.type in STATUS]
    texts = texts or [section.text for section in evidence.sections if _FINAL.search(section.text)]
    texts = texts or ([evidence.text] if _FINAL.search(evidence.text) or _ORIGINAL.search(evidence.text) else [])
    return [block for text in texts for block in re.split(r"\n[ \t]*\n", text)][:1000]


def _above_copy(text: str) -> str:
    """What the server says itself, above the copy of our mail."""
    copy = _COPY.search(text)
    headers = _MESSAGE_ID.search(text)
    ends = [found.start() for found in (copy, headers) if found and found.start() > 0]
    return text[: min(ends)] if ends else text


def _copy(evidence: Evidence) -> str:
    enclosed = [section.text for section in evidence.sections if section.type not in (*STATUS, FEEDBACK)]
    return enclosed[0] if enclosed else evidence.text[len(_above_copy(evidence.text)) :]


def _clean(texts: list[str]) -> tuple[str, ...]:
    found = [one.lower().strip(".'") for text in texts for one in re.findall(_ADDRESS, text[:4000])]
    return tuple(dict.fromkeys(found))[:RECIPIENTS]


def _line(text: str) -> str:
    return " ".join(text.split())[:REASON]
