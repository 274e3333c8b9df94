"""Inbox: what the coordinators' queues and search need

SQLite: the words of messages, tickets and contacts stand in FTS5 tables without the texts themselves, and triggers keep
them so. Whoever rebuilds one of these tables later (batch_alter_table) makes its triggers anew. PostgreSQL: indexes over
expressions, which it keeps by itself.
"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

RUNNING = sa.text("outcome = 'running'")
RETURNED = sa.text("state = 'returned'")
MARKED = sa.text("attention <> ''")
PROPOSED = sa.text('proposed')
COMPLAINT = sa.text("kind = 'complaint'")

INDEXES = (
    ('ticket_desk', 'ticket', ['coordinator', 'state', 'taken_by', 'band', 'channel', 'language', 'audience',
                               'municipality', 'service_code', 'received_at'], None),
    ('ticket_attention', 'ticket', ['coordinator'], MARKED),
    ('clock_owed', 'clock', ['ticket_id', 'due_on', 'kind'], RUNNING),
    ('clock_due', 'clock', ['owner', 'due_on', 'kind', 'ticket_id'], RUNNING),
    ('forwarding_returned', 'forwarding', ['ticket_id', 'ended_at'], RETURNED),
    ('message_proposed', 'message', ['forwarding_id'], PROPOSED),
    ('answer_at', 'answer', ['at', 'ticket_id'], None),
    # what the dashboard counts by (reports/)
    ('ticket_received', 'ticket', ['received_at', 'coordinator', 'channel', 'audience'], None),
    ('event_complaint', 'event', ['at'], COMPLAINT),
    ('ix_forwarding_forwarded_at', 'forwarding', ['forwarded_at'], None),
    ('ix_forwarding_ended_at', 'forwarding', ['ended_at'], None),
)

MOST = 100_000
"""characters of a text that are looked into; PostgreSQL takes no more than a megabyte of words"""
NAMELESS = "'webchat', 'api'"
"""channels whose addresses are secrets, not names"""

TICKET_OF = (
    'coalesce({0}.ticket_id, (SELECT f.ticket_id FROM forwarding f WHERE f.id = {0}.forwarding_id)) * 2147483648 + {0}.id'
)
ROWS = {  # of each table: the key of its words, the words, the columns that change them, and which rows have any
    'message': (
        TICKET_OF,
        f'substr({{0}}.text, 1, {MOST})',
        'text, ticket_id, forwarding_id',
        '({0}.ticket_id IS NOT NULL OR {0}.forwarding_id IS NOT NULL)',
    ),
    'ticket': ('{0}.id', "{0}.subject || ' ' || {0}.municipality", 'subject, municipality', '1'),
    'contact': (
        '{0}.id',
        f"{{0}}.name || ' ' || CASE WHEN {{0}}.channel IN ({NAMELESS}) THEN '' ELSE {{0}}.address END",
        'name, channel, address',
        '1',
    ),
}


def upgrade() -> None:
    for name, table, columns, where in INDEXES:
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
    if op.get_bind().dialect.name == 'sqlite':
        for table in ROWS:
            _words_on_sqlite(table)
        _moved_with_its_forwarding()
    else:
        _words_on_postgresql()


def _words_on_sqlite(table: str) -> None:
    words = f'{table}_words'
    key, text, columns, has = ROWS[table]
    op.execute(
        f"CREATE VIRTUAL TABLE {words} USING fts5(text, content='', columnsize=0, prefix='2 3', "
        "tokenize='unicode61 remove_diacritics 2')"
    )

    def put(row: str) -> str:
        return f'INSERT INTO {words} (rowid, text) SELECT {key}, {text} WHERE {has};'.format(row)

    def take(row: str) -> str:
        return f"INSERT INTO {words} ({words}, rowid, text) SELECT 'delete', {key}, {text} WHERE {has};".format(row)

    op.execute(f'CREATE TRIGGER {words}_new AFTER INSERT ON {table} BEGIN {put("NEW")} END')
    op.execute(f'CREATE TRIGGER {words}_gone AFTER DELETE ON {table} BEGIN {take("OLD")} END')
    op.execute(f'CREATE TRIGGER {words}_changed AFTER UPDATE OF {columns} ON {table} BEGIN {take("OLD")} {put("NEW")} END')
    op.execute(f'INSERT INTO {words} (rowid, text) SELECT {key}, {text} FROM {table} r WHERE {has}'.format('r'))


def _moved_with_its_forwarding() -> None:
    """A letter between us and an institution belongs to the ticket of its forwarding."""
    moved = "INSERT INTO message_words ({0}rowid, text) SELECT {1}{2}.ticket_id * 2147483648 + m.id, {3} {4};"
    text, letters = ROWS['message'][1].format('m'), 'FROM message m WHERE m.forwarding_id = NEW.id AND m.ticket_id IS NULL'
    taken, put = moved.format('message_words, ', "'delete', ", 'OLD', text, letters), moved.format('', '', 'NEW', text, letters)
    op.execute(f'CREATE TRIGGER message_words_moved AFTER UPDATE OF ticket_id ON forwarding BEGIN {taken} {put} END')


def _words_on_postgresql() -> None:
    signs, instead = map(_quoted, _folded())
    function = 'CREATE FUNCTION {}(said text) RETURNS {} LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT {} $$'
    # neither calls the other: an index is made where functions of our own are not found by name
    op.execute(function.format('words_folded', 'text', f'translate(lower(said), {signs}, {instead})'))
    words = f"to_tsvector('simple'::regconfig, translate(lower(left(said, {MOST})), {signs}, {instead}))"
    op.execute(function.format('words_of', 'tsvector', words))
    for table, (_, text, _, _) in ROWS.items():
        whole = 'text' if table == 'message' else text.replace('{0}.', '')
        op.execute(f'CREATE INDEX {table}_words ON {table} USING gin (words_of({whole}))')


def _folded() -> tuple[str, str]:
    """Signs, and what is read instead: letters small and without diacritics, blanks for what is neither letter nor digit."""
    changed = {}
    for number in (*range(1, 0x500), *range(0x1E00, 0x2070)):
        sign = chr(number)
        if unicodedata.category(sign)[0] not in 'LN':
            changed[sign] = ' '
        elif number >= 0x80:
            plain = sign.lower()
            parts = unicodedata.normalize('NFD', plain)
            if parts[0] < '\u0370' and all(unicodedata.combining(part) for part in parts[1:]):
                plain = parts[0]
            if len(plain) == 1 and plain != sign:
                changed[sign] = plain
    return ''.join(changed), ''.join(changed.values())


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''").replace(':', '\\:') + "'"
