"""The OpenID Connect provider where staff may log in: what is asked of it and how its word is checked, by Authlib."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import Response

from web.portal import Portal
from web.sealing import unseal

SEAL = "token of a provider"
BACK = "/desk/login/provider/back"
TIMEOUT = 5
"""seconds that the provider has for an answer"""
FRESH = 3600
"""seconds for which what the provider says of itself is believed without asking again"""
LEEWAY = 60
"""seconds that the provider's clock may be off"""


class ProviderDown(Exception):
    """It does not answer, or not as a provider."""


class NotProved(Exception):
    """What came back proves nothing: another browser's, used before, forged, or not for us."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Whom the provider has let in."""

    issuer: str
    subject: str
    email: str
    """only where the provider has verified it"""
    second_step: bool
    """the provider asked for more than one proof"""
    token: str
    """by which it knows the log-in that ends"""


def has_provider(portal: Portal) -> bool:
    return bool(portal.settings.oidc_issuer and portal.settings.oidc_client_id)


def issuer_of(portal: Portal) -> str:
    """By which name its accounts are stored."""
    return portal.settings.oidc_issuer.rstrip("/")


async def send_there(request: Request, portal: Portal) -> Response:
    """To the provider, with state, nonce and PKCE, which `request.session` keeps. Raises ProviderDown."""
    try:
        app, _ = await _app(portal)
        response: Response = await app.authorize_redirect(request, portal.settings.link_base + BACK)
    except (httpx2.HTTPError, ValueError, RuntimeError) as error:
        raise ProviderDown from error
    return response


async def proof_of(request: Request, portal: Portal) -> Proof:
    """What the provider proves by sending the browser back. Raises ProviderDown or NotProved."""
    try:
        app, issuer = await _app(portal)
        if request.query_params.get("iss", issuer) != issuer:
            raise NotProved("another provider's answer")
        ours = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": app.client_id}}
        token = await app.authorize_access_token(request, claims_options=ours, leeway=LEEWAY)
        claims = dict(token.get("userinfo") or {})
        if "nonce" not in claims:  # no ID token came, or none was asked for
            raise NotProved("no ID token")
        if wanted := {portal.settings.oidc_claim, *_email(portal)} - {*claims}:
            claims = await _asked(app, token, claims, wanted)
    except httpx2.HTTPError as error:
        raise ProviderDown from error
    except (AuthlibBaseError, JoseError, ValueError, RuntimeError) as error:
        raise NotProved(str(error)) from error
    return _proof(claims, portal, token["id_token"])


async def end_address(portal: Portal, sealed: str) -> str:
    """Where the browser has to go for the log-in to end at the provider too; empty where there is no such place."""
    token = unseal(portal.signing, SEAL, sealed)
    try:
        app, _ = await _app(portal)
        leaving = await app.create_logout_url(
            post_logout_redirect_uri=f"{portal.settings.link_base}/desk/login",
            id_token_hint=token,
            client_id=app.client_id,
        )
    except (httpx2.HTTPError, ValueError, RuntimeError):
        return ""
    return str(leaving["url"])


async def _app(portal: Portal) -> tuple[Any, str]:
    """Authlib's client of the provider, and the issuer as it calls itself, which must be the one of the settings."""
    settings = portal.settings
    secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else None
    scope = " ".join(("openid", *_email(portal)[:1], *(("profile",) if settings.oidc_claim != "sub" else ())))
    app = _client(settings.oidc_issuer, settings.oidc_client_id, secret, scope, int(time.time() // FRESH))
    issuer = str((await app.load_server_metadata()).get("issuer", ""))
    if issuer.rstrip("/") != settings.oidc_issuer.rstrip("/"):
        app.server_metadata.pop("_loaded_at", None)
        raise ValueError(f"the provider calls itself {issuer!r}, not {settings.oidc_issuer!r}")
    return app, issuer


@lru_cache(maxsize=4)
def _client(issuer: str, client_id: str, secret: str | None, scope: str, _hour: int) -> Any:
    return OAuth().register(
        "provider",
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": scope, "code_challenge_method": "S256", "timeout": TIMEOUT},
    )


async def _asked(app: Any, token: Mapping[str, Any], claims: dict[str, Any], wanted: set[str]) -> dict[str, Any]:
    """With what the provider tells only on asking; it must speak of the same person."""
    said = await app.userinfo(token=token)
    if said.get("sub") != claims["sub"]:
        raise NotProved("the provider speaks of somebody else")
    return claims | {name: said[name] for name in wanted if name in said}


def _email(portal: Portal) -> tuple[str, ...]:
    return ("email", "email_verified") if portal.settings.oidc_link_by_email else ()


def _proof(claims: Mapping[str, Any], portal: Portal, token: str) -> Proof:
    subject = claims.get(portal.settings.oidc_claim)
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise NotProved(f"the provider does not say {portal.settings.oidc_claim}")
    email = str(claims.get("email", "")) if claims.get("email_verified") is True else ""
    return Proof(issuer_of(portal), subject, email, "mfa" in (claims.get("amr") or ()), token)
