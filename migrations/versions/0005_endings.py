"""Endings: how often whoever worked on a row ended in the middle of it"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ('inbox', 'outbox', 'timer'):
        op.add_column(table, sa.Column('endings', sa.Integer(), nullable=False, server_default='0'))
