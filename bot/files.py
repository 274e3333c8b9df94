"""Where files lie, each under the hash of its bytes: in a folder, or in a bucket of a storage that speaks S3."""

import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from obstore.exceptions import BaseError
from obstore.store import S3Store

from bot.clamd import Scan, nothing_found
from config.settings import Settings

PIECE = 256 * 1024
"""bytes that are read at once"""
PATIENCE = timedelta(seconds=20)
"""for one file with all tries; shorter than a row's lease"""

FRESH = timedelta(hours=1)
"""no file is deleted within as long after it came"""


class Files(Protocol):
    limit: int
    """bytes of the largest file that is taken, but for letters"""
    scan: Scan
    """says whether a virus is in it"""

    def keep(self, content: bytes) -> str:
        """Writes the bytes durably and returns their hash. Raises OSError."""

    def read(self, sha256: str) -> bytes:
        """Raises OSError; FileNotFoundError where there is no such file."""

    def pieces(self, sha256: str) -> Iterator[bytes]:
        """The bytes one piece after the other. Raises as `read`, before the first piece is asked for."""

    def drop(self, sha256: str) -> bool:
        """Deletes them; False where they came again within FRESH, and whoever brought them may be about to name them.

        Raises OSError.
        """


def files_of(settings: Settings, scan: Scan = nothing_found) -> "Files":
    """As the settings say. Raises ValueError where those of a bucket are not whole."""
    if not settings.files_s3_bucket:
        return Store(settings.data_dir / "files", settings.attachment_bytes, scan)
    if not (settings.files_s3_endpoint and settings.files_s3_key and settings.files_s3_secret):
        raise ValueError("FILES_S3_BUCKET needs FILES_S3_ENDPOINT, FILES_S3_KEY and FILES_S3_SECRET")
    return Bucket(settings, scan)


class Store:
    """In the data folder."""

    def __init__(self, folder: Path, limit: int, scan: Scan = nothing_found) -> None:
        self._folder = folder
        self.limit = limit
        self.scan = scan

    def keep(self, content: bytes) -> str:
        name = hashlib.sha256(content).hexdigest()
        path = self.path(name)
        try:
            os.utime(path)  # nobody deletes it now, see `drop`
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f"{name}.{secrets.token_hex(4)}.part")  # the same file may come twice at once
            with part.open("wb") as writing:
                writing.write(content)
                writing.flush()
                os.fsync(writing.fileno())
            part.replace(path)
        return name

    def read(self, sha256: str) -> bytes:
        return self.path(sha256).read_bytes()

    def pieces(self, sha256: str) -> Iterator[bytes]:
        file = self.path(sha256).open("rb")

        def pieces() -> Iterator[bytes]:
            with file:
                while piece := file.read(PIECE):
                    yield piece

        return pieces()

    def drop(self, sha256: str) -> bool:
        path = self.path(sha256)
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime < FRESH.total_seconds():
                return False
            path.unlink()
        return True

    def path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


class Bucket:
    """In a bucket, which all processes share. Blocks its thread while it waits; raises OSError for whatever fails."""

    def __init__(self, settings: Settings, scan: Scan = nothing_found) -> None:
        self.limit = settings.attachment_bytes
        self.scan = scan
        key, secret = settings.files_s3_key, settings.files_s3_secret
        self._store = S3Store(
            settings.files_s3_bucket,
            endpoint=settings.files_s3_endpoint,
            region=settings.files_s3_region,
            access_key_id=key.get_secret_value() if key else "",
            secret_access_key=secret.get_secret_value() if secret else "",
            virtual_hosted_style_request=False,
            client_options={"allow_http": True, "timeout": PATIENCE, "connect_timeout": PATIENCE / 4},
            retry_config={"max_retries": 3, "retry_timeout": PATIENCE},
        )

    def keep(self, content: bytes) -> str:
        name = hashlib.sha256(content).hexdigest()
        put_at = self._put_at(name)
        if put_at is None or datetime.now(UTC) - put_at > FRESH / 2:
            with _as_os_error():
                self._store.put(name, content)
        return name

    def read(self, sha256: str) -> bytes:
        with _as_os_error():
            return bytes(self._store.get(sha256).bytes())

    def pieces(self, sha256: str) -> Iterator[bytes]:
        with _as_os_error():
            found = self._store.get(sha256)
        return (bytes(piece) for piece in found.stream(min_chunk_size=PIECE))

    def drop(self, sha256: str) -> bool:
        put_at = self._put_at(sha256)
        if put_at is not None and datetime.now(UTC) - put_at < FRESH:
            return False
        with _as_os_error(), suppress(FileNotFoundError):
            self._store.delete(sha256)
        return True

    def _put_at(self, sha256: str) -> datetime | None:
        """None where it is not there."""
        try:
            with _as_os_error():
                return self._store.head(sha256)["last_modified"]
        except FileNotFoundError:
            return None


@contextmanager
def _as_os_error() -> Iterator[None]:
    """The library has one for files that are not there; all else is its own."""
    try:
        yield
    except BaseError as error:
        raise OSError(f"the bucket of files: {str(error).splitlines()[0][:300]}") from error
