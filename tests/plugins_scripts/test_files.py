"""Files of a script: what it begins with, paths in place of URIs, what it leaves."""

import json
from pathlib import Path

import pytest
from tests.plugins_scripts.scripts import PREFIX, SHELL, SHELL_COMMANDS, Shop

from tiercel.model.states import State


async def test_input_files_are_there_with_their_folders(shop: Shop) -> None:
    uri = await shop.keep("a.csv", b"n\n1\n")
    attempt = shop.begin(
        SHELL,
        inputFiles={
            "sub/{{ inputs.name }}.txt": "Hello {{ inputs.name }}",
            "data.csv": uri,
            "values.json": {"a": [1, True]},
            "absent.txt": None,
            "lines.txt": "one\r\ntwo\n",
        },
        script="cat sub/x.txt; echo; cat data.csv values.json; test ! -e absent.txt; wc -c < lines.txt",
        variables={"inputs": {"name": "x"}},
    )
    assert (await attempt.outcome()).state is State.SUCCESS
    assert [message for _, message in await shop.lines()] == ["Hello x", "n", "1", '{"a": [1, true]}9']


async def test_input_files_may_be_the_json_of_a_map(shop: Shop) -> None:
    attempt = shop.begin(
        SHELL,
        inputFiles="{{ inputs.files }}",
        script="cat a.txt",
        variables={"inputs": {"files": {"a.txt": "from a map"}}},
    )
    assert (await attempt.outcome()).state is State.SUCCESS
    assert await shop.lines() == [("INFO", "from a map")]


@pytest.mark.parametrize("name", ["/etc/x", "./x", "../x", "a/../../x", "..", ""])
async def test_an_input_file_outside_of_the_folder_is_refused(shop: Shop, name: str) -> None:
    outcome = await shop.run(SHELL, inputFiles={name: "x"}, script="echo never")
    assert outcome.state is State.FAILED
    assert "would lie outside of the working folder" in str(outcome.error)


async def test_input_files_may_be_files_of_a_namespace(shop: Shop) -> None:
    await shop.put("kestra:///company/team/_files/sql/a.sql", b"select 1;")
    await shop.put("kestra:///other/_files/c.sql", b"select 2;")
    files = {"a.sql": "nsfile:///sql/a.sql", "c.sql": "nsfile://other/c.sql"}
    assert (await shop.run(SHELL, inputFiles=files, script="cat a.sql c.sql")).state is State.SUCCESS
    assert await shop.lines() == [("INFO", "select 1;select 2;")]


@pytest.mark.parametrize("uri", ["file:///etc/passwd", "file:/etc/passwd"])
async def test_files_from_elsewhere_are_refused(shop: Shop, uri: str) -> None:
    outcome = await shop.run(SHELL, inputFiles={"a": uri}, script="echo never")
    assert str(outcome.error).startswith(f"input file 'a' cannot be had from {uri}")


async def test_an_input_file_where_a_folder_is_needed_is_explained(shop: Shop) -> None:
    outcome = await shop.run(SHELL, inputFiles={"a": "x", "a/b": "y"}, script="echo never")
    assert str(outcome.error).startswith("input file 'a/b' cannot be written: ")


async def test_files_of_namespaces_lie_in_the_folder(shop: Shop) -> None:
    for namespace, path in (("company.team", "a.txt"), ("company.team", "sub/b.txt"), ("company", "c.txt")):
        await shop.file(path, f"{path} of {namespace}\n", namespace=namespace)
    outcome = await shop.run(
        SHELL, namespaceFiles={"enabled": True}, inputFiles={"a.txt": "given\n"}, script="cat a.txt sub/b.txt; ls"
    )
    assert outcome.state is State.SUCCESS, outcome.error
    assert await shop.lines() == [("INFO", line) for line in ("given", "sub/b.txt of company.team", "a.txt", "sub")]
    wanted = {"namespaces": ["company"], "include": ["*.txt"]}
    assert (await shop.run(SHELL, namespaceFiles=wanted, script="test -f c.txt")).state is State.SUCCESS


async def test_files_of_namespaces_may_be_switched_off(shop: Shop) -> None:
    await shop.file("a.txt", "a", namespace="company.team")
    wanted = {"enabled": False, "include": ["*"]}
    assert (await shop.run(SHELL, namespaceFiles=wanted, script="test ! -e a.txt")).state is State.SUCCESS


async def test_storage_uris_in_text_become_paths_with_their_extension(shop: Shop) -> None:
    uri = await shop.keep("my%20data.csv.gz", b"content\n")
    outcome = await shop.run(
        SHELL_COMMANDS,
        beforeCommands=[f"echo before {uri}"],
        commands=[f"cat '{uri}'", f"echo {uri}", 'echo "$GIVEN"'],
        env={"GIVEN": f"at {uri}"},
    )
    assert outcome.state is State.SUCCESS
    before, content, path, given = [message for _, message in await shop.lines()]
    assert content == "content"
    assert Path(path).is_absolute()
    assert path.endswith(".csv.gz")
    assert (before, given) == (f"before {path}", f"at {path}")


async def test_a_missing_storage_uri_is_named(shop: Shop) -> None:
    outcome = await shop.run(SHELL, script="cat kestra:///kept/absent.csv")
    assert outcome.error == "no file at kestra:///kept/absent.csv in internal storage"


async def test_what_lies_in_the_output_folder_is_kept(shop: Shop) -> None:
    outcome = await shop.run(
        SHELL,
        script="""mkdir -p "$OUTPUT_DIR/a b"; echo 1 > '{{ outputDir }}/a b/x.csv'; echo 2 > {{ outputDir }}/y.csv""",
    )
    assert outcome.outputs is not None
    assert outcome.outputs["outputFiles"] == {"a b/x.csv": PREFIX + "a%20b/x.csv", "y.csv": PREFIX + "y.csv"}
    assert await shop.files(outcome) == {"a b/x.csv": "1\n", "y.csv": "2\n"}


async def test_patterns_choose_files_of_the_working_folder(shop: Shop) -> None:
    outcome = await shop.run(
        SHELL,
        outputFiles=["*.csv", "deep/**/*.{json,txt}", "named.bin"],
        script="mkdir -p deep/er; touch a.csv b.md deep/c.txt deep/er/d.json deep/er/e.csv; echo x > named.bin",
    )
    assert sorted(await shop.files(outcome)) == ["a.csv", "deep/c.txt", "deep/er/d.json", "named.bin"]


async def test_files_of_one_name_in_two_folders_are_both_kept(shop: Shop) -> None:
    outcome = await shop.run(SHELL, outputFiles=["**/x.csv"], script="mkdir a b; echo 1 > a/x.csv; echo 2 > b/x.csv")
    assert await shop.files(outcome) == {"a/x.csv": "1\n", "b/x.csv": "2\n"}
    assert all(uri.endswith("-x.csv") for uri in (outcome.outputs or {})["outputFiles"].values())


async def test_no_pattern_means_what_is_ours(shop: Shop) -> None:
    uri = await shop.keep("in.csv", b"1")
    outcome = await shop.run(SHELL, outputFiles=["**"], script=f"cat {uri} > mine.csv; echo > {{{{ outputDir }}}}/o")
    assert sorted(await shop.files(outcome)) == ["mine.csv", "o"]


async def test_output_files_are_variables_with_their_paths(shop: Shop) -> None:
    outcome = await shop.run(
        SHELL, outputFiles=["r.txt"], script="""echo {{ workingDir }} > "{{ outputFiles['r.txt'] }}" """
    )
    (text,) = (await shop.files(outcome)).values()
    assert text.strip().endswith("/work")


async def test_the_later_entry_wins(shop: Shop) -> None:
    outcome = await shop.run(SHELL, outputFiles=["x"], script="echo folder > $OUTPUT_DIR/x; echo named > x")
    assert await shop.files(outcome) == {"x": "named\n"}


async def test_a_named_file_that_is_missing_is_told(shop: Shop) -> None:
    outcome = await shop.run(SHELL, outputFiles=["absent.csv", "*.none"], script="true")
    assert (outcome.state, await shop.files(outcome)) == (State.SUCCESS, {})
    assert await shop.lines() == [("WARN", "output file absent.csv is not there: no such file in the working folder")]


async def test_links_that_lead_out_are_not_followed(shop: Shop) -> None:
    outcome = await shop.run(
        SHELL,
        outputFiles=["passwd", "etc/hostname", "**"],
        script="""ln -s /etc/passwd passwd; ln -s /etc etc; ln -s /etc/passwd "$OUTPUT_DIR/p"; ln -s /etc "$OUTPUT_DIR/e"
            mkfifo "$OUTPUT_DIR/pipe"; ln -s /etc/passwd "$OUTPUT_DIR/../q" """,
    )
    assert await shop.files(outcome) == {}


async def test_the_folders_are_in_the_environment(shop: Shop) -> None:
    outcome = await shop.run(SHELL, script='test "$WORKING_DIR" = "$PWD"; test "$OUTPUT_DIR" = "{{ outputDir }}"')
    assert outcome.state is State.SUCCESS


async def test_the_context_of_the_execution_lies_in_the_working_folder(shop: Shop) -> None:
    variables = {"inputs": {"day": "2026-11-24"}, "flow": {"id": "orders_flow"}, "secrets": {"a": 1}}
    await shop.begin(SHELL, script="cat .kestra-execution-context.json", variables=variables).outcome()
    ((_, text),) = await shop.lines()
    assert json.loads(text) == {"inputs": {"day": "2026-11-24"}, "flow": {"id": "orders_flow"}}


async def test_nothing_of_a_run_stays_on_the_worker(shop: Shop) -> None:
    await shop.run(SHELL, script="mkdir a; touch a/b; chmod 500 a")
    assert list((shop.folder / "runs").iterdir()) == []
