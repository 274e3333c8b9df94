"""The ticket's page: notes, canned replies, joined tickets"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.moments

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

MERGED = sa.text("kind = 'merged' AND ended_at IS NULL")


def upgrade() -> None:
    op.create_table('canned_reply',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', _words(), nullable=False),
    sa.Column('texts', sa.JSON(), nullable=False),
    sa.Column('scope', _words(), nullable=False),
    sa.Column('institution', _words(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('changed_by', _words(), nullable=False),
    sa.Column('changed_at', _instant(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('text', _words(), nullable=False),
    sa.Column('mentions', sa.JSON(), nullable=False),
    sa.Column('at', _instant(), nullable=False),
    sa.Column('edited_at', _instant(), nullable=True),
    sa.Column('earlier', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_note_ticket_id', 'note', ['ticket_id'])
    op.create_table('ticket_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', _words(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('other_id', sa.Integer(), nullable=False),
    sa.Column('at', _instant(), nullable=False),
    sa.Column('by', _words(), nullable=False),
    sa.Column('ended_at', _instant(), nullable=True),
    sa.Column('ended_by', _words(), nullable=False),
    sa.Column('was', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], ),
    sa.ForeignKeyConstraint(['other_id'], ['ticket.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_ticket_link_ticket_id', 'ticket_link', ['ticket_id'])
    op.create_index('ix_ticket_link_other_id', 'ticket_link', ['other_id'])
    op.create_index('ticket_link_merged', 'ticket_link', ['ticket_id'], unique=True,
                    sqlite_where=MERGED, postgresql_where=MERGED)
    op.create_table('translation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=False),
    sa.Column('language', _words(), nullable=False),
    sa.Column('text', _words(), nullable=False),
    sa.Column('of', _words(), nullable=False),
    sa.Column('engine', _words(), nullable=False),
    sa.Column('by', _words(), nullable=False),
    sa.Column('at', _instant(), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('message_id', 'language')
    )


def _words() -> sa.types.TypeEngine:
    return sqlmodel.sql.sqltypes.AutoString()


def _instant() -> sa.types.TypeEngine:
    return models.moments.Instant(timezone=True)
