"""Push, and the state of channels"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None
WORDS = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    pass
