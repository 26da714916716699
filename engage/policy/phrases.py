"""Phrases as a press officer writes them, turned into linear-time patterns.

    burglar(s)        with or without what is in brackets
    chase~            with any ordinary English ending: chase, chases, chased, chasing, chaser
    burgl*            any word that begins so
    guilty|convicted  either
    hand it ... in    up to four words between
Spaces match any run of spaces, line ends and hyphens; letters match in either case. A phrase is read as a
text is: "café" and "cafe" are one.
"""

import re

from engage.policy.fold import fold

GAP = r"(?:[\s,-]+[\w']+){0,4}?"
_SPACE = r"[\s-]+"
_WORD = re.compile(r"\.\.\.|[^\s]+")
_ALLOWED = re.compile(r"[\w'\u2019&.,:!?()|*~#@%£/+-]+\Z")
_DOUBLES = "bdgklmnprt"


class BadPhrase(ValueError):
    """A phrase that is not written in the phrase language."""


def pattern_of(phrase: str) -> str:
    """The RE2 pattern of one phrase, with word boundaries. Raises BadPhrase."""
    words = _WORD.findall(fold(phrase).text)
    if not words or words[0] == "..." or words[-1] == "...":
        raise BadPhrase(f"“{phrase}” is empty, or begins or ends with “...”.")
    parts: list[str] = []
    for word in words:
        if word == "...":
            parts.append(GAP)
            continue
        if parts:
            parts.append(_SPACE)
        parts.append(_word(word, phrase))
    left = r"\b" if _is_of_a_word(words[0][0]) or words[0][0] == "(" else ""
    right = r"\b" if _is_of_a_word(words[-1][-1]) or words[-1][-1] in ")~" else ""
    return f"{left}{''.join(parts)}{right}"


def _is_of_a_word(character: str) -> bool:
    """Whether RE2 knows a word's edge beside it: to RE2 a word is ASCII."""
    return character.isascii() and character.isalnum()


def pattern_of_any(phrases: list[str]) -> str:
    """One RE2 pattern that matches any of the phrases, whatever the case."""
    longest_first = sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase))
    return "(?i)(?:" + "|".join(pattern_of(phrase) for phrase in longest_first) + ")"


def _word(word: str, phrase: str) -> str:
    if not _ALLOWED.match(word):
        raise BadPhrase(f"“{phrase}” has a character that phrases do not use in “{word}”.")
    choices = [_choice(choice, phrase) for choice in word.split("|")]
    return choices[0] if len(choices) == 1 else f"(?:{'|'.join(choices)})"


def _choice(choice: str, phrase: str) -> str:
    if not choice:
        raise BadPhrase(f"“{phrase}” has an empty choice beside “|”.")
    if choice.endswith("~"):
        return _inflected(choice[:-1])
    open_ended = choice.endswith("*")
    body = re.escape(choice[:-1] if open_ended else choice).replace(r"\(", "(?:").replace(r"\)", ")?")
    if body.count("(?:") != body.count(")?"):
        raise BadPhrase(f"“{phrase}” opens and closes brackets unevenly in “{choice}”.")
    body = body.replace("\u2019", "'").replace("'", "'?")
    return body + (r"\w*" if open_ended else "")


def _inflected(stem: str) -> str:
    """The ordinary endings of a verb or noun: dropped e, doubled consonant, y to ie."""
    if not stem:
        raise BadPhrase("“~” needs a word before it.")
    quoted = re.escape(stem)
    if stem.endswith("e"):
        return rf"{quoted[:-1]}(?:e|es|ed|er|ers|ing|e's|es')"
    if stem.endswith("y") and len(stem) > 1 and stem[-2] not in "aeiou":
        return rf"{quoted[:-1]}(?:y|ies|ied|ying|ier|iers)"
    doubled = f"{stem[-1]}?" if stem[-1] in _DOUBLES else ""
    return rf"{quoted}(?:{doubled}(?:ed|ing|er|ers)|e?s|'s|s')?"
