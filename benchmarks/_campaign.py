"""The press office of `delivery`: teams with an account on each platform, and posts signed off for all of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Engine, text

from engage.posts.clock import utc_now
from engage.posts.evidence import Evidence, StatedSource
from engage.posts.kinds import Kind, Platform
from engage.posts.people import Role
from engage.posts.places import BOROUGHS
from engage.posts.post import Post, Variant
from engage.posts.states import PostState
from engage.signoff.ports import SignOff
from engage.store.delivery_tables import DUE_CHANNEL
from engage.wiring import Engage
from tests.fakes import credentials

PLATFORMS = (Platform.X, Platform.FACEBOOK, Platform.MASTODON, Platform.BLUESKY)
WORDS = (
    "Home burglary advice for {}: lock your windows and doors when you go out, also for a short "
    "while. https://www.met.police.uk/cp/"
)
OFFICER, PRESS = "pc.khan", "press.bailey"
A_DAY = timedelta(days=1)
AT_ONCE = 100


def handle(team: int) -> str:
    """The handle of one team, the same on every platform."""
    return f"DemoTeam{team:04d}"


def borough(team: int) -> str:
    """The borough of one team."""
    return BOROUGHS[team % len(BOROUGHS)].name


def place_of(team: int, number: int) -> str:
    """What a post is about; the number makes it another post, and stands in its evidence."""
    return f"{borough(team)}, beat {number}"


def words(team: int, number: int) -> str:
    """The words of one post."""
    return WORDS.format(place_of(team, number))


def open_accounts(engage: Engage, teams: int) -> None:
    """People, and an account on each platform for each team."""
    with engage.transaction() as unit:
        for name, role in ((OFFICER, Role.OFFICER), (PRESS, Role.PRESS_OFFICER)):
            unit.people.add(name, name=name, password=uuid4().hex, roles=[role], now=utc_now())
        for team in range(teams):
            for platform in PLATFORMS:
                known = credentials.for_account(platform, handle(team))
                unit.accounts.add(platform, handle(team), credentials=known, borough=borough(team))


def signed_off(team: int, number: int, *, by: Sequence[Platform], at: datetime) -> Post:
    """One post of a team, in words of its own, as it stands once it is signed off."""
    place = place_of(team, number)
    source = StatedSource(stated_by="PC Aisha Khan", stated_at=at.isoformat())
    return Post(
        id=uuid4(),
        kind=Kind.PREVENTION,
        borough=borough(team),
        topic="home_burglary",
        variants=tuple(
            Variant(platform=each, account=handle(team), parts=(words(team, number),)) for each in by
        ),
        evidence=(Evidence(field="place", value=place, source=source),),
        writers=frozenset({OFFICER}),
        created_by=OFFICER,
        created_at=at,
        state=PostState.SIGNED_OFF,
    )


def plan(
    engage: Engage,
    posts: Sequence[tuple[int, datetime]],
    *,
    by: Sequence[Platform],
    first: int,
    waits: bool = False,
) -> Mapping[tuple[str, str, str], datetime]:
    """Sign off and plan one post for each (team, due time); numbers begin at `first`.

    What is to come is given: platform, handle and words, with the time it is due (UTC). With `waits` nothing
    is due before `all_due` says when.
    """
    wanted: dict[tuple[str, str, str], datetime] = {}
    numbered = list(enumerate(posts, first))
    for begin in range(0, len(numbered), AT_ONCE):
        with engage.transaction() as unit:
            policy = engage.policy_in(unit).hash
            for number, (team, due) in numbered[begin : begin + AT_ONCE]:
                now = utc_now()
                post = signed_off(team, number, by=by, at=now)
                unit.posts.add(post)
                unit.signoffs.add(
                    SignOff(
                        post_id=post.id,
                        fingerprint=post.fingerprint,
                        role=Role.PRESS_OFFICER,
                        by=PRESS,
                        policy_hash=policy,
                        at=now,
                        expires_at=now + A_DAY,
                    )
                )
                unit.outbox.plan(post, due_at=due + A_DAY / 2 if waits else due, latest=due + A_DAY, now=now)
                for variant in post.variants:
                    wanted[variant.platform.value, variant.account, variant.text] = due
    return wanted


def all_due(
    engine: Engine, first: datetime, *, apart: timedelta = timedelta(0)
) -> Mapping[tuple[str, str, str], datetime]:
    """Set the times of everything that waits and have the dispatcher look; what is to come is given."""
    with engine.begin() as connection:
        rows = connection.execute(_ALL_DUE, {"first": first, "apart": apart}).all()
        connection.execute(text(f"NOTIFY {DUE_CHANNEL}"))
    return {(platform, account.partition(":")[2], words): due for platform, account, words, due in rows}


_ALL_DUE = text(
    """
    WITH waiting AS (
        SELECT id, :first + (row_number() OVER (ORDER BY id) - 1) * CAST(:apart AS interval) AS due
        FROM delivery WHERE state = 'ready'
    )
    UPDATE delivery SET due_at = waiting.due, not_before = waiting.due
    FROM waiting WHERE delivery.id = waiting.id
    RETURNING platform, account_id, text, due_at
    """
)


def sign_in(engage: Engage, teams: int) -> dict[str, str]:
    """Make every Bluesky session beforehand, as the accounts' daily check does; gives them by account."""
    adapter, sessions = engage.adapters[Platform.BLUESKY], {}
    for team in range(teams):
        with engage.transaction() as unit:
            account = unit.accounts.with_tokens(f"{Platform.BLUESKY.value}:{handle(team)}")
        adapter.check(account)
        with engage.transaction() as unit:
            row = unit.session.execute(
                text("SELECT session FROM account_session WHERE account_id = :id"), {"id": account.id}
            ).scalar_one()
        assert engage.vault is not None
        sessions[account.id] = engage.vault.unlock(row)["session"]
    return sessions


_OLD = (
    """
    INSERT INTO post (id, kind, borough, topic, state, version, variants, evidence, context, writers, created_by,
                      created_at)
    SELECT gen_random_uuid(), 'prevention', 'Camden', 'home_burglary', 'signed_off', 1, '[]', '[]', '{}',
           '{pc.khan}', 'pc.khan', now() - interval '1 year' + number * interval '20 seconds'
    FROM generate_series((SELECT count(*) FROM delivery) / 4 + 1, CAST(:count AS bigint) / 4) AS number
    """,
    """
    INSERT INTO signoff (post_id, fingerprint, role, by, policy_hash, at, expires_at)
    SELECT id, 'old', 'press_officer', 'press.bailey', 'old', created_at, created_at + interval '1 day'
    FROM post WHERE NOT EXISTS (SELECT FROM signoff WHERE post_id = post.id)
    """,
    """
    INSERT INTO delivery (id, post_id, fingerprint, round, platform, account_id, part, parts, text, borough, kind,
                          topic, state, due_at, latest, not_before, fence, attempts, lookups, prepared, receipt_id,
                          receipt_url, needs_person, sent_at, first_attempt_at)
    SELECT gen_random_uuid(), post.id, 'old', 1, account.platform, account.id, 0, 1,
           'Home burglary advice for Camden: lock your windows and doors when you go out.', post.borough, post.kind,
           post.topic, 'sent', post.created_at, post.created_at + interval '1 hour', post.created_at, 2, 1, 0,
           '{}', '1', 'https://x.example/1', false, post.created_at, post.created_at
    FROM post CROSS JOIN LATERAL (SELECT * FROM account WHERE handle = 'DemoTeam0000') AS account
    WHERE NOT EXISTS (SELECT FROM delivery WHERE post_id = post.id)
    """,
    """
    INSERT INTO delivery_event (delivery_id, at, came_from, went_to, fence)
    SELECT delivery.id, delivery.due_at, moves.came_from, moves.went_to, 1
    FROM delivery CROSS JOIN (VALUES (NULL, 'ready'), ('ready', 'leased'), ('leased', 'sending'),
                              ('sending', 'sent')) AS moves (came_from, went_to)
    WHERE delivery.fingerprint = 'old'
      AND NOT EXISTS (SELECT FROM delivery_event WHERE delivery_id = delivery.id)
    """,
)


def old_rows(engine: Engine, count: int) -> None:
    """Fill the ledger up to so many deliveries sent long ago, each with its four moves, four to a post."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in _OLD:
            connection.execute(text(statement), {"count": count})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
