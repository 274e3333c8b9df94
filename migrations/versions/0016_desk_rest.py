"""What the desk still lacked"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None
WORDS = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    pass
