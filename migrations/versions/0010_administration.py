"""Administration: what was changed, and settings of the desk"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name in ('edited_at', 'retired_at'):
        op.add_column('institution', sa.Column(name, MOMENT, nullable=True))
    op.create_index('inbox_received', 'inbox', ['channel', 'received_at', 'state'])
    op.create_index('outbox_created', 'outbox', ['channel', 'created_at', 'state'])
    _changes()
    _settings()
    _retention()


def _changes() -> None:
    op.create_table(
        'change',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('at', MOMENT, nullable=False),
        sa.Column('actor', sa.String(), nullable=False),
        sa.Column('thing', sa.String(), nullable=False),
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('what', sa.String(), nullable=False),
        sa.Column('before', sa.JSON(), nullable=False),
        sa.Column('after', sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('change_of', 'change', ['thing', 'name', 'id'])
    op.create_index('ix_change_actor', 'change', ['actor'])
    op.create_index('ix_change_at', 'change', ['at'])
    if op.get_bind().dialect.name == 'sqlite':
        for verb in ('UPDATE', 'DELETE'):
            op.execute(
                f'CREATE TRIGGER change_no_{verb.lower()} BEFORE {verb} ON change '
                "BEGIN SELECT RAISE(ABORT, 'the trail of changes is only added to'); END"
            )
        return
    op.execute(
        'CREATE FUNCTION change_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS '
        "$$ BEGIN RAISE EXCEPTION 'the trail of changes is only added to'; END $$"
    )
    op.execute(
        'CREATE TRIGGER change_kept BEFORE UPDATE OR DELETE ON change '
        'FOR EACH STATEMENT EXECUTE FUNCTION change_is_only_added_to()'
    )


def _settings() -> None:
    op.create_table(
        'setting',
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('value', sa.Integer(), nullable=False),
        sa.Column('changed_by', sa.String(), nullable=False),
        sa.Column('changed_at', MOMENT, nullable=False),
        sa.PrimaryKeyConstraint('name'),
    )
    op.create_table(
        'calendar_day',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('calendars', sa.JSON(), nullable=False),
        sa.Column('off', sa.Date(), nullable=True),
        sa.Column('until', sa.Date(), nullable=True),
        sa.Column('works', sa.Date(), nullable=True),
        sa.Column('reason', sa.String(), nullable=False),
        sa.Column('added_by', sa.String(), nullable=False),
        sa.Column('added_at', MOMENT, nullable=False),
        sa.Column('removed_by', sa.String(), nullable=False),
        sa.Column('removed_at', MOMENT, nullable=True),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_table(
        'people_file',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('sha256', sa.String(), nullable=False),
        sa.Column('text', sa.String(), nullable=False),
        sa.Column('mark', sa.String(), nullable=False),
        sa.Column('by', sa.String(), nullable=False),
        sa.Column('at', MOMENT, nullable=False),
        sa.Column('applied_at', MOMENT, nullable=True),
        sa.PrimaryKeyConstraint('id'),
    )


def _retention() -> None:
    op.create_table(
        'legal_hold',
        sa.Column('ticket_id', sa.Integer(), nullable=False),
        sa.Column('reason', sa.String(), nullable=False),
        sa.Column('by', sa.String(), nullable=False),
        sa.Column('at', MOMENT, nullable=False),
        sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id']),
        sa.PrimaryKeyConstraint('ticket_id'),
    )
    op.create_table(
        'cleaned',
        sa.Column('ticket_id', sa.Integer(), nullable=False),
        sa.Column('files_at', MOMENT, nullable=True),
        sa.Column('words_at', MOMENT, nullable=True),
        sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id']),
        sa.PrimaryKeyConstraint('ticket_id'),
    )
    op.create_table(
        'dropped_file',
        sa.Column('sha256', sa.String(), nullable=False),
        sa.Column('at', MOMENT, nullable=False),
        sa.PrimaryKeyConstraint('sha256'),
    )
    op.create_table(
        'cleaning',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('by', sa.String(), nullable=False),
        sa.Column('started_at', MOMENT, nullable=False),
        sa.Column('ended_at', MOMENT, nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ('words', 'files', 'leftovers')),
        sa.PrimaryKeyConstraint('id'),
    )
