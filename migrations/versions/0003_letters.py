"""Letters: what goes to and comes from institutions, and what is held until a person has looked at it"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Columns are added one by one: SQLite cannot copy a table that others refer to inside a transaction.
    op.execute('ALTER TABLE message ADD COLUMN forwarding_id INTEGER REFERENCES forwarding (id)')
    op.create_index('ix_message_forwarding_id', 'message', ['forwarding_id'])
    op.add_column('message', sa.Column('proposed', sa.Boolean(), nullable=False, server_default=sa.false()))
    words = sqlmodel.sql.sqltypes.AutoString()
    op.add_column('inbox', sa.Column('verdict', words, nullable=False, server_default=''))
