"""The crime room's figures as a draft takes them: evidence for its words, facts for the policy."""

from engage.crime.figures import borough_figures
from engage.crime.forecast import NoForecast, Refusal, forecast_for
from engage.crime.records import CrimeReader
from engage.crime.sourced import evidence, policy_context
from engage.drafting.desk import Brought
from engage.drafting.errors import MissingEvidence


class CrimeFigures:
    """Figures read through one transaction's crime store."""

    def __init__(self, reader: CrimeReader) -> None:
        self._reader = reader

    def summary(self, borough: str, *, topic: str, month: str | None) -> Brought:
        """The count of a topic beside the same month a year before.

        Raises UnknownTopic, NoFigures, or MissingEvidence where there is nothing fair to compare with.
        """
        (figure,) = borough_figures(self._reader, borough, month=month, topic=topic).topics
        if figure.count_before is None:
            raise MissingEvidence(
                figure.not_compared or f"There is no comparable figure for {figure.period_before}.",
                where=f"{figure.label} in {borough}",
                remedy="Choose a later month."
                if figure.not_compared
                else "Import the file that covers it, or choose a later month.",
            )
        return Brought(evidence=evidence(figure), context=policy_context(figure))

    def forecast(self, borough: str, *, topic: str, month: str | None) -> Brought:
        """The forecast of a topic for a month (the first that is forecast where none is named).

        Raises UnknownTopic, NoFigures, or NoForecast with the reason why there is none.
        """
        made = forecast_for(self._reader, borough, topic)
        if isinstance(made, Refusal):
            raise NoForecast(
                made.reason, where=f"{made.label} in {made.borough}", remedy="Post a summary instead."
            )
        return Brought(evidence=evidence(made, month=month), context=policy_context(made, month=month))
