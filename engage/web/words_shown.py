"""A post as a page shows it: the words with what the policy found marked in them, their length, their evidence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

from engage.crime.months import in_words
from engage.crime.topics import UnknownTopic, topic_called
from engage.policy import Decision, Finding, Severity, Verdict
from engage.posts.clock import show
from engage.posts.evidence import DerivedSource, Evidence, FileSource, StatedSource
from engage.posts.kinds import Platform
from engage.posts.length import Length, length
from engage.posts.post import Media, Post, Variant

BETWEEN_PARTS = "\n\n"
"""What stands between the parts of a thread where the policy judges them as one text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFinding:
    """One finding: what it does in words, its colour, and the words it was found in."""

    rule: str
    effect: str
    colour: str
    message: str
    why: str
    source: str
    fix: str
    excerpt: str
    set_aside_by: str = ""
    set_aside_why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDecision:
    """A decision: its verdict in words with its colour, and its findings, the gravest first."""

    verdict: str
    colour: str
    summary: str
    findings: tuple[ShownFinding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPart:
    """One text of a variant: a whole post, or one part of a thread. `marked` is the text as safe HTML."""

    number: int
    text: str
    marked: Markup
    length: Length

    @property
    def rows(self) -> int:
        """How many rows show the whole text, at about 50 characters a row, with one to spare."""
        return max(4, 1 + sum(1 + len(line) // 50 for line in self.text.split("\n")))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownVariant:
    """What one platform will show, with the decision beside it."""

    platform: Platform
    account: str
    parts: tuple[ShownPart, ...]
    decision: ShownDecision
    media: tuple[Media, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether every part is short enough."""
        return all(part.length.fits for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEvidence:
    """One item of evidence and where it came from: a heading, (label, text) lines, where its rows are opened."""

    id: str
    label: str
    value: str
    origin: str
    lines: tuple[tuple[str, str], ...]
    synthetic: bool
    rows_at: str = ""


_VERDICTS = {
    Verdict.ALLOW: ("Within policy", "green", "Nothing in the policy stands against these words."),
    Verdict.ESCALATE: (
        "Needs sign-off",
        "yellow",
        "The words may stand once the sign-offs named have been given.",
    ),
    Verdict.BLOCK: ("Blocked", "red", "The words may not stand as they are. What to do is below."),
}
_EFFECTS = {
    Severity.BLOCK: ("Blocked", "red"),
    Severity.REQUIRE: ("Missing", "red"),
    Severity.APPROVE: ("Sign-off", "yellow"),
    Severity.WARN: ("Warning", "orange"),
}
_GRAVITY = list(_EFFECTS)
_NOT_JUDGED = ShownDecision(
    verdict="Not judged",
    colour="grey",
    summary="The policy judges these words once there are some and nothing above stands against them.",
    findings=(),
)


def shown_decision(decision: Decision, text: str) -> ShownDecision:
    """A decision for a page; `text` is what it was asked about."""
    verdict, colour, summary = _VERDICTS[decision.verdict]
    ordered = sorted(decision.findings, key=lambda each: _GRAVITY.index(each.severity))
    return ShownDecision(
        verdict=verdict,
        colour=colour,
        summary=summary,
        findings=tuple(_finding(each, text) for each in ordered),
    )


def shown_variants(post: Post, decisions: Mapping[Platform, Decision]) -> tuple[ShownVariant, ...]:
    """Every variant of a post with its decision."""
    return tuple(shown_variant(each, decisions[each.platform]) for each in post.variants)


def shown_variant(variant: Variant, decision: Decision | None) -> ShownVariant:
    """One variant with its decision; without one it is said not to be judged."""
    return ShownVariant(
        platform=variant.platform,
        account=variant.account,
        parts=tuple(_parts(variant, decision.findings if decision else ())),
        decision=shown_decision(decision, variant.text) if decision else _NOT_JUDGED,
        media=variant.media,
    )


def _parts(variant: Variant, findings: Sequence[Finding]) -> Iterator[ShownPart]:
    start = 0
    for number, text in enumerate(variant.parts):
        spans = [_Span(*each.span, each.rule) for each in findings if each.span]
        yield ShownPart(
            number=number,
            text=text,
            marked=_marked(text, [each for span in spans if (each := span.within(start, start + len(text)))]),
            length=length(text, variant.platform),
        )
        start += len(text) + len(BETWEEN_PARTS)


@dataclass(frozen=True, slots=True, order=True)
class _Span:
    start: int
    stop: int
    rules: str

    def within(self, first: int, last: int) -> "_Span | None":
        """The piece of this span in a part of the text, counted from the part's beginning."""
        start, stop = max(self.start, first) - first, min(self.stop, last) - first
        return _Span(start, stop, self.rules) if start < stop else None


def _marked(text: str, spans: Sequence[_Span]) -> Markup:
    html, end = Markup(), 0
    for span in _merged(spans):
        html += escape(text[end : span.start])
        html += Markup('<mark class="eng-mark" title="{}">{}</mark>').format(
            span.rules, text[span.start : span.stop]
        )
        end = span.stop
    return html + escape(text[end:])


def _merged(spans: Sequence[_Span]) -> list[_Span]:
    """The spans in order, overlapping ones as one."""
    merged: list[_Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].stop:
            last = merged.pop()
            rules = last.rules if span.rules in last.rules.split(", ") else f"{last.rules}, {span.rules}"
            span = _Span(last.start, max(last.stop, span.stop), rules)  # noqa: PLW2901 - the two as one
        merged.append(span)
    return merged


def _finding(finding: Finding, text: str) -> ShownFinding:
    by, _, reason = (finding.set_aside or "").partition(": ")
    effect, colour = ("Set aside", "grey") if finding.set_aside else _EFFECTS[finding.severity]
    return ShownFinding(
        rule=finding.rule,
        effect=effect,
        colour=colour,
        message=finding.message,
        why=finding.why,
        source=finding.source,
        fix=finding.fix,
        excerpt=text[slice(*finding.span)] if finding.span else "",
        set_aside_by=by,
        set_aside_why=reason,
    )


def shown_evidence(
    items: Sequence[Evidence], *, names: Mapping[str, str], rows_at: str
) -> tuple[ShownEvidence, ...]:
    """Evidence for a page. `names` are people's names by their id; `rows_at` is the address of rows, with {} for the id."""
    labels = {item.id: _label(item.field) for item in items}
    return tuple(_evidence(item, labels, names, rows_at.format(item.id)) for item in items)


def _evidence(
    item: Evidence, labels: Mapping[str, str], names: Mapping[str, str], rows_at: str
) -> ShownEvidence:
    match item.source:
        case FileSource() as source:
            origin = _read_from(source, counted=item.number is not None)
            lines = _file_lines(source)
        case DerivedSource(method=method, inputs=inputs):
            origin = "Worked out from other figures"
            lines = (("How", method), ("From", ", ".join(labels.get(each, each) for each in inputs)))
        case StatedSource(stated_by=by, stated_at=at, reference=reference):
            origin = f"Stated by {names.get(by, by)}"
            lines = (
                ("When", show(datetime.fromisoformat(at))),
                *((("Reference", reference),) if reference else ()),
            )
    return ShownEvidence(
        id=item.id,
        label=labels[item.id],
        value=item.value,
        origin=origin,
        lines=lines,
        synthetic=isinstance(item.source, FileSource) and item.source.synthetic,
        rows_at=rows_at if isinstance(item.source, FileSource) else "",
    )


def _read_from(source: FileSource, *, counted: bool) -> str:
    rows = "1 row" if source.rows == 1 else f"{source.rows:,} rows"
    return f"Counted from {rows} of {source.file_name}" if counted else f"As in {source.file_name}"


def _file_lines(source: FileSource) -> tuple[tuple[str, str], ...]:
    chosen = "; ".join(_chosen(column, value) for column, value in source.filter.items())
    return (
        ("Data set", f"{source.dataset}, {source.publisher}"),
        ("Rows chosen", f"{chosen}; {_months(source.period)}"),
        ("As published on", source.as_of),
        ("Licence", source.licence),
        ("File (SHA-256)", source.file_sha256),
    )


def _chosen(column: str, value: str) -> str:
    """What selected rows, in words: "Topic: home burglary"."""
    try:
        said = topic_called(value).label if column == "topic" else value
    except UnknownTopic:
        said = value  # evidence of a topic that was counted once and is not any more
    return f"{_label(column)}: {said}"


def _months(period: str) -> str:
    """A source's period in words: "November 2025", "September 2025 to November 2025"."""
    return " to ".join(in_words(month) for month in period.split(".."))


_LABELS = {
    "count_now": "Count now",
    "count_before": "Count a year before",
    "period_now": "Period",
    "period_before": "Period a year before",
    "change": "What the comparison shows",
    "data_to": "Figures to",
    "forecast_low": "Forecast, low end",
    "forecast_high": "Forecast, high end",
    "forecast_month": "Month of the forecast",
    "interval_words": "What the range means",
    "method_link": "Where the recorded figures are published",
    "same_month_last_year": "Same month last year",
}


def _label(field: str) -> str:
    return _LABELS.get(field, field.replace("_", " ").capitalize())
