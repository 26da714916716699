"""The web: what officers, the press office and auditors see. Views unwrap, make one call and render."""

from datetime import timedelta

from flask import Flask
from flask_wtf.csrf import CSRFProtect  # type: ignore[import-untyped]

from engage.web import (
    access,
    accuracy,
    calendar,
    campaign_new,
    campaigns,
    deliveries,
    figures,
    found,
    front,
    headers,
    metrics,
    numbers,
    officer,
    operations,
    page_environment,
    pictures,
    policy,
    posts,
    press,
    problems,
    regimes,
    suggestions,
    typed,
    uploads,
)
from engage.web.limits import limiter, limiter_storage
from engage.wiring import Engage, open_engage

SESSION_LASTS = timedelta(hours=10)
LARGEST_FORM = 256 * 1024


def create_app(engage: Engage | None = None) -> Flask:
    """The WSGI application. Raises BadInput, naming the setting, where one is missing."""
    engage = engage or open_engage()
    app = Flask(__name__, template_folder="pages")
    app.extensions["engage"] = engage
    app.config.update(
        SECRET_KEY=engage.settings.required("secret_key"),
        SESSION_COOKIE_NAME="engage",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=not engage.settings.demo,
        PERMANENT_SESSION_LIFETIME=SESSION_LASTS,
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        WTF_CSRF_TIME_LIMIT=int(SESSION_LASTS.total_seconds()),
        RATELIMIT_STORAGE_URI=limiter_storage(engage.settings),
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
    )
    for room in (
        numbers,
        access,
        uploads,
        CSRFProtect(),
        limiter,
        headers,
        page_environment,
        problems,
        typed,
    ):
        room.init_app(app)
    for kind_of_user in (
        front,
        figures,
        accuracy,
        suggestions,
        officer,
        pictures,
        press,
        campaigns,
        campaign_new,
        calendar,
        regimes,
        posts,
        found,
        deliveries,
        operations,
        policy,
        metrics,
    ):
        app.register_blueprint(kind_of_user.blueprint)
    return app
