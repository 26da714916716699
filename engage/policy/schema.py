"""The JSON Schema of the policy language, for editors that complete and check as one types."""

from typing import Any

from pydantic import TypeAdapter

from engage.policy.language import Case, Force
from engage.policy.vocabulary import RuleFile


def json_schema() -> dict[str, Any]:
    """One schema for each kind of file: policy.yaml, rules/*.yaml and cases/*.yaml."""
    return {
        "policy.yaml": Force.model_json_schema(by_alias=True),
        "rules": RuleFile.model_json_schema(by_alias=True),
        "cases": TypeAdapter(list[Case]).json_schema(by_alias=True),
    }
