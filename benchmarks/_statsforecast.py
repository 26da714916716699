"""The rivals' side of `forecast`: AutoETS and theta of statsforecast, in the environment that has it.

Reads {"model", "series": lists of monthly counts, "horizon"}; prints the means, the 80 and 95 % intervals
and the CPU seconds of fitting every series once on one core.
"""

import json
import sys
import time
import warnings

import numpy as np
from statsforecast.models import AutoETS, DynamicOptimizedTheta

MODELS = {"AutoETS": AutoETS, "theta": DynamicOptimizedTheta}
PARTS = ("mean", "lo-80", "hi-80", "lo-95", "hi-95")


def main() -> None:
    """Fit and forecast every series."""
    question = json.load(sys.stdin)
    warnings.simplefilter("ignore")
    model, horizon = MODELS[question["model"]](season_length=12), question["horizon"]
    started, made = 0.0, {part: [] for part in PARTS}
    for at, counts in enumerate(question["series"]):
        if at == 1:  # The first is left out: it compiles the code of all the others.
            started = time.process_time()
        said = model.forecast(y=np.array(counts, dtype=float), h=horizon, level=[80, 95])
        for part in PARTS:
            made[part].append([float(each) for each in said[part]])
    print(json.dumps({**made, "seconds": time.process_time() - started}))


if __name__ == "__main__":
    main()
