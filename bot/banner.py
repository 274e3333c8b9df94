"""What somebody who started it wants to know: where to look, and how to log in."""

from rich.console import Console
from rich.panel import Panel

from bot.first_start import LOGINS
from config.settings import Settings


def greet(settings: Settings) -> None:
    base = settings.link_base
    lines = [
        f"Chat       {base}/",
        f"Desk       {base}/desk",
        f"API        {base}/openapi.json",
        "",
    ]
    path = settings.data_dir / LOGINS
    if path.exists():
        lines.append(f"Log-ins made at the first start (kept in {path}; delete it when you have them):")
        lines += [f"  {line.replace(chr(9), '   ')}" for line in path.read_text("utf-8").splitlines()]
    else:
        lines.append("Log-ins: `atbilde staff list`; a new password: `atbilde staff password LOGIN`")
    Console().print(Panel("\n".join(lines), title="Atbilde is ready", expand=False), highlight=False, markup=False)
