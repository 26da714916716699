"""A rise or a fall claimed in words, and whether two counts differ by more than chance."""

import math
from collections.abc import Iterator

from engage.policy.kit import Finder, Hit, Kit, Span
from engage.policy.question import Question, number_of
from engage.policy.tokens import T

_CHANGES = (
    "up|down by|from|on|to|again|sharply|slightly|this",
    "is|are|was|were|has|have|been|went|gone up|down",
    "rise|rises|rising|rose|risen",
    "fall|falls|falling|fell|fallen",
    "increas*",
    "decreas*",
    "drop~",
    "dropped",
    "spike~",
    "spiking",
    "surg*",
    "soar*",
    "climb~",
    "jump|jumped|jumps",
    "wave of",
    "better|worse than",
    "improved|improvement(s)",
    "good|real|great|strong|more progress",
    "fewer ... were|have|being stolen|recorded|reported|taken|broken|burgled|robbed|been|snatched",
    "higher than",
    "lower than",
    "reduc*",
    "declin*",
    "plummet~",
    "crackdown works",
    "shot up",
    "going up|down",
    "growing",
    "cut in",
    "on the up|rise|increase",
    "figure(s)|numbers|picture|trend|things|crime|it is|are improving|worsening",
    "got|getting|become|becoming worse|better",
    "heading|moving|going in the right|wrong",
    "trend* upward(s)|downward(s)",
    "creep|creeping|crept up|down",
    "tick~|edge~|nudge~|inch~ up|down|higher|lower",
    "is|are|was|were|now|much|slightly|little|even|still|far lower|higher|fewer",
    "lower|higher this|again",
    "lower|higher numbers|figures|levels",
    "eased|easing",
    "worsen~",
    "dip in",
    "dips|dipped|dipping",
    "slump~",
    "tumbl*",
    "plung*",
    "dwindl*",
    "shrink*|shrunk|shrank",
    "slid|slipped down|back|to",
    "slide in",
    "grow|grows|grew|grown",
    "growth in",
    "mounting",
    "upturn|downturn|uptick",
    "upward(s)|downward(s)",
    "on the way|slide up|down",
    "come|comes|coming|came down",
    "went down|up",
    "swell*|swollen",
    "explosion|explod*",
    "boom|booming|boomed",
    "crime wave",
    "bucking|bucked the trend",
    "turned a|the corner",
    "escalat*",
    "rocket*",
)
_COMPARED = (
    r"(?i)\b(?:more|fewer|less)\s+(?:(?:[\w'-]+\s+){0,9}than\s+(?:in|last|the|a\s+year|this|these|those|during|before"
    r"|usual|normal|at|for|previous|recorded|we|it)|(?:[\w'-]+\s+){1,9}than\s+\d{3,4})\b"
)
"""More or fewer than another time; "more than 380 burglaries" compares nothing."""
_SAME = (
    "about the same",
    "no clear change",
    "little changed",
    "much the same",
    "similar to",
    "unchanged",
    "not clearly",
    "did not clearly",
    "no real change",
    "too close to call",
    "within the usual",
    "no significant",
    "no|not clear|real|marked|meaningful|statistically",
    "no sign of a|any",
    "no rise|fall|increase|decrease|change|drop|difference",
    "neither up|a|rose|rise|increased|risen",
    "barely|hardly changed|moved",
    "not a rise|fall|change|real|clear|significant|marked",
    "not call|read|treat|count it|this|that",
    "not big|large enough",
    "has|have not|hasn't|haven't risen|fallen|increased|decreased|changed|gone",
    "may|could|might|can be chance",
    "by chance",
    "to chance",
    "roughly|almost|nearly|broadly|virtually|practically the same|level|unchanged",
    "close to last|the same|where",
    "in line with",
    "is|are|was|were|stayed|stays|remained|remains flat",
    "no movement|different|clear",
    "no real|great movement|difference",
    "level with",
    "steady",
    "stable",
)
_EXACT_BELOW = 50
"""Counts in all: below it the exact binomial test is used instead of the normal approximation."""
_P = 0.05


def noise(kit: Kit) -> Finder:
    """The first claim of a change that the two counts stated do not bear out."""
    changes, same, compared = kit.phrases(_CHANGES), kit.phrases(_SAME), kit.bank.add(_COMPARED)
    z = kit.force.thresholds.noise_z

    def find(question: Question) -> Iterator[Hit]:
        data = question.section("data")
        now, base = number_of(data.get("n_now")), number_of(data.get("n_base"))
        if now is None or base is None or is_clear(now, base, z=z):
            return
        if same in question.hits:
            return
        claims = (
            *question.passage.spans(changes),
            *question.passage.spans(compared),
            *(span for span in _percentages(kit, question)),
        )
        if claims:
            yield Hit(claims[0], f"{now:g} against {base:g}")

    return find


def _percentages(kit: Kit, question: Question) -> Iterator[Span]:
    """Percentages that can be a change; "60% of them" is a share."""
    for token in kit.tokens(question, T.PERCENTAGE):
        after = question.folded.text[token.end : token.end + 4]
        if ("%" in token.text or token.text.casefold().endswith("cent")) and not after.startswith(" of "):
            yield (token.start, token.end)


def is_clear(now: float, base: float, *, z: float) -> bool:
    """Whether two counts differ by more than chance: exact where there are few, else |n1-n0| > z·√(n1+n0)."""
    if now < 0 or base < 0:
        return True
    if now + base < _EXACT_BELOW and now == int(now) and base == int(base):
        return exact_p(int(now), int(base)) < _P
    return abs(now - base) > z * math.sqrt(now + base)


def exact_p(now: int, base: int) -> float:
    """How likely two counts differ at least so much by chance alone: the exact two-sided binomial test."""
    total, fewer = now + base, min(now, base)
    return min(1.0, 2 * sum(math.comb(total, each) for each in range(fewer + 1)) / (1 << total))
