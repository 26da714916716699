"""What a post can be about, and where it can appear."""

from enum import StrEnum


class Kind(StrEnum):
    """The kinds of post the force's policy distinguishes."""

    APPEAL_WITNESS = "appeal_witness"
    APPEAL_IDENTIFY = "appeal_identify"
    APPEAL_MISSING = "appeal_missing"
    MISSING_FOUND = "missing_found"
    REASSURANCE = "reassurance"
    PREVENTION = "prevention"
    FORECAST_ADVISORY = "forecast_advisory"
    CRIME_SUMMARY = "crime_summary"
    ENGAGEMENT = "engagement"
    INCIDENT_LIVE = "incident_live"
    ARREST = "arrest"
    CHARGE = "charge"
    COURT_RESULT = "court_result"
    CORRECTION = "correction"

    @property
    def label(self) -> str:
        """The kind as a person says it: "Witness appeal"."""
        return _LABELS[self]


_LABELS = {
    Kind.APPEAL_WITNESS: "Witness appeal",
    Kind.APPEAL_IDENTIFY: "Identification appeal",
    Kind.APPEAL_MISSING: "Missing person appeal",
    Kind.MISSING_FOUND: "Missing person found",
    Kind.REASSURANCE: "Reassurance",
    Kind.PREVENTION: "Crime prevention",
    Kind.FORECAST_ADVISORY: "Forecast advisory",
    Kind.CRIME_SUMMARY: "Crime summary",
    Kind.ENGAGEMENT: "Engagement event",
    Kind.INCIDENT_LIVE: "Live incident",
    Kind.ARREST: "Arrest",
    Kind.CHARGE: "Charge",
    Kind.COURT_RESULT: "Court result",
    Kind.CORRECTION: "Correction",
}


class Platform(StrEnum):
    """Where a variant of a post can appear. The last two are posted by hand from an export."""

    X = "x"
    FACEBOOK = "facebook"
    MASTODON = "mastodon"
    BLUESKY = "bluesky"
    INSTAGRAM = "instagram"
    NEXTDOOR = "nextdoor"
    WHATSAPP = "whatsapp"
    MET_ENGAGE = "met_engage"

    @property
    def label(self) -> str:
        """The platform's own spelling of its name."""
        return _SPELLINGS.get(self.value) or self.value.title()

    @property
    def by_hand(self) -> bool:
        """Whether a person posts there, because no machine can."""
        return self in {Platform.INSTAGRAM, Platform.NEXTDOOR, Platform.WHATSAPP, Platform.MET_ENGAGE}

    @property
    def takes_answers(self) -> bool:
        """Whether a post can be sent there as the answer to another of ours, as the parts of a thread are."""
        return self in {Platform.X, Platform.MASTODON, Platform.BLUESKY}


_SPELLINGS = {"x": "X", "whatsapp": "WhatsApp channel", "met_engage": "Met Engage e-mail"}

DRAFTED_FOR = (Platform.X, Platform.FACEBOOK, Platform.MASTODON, Platform.BLUESKY)
"""The platforms every draft gets a variant for unless its writer picks fewer."""
