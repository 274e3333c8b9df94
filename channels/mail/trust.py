"""What our own mail server found out about a mail, by the headers that it adds."""

import re

from channels.mail.headers import Headers

_RESULT = re.compile(r"\b(dmarc|dkim|spf)\s*=\s*(\w+)([^;]*)", re.IGNORECASE)
_WHOSE = re.compile(
    r"\b(?:header\.(?:d|i|from)|smtp\.(?:mailfrom|helo))\s*=\s*\"?(?:[^\s@;\"]*@)?([^\s;\"]+)", re.IGNORECASE
)
_COMMENT = re.compile(r"\([^()]*\)")


def is_spam(headers: Headers) -> bool:
    """The filter says so in one of the headers of the common ones. Forged, it harms but who forged it."""
    flag = headers.bare("x-spam-flag") or headers.bare("x-spam-status") or headers.bare("x-spam")
    if flag.lower().startswith(("yes", "true")):
        return True
    level = headers.bare("x-ms-exchange-organization-scl") or headers.bare("x-forefront-scl")
    return level.strip().isdigit() and int(level.strip()[:3]) >= 5


def authentic(headers: Headers, authserv_id: str, domain: str) -> str:
    """pass or fail for the sender's domain, empty where nothing was said of it.

    Believed are only headers with that id; the server must remove such that come from outside (RFC 8601, 5). Of each
    method the topmost word counts, since servers add theirs above.
    """
    if not authserv_id or not domain:
        return ""
    said: dict[str, list[tuple[str, str]]] = {}
    for value in headers.values("authentication-results"):
        text = _COMMENT.sub(" ", value[:20_000].decode("latin-1"))
        whose, _, results = text.partition(";")
        if (whose.split() or [""])[0].lower() == authserv_id.lower():
            _add(said, results)
    if (policy := [result for result, _ in said.get("dmarc", [])][:1]) and policy[0] in ("pass", "fail"):
        return policy[0]
    checks = [check for method in ("dkim", "spf") for check in said.get(method, [])]
    if any(result == "pass" and _is_aligned(whose, domain) for result, whose in checks):
        return "pass"
    failed = {result for result, _ in checks}
    return "fail" if "fail" in failed and "pass" not in failed else ""


def _add(said: dict[str, list[tuple[str, str]]], results: str) -> None:
    found: dict[str, list[tuple[str, str]]] = {}
    for method, result, rest in _RESULT.findall(results):
        domain = _WHOSE.search(rest)
        found.setdefault(method.lower(), []).append((result.lower(), domain[1].lower() if domain else ""))
    for method, checks in found.items():
        said.setdefault(method, checks)


def _is_aligned(whose: str, domain: str) -> bool:
    """The same domain or one above the other, as DMARC's relaxed mode has it where nobody sells names in between."""
    return bool(whose) and (whose == domain or (domain.endswith(f".{whose}") and "." in whose))
