"""The base of everything a flow's author writes into a plugin: types themselves and the objects inside them."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Properties(BaseModel):
    """Typed properties, camelCase outside, unknown ones refused. The meaning of each stands in a text beneath it."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        arbitrary_types_allowed=True,
        coerce_numbers_to_str=True,
    )
