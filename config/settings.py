"""Settings from the environment or `.env`; every one may also come from a file named by `<NAME>_FILE`."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / "config"


class FileSource(EnvSettingsSource):
    """Reads `NAME_FILE` where `NAME` itself is not set, so that secrets need not stand in the environment."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        name = f"{self.config.get('env_prefix', '')}{field_name}_file".upper()
        path = os.environ.get(name)
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text("utf-8").strip(), field_name, False
        except OSError as error:
            raise ValueError(f"{name}={path} cannot be read: {error.strerror}") from error


class FromEnvironment(BaseSettings):
    """Base of every settings class; a channel's own stands in the channel's file with its prefix."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, FileSource(settings_cls), dotenv_settings


def _http_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError(f"{url!r} is no address such as http://127.0.0.1:5005")
    return url


def _http_address_or_none(url: str) -> str:
    return _http_address(url) if url else ""


def _provider(url: str) -> str:
    parts = urlsplit(url)
    here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    if url and not (here or (parts.scheme == "https" and parts.hostname)):
        raise ValueError(f"{url!r} is no address such as https://id.example.lv")
    return url


class Settings(FromEnvironment):
    """What the application as a whole needs to know."""

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    database_url: str = f"sqlite:///{ROOT / 'var' / 'atbilde.db'}"
    data_dir: Path = ROOT / "var"
    rules_dir: Path = CONFIG
    """Folder of calendars.yaml, clocks.yaml and escalation.yaml, which are taken in whenever they are saved."""
    public_url: str = ""
    """Where citizens and institutions reach us; links in messages begin with it. Empty: http://host:port."""
    channels: str = "webchat,api,telegram,email"
    """Names of the channels that are on, separated by commas; one that lacks its settings says so and stays off."""
    secret_key: SecretStr | None = None
    """Signs links, sessions and tokens. Made at the first start and kept in data_dir where not given."""
    widget_origins: str = "*"
    """Sites that may embed the chat, separated by commas; `*` for any."""
    secure_cookies: bool = False
    """Set where the desk is served over HTTPS, so that the session's cookie never travels in the clear."""
    totp_for: str = ""
    """Roles that need a second step to log in, separated by commas: administrator,lead,…; others may set it up."""
    passwords_for: Literal["everybody", "administrators"] = "everybody"
    """Who may log in with a password, where there is a provider for the others."""
    oidc_issuer: Annotated[str, AfterValidator(_provider)] = ""
    """Address of an OpenID Connect provider where staff log in; empty: there is none."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr | None = None
    oidc_label: str = ""
    """What the provider is called on the log-in page."""
    oidc_claim: str = "sub"
    """What the provider says of a person by which people here are told apart."""
    oidc_link_by_email: bool = False
    """A verified e-mail address that one person here has, links the account by itself; administrators' never."""
    attachment_bytes: int = Field(10 * 1024 * 1024, gt=0)
    """Largest file that is taken, but for letters, of which every file is kept."""
    files_s3_endpoint: str = ""
    """http(s)://host:port of a storage that speaks S3; files lie there where a bucket is named, else in data_dir."""
    files_s3_bucket: str = ""
    files_s3_region: str = "us-east-1"
    files_s3_key: SecretStr | None = None
    files_s3_secret: SecretStr | None = None
    clamd: str = ""
    """host:port or the path of the socket of ClamAV's daemon, which looks for viruses in files; empty: nobody does."""
    trusted_proxies: str = ""
    """Addresses whose X-Forwarded-For is believed, separated by commas; needed for rate limits behind a proxy."""
    questions_per_minute: int = Field(30, gt=0)
    """How many questions and messages one address may send in a minute."""
    nlu_engine: Literal["builtin", "rasa"] = "builtin"
    """What says which service a question is about; where Rasa does not answer, the built-in engine does."""
    nlu_rasa_url: Annotated[str, AfterValidator(_http_address)] = "http://127.0.0.1:5005"
    nlu_rasa_timeout: float = Field(1.0, gt=0, le=30)
    """seconds"""
    translate_url: Annotated[str, AfterValidator(_http_address_or_none)] = ""
    """A server that speaks LibreTranslate's API, for machine translations at the desk; empty: there are none."""
    translate_key: SecretStr | None = None
    institutions_reveal: bool = False
    """Whether an institution's people may look at what is masked in a question that they have; the trail keeps it."""
    log_json: bool = False

    @property
    def link_base(self) -> str:
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"

    @property
    def totp_roles(self) -> frozenset[str]:
        return frozenset(role.strip() for role in self.totp_for.split(",") if role.strip())

    @property
    def channel_names(self) -> list[str]:
        return [name.strip() for name in self.channels.split(",") if name.strip()]
