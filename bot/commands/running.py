"""`atbilde serve`, `work`, `migrate`, `demo`."""

from typing import Annotated

import typer

from bot.commands import fail


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (PORT).")] = None,
) -> None:
    """Serve the chat, the API and the desk, with a worker in the same process."""
    from bot.commands.settings import plain_words, settings_or_fail
    from bot.logs import set_up_logs
    from bot.server import listen, run

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = settings_or_fail(**given)
    set_up_logs(as_json=settings.log_json)
    try:
        sock = listen(settings)
    except OSError as error:
        fail(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}. Try another PORT.")
    with sock, plain_words():
        started = run(settings, sock)
    if not started:
        fail("it could not start; the reason stands above")


def work() -> None:
    """Work alone, without serving: takes inbox rows, sends, ticks."""
    import asyncio
    import signal

    from bot.app import House
    from bot.commands.settings import plain_words, settings_or_fail
    from bot.logs import set_up_logs

    settings = settings_or_fail()
    set_up_logs(as_json=settings.log_json)

    async def run() -> None:
        house, stop = House(settings), asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        await house.start()
        typer.echo("working; stop with Ctrl+C")
        await stop.wait()
        await house.stop()

    with plain_words():
        asyncio.run(run())


def migrate() -> None:
    """Bring the database to the newest form."""
    from bot.commands.settings import open_database

    open_database(ready=False).close()
    typer.echo("the database is up to date")


def demo(
    tickets: Annotated[int, typer.Option(min=1, max=10_000, help="How many tickets to make.")] = 40,
) -> None:
    """Fill the desk with life-like tickets in every state."""
    from bot.commands.settings import open_database, settings_or_fail
    from bot.demo import fill
    from bot.rulebook import RulebookKeeper

    database = open_database()
    RulebookKeeper(database, settings_or_fail().rules_dir).begin()
    made = fill(database, tickets)
    database.close()
    typer.echo(f"{made} tickets made; look at them in the desk")
