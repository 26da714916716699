"""A link that confirms a post is of the platform it was to be posted on."""

import pytest

from engage.delivery.links import receipt_at
from engage.delivery.ports import Account, Receipt
from engage.posts.errors import BadInput
from engage.posts.kinds import Platform


def account(platform: Platform, handle: str = "MPSCamden", base_url: str | None = None) -> Account:
    return Account(id="1", platform=platform, handle=handle, base_url=base_url)


@pytest.mark.parametrize(
    ("platform", "link", "platform_id"),
    [
        (Platform.X, "https://x.com/MPSCamden/status/1846", "1846"),
        (Platform.X, "https://mobile.twitter.com/MPSCamden/status/1846/", "1846"),
        (Platform.FACEBOOK, "https://www.facebook.com/MPSCamden/posts/pfbid02", "pfbid02"),
        (
            Platform.BLUESKY,
            "https://bsky.app/profile/mps.example/post/3k2a",
            "at://mps.example/app.bsky.feed.post/3k2a",
        ),
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
        (Platform.NEXTDOOR, "https://x.com/MPSCamden/status/1846"),
        (Platform.X, "https://x.com.example/MPSCamden/status/1846"),
        (Platform.INSTAGRAM, "https://notinstagram.com/p/Cx1"),
    ],
)
def test_a_link_of_another_site_is_refused_by_name(platform: Platform, link: str) -> None:
    with pytest.raises(BadInput, match=f"not on {platform.label}"):
        receipt_at(link, account=account(platform))


def test_a_mastodon_link_is_on_the_accounts_own_instance() -> None:
    ours = account(Platform.MASTODON, "@MPSCamden@police.social")
    link = "https://police.social/@MPSCamden/1129"
    assert receipt_at(link, account=ours) == Receipt("1129", link)
    with pytest.raises(BadInput, match="not on Mastodon"):
        receipt_at("https://mastodon.social/@MPSCamden/1129", account=ours)


def test_an_installation_that_reaches_the_platform_elsewhere_takes_its_links_from_there() -> None:
    link = "http://127.0.0.1:8700/MPSCamden/status/12"
    found = receipt_at(link, account=account(Platform.X), server="http://127.0.0.1:8700")
    assert found == Receipt("12", link)


@pytest.mark.parametrize("link", ["", "done", "http://nextdoor.co.uk/p/1", "https://", "https://nextdoor.co.uk/", "https://[", "javascript:alert(1)", "https://a/b c"])  # fmt: skip
def test_anything_but_a_posts_address_is_asked_for_again(link: str) -> None:
    with pytest.raises(BadInput, match="not the address of a post"):
        receipt_at(link, account=account(Platform.NEXTDOOR))
