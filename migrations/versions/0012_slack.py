"""Slack: cards and linked people"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None
WORDS = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    op.create_table(
        'slack_card',
        sa.Column('ticket_id', sa.Integer(), nullable=False),
        sa.Column('outbox_id', sa.Integer(), nullable=True),
        sa.Column('event_id', sa.Integer(), nullable=False),
        sa.Column('live', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('ticket_id'),
    )
    op.create_index(
        'slack_card_live', 'slack_card', ['ticket_id'], sqlite_where=sa.text('live'), postgresql_where=sa.text('live')
    )
    op.create_table(
        'slack_link',
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('team', WORDS, nullable=False),
        sa.Column('account', WORDS, nullable=False),
        sa.Column('name', WORDS, nullable=False),
        sa.Column('linked_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['person_id'], ['person.id']),
        sa.PrimaryKeyConstraint('person_id'),
        sa.UniqueConstraint('team', 'account'),
    )
    op.create_table(
        'slack_code',
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('code_hash', WORDS, nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['person_id'], ['person.id']),
        sa.PrimaryKeyConstraint('person_id'),
        sa.UniqueConstraint('code_hash'),
    )
