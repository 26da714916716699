"""A link that confirms a post is of the platform it was to be posted on, and of which post its number is."""

import pytest

from engage.delivery.links import receipt_at
from engage.delivery.ports import Account, Receipt
from engage.posts.errors import BadInput
from engage.posts.kinds import Platform

X, FACEBOOK, BLUESKY, MASTODON = Platform.X, Platform.FACEBOOK, Platform.BLUESKY, Platform.MASTODON
HANDLES = {BLUESKY: "mps.example", MASTODON: "@MPSCamden@police.social"}


def account(platform: Platform, handle: str | None = None, base_url: str | None = None) -> Account:
    return Account(
        id="1", platform=platform, handle=handle or HANDLES.get(platform, "MPSCamden"), base_url=base_url
    )


@pytest.mark.parametrize(
    ("platform", "link", "platform_id"),
    [
        (X, "https://x.com/MPSCamden/status/1846", "1846"),
        (X, "https://x.com/mpscamden/status/1846/photo/1", "1846"),
        (X, "https://x.com/MPSCamden/status/1846/analytics", "1846"),
        (X, "https://x.com/MPSCamden/status/1846?s=20&t=abc#reply", "1846"),
        (X, "https://x.com/i/web/status/1846", "1846"),
        (X, "https://x.com/i/status/1846", "1846"),
        (X, "https://twitter.com/MPSCamden/statuses/1846", "1846"),
        (X, "https://mobile.twitter.com/MPSCamden/status/1846/", "1846"),
        (FACEBOOK, "https://www.facebook.com/102_771", "102_771"),
        (FACEBOOK, "https://www.facebook.com/102/posts/771", "102_771"),
        (FACEBOOK, "https://www.facebook.com/102/posts/lock-your-windows/771/?__tn__=R", "102_771"),
        (FACEBOOK, "https://www.facebook.com/permalink.php?story_fbid=771&id=102", "102_771"),
        (FACEBOOK, "https://m.facebook.com/story.php?id=102&story_fbid=771&refid=17", "102_771"),
        (
            BLUESKY,
            "https://bsky.app/profile/mps.example/post/3k2a",
            "at://mps.example/app.bsky.feed.post/3k2a",
        ),
        *(
            (
                BLUESKY,
                f"https://bsky.app/profile/mps.example/post/3k2a/{view}",
                "at://mps.example/app.bsky.feed.post/3k2a",
            )
            for view in ("liked-by", "reposted-by", "quotes")
        ),
        (MASTODON, "https://police.social/@MPSCamden/1129", "1129"),
        (MASTODON, "https://police.social/@mpscamden/1129/reblogs", "1129"),
        (MASTODON, "https://police.social/@MPSCamden/1129/favourites", "1129"),
        (MASTODON, "https://police.social/@MPSCamden@police.social/1129", "1129"),
        (MASTODON, "https://police.social/users/MPSCamden/statuses/1129", "1129"),
        (MASTODON, "https://police.social/deck/@MPSCamden/1129", "1129"),
        (Platform.INSTAGRAM, "https://www.instagram.com/p/Cx1", "Cx1"),
        (Platform.NEXTDOOR, "https://nextdoor.co.uk/p/abc123", "abc123"),
        (Platform.WHATSAPP, "https://www.whatsapp.com/channel/0029Va/101", "101"),
        (Platform.MET_ENGAGE, "https://www.metengage.co.uk/Alerts/A/4711", "4711"),
    ],
)
def test_a_link_of_the_platform_is_the_posts_receipt(platform: Platform, link: str, platform_id: str) -> None:
    assert receipt_at(f" {link}\n", account=account(platform)) == Receipt(platform_id, link)


@pytest.mark.parametrize(
    ("platform", "link"),
    [
        (FACEBOOK, "https://www.facebook.com/MPSCamden/posts/pfbid02"),
        (FACEBOOK, "https://www.facebook.com/102/posts/pfbid02"),
        (FACEBOOK, "https://www.facebook.com/MPSCamden/posts/771"),
        (FACEBOOK, "https://www.facebook.com/MPSCamden/posts/lock-your-windows/771"),
        (FACEBOOK, "https://www.facebook.com/permalink.php?story_fbid=pfbid02&id=102"),
        (FACEBOOK, "https://www.facebook.com/photo/?fbid=771&set=a.1"),
        (FACEBOOK, "https://m.facebook.com/photo.php?fbid=771"),
        (FACEBOOK, "https://www.facebook.com/MPSCamden/photos/a.1/771"),
        (FACEBOOK, "https://www.facebook.com/share/p/18Ab-c/"),
        (FACEBOOK, "https://www.facebook.com/groups/55/posts/771"),
        (FACEBOOK, "https://fb.watch/a1B2/"),
        (MASTODON, "https://mastodon.social/@MPSCamden@police.social/5501"),
        (MASTODON, "https://police.social/@MPSBarnet/1130"),
        (MASTODON, "https://police.social/@MPSCamden@other.example/1131"),
        (X, "https://x.com/MPSBarnet/status/1847"),
        (BLUESKY, "https://bsky.app/profile/barnet.example/post/3k2b"),
        (BLUESKY, "https://bsky.app/profile/did:plc:abc/post/3k2b"),
    ],
)
def test_a_link_that_does_not_say_the_number_of_the_accounts_own_post_is_kept_without_one(
    platform: Platform, link: str
) -> None:
    assert receipt_at(link, account=account(platform)) == Receipt(None, link)


@pytest.mark.parametrize(
    ("platform", "link", "example"),
    [
        (X, "https://x.com/MPSCamden", "https://x.com/NAME/status/123"),
        (X, "https://x.com/MPSCamden/status/1846x", "https://x.com/NAME/status/123"),
        (FACEBOOK, "https://www.facebook.com/MPSCamden", "https://www.facebook.com/NAME/posts/123"),
        (FACEBOOK, "https://www.facebook.com/permalink.php", "https://www.facebook.com/NAME/posts/123"),
        (FACEBOOK, "https://www.facebook.com/photo/?set=a.1", "https://www.facebook.com/NAME/posts/123"),
        (BLUESKY, "https://bsky.app/profile/mps.example", "https://bsky.app/profile/NAME/post/3k2a"),
        (MASTODON, "https://police.social/@MPSCamden/with_replies", "https://SERVER/@NAME/123"),
    ],
)
def test_a_link_that_is_no_posts_is_refused_with_an_example_of_one(
    platform: Platform, link: str, example: str
) -> None:
    with pytest.raises(BadInput, match=f"not the address of a post on {platform.label}") as refused:
        receipt_at(link, account=account(platform))
    assert example in refused.value.remedy


@pytest.mark.parametrize(
    ("platform", "link"),
    [
        (Platform.NEXTDOOR, "https://x.com/MPSCamden/status/1846"),
        (Platform.X, "https://x.com.example/MPSCamden/status/1846"),
        (Platform.INSTAGRAM, "https://notinstagram.com/p/Cx1"),
        (MASTODON, "https://mastodon.social/@MPSCamden/1129"),
        (MASTODON, "https://mastodon.social/@MPSCamden@other.example/1129"),
        (MASTODON, "https://other.police.social/@MPSCamden/1129"),
        (Platform.NEXTDOOR, "https://mastodon.social/@MPSCamden@police.social/1129"),
    ],
)
def test_a_link_of_another_site_is_refused_by_name(platform: Platform, link: str) -> None:
    with pytest.raises(BadInput, match=f"not on {platform.label}"):
        receipt_at(link, account=account(platform))


def test_a_mastodon_account_is_on_its_own_server_whatever_its_handle_names() -> None:
    ours = account(MASTODON, "@MPSCamden@police.uk", "https://social.police.uk")
    link = "https://social.police.uk/@MPSCamden/1129"
    assert receipt_at(link, account=ours) == Receipt("1129", link)
    elsewhere = "https://mastodon.social/@MPSCamden@police.uk/5501"
    assert receipt_at(elsewhere, account=ours) == Receipt(None, elsewhere)


def test_a_mastodon_account_that_names_no_server_is_where_the_adapter_posts() -> None:
    ours = account(MASTODON, "MPSCamden")
    link = "https://mastodon.social/@MPSCamden/1129"
    assert receipt_at(link, account=ours) == Receipt("1129", link)
    with pytest.raises(BadInput, match="not on Mastodon"):
        receipt_at("https://other.example/@MPSCamden/1129", account=ours)


def test_an_installation_that_reaches_the_platform_elsewhere_takes_its_links_from_there() -> None:
    link = "http://127.0.0.1:8700/MPSCamden/status/12"
    found = receipt_at(link, account=account(Platform.X), server="http://127.0.0.1:8700")
    assert found == Receipt("12", link)


@pytest.mark.parametrize("link", ["", "done", "http://nextdoor.co.uk/p/1", "https://", "https://nextdoor.co.uk/", "https://[", "javascript:alert(1)", "https://a/b c"])  # fmt: skip
def test_anything_but_a_posts_address_is_asked_for_again(link: str) -> None:
    with pytest.raises(BadInput, match="not the address of a post"):
        receipt_at(link, account=account(Platform.NEXTDOOR))
