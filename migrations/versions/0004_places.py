"""Places: the municipality that a question is about"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Columns are added one by one: SQLite cannot copy a table that others refer to inside a transaction.
    for table in ('contact', 'ticket'):
        words = sqlmodel.sql.sqltypes.AutoString()
        op.add_column(table, sa.Column('municipality', words, nullable=False, server_default=''))
