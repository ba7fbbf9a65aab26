"""The texts beneath properties are found, those of base classes too."""

from tests.services.tasks import Everything

from tiercel.plugins.http.request import Request
from tiercel.sdk.docs import meanings


def test_own_and_inherited_properties_have_their_meaning() -> None:
    found = meanings(Request)
    assert found["encrypt_body"].startswith("Keep the body encrypted")
    assert found["uri"] == "The address to send the request to."


def test_a_property_without_a_text_has_none() -> None:
    assert "text" not in meanings(Everything)
