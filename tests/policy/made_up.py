"""Policies and posts that nobody wrote: every check that is words or facts, every condition, every severity."""

import json
from typing import Any

from hypothesis import strategies as st

from engage.policy import KeptFiles, Policy
from engage.policy.loading import read_sources
from engage.posts.kinds import Kind, Platform

KINDS = ["prevention", "appeal_witness", "arrest"]
PLATFORMS = ["x", "facebook"]
MOMENTS = ["typing", "submit", "approval", "send"]
ROLES = ["press_officer", "duty_press_officer", "legal", "sio", "superintendent", "head_of_comms"]
PHRASES = ["burglar(s)", "chase~", "behind bars", "don't ... alone", "guilty|convicted", "arrest*", "knife", "$loot", "$people"]  # fmt: skip
PATTERNS = [r"\b\d+\b", r"(?i)\bman\b", r"knife", r"[A-Z]{3,}", r"\bguilty\b"]
FACTS = ["case", "case.status", "case.named", "case.age", "now", "seen_at", "image.alt", "case.deep.er", "x"]
VALUES: list[Any] = [
    None, True, False, "", "unknown", "charged", "Charged ", "arrested", 0, 1, 17, 18.5, "18", [], ["charged"], {},
    {"er": 1}, "2026-10-12T12:00", "2026-10-12T09:00", "2026-10-13", "2026-10-25T01:30",
]  # fmt: skip
SCALARS = st.sampled_from([None, True, False, 0, 1, 17, "charged", "arrested", "unknown", ""])
WORDS = [
    "burglar", "burglars", "BURGLARS", "burg1ar", "bur\u200bglar", "chases", "chased", "behind", "bars", "don't",
    "walk", "home", "alone", "guilty", "gui1ty", "convicted", "arrested", "knife", "kn1fe", "loot", "swag", "man",
    "Man", "999", "12", "ABC", "John", "Smith", "Sarah", "Camden", "Road", "9.20pm", "12%", "3", "October", "PC",
    "met.police.uk", "bit.ly/x", "#tag", "the", "a", "и", "é", "👮",
]  # fmt: skip
SPACES = [" ", " ", " ", ". ", "\n", "-", ", ", "", "! "]

TEXTS = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(SPACES)), max_size=14).map(
    lambda parts: "".join(word + space for word, space in parts)
)
CONTEXTS = st.fixed_dictionaries(
    {},
    optional={
        "case": st.dictionaries(
            st.sampled_from(["status", "named", "age", "deep"]), st.sampled_from(VALUES), max_size=3
        )
        | st.sampled_from(VALUES),
        "now": st.sampled_from(VALUES),
        "seen_at": st.sampled_from(VALUES),
        "image": st.fixed_dictionaries({"present": st.booleans()}, optional={"alt": st.sampled_from(VALUES)}),
        "x": st.sampled_from(VALUES),
        "out_of_hours": st.booleans(),
        "drafter": st.sampled_from(["ann", "bo"]),
        "evidence": st.just([{"field": "place", "value": "Camden Road"}]),
        "officers_named_with_consent": st.booleans(),
        "approvals": st.lists(
            st.fixed_dictionaries(
                {
                    "role": st.sampled_from([*ROLES, "administrator"]),
                    "by": st.sampled_from(["ann", "bo", "cy", "di", "Engage"]),
                }
            ),
            max_size=4,
        ),
    },
)
POSTS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([kind for kind in Kind if kind in KINDS]).map(str),
        "platform": st.sampled_from([platform for platform in Platform if platform in PLATFORMS]).map(str),
        "text": TEXTS,
        "context": CONTEXTS,
    }
)


def _some(of: list[str], most: int = 3) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(of), min_size=1, max_size=most, unique=True)


_COMPARISONS: dict[str, st.SearchStrategy[Any]] = {
    "equals": SCALARS,
    "one_of": st.lists(SCALARS, min_size=1, max_size=3),
    "none_of": st.lists(SCALARS, min_size=1, max_size=3),
    "contains": _some(["charg", "unknown", "a", "1"]),
    "below": st.sampled_from([0, 18, 18.5]),
    "above": st.sampled_from([0, 17, 18.5]),
    "missing": st.booleans(),
    "stated": st.booleans(),
    "older_than_minutes": st.sampled_from([0, 60, 240]),
    "after_now": st.booleans(),
    "shorter_than": st.sampled_from([1, 8]),
}
FACT_CONDITIONS = st.fixed_dictionaries(
    {"fact": st.sampled_from(FACTS)},
    optional={
        **_COMPARISONS,
        "unstated": st.sampled_from(["passes", "fails", "fails_when_submitted"]),
    },
)
ONE_FACT = st.sampled_from(sorted(_COMPARISONS)).flatmap(
    lambda name: st.fixed_dictionaries(
        {"fact": st.sampled_from(FACTS), name: _COMPARISONS[name]},
        optional={"unstated": st.sampled_from(["passes", "fails", "fails_when_submitted"])},
    )
)
CONDITIONS: st.SearchStrategy[dict[str, Any]] = st.recursive(
    ONE_FACT
    | FACT_CONDITIONS
    | _some(KINDS, 2).map(lambda kinds: {"kind": kinds})
    | _some(MOMENTS, 2).map(lambda moments: {"moment": moments})
    | _some(PHRASES).map(lambda phrases: {"says": phrases})
    | _some(["person", "place", "number", "time", "date", "link", "officer"], 2).map(
        lambda kinds: {"mentions": kinds}
    ),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts})
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts})
        | inner.map(lambda part: {"not": part})
    ),
    max_leaves=5,
)
_SAID = {"message": st.just("“{found}” ({detail}) here."), "fix": st.just("Not “{found}”.")}
_EXCEPT = {**_SAID, "except": _some(["knife", "burglars", "the man", "behind bars", "$people"])}
CHECKS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({"phrases": _some(PHRASES)}, optional=_EXCEPT),
    st.fixed_dictionaries({"pattern": st.sampled_from(PATTERNS)}, optional=_EXCEPT),
    st.fixed_dictionaries(
        {"together": st.lists(_some(PHRASES), min_size=2, max_size=3)},
        optional={**_EXCEPT, "within": st.sampled_from(["sentence", "text"])},
    ),
    st.fixed_dictionaries({"requires": _some(PHRASES)}, optional=_SAID),
    st.fixed_dictionaries({"holds": CONDITIONS}, optional=_SAID),
    st.sampled_from(
        [
            {"names": "anybody"},
            {"names": "suspect", "role_words": ["$people"]},
            {"grounded": ["number", "percentage", "time", "place", "name", "phone", "link"]},
            {"links": "shortened"},
            {"phones": "unknown"},
            {"place": "below_borough"},
            {"place": "house", "with": ["$people"]},
            {"identifiers": ["name", "age", "school"], "at_least": 1},
            {"style": "capitals"},
            {"style": "emoji"},
            {"style": "length"},
            {"alt": "missing"},
            {"approvals": "by_drafter"},
            {"reference": "present"},
        ]
    ),
)
_FOR = {
    "severity": st.sampled_from(["block", "require", "approve", "warn"]),
    "roles": _some(ROLES, 2),
    "instead": _some(ROLES, 1),
    "when": CONDITIONS,
    "unless": CONDITIONS,
}
CLAUSES = st.fixed_dictionaries(
    {"checks": st.lists(CHECKS, min_size=1, max_size=3)}, optional={**_FOR, "kinds": _some(KINDS, 2), **_SAID}
)
RULES = st.fixed_dictionaries(
    {
        "title": st.just("Made up"),
        "severity": st.sampled_from(["block", "require", "approve", "warn"]),
        "roles": _some(ROLES, 2),
        "source": st.just({"code": "US", "grade": "D", "basis": "design", "says": "our own design"}),
        "message": st.just("“{found}” is said."),
        "why": st.just("For no reason."),
        "fix": st.just("Leave “{found}” out."),
        "clauses": st.lists(CLAUSES, min_size=1, max_size=3),
    },
    optional={
        "kinds": _some(KINDS, 2),
        "platforms": _some(PLATFORMS, 1),
        "when": CONDITIONS,
        "unless": CONDITIONS,
    },
)
NEEDS = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(ROLES)},
        optional={"count": st.sampled_from([1, 2]), "instead": _some(ROLES, 1), "when": CONDITIONS},
    ),
    min_size=1,
    max_size=2,
)
RULE_LISTS = st.lists(RULES, min_size=1, max_size=4)
MATRICES = st.lists(
    st.fixed_dictionaries(
        {
            "kinds": _some(KINDS, 2),
            "tier": st.just(1),
            "approve": NEEDS,
            "out_of_hours": st.sampled_from(["wait", "same"]) | NEEDS,
            "approve_within_minutes": st.sampled_from([60, 120]),
            "valid_for_minutes": st.sampled_from([60, 1440]),
        },
        optional={"when": CONDITIONS},
    ),
    max_size=3,
)


def made_up(rules: list[dict[str, Any]], matrix: list[dict[str, Any]]) -> Policy:
    """The policy of these rules and this matrix, as the loader reads it (JSON is YAML)."""
    force = {
        "name": "made-up",
        "version": "1",
        "title": "A policy nobody wrote",
        "contacts": {"numbers": {"101": "police"}, "domains": ["police.uk"], "shorteners": ["bit.ly"], "handles": {}},
        "kinds": KINDS,
        "stands_for": {"head_of_comms": ["press_officer", "duty_press_officer"], "duty_press_officer": ["press_officer"]},
        "matrix": matrix,
        "lists": {"loot": ["loot", "swag"], "people": ["man|men", "burglar(s)", "John Smith"]},
        "names": {"first": ["john", "sarah"], "place_words": ["Road"], "areas": ["Brixton"], "small_words": ["the", "a"]},
    }  # fmt: skip
    numbered = [{"id": f"X{place:02}", **rule} for place, rule in enumerate(rules)]
    files = {
        "policy.yaml": json.dumps(force, ensure_ascii=False),
        "rules/X.yaml": json.dumps({"rules": numbered}, ensure_ascii=False),
    }
    return read_sources(KeptFiles.of_texts("made-up", files)).compiled()
