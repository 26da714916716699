"""An index on the few deliveries that wait for a person, so that asking for them costs the same in a large ledger.

Expand only: an index changes nothing for the release before this one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_index(
        "ix_delivery_needs_person", "delivery", ["due_at"], postgresql_where=sa.text("needs_person")
    )


def downgrade() -> None:
    """Refused: the record is append-only, so a schema goes forward or is restored from a backup."""
    raise NotImplementedError("restore the backup taken before the migration")
