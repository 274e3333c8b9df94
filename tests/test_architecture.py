"""What the folders promise and import-linter cannot say: names, and who may know whom."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("bot", "channels", "nlu", "routing", "models", "config", "web", "catalogue", "reports")
VAGUE = {"services", "utils", "util", "core", "common", "managers", "helpers", "misc"}
CHANNELS = (
    "api",
    "telegram",
    "webchat",
    "email",
    "sms",
    "whatsapp",
    "messenger",
    "instagram",
    "viber",
    "teams",
    "slack",
    "counter",
)
THIRD_PARTY: dict[str, tuple[str, ...]] = {
    "aiogram": ("telegram",),
    "aiohttp": ("telegram", "slack"),
    "aiosmpplib": ("sms",),
    "aiosmtpd": ("email",),
    "aiosmtplib": ("email",),
    "imap_tools": ("email",),
    "nh3": ("email",),
    "pywa": (),
    "smpp34": (),
    "telegram": (),
    "twilio": (),
    "viberbot": (),
    "slack_bolt": ("slack",),
    "slack_sdk": ("slack",),
}


def modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def imported(path: Path) -> set[str]:
    """Every module that the file imports anywhere, also late or for types only."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def channel_of(path: Path) -> str:
    """`telegram_parse.py` is a part of the channel telegram; all that is in `mail/` is part of the channel email."""
    if path.parent.name == "mail":
        return "email"
    return path.stem.partition("_")[0]


def test_no_folder_or_file_has_a_name_that_says_nothing() -> None:
    folders = [path.name for path in ROOT.iterdir() if path.is_dir()]
    files = [path.stem for path in modules(*PACKAGES)]
    assert not VAGUE & {*folders, *files}


def test_every_package_that_is_shipped_is_checked_here() -> None:
    shipped = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert shipped - {"tests", "bench", "migrations"} == set(PACKAGES)


@pytest.mark.parametrize("path", modules(*PACKAGES), ids=name)
def test_every_file_says_in_its_first_line_what_it_is(path: Path) -> None:
    text = path.read_text("utf-8")
    if text.strip():
        assert ast.get_docstring(tree(path)), f"{name(path)} begins without a docstring"


@pytest.mark.parametrize("path", [p for p in modules("channels") if p.stem not in ("__init__", "base")], ids=name)
def test_a_channels_file_knows_no_other_channel(path: Path) -> None:
    own = channel_of(path)
    others = {f"channels.{other}" for other in CHANNELS if other != own}
    for module in imported(path):
        assert not any(module == other or module.startswith((f"{other}.", f"{other}_")) for other in others), module
    words = {
        node.value.lower()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value
    }
    assert not words & (set(CHANNELS) - {own, "api"}), f"{name(path)} names another channel"


def test_what_a_channel_is_names_none() -> None:
    known = {module for module in imported(ROOT / "channels" / "base.py") if module.startswith("channels")}
    assert all(module.startswith("channels.delivery") for module in known), known


def test_a_channels_library_is_imported_by_its_own_files_only() -> None:
    for path in modules(*PACKAGES):
        for module in imported(path):
            owners = THIRD_PARTY.get(module.partition(".")[0])
            if owners is not None:
                assert "channels" in path.parts, f"{name(path)} imports {module}"
                assert channel_of(path) in owners, f"{name(path)} imports {module}"


def test_only_the_wiring_knows_the_channels_by_name() -> None:
    allowed = {"bot/channels.py", "bot/commands/mail.py"}  # `atbilde mail` shows what was read of a mail
    for path in modules("bot", "web", "routing", "models", "nlu", "catalogue"):
        if name(path) in allowed:
            continue
        # a channel's and a letter's, in which all may speak
        words = ("channels.base", "channels.delivery", "channels.mail.mail")
        known = {m for m in imported(path) if m.startswith("channels.") and not m.startswith(words)}
        if path.parent.name == "web":  # the chat's own page speaks the chat's own language
            known = {m for m in known if not m.startswith("channels.webchat")}
        if path.stem.startswith("slack_"):  # so does what answers the staff's own channel
            known = {m for m in known if not m.startswith("channels.slack")}
        assert not known, f"{name(path)} imports {known}"


def test_channels_and_the_engine_do_not_know_that_there_is_a_database() -> None:
    for path in modules("channels", "nlu"):
        for module in imported(path):
            assert module.partition(".")[0] not in {"sqlmodel", "sqlalchemy", "models", "psycopg", "sqlite3"}, name(
                path
            )


def test_the_command_loads_nothing_heavy_before_it_is_needed() -> None:
    heavy = {
        "sqlalchemy",
        "sqlmodel",
        "fastapi",
        "aiogram",
        "holidays",
        "uvicorn",
        "alembic",
        "bot.app",
        "models",
        "web",
    }
    for path in [ROOT / "bot" / "cli.py", *modules("bot/commands")]:
        if path.name == "settings.py":  # imported late by those that need it
            continue
        top = {
            module
            for node in tree(path).body
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for module in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
        }
        assert not {m for m in top if m in heavy or m.partition(".")[0] in heavy}, name(path)


def test_nobody_waits_by_sleeping_in_a_thread_of_the_event_loop() -> None:
    for path in modules(*PACKAGES):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.AsyncFunctionDef):
                calls = [ast.unparse(inner.func) for inner in ast.walk(node) if isinstance(inner, ast.Call)]
                assert "time.sleep" not in calls, f"{name(path)}: {node.name}"


def test_no_file_holds_a_path_of_the_machine_it_was_written_on() -> None:
    for path in [*modules(*PACKAGES, "tests", "bench"), *(ROOT / "config").glob("*.yaml")]:
        text = path.read_text("utf-8")
        assert "/" + "work/" not in text, name(path)
        assert "/" + "home/" not in text, name(path)
