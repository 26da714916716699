"""Why there are no counts of a public post: above all that it is no longer on its platform.

Expand only: the column may be empty, so the release before this one goes on running.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("engagement", sa.Column("note", sa.String(), nullable=True))


def downgrade() -> None:
    """Refused: the record is append-only, so a schema goes forward or is restored from a backup."""
    raise NotImplementedError("restore the backup taken before the migration")
