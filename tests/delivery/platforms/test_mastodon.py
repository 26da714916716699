"""Mastodon: three kinds of server, one behaviour of ours."""

from dataclasses import replace

import pytest

from engage.delivery.ports import Absent, Found, Refused, Sent, TokenState, Unknown
from tests.delivery.platforms.rigs import Rig, a_picture


def test_a_server_that_honours_the_key_answers_a_replay_with_the_first_post(mastodon: Rig) -> None:
    outgoing = mastodon.post()
    assert mastodon.sent(outgoing) == mastodon.sent(outgoing)
    assert len(mastodon.shown) == 1


def test_a_server_that_fails_on_a_replay_leaves_it_unknown_and_the_lookup_finds_it(mastodon: Rig) -> None:
    mastodon.edge.settings["keys"] = "replay_fails"
    outgoing = mastodon.post()
    receipt = mastodon.sent(outgoing).receipt
    assert isinstance(mastodon.adapter.publish(outgoing), Unknown)
    assert mastodon.adapter.find_existing(outgoing) == Found(receipt)


def test_a_server_that_ignores_the_key_is_why_a_lookup_comes_before_a_second_call(mastodon: Rig) -> None:
    mastodon.edge.settings["keys"] = "ignores"
    outgoing = mastodon.post()
    mastodon.fault("accept_then_close")
    assert isinstance(mastodon.adapter.publish(outgoing), Unknown)
    assert isinstance(mastodon.adapter.find_existing(outgoing), Found)
    mastodon.sent(outgoing)
    assert len(mastodon.shown) == 2


@pytest.mark.parametrize(
    "text", ["Lock it & mark it: https://www.met.police.uk/bikes", "Two\n\nparagraphs\nhere"]
)
def test_a_server_that_keeps_no_source_is_read_as_its_page_shows_it(mastodon: Rig, text: str) -> None:
    mastodon.edge.settings["has_source"] = False
    outgoing = mastodon.post(text=text)
    receipt = mastodon.sent(outgoing).receipt
    assert mastodon.adapter.find_existing(outgoing) == Found(receipt)


def test_rate_headers_nobody_can_read_do_not_turn_a_post_into_one_that_was_not_sent(mastodon: Rig) -> None:
    mastodon.edge.settings["rate_reset"] = "quite soon"
    outgoing = mastodon.post()
    assert isinstance(mastodon.adapter.publish(outgoing), Sent | Unknown)
    assert len(mastodon.shown) == 1


def test_a_post_on_a_later_page_is_found_and_all_pages_are_read_before_it_is_called_absent(
    mastodon: Rig,
) -> None:
    mastodon.edge.settings["page"] = 2
    outgoing = mastodon.post()
    receipt = mastodon.sent(outgoing).receipt
    for number in range(5):
        mastodon.sent(mastodon.post(text=f"A later post, number {number}."))
    assert mastodon.adapter.find_existing(outgoing) == Found(receipt)
    assert mastodon.adapter.find_existing(mastodon.post(text="Never sent")) == Absent()


def test_a_reply_to_a_post_that_is_gone_is_refused(mastodon: Rig) -> None:
    outcome = mastodon.adapter.publish(mastodon.post(reply_to="12345"))
    assert isinstance(outcome, Refused)
    assert outcome.code == "404"


def test_a_picture_whose_alt_text_the_instance_drops_is_not_posted(mastodon: Rig) -> None:
    mastodon.edge.settings["keeps_alt_text"] = False
    outcome = mastodon.adapter.publish(mastodon.post(media=(a_picture(),)))
    assert isinstance(outcome, Refused)
    assert outcome.code == "alt_text"
    assert mastodon.shown == []


def test_what_the_instance_takes_is_read_from_it_and_goes_before_the_usual_limit(mastodon: Rig) -> None:
    mastodon.edge.settings["max_characters"] = 40
    outgoing = mastodon.post(text="Lock your bicycle, mark it, and write its number down.")
    health = mastodon.adapter.check(outgoing.account)
    assert health.characters == 40
    assert mastodon.adapter.validate(outgoing) == []
    known = replace(outgoing.account, characters=health.characters)
    [problem] = mastodon.adapter.validate(replace(outgoing, account=known))
    assert problem == "54 characters; the account's own server takes 40."


def test_an_instance_that_takes_more_than_the_usual_is_believed(mastodon: Rig) -> None:
    longer = mastodon.post(text="Lock it. " * 70)
    assert mastodon.adapter.validate(longer) != []
    known = replace(longer.account, characters=11_000)
    assert mastodon.adapter.validate(replace(longer, account=known)) == []


def test_an_instance_that_does_not_say_what_it_takes_still_has_a_working_token(mastodon: Rig) -> None:
    mastodon.server.fault("server_error", method="GET", path="/api/v2/instance")
    health = mastodon.adapter.check(mastodon.post().account)
    assert (health.state, health.characters) == (TokenState.OK, None)
