"""What a step of the story promises, and what it says where that does not hold."""


class DoesNotHold(AssertionError):
    """A step of the story did not come out as it must."""


def must(holds: bool, promise: str) -> None:
    """Raises DoesNotHold, with the promise, where it does not hold."""
    if not holds:
        raise DoesNotHold(promise)
