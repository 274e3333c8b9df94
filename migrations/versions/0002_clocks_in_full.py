"""The law's clocks in full: the ladder's steps, the rulebook, evidence of delivery, formal submissions"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.moments

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

RUNNING = sa.text("outcome = 'running'")
UNTOLD = sa.text('told_at IS NULL')


def upgrade() -> None:
    # Columns are added one by one: SQLite cannot copy a table that others refer to inside a transaction.
    _clocks()
    _word('forwarding', 'delivered_by')
    op.add_column('forwarding', sa.Column('delivered_at', models.moments.Instant(timezone=True), nullable=True))
    op.execute("UPDATE forwarding SET delivered_at = forwarded_at, delivered_by = 'desk'")
    _word('ticket', 'procedure', 'question')
    op.execute('ALTER TABLE person ADD COLUMN contact_id INTEGER REFERENCES contact (id)')
    _notices()
    op.create_table('rulebook',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('texts', sa.JSON(), nullable=False),
    sa.Column('fingerprint', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('differences', sa.JSON(), nullable=False),
    sa.Column('at', models.moments.Instant(timezone=True), nullable=False),
    sa.Column('moved', sa.JSON(), nullable=False),
    sa.Column('told_at', models.moments.Instant(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('rules_refused',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('fingerprint', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('flaws', sa.JSON(), nullable=False),
    sa.Column('at', models.moments.Instant(timezone=True), nullable=False),
    sa.Column('ended_at', models.moments.Instant(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('step_taken',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('clock_id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('opening', sa.Integer(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('day', sa.Integer(), nullable=False),
    sa.Column('falls_on', sa.Date(), nullable=False),
    sa.Column('institution_id', sa.Integer(), nullable=False),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', models.moments.Instant(timezone=True), nullable=False),
    sa.Column('told_at', models.moments.Instant(timezone=True), nullable=True),
    sa.Column('notice_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['clock_id'], ['clock.id'], ),
    sa.ForeignKeyConstraint(['institution_id'], ['institution.id'], ),
    sa.ForeignKeyConstraint(['notice_id'], ['notice.id'], ),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('clock_id', 'opening', 'due_on', 'day', 'institution_id', 'role')
    )
    op.create_index('ix_step_taken_ticket_id', 'step_taken', ['ticket_id'])
    op.create_index('step_untold', 'step_taken', ['institution_id', 'role'], sqlite_where=UNTOLD, postgresql_where=UNTOLD)


def _clocks() -> None:
    for name in ('working_days', 'months'):
        op.add_column('clock', sa.Column(name, sa.Integer(), nullable=False, server_default='0'))
    op.add_column('clock', sa.Column('opening', sa.Integer(), nullable=False, server_default='1'))
    op.add_column('clock', sa.Column('extended_to', sa.Date(), nullable=True))
    op.add_column('clock', sa.Column('climbed_on', sa.Date(), nullable=False, server_default='1991-01-01'))
    _word('clock', 'delayed_by')
    op.drop_column('clock', 'overdue_since')
    op.execute(
        "UPDATE clock SET climbed_on = started_on, "
        "working_days = CASE kind WHEN 'forward' THEN 1 WHEN 'institution' THEN 6 ELSE 7 END"
    )
    # The first tick looks at every running clock and sets the date of its next step by the ladder.
    op.execute("UPDATE clock SET next_on = started_on WHERE outcome = 'running'")
    op.execute("UPDATE clock SET delayed_by = owner WHERE outcome = 'late'")
    op.create_index('clock_stopped', 'clock', ['stopped_at'])
    op.create_index('clock_version', 'clock', ['calendar_version', 'id'], sqlite_where=RUNNING, postgresql_where=RUNNING)


def _notices() -> None:
    """Nothing refers to notices yet, so this table may be copied."""
    with op.batch_alter_table('notice') as batch:
        batch.add_column(sa.Column('role', sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=''))
        batch.add_column(sa.Column('data', sa.JSON(), nullable=False, server_default='{}'))
        batch.alter_column('ticket_id', existing_type=sa.INTEGER(), nullable=True)


def _word(table: str, name: str, default: str = '') -> None:
    kind = sqlmodel.sql.sqltypes.AutoString()
    op.add_column(table, sa.Column(name, kind, nullable=False, server_default=default))
