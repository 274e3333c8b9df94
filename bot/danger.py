"""Whether opening a file may start a program: judged by its name and its bytes, not by what the sender calls it."""

import re
import zipfile
from io import BytesIO

PROGRAMS = """
ade adp ahk apk app appimage application appref-ms appx appxbundle bat chm class cmd com cpl deb desktop diagcab diagcfg
diagpkg dll dmg drv ear exe gadget hlp hta inf ins isp jar jnlp js jse ksh lib library-ms lnk mde mjs msc msh msi msix
msixbundle msp mst nsh ocx osd pif pkg pl ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psm1 py pyc pyw pyz reg rpm run scf scpt
scr sct search-ms settingcontent-ms sh shb shs so swf sys theme url vb vbe vbs vhd vhdx vxd war website ws wsc wsf wsh
xbap xll
"""
WITH_MACROS = "docm dotm potm ppam ppsm pptm sldm xla xlam xlm xlsb xlsm xltm"
CLOSED_ARCHIVES = """
7z ace arc arj bz bz2 cab cpio gz gzip img iso lha lz lzh lzma r00 rar tar taz tbz tgz txz wim xar xz z zst
"""
"""archives that are not looked into"""
ENDINGS = frozenset(f"{PROGRAMS} {WITH_MACROS} {CLOSED_ARCHIVES}".split())
OPEN_ARCHIVES = ("zip", "docx", "xlsx", "pptx", "odt", "ods", "odp", "odg", "edoc", "asice", "sce")
"""archives that are looked into, also where one lies in another"""
DEEPEST = 3
MOST_ENTRIES = 10_000
MOST_INSIDE = 100_000_000
"""bytes of the archives within an archive that are looked into; what holds more is a trap for those who look"""

_BEGINNINGS = (
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",  # Java, and macOS for several processors
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",  # macOS
    b"\x4c\x00\x00\x00\x01\x14\x02\x00",  # a Windows shortcut
    b"ITSF",  # Windows help
    b"#!/",
    b"#! /",
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"MSCF",
    b"\x1f\x8b\x08",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
)
_SCRIPT = re.compile(rb"\s*(?:@echo off|<\?php|<script|BZh[1-9]1AY)", re.IGNORECASE)
_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IN_OFFICE = (
    "_VBA_PROJECT".encode("utf-16-le"),
    "EncryptedPackage".encode("utf-16-le"),  # locked by a password: nobody can look
    b"\x84\x10\x0c\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46",  # an installer
)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_MACRO_ENTRY = re.compile(r"(?:^|/)(?:vbaproject\.bin|androidmanifest\.xml)$|(?:^|/)macrosheets/.", re.IGNORECASE)
_ODF_MACRO = re.compile(r"(?:basic/.*\.xml|scripts/.*\.\w+)$", re.IGNORECASE)


def is_dangerous(name: str, content: bytes) -> bool:
    """A program, a script, an office document with macros, an archive with one of them or that cannot be looked into.

    Never raises. What else a document may do is left to the scanner for viruses.
    """
    return _named(name) or _begins_like_a_program(content) or _in_office(content) or _Look().into(content, DEEPEST)


def _named(name: str) -> bool:
    """By the last ending, whatever stands before it; Windows takes no notice of blanks and dots behind it."""
    return _ending(name) in ENDINGS


def _ending(name: str) -> str:
    _, dot, ending = "".join(c for c in name if c.isprintable()).rstrip(". ").rpartition(".")
    return ending.casefold() if dot else ""


def _begins_like_a_program(content: bytes) -> bool:
    return (
        content.startswith(_BEGINNINGS)
        or bool(_SCRIPT.match(content))
        or (content[:2] == b"MZ" and b"\x00" in content[:512])  # and not a text that begins so
        or content[257:262] == b"ustar"
        or content[0x8001:0x8006] == b"CD001"
    )


def _in_office(content: bytes) -> bool:
    return content.startswith(_OFFICE) and any(mark in content for mark in _IN_OFFICE)


class _Look:
    """A look into an archive and those within it, which costs no more than `MOST_INSIDE`."""

    def __init__(self) -> None:
        self._left = MOST_INSIDE

    def into(self, content: bytes, deep: int) -> bool:
        """Whether something dangerous is in it; a zip file may have anything in front."""
        begins = content.startswith(_ZIP)
        if not begins and _ZIP[1] not in content[-66_000:]:
            return False
        if content.count(b"PK\x01\x02") > MOST_ENTRIES:
            return True
        try:
            with zipfile.ZipFile(BytesIO(content)) as archive:
                return self._among(archive, deep)
        except Exception:  # whatever is wrong with it, nobody can say what is inside
            return begins

    def _among(self, archive: zipfile.ZipFile, deep: int) -> bool:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        names = [entry.filename for entry in entries]
        if any(_named(name) or _MACRO_ENTRY.search(name) for name in names):
            return True
        if "mimetype" in names and any(_ODF_MACRO.match(name) for name in names):
            return True
        return any(self._inside(archive, one, deep) for one in entries if _ending(one.filename) in OPEN_ARCHIVES)

    def _inside(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, deep: int) -> bool:
        self._left -= entry.file_size
        locked = bool(entry.flag_bits & 1)
        return locked or deep == 0 or self._left < 0 or self.into(archive.read(entry), deep - 1)
