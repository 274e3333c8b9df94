"""What a mail shows of whoever made it: the few things that are judged, cut to what is read in bounded time."""

import re
from dataclasses import dataclass
from email.message import Message
from functools import cached_property

from channels.mail.enclosed import LONGEST, Section, headers_of, sections_of, types_of
from channels.mail.headers import Headers
from channels.mail.mail import Address
from channels.mail.phrase import folded, opening

_ANSWERS = re.compile(
    r"\s*(?:\[[^\]]{1,30}\]\s*)?(?:re|fwd?|aw|wg|sv|vs|vl|tr|odp|pd|rif|atb|pars|parsutits|ha|на|ответ|пер|fw"
    r"|atsakymas|persiusta|edasi|vast|antw)\s*(?:\[\d+\]|\(\d+\))?\s*[.:]",
)
_LISTS = (
    "list-id",
    "list-post",
    "list-unsubscribe",
    "list-subscribe",
    "list-help",
    "mailing-list",
    "x-mailing-list",
    "x-mailman-version",
    "x-mlserver",
)
_NOBODY = re.compile(
    r"([\w.+-]{0,60}[._+-])?((no|not|do[-_.]?not|don-?t|nav|never|ne)[-_.]?(reply|replay|respond|response|answer)"
    r"|noreplay|neatbild\w*|nicht-?antworten|keine-?antwort|ne-?otvecha\w*|neatsak\w*|(mitte|ara)-?vasta\w*)"
    r"([-_.+][\w.+-]{0,60})?$"
    r"|(alerts?|notifications?|notify|notifier|monitor(ing)?|nagios|zabbix|cron|anacron|logwatch|root|jira"
    r"|jenkins|robots?|auto-?mailer|auto-?confirm\w{0,6}|newsletters?|calendar-(notification|invite)|daemon)$"
)


@dataclass
class Evidence:
    headers: Headers
    text: str
    """what a person sees of it"""
    sender: Address
    sections: list[Section]
    types: list[str]

    @classmethod
    def of(cls, message: Message, text: str, sender: Address) -> "Evidence":
        return cls(headers_of(message), _plain(text[:LONGEST]), sender, sections_of(message), types_of(message))

    @cached_property
    def _named(self) -> frozenset[str]:
        return frozenset(name.lower() for name, _ in self.headers.fields)

    def says(self, name: str) -> str:
        """A header's value in lower case, on one line; empty where there is none."""
        return " ".join(self.headers.bare(name).lower().split())[:1000] if name in self._named else ""

    def has(self, *types: str) -> bool:
        return any(section.type in types for section in self.sections)

    @cached_property
    def subject(self) -> str:
        return folded(self.headers.text("subject")[:500])

    @cached_property
    def opening(self) -> str:
        return opening(self.text)

    @cached_property
    def report(self) -> str:
        """What kind of multipart/report it is; empty where it is none."""
        if self.headers.type != "multipart/report":
            return ""
        return self.headers.parameters.get("report-type", "").lower() or "unnamed"

    @cached_property
    def empty_return_path(self) -> bool:
        value = self.says("return-path")
        bare = "return-path" in self._named and value in ("", "<>")
        return bare or value.lstrip("<").startswith("mailer-daemon")

    @cached_property
    def is_answer_or_forward(self) -> bool:
        """By its subject; what a person does with the mail of a machine begins so."""
        return _ANSWERS.match(self.subject) is not None

    @cached_property
    def notice(self) -> str:
        """What a mail service's notice in JSON is of: bounce, complaint, delivery; empty where it is none."""
        if self.text.lstrip()[:1] != "{":
            return ""
        found = re.search(r'"(?:notification|event)Type"\s*:\s*"(\w{1,30})"', self.text[:5000])
        return found[1].lower() if found else ""

    @cached_property
    def is_of_list(self) -> bool:
        """A mailing list or newsletter (RFC 2369, RFC 2919)."""
        return any(self.says(name) for name in _LISTS)

    @cached_property
    def is_from_nobody(self) -> bool:
        """An address that nobody reads, unless the answer goes to somebody else: forms on pages are sent so."""
        answer = re.search(r"[^\s<>\"',;]+@[^\s<>\"',;]+", self.says("reply-to"))
        return is_nobody(self.sender.address) and (answer is None or is_nobody(answer[0]))

    @cached_property
    def auto_submitted(self) -> str:
        return re.split(r"[\s;(]", self.says("auto-submitted"), maxsplit=1)[0]


def is_nobody(address: str) -> bool:
    """No person is behind the address, by its own word."""
    return _NOBODY.match(address.partition("@")[0]) is not None


def _plain(text: str) -> str:
    """Notices of mail services are JSON, some with another one as a string in it."""
    return text.replace('\\"', '"') if text.lstrip()[:1] == "{" else text
