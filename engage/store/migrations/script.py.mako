"""${message}

Expand first, contract later: a migration must leave the previous release running. Add columns with a
default or nullable; drop or rename only what no release still reads; never rewrite the record.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Refused: the record is append-only, so a schema goes forward or is restored from a backup."""
    raise NotImplementedError("restore the backup taken before the migration")
