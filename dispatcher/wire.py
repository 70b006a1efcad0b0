"""What crosses the border as JSON: strict inwards, stable outwards."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, field_validator

_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean_text(value: str) -> str:
    """Return the text unchanged, or refuse what no store can keep.

    Raises:
        ValueError: NUL (PostgreSQL cannot store it), a lone surrogate, or another control
        character.
    """
    refused = _REFUSED.search(value)
    if refused:
        raise ValueError(f"character U+{ord(refused[0]):04X} is not allowed")
    return value


CleanText = Annotated[str, AfterValidator(clean_text)]
"""Text of a query string; models do the same for all their fields."""


class In(BaseModel):
    """Base of everything that comes in: unknown fields, control characters and NaN are refused."""

    model_config = ConfigDict(
        extra="forbid", str_strip_whitespace=True, allow_inf_nan=False, frozen=True
    )

    @field_validator("*", mode="before")
    @classmethod
    def _clean(cls, value: Any) -> Any:
        return clean_text(value) if isinstance(value, str) else value


class Out(BaseModel):
    """Base of everything that goes out."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)
