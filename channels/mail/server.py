"""What the address of a mail server says: where it is, who logs in, and how the connection is kept secret.

`imaps`/`smtps` is TLS from the start; `imap+starttls`/`smtp+starttls` begins in the clear and goes no further without
TLS; `imap`/`smtp` is the same, but stays in the clear on this machine; `imap+plain`/`smtp+plain` only says so aloud.
"""

import ssl
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

IMAP, SMTP = "imap", "smtp"
_PORTS = {"imaps": 993, "imap": 143, "smtps": 465, "smtp": 587}


class Secrecy(StrEnum):
    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Server:
    host: str
    port: int
    secrecy: Secrecy
    user: str = ""
    folder: str = "INBOX"

    def tls(self) -> ssl.SSLContext | None:
        """What its certificate is checked by; `SSL_CERT_FILE` names authorities that the system does not know."""
        return None if self.secrecy is Secrecy.NONE else ssl.create_default_context()


def server(url: str, kind: str) -> Server:
    """Reads the address of a server of the `kind`. Raises ValueError, never with a password in it."""
    try:
        parts = urlsplit(url)
        scheme, _, how = parts.scheme.partition("+")
        port = parts.port or _PORTS.get(scheme)
    except ValueError:
        raise ValueError(f"the address of the {kind.upper()} server cannot be read") from None
    if scheme not in (kind, f"{kind}s") or how not in ("", "plain", "starttls") or (how and scheme != kind):
        raise ValueError(f"the address of the {kind.upper()} server begins with {kind}s:// or {kind}://")
    if not parts.hostname or not port:
        raise ValueError(f"the address of the {kind.upper()} server names no host")
    if parts.password:
        raise ValueError(f"put the password into EMAIL_{kind.upper()}_PASSWORD, not into the address")
    here = is_loopback(parts.hostname)
    if how == "plain" and not here:
        raise ValueError(f"{kind}+plain:// is for this machine alone: nothing goes over a network in the clear")
    secrecy = Secrecy.TLS if scheme.endswith("s") else Secrecy.STARTTLS
    if how == "plain" or (scheme == kind and not how and here):
        secrecy = Secrecy.NONE
    folder = unquote(parts.path.strip("/")) or "INBOX"
    return Server(parts.hostname, port, secrecy, unquote(parts.username or ""), folder)


def listening(at: str) -> tuple[str, int]:
    """Reads `host:port`, `[::1]:port` or `:port`. Raises ValueError."""
    host, colon, port = at.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"{at!r} is no host:port")
    return host.strip("[]") or "127.0.0.1", int(port)


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
