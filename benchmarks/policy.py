"""How fast the Met policy decides, beside a plain loop of `re` and the Open Policy Agent's Rego.

1,000 varied drafts, one process, one core. The plain loop searches the same phrases one by one and
gives no reasons; Rego (`regopy`) gets the same phrases as far as they can be written in it, and gives
no reasons either. Goals: 5,000 full decisions a second, 10 times the plain loop, 100 times Rego, p99
under 2 ms for texts of up to 280 characters, linear to 63,206 characters.

    python3 dev.py bench policy [--json]
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engage.policy import CaseBook, Policy
from engage.policy.fold import fold
from engage.policy.kit import Kit
from engage.policy.phrases import pattern_of
from engage.policy.token_patterns import PATTERNS
from engage.policy.vocabulary import PhrasesCheck, RequiresCheck, TogetherCheck
from engage.posts.places import BOROUGHS

MET = Path(__file__).parents[1] / "policies" / "met"
DRAFTS = 1_000
ROUNDS, ROUNDS_OF_RIVALS = 20, 5
"""The machine's speed swings by a tenth within seconds; a round of the plain loop takes half a minute."""
SHORT = 280
LONGEST = 63_206
RIVAL_DRAFTS = 40
RIVAL = Path(__file__).with_name("_rego.py")
GOALS = {
    "decisions_a_second": 5_000,
    "times_plain_loop": 10,
    "times_rego": 100,
    "p99_ms": 2.0,
    "long_to_half": 2.5,
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure beside its goal; `at_most` where less is better."""

    name: str
    figure: float | None
    goal: float
    at_most: bool = False

    @property
    def holds(self) -> bool:
        """Whether the goal is met; a figure not measured meets nothing."""
        if self.figure is None:
            return False
        return self.figure <= self.goal if self.at_most else self.figure >= self.goal


def drafts(book: CaseBook) -> list[dict[str, Any]]:
    """The policy's own cases, in turn set in every borough, cut to what X takes.

    Cases share texts. Each time a text comes again it ends in one more space, so that it is read anew: no
    decision here profits from the passages that a policy keeps.
    """
    posts = [case.post for case, _ in book.cases]
    before = Counter[str]()
    varied = []
    for place in range(DRAFTS):
        post = posts[place % len(posts)]
        borough = BOROUGHS[place % len(BOROUGHS)].name
        text = str(post["text"]).replace("Camden", borough)[:SHORT]
        before[text] += 1
        text += " " * (before[text] - 1)
        context = {**post.get("context", {}), "borough": borough}
        varied.append({"kind": post["kind"], "platform": "facebook", "text": text, "context": context})
    return varied


def timed(
    work: Callable[[dict[str, Any]], object], posts: Sequence[dict[str, Any]], *, rounds: int = ROUNDS
) -> list[float]:
    """The CPU seconds of each post, the best of a few rounds: other work on the machine is not ours."""
    best = [float("inf")] * len(posts)
    for _ in range(rounds):
        for place, post in enumerate(posts):
            start = time.process_time()
            work(post)
            best[place] = min(best[place], time.process_time() - start)
    return best


def plain_loop(policy: Policy) -> Callable[[dict[str, Any]], object]:
    """Each phrase and pattern of each rule searched by `re`, one after the other, spans included."""
    kit = Kit(policy.force)
    phrases = [
        phrase
        for rule in policy.rules
        for clause in rule.clauses
        for check in clause.checks
        for phrase in _said(check, kit)
    ]
    tokens = [pattern for _, pattern in PATTERNS]
    compiled = [re.compile(f"(?i){pattern_of(phrase)}", re.ASCII) for phrase in phrases]
    compiled += [re.compile(pattern, re.ASCII) for pattern in tokens]

    def search(post: dict[str, Any]) -> object:
        text = fold(post["text"]).text
        return [[found.span() for found in pattern.finditer(text)] for pattern in compiled]

    return search


def rego_rules(policy: Policy) -> str:
    """The phrases of every rule as Rego: plain words in lower case, without endings and gaps."""
    kit = Kit(policy.force)
    lines = ["package met", "import rego.v1"]
    for rule in policy.rules:
        phrases = [
            phrase for clause in rule.clauses for check in clause.checks for phrase in _said(check, kit)
        ]
        plain = sorted(
            {
                re.sub(r"\(\w+\)|[~*]", "", phrase).split("|")[0].lower()
                for phrase in phrases
                if "..." not in phrase
            }
        )
        if plain:
            words = json.dumps(plain, ensure_ascii=False)
            lines.append(
                f'hits contains "{rule.id}" if {{ some p in {words}\n contains(lower(input.text), p) }}'
            )
    return "\n".join(lines) + "\n"


def _said(check: object, kit: Kit) -> list[str]:
    match check:
        case PhrasesCheck(phrases=phrases) | RequiresCheck(requires=phrases):
            return list(kit.spelled_out(phrases))
        case TogetherCheck(together=groups):
            return [phrase for group in groups for phrase in kit.spelled_out(group)]
        case _:
            return []


def rego_seconds(policy: Policy, posts: Sequence[dict[str, Any]]) -> float | None:
    """The CPU seconds Rego takes for one post, in its own environment; None where it is not installed."""
    python = os.environ.get("RIVALS_PYTHON")
    if python is None:
        return None
    question = {"rules": rego_rules(policy), "texts": [post["text"] for post in posts[:RIVAL_DRAFTS]]}
    answer = subprocess.run(
        [python, str(RIVAL)], input=json.dumps(question), capture_output=True, text=True, check=True
    )
    return float(json.loads(answer.stdout)["seconds"])


def long_to_half(policy: Policy) -> float:
    """How much longer the longest text takes than half of it: 2 is linear."""
    sentence = (
        "Lock your bike near Brockwell Park and do not leave it alone. Officers marked bikes on Saturday. "
    )
    whole = (sentence * (LONGEST // len(sentence) + 1))[:LONGEST]
    half = whole[: LONGEST // 2]
    posts = [{"kind": "prevention", "platform": "facebook", "text": text} for text in (whole, half)]
    long, short = timed(policy.decide, posts)
    return long / short


def measure() -> tuple[list[Measure], dict[str, float]]:
    """Every figure with its goal, and what they were worked out from."""
    book = CaseBook.read(MET)
    policy = book.policy
    posts = drafts(book)
    ours = sorted(timed(policy.decide, posts))
    loop = timed(plain_loop(policy), posts, rounds=ROUNDS_OF_RIVALS)
    rego = rego_seconds(policy, posts)
    mean, plain = sum(ours) / len(ours), sum(loop) / len(loop)
    measures = [
        Measure("decisions_a_second", 1 / mean, GOALS["decisions_a_second"]),
        Measure("times_plain_loop", plain / mean, GOALS["times_plain_loop"]),
        Measure("times_rego", None if rego is None else rego / mean, GOALS["times_rego"]),
        Measure("p99_ms", ours[int(len(ours) * 0.99)] * 1000, GOALS["p99_ms"], at_most=True),
        Measure("long_to_half", long_to_half(policy), GOALS["long_to_half"], at_most=True),
    ]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    details = {
        "mean_us": mean * 1e6,
        "plain_loop_us": plain * 1e6,
        "peak_mb": peak,
        "patterns": len(policy.patterns),
    }
    return measures, details if rego is None else {**details, "rego_us": rego * 1e6}


def main(arguments: Sequence[str]) -> int:
    """Print every figure; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    as_json = parser.parse_args(arguments).json
    measures, details = measure()
    holds = all(each.holds for each in measures)
    if as_json:
        figures = {
            each.name: {"figure": each.figure, "goal": each.goal, "holds": each.holds} for each in measures
        }
        print(json.dumps({"benchmark": "policy", "figures": figures, "details": details, "holds": holds}))
        return 0 if holds else 1
    for name, value in details.items():
        print(f"{name:20} {value:12,.1f}")
    for each in measures:
        shown = "not measured" if each.figure is None else f"{each.figure:,.2f}"
        print(f"{each.name:20} {shown:>12}   goal {each.goal:,}   {'holds' if each.holds else 'missed'}")
    first = measures[0]
    print(
        f"policy: {first.figure:,.0f} decisions a second, goal {first.goal:,}, all goals {'hold' if holds else 'not met'}"
    )
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
