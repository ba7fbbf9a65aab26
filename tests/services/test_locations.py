"""Files of executions lie where flows and clients of the original expect them."""

import pytest

from tiercel.services.locations import (
    execution_folder,
    internal_uri,
    namespace_files,
    slug,
    stored_name,
    task_run_folder,
)


def test_the_folder_of_a_task_run() -> None:
    folder = task_run_folder("company.team", "etl_pipeline", "exec1", task_id="inputFiles", task_run_id="run1")
    assert folder == "kestra:///company/team/etl-pipeline/executions/exec1/tasks/inputfiles/run1/"
    assert folder.startswith(execution_folder("company.team", "etl_pipeline", "exec1"))


def test_the_folder_of_namespace_files() -> None:
    assert namespace_files("company.team") == "kestra:///company/team/_files/"


@pytest.mark.parametrize(
    ("named", "uri"),
    [
        ("nsfile:///sql/a.sql", "kestra:///my/team/_files/sql/a.sql"),
        ("nsfile://other.one/a%20b.sql", "kestra:///other/one/_files/a%20b.sql"),
        ("kestra:///x/y.txt", "kestra:///x/y.txt"),
    ],
)
def test_a_file_of_a_namespace_can_be_named_shortly(named: str, uri: str) -> None:
    assert internal_uri(named, "my.team") == uri


@pytest.mark.parametrize(
    ("text", "expected"),
    [("etl_pipeline", "etl-pipeline"), ("a__b", "a-b"), ("Été x", "ete-x"), ("-a-", "a"), ("a.b", "ab")],
)
def test_a_slug_has_letters_digits_and_single_dashes(text: str, expected: str) -> None:
    assert slug(text) == expected


def test_a_stored_name_can_stand_in_a_text_without_quotes() -> None:
    assert stored_name("my file.csv") == "my%20file.csv"
    assert stored_name("sub/données.csv") == "sub/données.csv"
    assert stored_name("a#b?c'd") == "a%23b%3Fc%27d"
