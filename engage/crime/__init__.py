"""Crime figures: open data in, monthly counts, what is unusual, forecasts and how good they were."""
