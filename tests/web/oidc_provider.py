"""A real OpenID Connect provider on loopback, for tests: npm's oidc-provider, which tests/install_oidc.sh installs."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from config.settings import ROOT
from tests.web.desk_house import DeskHouse

MODULES = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "atbilde" / "oidc" / "node_modules"


@dataclass
class Provider:
    issuer: str

    def rotates(self) -> None:
        httpx.post(f"{self.issuer}/test/rotate")

    def lies(self, **claims: object) -> None:
        """In its next ID tokens; nothing is true again."""
        httpx.post(f"{self.issuer}/test/bend", json=claims)


@contextmanager
def running_provider(ours: str) -> Iterator[Provider]:
    """It knows the desk at that address as its client."""
    if not shutil.which("node") or not (MODULES / "oidc-provider").is_dir():
        pytest.skip("needs node and oidc-provider, which tests/install_oidc.sh installs")
    command = ["node", str(ROOT / "tests" / "oidc" / "provider.mjs"), str(MODULES), ours]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield Provider(process.stdout.readline().strip())
        finally:
            process.terminate()


def with_provider(desk: DeskHouse, **settings: object) -> None:
    known = {
        "oidc_client_id": "atbilde",
        "oidc_client_secret": SecretStr("a secret that the desk and the provider share"),
        "oidc_label": "Valsts ID",
    }
    changed = desk.portal.settings.model_copy(update=known | settings)
    desk.portal = desk.app.state.portal = replace(desk.portal, settings=changed)
