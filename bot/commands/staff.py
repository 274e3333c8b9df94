"""`atbilde staff`: people who work at the desk."""

import sys
from typing import Annotated

import typer

from bot.commands import fail

app = typer.Typer(help="People who work at the desk.", no_args_is_help=True)


@app.command()
def add(
    login: Annotated[str, typer.Argument(help="The name to log in with.")],
    role: Annotated[str, typer.Option(help="coordinator, clerk or administrator")],
    institution: Annotated[str, typer.Option(help="Code of the institution, e.g. PMLP.")],
    name: Annotated[str, typer.Option(help="The person's name.")] = "",
) -> None:
    """Add a person; the password is read from standard input."""
    from sqlalchemy.exc import IntegrityError

    from bot.commands.settings import open_database
    from bot.first_start import add_person

    password = _password(login)
    database = open_database()
    try:
        database.write(lambda session: add_person(session, login, name, role, institution, password) and None)
    except IntegrityError:
        fail(f"there is a {login!r} already")
    except ValueError as error:
        fail(str(error), 2)
    typer.echo(f"{login} can log in")


@app.command()
def password(login: Annotated[str, typer.Argument(help="Whose password to set.")]) -> None:
    """Set a new password, read from standard input; open sessions end."""
    from sqlmodel import Session, col, select

    from bot.commands.settings import open_database
    from models.staff import Person
    from web.sessions import close_sessions_of

    new = _password(login)

    def work(session: Session) -> bool:
        person = session.exec(select(Person).where(col(Person.login) == login)).first()
        if person is None:
            return False
        person.password_hash = new
        close_sessions_of(session, person.id or 0)
        return True

    if not open_database().write(work):
        fail(f"there is no {login!r}")
    typer.echo(f"the password of {login} is changed")


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
        typer.echo(f"{person.login}\t{person.role}\t{institution.code}\t{person.name}")


def _password(login: str) -> str:
    """Reads it without showing it; gives back its hash. A pipe gives one line."""
    import getpass

    from web.passwords import check_password_rules, hash_password

    given = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if reason := check_password_rules(given, login):
        fail(reason, 2)
    return hash_password(given)
