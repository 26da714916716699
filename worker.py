"""The Celery app: `celery -A worker worker`."""

from engage.tasks import app

__all__ = ["app"]
