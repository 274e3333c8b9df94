"""Settings of e-mail (`EMAIL_…`): where letters come from, where they go out, and who we are in them."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from channels.mail.server import IMAP, SMTP, Server, is_loopback, listening, server
from config.settings import ROOT, FromEnvironment

LARGEST = 40 * 1024 * 1024
"""most bytes of one letter that comes in"""


class EmailSettings(FromEnvironment):
    """With none of them set, letters come in by SMTP on this machine alone and go out into a folder."""

    model_config = SettingsConfigDict(env_prefix="EMAIL_", hide_input_in_errors=True)

    address: str = "atbilde@localhost"
    """what letters come from and are sent to"""
    name: str = "Atbilde"
    """how it is called in front of the address"""
    imap_url: str = ""
    """imaps://user@host/INBOX, or imap://… with STARTTLS; see channels/mail/server.py"""
    imap_password: SecretStr | None = None
    smtp_url: str = ""
    """smtps://user@host, or smtp://… with STARTTLS; empty: letters are put into `maildir`"""
    smtp_password: SecretStr | None = None
    oauth_token_url: str = ""
    """where an access token is asked for by client credentials, wherever there is a user and no password"""
    oauth_client_id: str = ""
    oauth_client_secret: SecretStr | None = None
    oauth_scope: str = ""
    lmtp_listen: str = ""
    """host:port where our own mail server hands letters in"""
    smtp_listen: str = "127.0.0.1:8025"
    """host:port on this machine for who tries it out; only where nothing else brings letters in"""
    plus: str = Field("+", max_length=1, pattern=r"^[-+=_.]?$")
    """what parts an address from what is added to it; empty where the server delivers no such addresses"""
    authserv_id: str = ""
    """the name under which our own server writes Authentication-Results; empty: nobody's are believed"""
    answers: Literal["at-once", "approved"] = "at-once"
    """an institution's letter goes to the citizen at once, or when a coordinator has approved it"""
    maildir: Path = ROOT / "var" / "mail"
    """where letters are put while no server takes them; the house puts it under DATA_DIR"""

    @property
    def local(self) -> str:
        return self.address.rpartition("@")[0]

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    @property
    def imap(self) -> Server | None:
        return server(self.imap_url, IMAP) if self.imap_url else None

    @property
    def smtp(self) -> Server | None:
        return server(self.smtp_url, SMTP) if self.smtp_url else None

    @property
    def lmtp(self) -> tuple[str, int] | None:
        return listening(self.lmtp_listen) if self.lmtp_listen else None

    @property
    def newcomers(self) -> tuple[str, int] | None:
        """Where letters come in while nothing else is set."""
        if self.imap_url or self.lmtp_listen or not self.smtp_listen:
            return None
        return listening(self.smtp_listen)

    def is_ours(self, address: str) -> bool:
        """Whether a letter to it is for us: our address, with or without something added."""
        local, _, domain = address.casefold().rpartition("@")
        mine = self.local.casefold()
        added = bool(self.plus) and local.startswith(mine + self.plus)
        return domain == self.domain.casefold() and (local == mine or added)

    def missing(self) -> str:
        """Why the channel cannot run, in one line; empty where it can."""
        if not self.local or not self.domain or not self.address.isascii() or set(self.address) & set(' <>,;:"\r\n\t'):
            return "EMAIL_ADDRESS is not one address such as atbilde@example.lv"
        try:
            incoming, outgoing, newcomers = self.imap, self.smtp, self.newcomers
            _ = self.lmtp
        except ValueError as error:
            return f"EMAIL settings: {error}"
        if incoming and not incoming.user:
            return "EMAIL_IMAP_URL names no user"
        if newcomers and not is_loopback(newcomers[0]):
            return "EMAIL_SMTP_LISTEN must be on this machine alone (127.0.0.1); for other machines: EMAIL_LMTP_LISTEN"
        for name, side, password in (
            ("IMAP", incoming, self.imap_password),
            ("SMTP", outgoing, self.smtp_password),
        ):
            if side and side.user and not password and not self.oauth_token_url:
                return f"EMAIL_{name}_URL names a user, but neither EMAIL_{name}_PASSWORD nor EMAIL_OAUTH_… is set"
        if self.oauth_token_url and not (self.oauth_client_id and self.oauth_client_secret):
            return "EMAIL_OAUTH_TOKEN_URL needs EMAIL_OAUTH_CLIENT_ID and EMAIL_OAUTH_CLIENT_SECRET"
        return ""
