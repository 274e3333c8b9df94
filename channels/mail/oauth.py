"""Access tokens for servers that take no password (Microsoft 365), asked for by OAuth's client credentials."""

import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from channels.mail.server import is_loopback
from channels.mail.settings import EmailSettings

PATIENCE = 10.0
EARLY = 60.0
"""seconds before its end in which a token is no longer used"""


class TokenRefused(OSError):
    """No token was given; the same may work later."""


class AccessToken:
    """The token of today, asked for anew when it ends. Blocking; for use from several threads."""

    def __init__(self, settings: EmailSettings) -> None:
        secret = settings.oauth_client_secret
        self._url = settings.oauth_token_url
        self._form = {
            "grant_type": "client_credentials",
            "client_id": settings.oauth_client_id,
            "client_secret": secret.get_secret_value() if secret else "",
            **({"scope": settings.oauth_scope} if settings.oauth_scope else {}),
        }
        self._token, self._until = "", 0.0
        self._asking = threading.Lock()

    def get(self) -> str:
        """Raises TokenRefused."""
        with self._asking:
            if time.monotonic() >= self._until:
                self._token, seconds = self._ask()
                self._until = time.monotonic() + seconds - EARLY
            return self._token

    def forget(self) -> None:
        """The server did not take it."""
        self._until = 0.0

    def _ask(self) -> tuple[str, float]:
        parts = urllib.parse.urlsplit(self._url)
        if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            raise TokenRefused("EMAIL_OAUTH_TOKEN_URL must begin with https://")
        form = urllib.parse.urlencode(self._form).encode()
        request = urllib.request.Request(self._url, form)  # noqa: S310 - the scheme is checked above
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - the same
                given = json.load(answer)
            return str(given["access_token"]), float(given.get("expires_in", 300))
        except urllib.error.HTTPError as error:
            raise TokenRefused(f"no access token: {error.code} {error.read(500).decode('utf-8', 'replace')}") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise TokenRefused(f"no access token: {type(error).__name__}: {error}") from error
