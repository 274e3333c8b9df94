"""Real mail servers for the tests of a file, and what is shared by tests of the ways in and out."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.channels.mail import servers


@pytest.fixture(scope="module")
def dovecot() -> Iterator[servers.Dovecot]:
    if not servers.HERE:
        pytest.skip(servers.WHY_ABSENT)
    with servers.dovecot() as running:
        yield running


@pytest.fixture(scope="module")
def desk_lmtp() -> int:
    """The port at which Exim hands in what is for desk.test: whoever wants it listens there."""
    return servers.free_ports("lmtp")["lmtp"]


@pytest.fixture(scope="module")
def exim(dovecot: servers.Dovecot, desk_lmtp: int) -> Iterator[servers.Exim]:
    with servers.exim(dovecot.ports["lmtp"], desk_lmtp) as running:
        yield running


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Makes a server's own certificate count, as an operator would."""
    return lambda folder: monkeypatch.setenv("SSL_CERT_FILE", str(folder / "cert.pem"))
