"""Debian's Dovecot and Exim, started unprivileged on loopback out of a temporary folder, and stopped again."""

import grp
import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any, TypeVar

FILES = Path(__file__).parent / "files"
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
DOVECOT, EXIM, OPENSSL = (shutil.which(name, path=PATH) for name in ("dovecot", "exim4", "openssl"))
PARTS = [Path("/usr/lib/dovecot") / name for name in ("imap", "lmtp")]
WHY_ABSENT = "needs Debian's dovecot-imapd, dovecot-lmtpd, exim4-daemon-light and openssl: tests/install_mail.sh"
HERE = bool(DOVECOT and EXIM and OPENSSL) and all(part.exists() for part in PARTS)
USER = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
"""no mail server of a test runs as root"""
GROUP = grp.getgrgid(pwd.getpwnam(USER).pw_gid).gr_name
AS_USER: dict[str, Any] = {"user": USER, "group": GROUP, "extra_groups": []} if os.geteuid() == 0 else {}
PASSWORD = "žagata-7"
PATIENCE = 15.0


S = TypeVar("S", bound="MailServer")


@dataclass
class MailServer:
    """One of them. `folder` is its own, with its log."""

    folder: Path
    command: list[str]
    ports: dict[str, int]
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        said = (self.folder / "output").open("ab")
        self.process = subprocess.Popen(self.command, stdout=said, stderr=said, start_new_session=True, **AS_USER)
        said.close()
        for port in self.ports.values():
            self._until_it_answers(port)

    def kill(self) -> None:
        """At once, with all its children and connections."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def told(self) -> str:
        return "".join(path.read_text("utf-8", "replace") for path in self.folder.glob("*log"))

    def _until_it_answers(self, port: int) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.process is not None and self.process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            time.sleep(0.02)
        raise AssertionError(f"{self.command[0]} does not listen: {(self.folder / 'output').read_text()}{self.told()}")


class Dovecot(MailServer):
    """IMAP with and without TLS, and LMTP. Whoever logs in with PASSWORD has a mailbox."""

    def imap(self, user: str) -> imaplib.IMAP4:
        """An ordinary program's connection to somebody's mailbox."""
        client = imaplib.IMAP4("127.0.0.1", self.ports["imap"])
        client.authenticate("PLAIN", lambda _: f"\0{user}\0{PASSWORD}".encode())
        client.select("INBOX")
        return client


class Exim(MailServer):
    """SMTP with STARTTLS, TLS and log-in; what it takes goes on by LMTP to where `ports` of others say."""

    def run_the_queue(self) -> None:
        """Tries at once to deliver whatever waits."""
        subprocess.run([*self.command[:3], "-qff"], check=True, timeout=PATIENCE, **AS_USER)

    def waiting(self) -> int:
        return len(list((self.folder / "spool" / "input").rglob("*-D")))


@contextmanager
def dovecot(more: str = "") -> Iterator[Dovecot]:
    """`more` is put at the end of its configuration."""
    with _folder() as folder:
        (folder / "acl").write_text("INBOX user=seen lrs\n")
        ports = free_ports("imap", "imaps", "lmtp")
        config = _written(folder, "dovecot.conf", ports, more)
        with _running(Dovecot(folder, [str(DOVECOT), "-F", "-c", str(config)], ports)) as server:
            yield server


@contextmanager
def exim(lmtp: int, desk_lmtp: int = 1) -> Iterator[Exim]:
    """`lmtp` takes everybody's mail but that for desk.test, which `desk_lmtp` takes."""
    with _folder() as folder:
        ports = free_ports("smtp", "smtps")
        config = _written(folder, "exim.conf", {**ports, "lmtp": lmtp, "desk_lmtp": desk_lmtp})
        with _running(Exim(folder, [str(EXIM), "-C", str(config), "-bdf"], ports)) as server:
            yield server


def free_ports(*names: str) -> dict[str, int]:
    """Ports that nobody had a moment ago."""
    taken = [socket.socket() for _ in names]
    for one in taken:
        one.bind(("127.0.0.1", 0))
    ports = {name: one.getsockname()[1] for name, one in zip(names, taken, strict=True)}
    for one in taken:
        one.close()
    return ports


def certificate(folder: Path) -> Path:
    """Of `localhost`, by itself."""
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(folder / "key.pem")]
    out = ["-x509", "-days", "2", "-out", str(folder / "cert.pem")]
    subprocess.run([str(OPENSSL), "req", *key, *out, *subject], check=True, capture_output=True)
    return folder / "cert.pem"


@contextmanager
def _folder() -> Iterator[Path]:
    """Below /tmp and not below pytest's, into which only its owner may look."""
    folder = Path(tempfile.mkdtemp(prefix="atbilde-mail-"))
    try:
        certificate(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _written(folder: Path, name: str, filling: dict[str, int], more: str = "") -> Path:
    words = {"dir": folder, "user": USER, "group": GROUP, "password": PASSWORD, **filling}
    (folder / name).write_text(Template((FILES / name).read_text("utf-8")).substitute(words) + more, "utf-8")
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, USER, GROUP)
    return folder / name


@contextmanager
def _running(server: S) -> Iterator[S]:
    server.start()
    try:
        yield server
    finally:
        server.kill()
