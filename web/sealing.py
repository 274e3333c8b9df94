"""What is stored encrypted: with a key that is derived from the installation's secret, another one for each purpose."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken

from web.signing import Signing


def seal(signing: Signing, purpose: str, value: str) -> str:
    return _box(signing, purpose).encrypt(value.encode()).decode()


def unseal(signing: Signing, purpose: str, sealed: str, seconds: int | None = None) -> str | None:
    """The value, or None where it was not sealed by us, for another purpose, or longer ago than that."""
    try:
        return _box(signing, purpose).decrypt(sealed.encode(), seconds).decode()
    except (InvalidToken, UnicodeError):
        return None


def _box(signing: Signing, purpose: str) -> Fernet:
    return Fernet(urlsafe_b64encode(signing.derive(f"seal {purpose}")))
