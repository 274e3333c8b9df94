"""`atbilde staff`: people who work at the desk."""

import re
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands import fail

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlmodel import Session

    from models.staff import Person

app = typer.Typer(help="People who work at the desk.", no_args_is_help=True)


@app.command()
def add(
    login: Annotated[str, typer.Argument(help="The name to log in with.")],
    role: Annotated[str, typer.Option(help="coordinator, lead, clerk, head, editor, auditor or administrator")],
    institution: Annotated[str, typer.Option(help="Code of the institution, e.g. PMLP.")],
    name: Annotated[str, typer.Option(help="The person's name.")] = "",
) -> None:
    """Add a person; the password is read from standard input."""
    from bot.commands.settings import open_database
    from models.staff import Role
    from web.desk.forms import Mistake
    from web.people import add_person

    if role not in list(Role):
        fail(f"no role {role!r}; there are {', '.join(Role)}", 2)
    password = _password(login)
    database = open_database()
    try:
        database.write(lambda session: add_person(session, login, name, role, institution, password) and None)
    except Mistake as mistake:
        if mistake.key == "login_taken":
            fail(f"there is a {login!r} already")
        fail(f"{login!r} is no name to log in with", 2)
    except ValueError as error:
        fail(str(error), 2)
    typer.echo(f"{login} can log in")


@app.command()
def password(login: Annotated[str, typer.Argument(help="Whose password to set.")]) -> None:
    """Set a new password, read from standard input; open sessions end."""
    from web.session_rows import close_sessions_of

    new = _password(login)

    def work(session: "Session", person: "Person") -> None:
        person.password_hash = new
        close_sessions_of(session, person.id or 0)

    _change(login, work)
    typer.echo(f"the password of {login} is changed")


@app.command()
def reach(
    login: Annotated[str, typer.Argument(help="Whose notices are meant.")],
    channel: Annotated[str, typer.Option(help="The channel to send them by, e.g. telegram.")] = "",
    address: Annotated[str, typer.Option(help="The person's address there; in Telegram the number of the chat.")] = "",
    none: Annotated[bool, typer.Option("--none", help="Send none; they stay at the desk.")] = False,
) -> None:
    """Set where a person's notices are sent besides the desk."""
    from models.change import note_change
    from models.moments import now
    from web.people import COMMAND, THING, form_of
    from web.people import reach as reach_by

    if none == bool(channel or address) or bool(channel) != bool(address):
        fail("give either --channel and --address, or --none", 2)
    address = address if none else _address(channel, address)

    def work(session: "Session", person: "Person") -> None:
        before, at = form_of(session, person), now()
        reach_by(session, person, channel, "" if none else address, at)
        note_change(session, COMMAND, THING, person.login, "changed", before, form_of(session, person), at)

    _change(login, work)
    typer.echo(f"{login} finds notices at the desk only" if none else f"{login} gets notices by {channel} at {address}")


@app.command()
def off(login: Annotated[str, typer.Argument(help="Who leaves.")]) -> None:
    """Switch a person off: no log-in, no notices any more; open sessions end."""
    from web.session_rows import close_sessions_of

    def work(session: "Session", person: "Person") -> None:
        person.active = False
        close_sessions_of(session, person.id or 0)

    _change(login, work)
    typer.echo(f"{login} is switched off")


@app.command()
def on(login: Annotated[str, typer.Argument(help="Who comes back.")]) -> None:
    """Let a person in again who was switched off."""
    _switch(login, on=True)
    typer.echo(f"{login} can log in again")


@app.command("list")
def show() -> None:
    """List the people."""
    from sqlmodel import col, select

    from bot.commands.settings import open_database
    from models.institution import Institution
    from models.staff import Person

    with open_database().read() as session:
        rows = session.exec(
            select(Person, Institution).join(Institution, col(Institution.id) == col(Person.institution_id))
        ).all()
    for person, institution in rows:
        state = "" if person.active else "\toff"
        typer.echo(f"{person.login}\t{person.role}\t{institution.code}\t{person.name}{state}")


def _switch(login: str, *, on: bool) -> None:
    from models.moments import now
    from routing.triage import NotPossible
    from web.people import COMMAND, switch

    try:
        _change(login, lambda session, person: switch(session, person, on, COMMAND, now()))
    except NotPossible as error:
        fail(str(error))


def _change(login: str, work: "Callable[[Session, Person], None]") -> None:
    """Does it to that person, or says that there is none."""
    from sqlmodel import col, select

    from bot.commands.settings import open_database
    from models.staff import Person

    def change(session: "Session") -> bool:
        person = session.exec(select(Person).where(col(Person.login) == login)).first()
        if person is not None:
            work(session, person)
        return person is not None

    if not open_database().write(change):
        fail(f"there is no {login!r}")


def _address(channel: str, address: str) -> str:
    """The address as the channel knows it. Ends the command where nothing can be sent there."""
    from bot.channels import make_channels
    from bot.commands.settings import plain_words, settings_or_fail

    settings = settings_or_fail()
    with plain_words():
        able = [name for name, made in make_channels(settings, key=b"").items() if not made.pulled]
    if channel not in able:
        fail(f"nothing can be sent by {channel!r}; channels that are on and can: {', '.join(able) or 'none'}", 2)
    given = address.strip()
    if channel == "telegram" and not re.fullmatch(r"-?[0-9]{1,19}", given, re.ASCII):
        fail(f"{address!r} is no chat of Telegram: that is a number, such as 12345", 2)
    if not given.isprintable() or not 0 < len(given) <= 200:
        fail(f"{address!r} is no address", 2)
    return given


def _password(login: str) -> str:
    """Reads it without showing it; gives back its hash. A pipe gives one line."""
    import getpass

    from web.passwords import check_password_rules, hash_password

    given = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if reason := check_password_rules(given, login):
        fail(reason, 2)
    return hash_password(given)
