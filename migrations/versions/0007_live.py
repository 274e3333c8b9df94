"""Live: who looks at what, drafts, and who wants no shortcuts"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from models.moments import Instant

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    words = sqlmodel.sql.sqltypes.AutoString()
    op.create_table(
        'presence',
        sa.Column('place', words, nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('seen_at', Instant(timezone=True), nullable=False),
        sa.Column('typed_at', Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['person_id'], ['person.id']),
        sa.PrimaryKeyConstraint('place', 'person_id'),
    )
    op.create_index('ix_presence_seen_at', 'presence', ['seen_at'])
    op.create_table(
        'draft',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('owner', words, nullable=False),
        sa.Column('place', words, nullable=False),
        sa.Column('form', words, nullable=False),
        sa.Column('fields', sa.JSON(), nullable=False),
        sa.Column('saved_at', Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('owner', 'place', 'form'),
    )
    op.create_index('ix_draft_saved_at', 'draft', ['saved_at'])
    op.add_column('person', sa.Column('shortcuts', sa.Boolean(), nullable=False, server_default=sa.true()))
