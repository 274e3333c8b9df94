"""An institution's own work: drafts, approval, delegation, absence"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.moments

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

WAITS = sa.text("state = 'waiting'")


def upgrade() -> None:
    # Columns are added one by one: SQLite cannot copy a table that others refer to inside a transaction.
    op.add_column('institution', sa.Column('approval', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute('ALTER TABLE forwarding ADD COLUMN held_by INTEGER REFERENCES person (id)')
    op.execute('ALTER TABLE forwarding ADD COLUMN held_for INTEGER REFERENCES person (id)')
    op.add_column('forwarding', sa.Column('reminded_at', _instant(), nullable=True))
    op.add_column('answer', sa.Column('sources', sa.JSON(), nullable=False, server_default='[]'))
    op.execute('ALTER TABLE notice ADD COLUMN person_id INTEGER REFERENCES person (id)')
    _approval()
    _inquiry()
    _absence()


def _approval() -> None:
    op.create_table('approval',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('forwarding_id', sa.Integer(), nullable=False),
    sa.Column('author', _words(), nullable=False),
    sa.Column('text', _words(), nullable=False),
    sa.Column('at', _instant(), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=True),
    sa.Column('state', _words(), nullable=False),
    sa.Column('decided_by', _words(), nullable=False),
    sa.Column('decided_at', _instant(), nullable=True),
    sa.Column('remark', _words(), nullable=False),
    sa.ForeignKeyConstraint(['forwarding_id'], ['forwarding.id'], ),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_approval_forwarding_id', 'approval', ['forwarding_id'])
    op.create_index('approval_waiting', 'approval', ['forwarding_id'], unique=True,
                    sqlite_where=WAITS, postgresql_where=WAITS)


def _inquiry() -> None:
    op.create_table('inquiry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('forwarding_id', sa.Integer(), nullable=False),
    sa.Column('author', _words(), nullable=False),
    sa.Column('text', _words(), nullable=False),
    sa.Column('at', _instant(), nullable=False),
    sa.Column('state', _words(), nullable=False),
    sa.Column('decided_by', _words(), nullable=False),
    sa.Column('decided_at', _instant(), nullable=True),
    sa.Column('asked', _words(), nullable=False),
    sa.Column('reason', _words(), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=True),
    sa.Column('reply_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['forwarding_id'], ['forwarding.id'], ),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], ),
    sa.ForeignKeyConstraint(['reply_id'], ['message.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_inquiry_forwarding_id', 'inquiry', ['forwarding_id'])
    op.create_index('inquiry_waiting', 'inquiry', ['forwarding_id'], unique=True,
                    sqlite_where=WAITS, postgresql_where=WAITS)


def _absence() -> None:
    op.create_table('absence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('substitute_id', sa.Integer(), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=False),
    sa.Column('set_by', _words(), nullable=False),
    sa.Column('set_at', _instant(), nullable=False),
    sa.Column('ended_at', _instant(), nullable=True),
    sa.Column('ended_by', _words(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['substitute_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_absence_person_id', 'absence', ['person_id'])
    op.create_index('ix_absence_substitute_id', 'absence', ['substitute_id'])


def _words() -> sa.types.TypeEngine:
    return sqlmodel.sql.sqltypes.AutoString()


def _instant() -> sa.types.TypeEngine:
    return models.moments.Instant(timezone=True)
