"""A text is read once, and what is stated about it is asked each time."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from engage.policy import load_policy
from engage.policy.passage import KEPT, LONGEST_KEPT, Passages

MET = Path(__file__).parents[2] / "policies" / "met"
WORDS = "Officers spoke to people outside the Lord Nelson in Camden on Friday 9 October. Rosa Parks was not there."


class _Noting:
    """No patterns at all; notes what it was asked to read."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def hits(self, text: str) -> frozenset[int]:
        self.read.append(text)
        return frozenset()

    def spans(self, number: int, text: str) -> list[tuple[int, int]]:
        raise AssertionError(f"{number} was not found in {text}")


def test_a_text_asked_about_again_is_not_read_again() -> None:
    noting = _Noting()
    passages = Passages(noting)

    assert passages.of("Lock it.") is passages.of("Lock it.")

    assert noting.read == ["Lock it."]


def test_only_the_last_few_texts_are_kept() -> None:
    noting = _Noting()
    passages = Passages(noting)

    for number in range(KEPT + 1):
        passages.of(f"Post {number}")
    passages.of("Post 0")

    assert noting.read.count("Post 0") == 2
    assert noting.read.count(f"Post {KEPT}") == 1


def test_a_very_long_text_is_never_kept() -> None:
    noting = _Noting()
    passages = Passages(noting)
    text = "a" * (LONGEST_KEPT + 1)

    passages.of(text)
    passages.of(text)

    assert len(noting.read) == 2


def test_the_same_words_are_judged_anew_by_what_each_question_states() -> None:
    policy = load_policy(MET)

    def unmatched(*fields: str) -> set[str]:
        evidence = [{"field": field, "value": "Rosa Parks"} for field in fields]
        post = {
            "kind": "reassurance",
            "platform": "x",
            "text": WORDS,
            "context": {"borough": "Camden", "now": "2026-10-12T12:00", "evidence": evidence},
        }
        spans = [each.span for each in policy.decide(post).findings if each.rule == "D08" and each.span]
        return {WORDS[slice(*span)] for span in spans}

    assert "Rosa Parks" in unmatched()
    assert "Rosa Parks" not in unmatched("venue")
    assert "Rosa Parks" in unmatched()


def test_threads_that_read_one_text_together_find_what_one_alone_finds() -> None:
    texts = [f"{WORDS} Reference CAD {1200 + number}/09OCT26." for number in range(40)]
    posts = [
        {"kind": "appeal_witness", "platform": platform, "text": text, "context": {"borough": "Camden"}}
        for text in texts
        for platform in ("x", "bluesky", "x", "bluesky")
    ]
    alone = load_policy(MET)
    expected = [alone.decide(post).to_json() for post in posts]
    together = load_policy(MET)

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda post: together.decide(post).to_json(), posts))

    assert found == expected
