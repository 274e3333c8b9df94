"""Log-in: second factors, identities of other providers"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from models.moments import Instant

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    words = sqlmodel.sql.sqltypes.AutoString()
    for name in ('device', 'address', 'rights', 'provider_token'):
        op.add_column('staffsession', sa.Column(name, words, nullable=False, server_default=''))
    for name in ('half', 'proved'):
        op.add_column('staffsession', sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('staffsession', sa.Column('seen_at', Instant(timezone=True), nullable=True))
    op.create_table(
        'secondfactor',
        sa.Column('person_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('sealed', words, nullable=False),
        sa.Column('last_step', sa.Integer(), nullable=False),
        sa.Column('since', Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['person_id'], ['person.id']),
        sa.PrimaryKeyConstraint('person_id'),
    )
    op.create_table(
        'recoverycode',
        sa.Column('code_hash', words, nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('used_at', Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['person_id'], ['person.id']),
        sa.PrimaryKeyConstraint('code_hash'),
    )
    op.create_index('ix_recoverycode_person_id', 'recoverycode', ['person_id'])
    op.create_table(
        'identity',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('issuer', words, nullable=False),
        sa.Column('subject', words, nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('linked_by', words, nullable=False),
        sa.Column('linked_at', Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['person_id'], ['person.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('issuer', 'subject'),
    )
    op.create_index('ix_identity_person_id', 'identity', ['person_id'])
    op.create_table(
        'tries',
        sa.Column('key', words, nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.Column('since', Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('key'),
    )
    op.create_index('ix_tries_since', 'tries', ['since'])
