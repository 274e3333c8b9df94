"""Files in a folder and in a bucket: the same to whoever keeps and reads them. The bucket is a real server's (moto)."""

import hashlib
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.files import Files, files_of
from config.settings import Settings

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" * 100_000


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a server with the bucket `files`."""
    server = pytest.importorskip("moto.server", reason="needs moto's server").ThreadedMotoServer(
        "127.0.0.1", 0, verbose=False
    )
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    with urllib.request.urlopen(urllib.request.Request(f"{address}/files", method="PUT")):
        pass
    yield address
    server.stop()


def in_bucket(folder: Path, address: str, bucket: str = "files") -> Files:
    own = {"files_s3_endpoint": address, "files_s3_bucket": bucket, "files_s3_key": "k", "files_s3_secret": "s"}
    return files_of(Settings.model_validate({"data_dir": folder, **own}))


@pytest.fixture(params=["folder", "bucket"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    if request.param == "folder":
        return files_of(Settings(data_dir=tmp_path))
    return in_bucket(tmp_path, request.getfixturevalue("s3"))


def test_what_is_kept_is_read_whole_and_in_pieces(files: Files) -> None:
    name = files.keep(PDF)
    assert name == hashlib.sha256(PDF).hexdigest()
    assert files.read(name) == PDF
    pieces = list(files.pieces(name))
    assert b"".join(pieces) == PDF
    assert len(pieces) > 1


def test_kept_twice_is_kept_once(files: Files) -> None:
    assert files.keep(b"abc") == files.keep(b"abc")
    assert files.read(files.keep(b"abc")) == b"abc"


def test_nothing_is_a_file_too(files: Files) -> None:
    assert files.read(files.keep(b"")) == b""


def test_a_file_that_is_not_there_is_missed_before_its_first_piece(files: Files) -> None:
    with pytest.raises(FileNotFoundError):
        files.read("0" * 64)
    with pytest.raises(FileNotFoundError):
        files.pieces("0" * 64)


def test_with_a_bucket_nothing_lies_in_the_folder(tmp_path: Path, s3: str) -> None:
    in_bucket(tmp_path, s3).keep(PDF)
    assert list(tmp_path.iterdir()) == []


def test_a_bucket_that_is_not_there_is_an_error_to_be_tried_again_and_keeps_nothing(tmp_path: Path, s3: str) -> None:
    with pytest.raises(OSError, match="bucket"):
        in_bucket(tmp_path, s3, "none").keep(PDF)
    with pytest.raises(OSError, match="the bucket of files"):
        in_bucket(tmp_path, "http://127.0.0.1:1").keep(PDF)


@pytest.mark.parametrize("lacking", ["files_s3_endpoint", "files_s3_key", "files_s3_secret"])
def test_a_bucket_without_all_its_settings_stops_the_start(tmp_path: Path, lacking: str) -> None:
    own = {"files_s3_endpoint": "http://x", "files_s3_bucket": "files", "files_s3_key": "k", "files_s3_secret": "s"}
    with pytest.raises(ValueError, match="FILES_S3_BUCKET needs"):
        files_of(Settings.model_validate({"data_dir": tmp_path, **own, lacking: ""}))
