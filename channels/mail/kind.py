"""Who made a mail: a person, or which kind of machine."""

from dataclasses import dataclass
from email.message import Message

from channels.mail.automatic import is_absence, is_auto_generated, is_auto_reply, is_receipt
from channels.mail.bounce import is_bounce
from channels.mail.complaint import is_complaint
from channels.mail.evidence import Evidence
from channels.mail.mail import Address, MailKind, Returned
from channels.mail.returned import came_back, complained_of


@dataclass(frozen=True, slots=True)
class Judged:
    kind: MailKind
    absent: bool
    """of an auto-reply: nobody is there"""
    returned: Returned | None
    """of a bounce or complaint"""


def judged(message: Message, text: str, sender: Address) -> Judged:
    """Where the signs do not suffice, it is a person. `message`: read with the policy compat32.

    `text`: what a person sees of it. Takes bounded time, and raises nothing for any mail.
    """
    evidence = Evidence.of(message, text, sender)
    if is_complaint(evidence):
        return Judged(MailKind.COMPLAINT, False, complained_of(evidence))
    if is_receipt(evidence):
        return Judged(MailKind.AUTO_REPLY, False, None)
    if is_bounce(evidence):
        return Judged(MailKind.BOUNCE, False, came_back(evidence))
    if is_auto_reply(evidence):
        return Judged(MailKind.AUTO_REPLY, is_absence(evidence), None)
    return Judged(MailKind.AUTO_GENERATED if is_auto_generated(evidence) else MailKind.MESSAGE, False, None)
