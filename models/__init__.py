"""The nouns and what may be done with them. All are loaded together, since their tables refer to one another."""

from models import tables  # noqa: F401 - registers every table
