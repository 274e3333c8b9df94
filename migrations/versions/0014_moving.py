"""Moving between channels, and the counter"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None
WORDS = sqlmodel.sql.sqltypes.AutoString()


def upgrade() -> None:
    pass
