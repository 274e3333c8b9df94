"""What may start a program when it is opened, by its name and by its bytes; and what is as harmless as it looks."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.danger import is_dangerous


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            # ZipInfo has a fixed date: the bytes stand in the tests' names, which every process must make alike
            entry = zipfile.ZipInfo(name.replace("__", "/").replace("_", "."))
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
DOCX = zipped(
    **{"[Content_Types].xml": b"<x/>", "word__document_xml": b"<x/>", "word__embeddings__oleObject1_bin": b"x"}
)


@pytest.mark.parametrize(
    "name",
    [
        "setup.exe", "rēķins.pdf.exe", "RĒĶINS.PDF.EXE", "foto.jpg.scr", "x.js", "x.vbs", "x.hta", "x.lnk", "x.bat",
        "x.ps1", "x.jar", "x.msi", "x.docm", "x.xlsm", "x.xlsb", "x.pptm", "x.rar", "x.7z", "x.iso", "x.exe. ",
        "x.exe...", "x.ex\u202ee", "x.com", "x.py", "x.sh", "x.apk", "x.tar.gz", "x.desktop", "x.chm", "x.reg",
    ],
)  # fmt: skip
def test_a_name_tells(name: str) -> None:
    assert is_dangerous(name, b"hello")


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00\x03" + bytes(100),
        b"\x7fELF\x02\x01",
        b"\xca\xfe\xba\xbe\x00",
        b"\xcf\xfa\xed\xfe\x07",
        b"#!/bin/sh\nrm -rf /\n",
        b"@echo off\r\ndel x",
        b"\x4c\x00\x00\x00\x01\x14\x02\x00" + bytes(16),
        b"Rar!\x1a\x07\x01\x00",
        b"7z\xbc\xaf\x27\x1c",
        b"\x1f\x8b\x08\x00",
        OLE + "_VBA_PROJECT".encode("utf-16-le"),
        OLE + "EncryptedPackage".encode("utf-16-le"),
        zipped(setup_exe=b"x"),
        zipped(mape__setup_js=b"x"),
        zipped(word__vbaProject_bin=b"x"),
        zipped(xl__macrosheets__sheet1_xml=b"x"),
        zipped(mimetype=b"application/vnd.oasis.opendocument.text", Basic__Standard__Module1_xml=b"x"),
        zipped(a_zip=zipped(b_zip=zipped(setup_exe=b"x"))),
        zipped(a_docx=zipped(word__vbaProject_bin=b"x")),
        zipped(a_zip=zipped(b_zip=zipped(c_zip=zipped(d_zip=zipped(e_txt=b"too deep to look into"))))),
        b"PK\x03\x04 broken",
        b"\xff\xd8\xff\xe0 a picture with a program behind it" + zipped(setup_exe=b"x"),
    ],
    ids=lambda content: repr(content[:12]),
)
def test_the_bytes_tell_whatever_the_name_says(content: bytes) -> None:
    assert is_dangerous("foto.jpg", content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pase.pdf", b"%PDF-1.7 abc"),
        ("iesniegums.docx", DOCX),
        ("iesniegums.edoc", zipped(mimetype=b"x", META_INF__signatures_xml=b"x", iesniegums_docx=DOCX)),
        ("vecs.doc", OLE),
        ("foto.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF"),
        ("dati.csv", "vārds;kods\n".encode("cp1257")),
        ("skripts.txt", "MZ ir abreviatūra; #!/bin/sh ir rinda".encode()),
        ("rēķins.exe.pdf", b"%PDF-1.7"),
        ("bez paplašinājuma", b"teksts"),
        ("exe", b"teksts"),
        ("arhīvs.zip", zipped(a_pdf=b"%PDF", b_zip=zipped(c_txt=b"x"))),
        ("tukšs", b""),
    ],
)
def test_what_is_harmless_is_not_kept_from_anybody(name: str, content: bytes) -> None:
    assert not is_dangerous(name, content)


def test_an_archive_that_is_a_trap_for_those_who_look_is_not_unpacked() -> None:
    inside = zipped(x_txt=bytes(60_000_000))
    many = zipped(**{f"{number}_zip": inside for number in range(3)})
    liar = zipped(a_zip=bytes(120_000_000))
    assert len(liar) < 200_000
    assert is_dangerous("a.zip", liar)
    assert not is_dangerous("a.zip", many), "what is inside those is never unpacked"


@given(some.text(max_size=30), some.sampled_from([b"PK\x03\x04", b"PK\x05\x06", b"MZ", b""]), some.binary(max_size=300))
def test_no_bytes_whatever_are_too_much(name: str, begins: bytes, rest: bytes) -> None:
    assert is_dangerous(name, begins + rest) in (True, False)
