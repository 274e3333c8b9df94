"""Lets django-helpdesk's own importer take a folder of mails, and says how many a second became tickets.

    python bench/helpdesk_import.py FOLDER

Runs in an environment of its own, never in ours: see bench/bench_mail.py. The mails that were taken are deleted from
FOLDER, as that importer does. One JSON line.
"""

import json
import logging
import sys
import time
from importlib.metadata import version
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

FOLDER = Path(sys.argv[1])
APPS = (
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.sites",
    "django.contrib.messages",
    "django.contrib.humanize",
    "account",
    "pinax.invitations",
    "pinax.teams",
    "reversion",
    "rest_framework",
    "helpdesk",
)


def main() -> None:
    mails = len(list(FOLDER.iterdir()))
    _set_up()
    from helpdesk.email import process_queue
    from helpdesk.models import FollowUp, Queue, Ticket

    box = {"email_box_type": "local", "email_box_local_dir": str(FOLDER), "allow_email_submission": True}
    queue = Queue.objects.create(title="Desk", slug="desk", email_address="atbilde@desk.example", **box)
    began, cpu = time.perf_counter(), time.process_time()
    process_queue(queue, logging.getLogger("nowhere"))
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    figures = {
        "version": version("django-helpdesk"),
        "mails": mails,
        "tickets": Ticket.objects.count(),
        "follow_ups": FollowUp.objects.count(),
        "seconds": round(took, 2),
        "a_second": round(mails / took, 1),
        "cpu_ms_each": round(1000 * cpu / mails, 2),
    }
    print(json.dumps(figures))


def _set_up() -> None:
    """SQLite as safe as ours (WAL, every commit synced), files in a folder, mails that go out thrown away."""
    beside = FOLDER.parent
    database = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(beside / "helpdesk.db"),
        "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"},
    }
    templates = {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
    settings.configure(
        SECRET_KEY="bench",
        INSTALLED_APPS=APPS,
        DATABASES={"default": database},
        TEMPLATES=[templates],
        USE_TZ=True,
        SITE_ID=1,
        MEDIA_ROOT=str(beside / "media"),
        MEDIA_URL="/media/",
        EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
        DEFAULT_FROM_EMAIL="atbilde@desk.example",
        LOGGING_CONFIG=None,
    )
    logging.disable(logging.CRITICAL)
    django.setup()
    call_command("migrate", verbosity=0)


main()
