"""Every threshold of wireproof, named, with its reason; overridable per run and printed by `wireproof rules`."""

from __future__ import annotations

from dataclasses import dataclass

from wireproof.errors import RuleNameError

LIMITS: dict[str, Limit] = {}


@dataclass(slots=True)
class Limit:
    """A threshold: `value` is what applies now, `default` what applies when nobody says otherwise."""

    name: str
    default: float
    because: str
    value: float

    def __float__(self) -> float:
        return float(self.value)


def limit(name: str, default: float, because: str) -> Limit:
    """Declare a threshold once, beside the rule that uses it. `name` is `rule-name.what_unit`."""
    if name in LIMITS:
        raise ValueError(f"limit {name} is declared twice")
    LIMITS[name] = made = Limit(name, default, because, default)
    return made


def override(name: str, value: float) -> None:
    """Set a limit for this process. Raises RuleNameError for a name that nobody declared."""
    if name not in LIMITS:
        raise RuleNameError(f"no limit is named {name!r}; `wireproof rules --limits` lists them")
    LIMITS[name].value = value


def raise_limit(reached: Limit) -> str:
    """What a note says on how to read more than a limit lets."""
    return f"`--limit {reached.name}=N` with a larger number reads more"
