"""The parts of `benchmarks/chaos.py`: what is planned, what breaks it, who is tried, and how it is counted."""
