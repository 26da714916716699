"""How many characters a post on an account's own server may have, as the server last said.

Expand only: the column may be empty, so the release before this one goes on running.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("account", sa.Column("max_characters", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Refused: the record is append-only, so a schema goes forward or is restored from a backup."""
    raise NotImplementedError("restore the backup taken before the migration")
