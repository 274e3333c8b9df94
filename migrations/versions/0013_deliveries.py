"""Deliveries: what providers tell of sent messages"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None
WORDS = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    op.create_table(
        'sent_part',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('channel', WORDS, nullable=False),
        sa.Column('name', WORDS, nullable=False),
        sa.Column('outbox_id', sa.Integer(), nullable=True),
        sa.Column('stage', WORDS, nullable=False),
        sa.Column('reason', WORDS, nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['outbox_id'], ['outbox.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('channel', 'name'),
    )
    op.create_index('sent_part_outbox', 'sent_part', ['outbox_id'])
