"""SQL text taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercel_sql.statements import split, with_placeholders


@pytest.mark.parametrize(
    ("sql", "statements"),
    [
        ("select 1; select 2;", ["select 1", "select 2"]),
        ("select ';' ; select \"a;b\"", ["select ';'", 'select "a;b"']),
        ("do $$ begin; end $$; select $x$;$x$", ["do $$ begin; end $$", "select $x$;$x$"]),
        ("-- a; b\nselect 1; /* ; */", ["-- a; b\nselect 1"]),
        (r"select E'it\'s;' ; select 2", [r"select E'it\'s;'", "select 2"]),
        ("select 'it''s;'", ["select 'it''s;'"]),
        (" ;; ", []),
    ],
)
def test_semicolons_end_statements_outside_quotes_and_comments(sql: str, statements: list[str]) -> None:
    assert split(sql) == statements


def test_named_parameters_become_placeholders_and_casts_stay() -> None:
    assert with_placeholders("select :a::int, ':a', 5 % 2 where x = :b", {"a"}) == (
        "select %(a)s::int, ':a', 5 %% 2 where x = :b"
    )


@given(st.text(alphabet="ab;:'\"$-/*e\\ \n", max_size=60))
def test_nothing_of_a_text_is_lost_when_it_is_split(sql: str) -> None:
    kept = "".join(split(sql)).replace(" ", "").replace("\n", "")
    assert set(kept) <= set(sql)
