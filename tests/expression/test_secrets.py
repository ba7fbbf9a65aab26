"""`secret()`: whole, in parts, and as an object; what it gives is never rendered again."""

import pytest
from tests.expression.rendered import surroundings
from tests.expression.stage import CONTEXT, FIXTURES, StageHost

from tiercel.expression import ExpressionError, MaskedHost, NoHost, compile


def said(template: str) -> str:
    return compile(template).render(CONTEXT, surroundings(host=StageHost(FIXTURES)))


def test_a_secret_is_given_whole_in_part_or_as_an_object() -> None:
    assert said("{{ secret('API_KEY') }}") == "s3cr3t"
    assert said("{{ secret('LOGIN', subkey='user') }}") == "ada"
    assert said("{{ secret('API_KEY', full=true).value }}") == "s3cr3t"


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ("secret()", "argument"),
        ("secret('NOPE')", "missing"),
        ("secret('LOGIN', subkey='nope')", "missing"),
        ("secret('API_KEY', subkey='user')", "missing"),
        ("secret('LOGIN', subkey='user', full=true)", "argument"),
        ("secret(5)", "argument"),
    ],
)
def test_what_cannot_be_given_is_refused(call: str, kind: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        said("{{ " + call + " }}")
    assert caught.value.kind == kind


def test_a_preview_shows_stars_for_secrets_and_everything_else_as_it_is() -> None:
    host = MaskedHost(StageHost(FIXTURES))
    template = compile("{{ secret('API_KEY') }} {{ credential('warehouse') }} {{ kv('limit') }}")
    assert template.render(CONTEXT, surroundings(host=host)) == "****** ****** 5"


def test_a_preview_that_may_ask_nothing_still_shows_stars() -> None:
    assert compile("{{ secret('ANY') }}").render(CONTEXT, surroundings(host=MaskedHost(NoHost()))) == "******"
