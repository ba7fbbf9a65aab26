"""What every TemplateStore must do. An adapter's test module subclasses `TemplatesSuite` and gives a `templates` fixture."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tiercel.ports.templates import StoredTemplate, TemplateDraft, TemplateExists, TemplateStore

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def a_draft(source: str = "one", **given: Any) -> TemplateDraft:
    return TemplateDraft(**{"namespace": "company.team", "id": "steps", "source": source, "at": NOW} | given)


async def get(templates: TemplateStore, template_id: str = "steps", **given: Any) -> StoredTemplate | None:
    return await templates.get(**{"tenant": "main", "namespace": "company.team", "template_id": template_id} | given)


async def delete(templates: TemplateStore) -> StoredTemplate | None:
    return await templates.delete(tenant="main", namespace="company.team", template_id="steps", at=LATER)


class TemplatesSuite:
    async def test_what_was_created_is_there(self, templates: TemplateStore) -> None:
        stored = await templates.create(a_draft("tasks: grün"))
        assert (stored.tenant, stored.namespace, stored.id) == ("main", "company.team", "steps")
        assert (stored.revision, stored.source, stored.updated) == (1, "tasks: grün", NOW)
        assert await get(templates) == stored

    async def test_what_was_never_created_is_absent(self, templates: TemplateStore) -> None:
        assert await get(templates) is None
        assert await delete(templates) is None

    async def test_a_template_is_created_once(self, templates: TemplateStore) -> None:
        await templates.create(a_draft())
        with pytest.raises(TemplateExists, match=r"company\.team\.steps exists"):
            await templates.create(a_draft("two"))
        await templates.create(a_draft("two", id="other"))
        await templates.create(a_draft("two", namespace="company"))
        await templates.create(a_draft("two", tenant="other"))

    async def test_each_save_is_a_revision_that_stays(self, templates: TemplateStore) -> None:
        first = await templates.save(a_draft("one"))
        second = await templates.save(a_draft("two", at=LATER))
        assert (first.revision, second.revision) == (1, 2)
        assert await get(templates) == second
        assert await get(templates, revision=1) == first
        assert await get(templates, revision=3) is None

    async def test_the_same_source_is_no_new_revision(self, templates: TemplateStore) -> None:
        first = await templates.save(a_draft("one"))
        assert await templates.save(a_draft("one", at=LATER)) == first

    async def test_a_deleted_template_is_found_by_revision_alone_and_goes_on_counting(
        self, templates: TemplateStore
    ) -> None:
        first = await templates.save(a_draft("one"))
        gone = await delete(templates)
        assert gone is not None
        assert (gone.revision, gone.deleted, gone.updated) == (2, True, LATER)
        assert await get(templates) is None
        assert await get(templates, revision=1) == first
        assert [each async for each in templates.all()] == []
        assert await delete(templates) is None
        again = await templates.create(a_draft("one", at=LATER))
        assert (again.revision, again.deleted) == (3, False)

    async def test_all_are_listed_by_name_each_in_its_latest_revision(self, templates: TemplateStore) -> None:
        for tenant, namespace, name in (("b", "n", "x"), ("a", "o", "x"), ("a", "n.m", "y"), ("a", "n", "z")):
            await templates.save(a_draft("one", tenant=tenant, namespace=namespace, id=name))
        await templates.save(a_draft("two", tenant="a", namespace="n", id="z"))
        found = [(each.tenant, each.namespace, each.id, each.revision) async for each in templates.all()]
        assert found == [("a", "n", "z", 2), ("a", "n.m", "y", 1), ("a", "o", "x", 1), ("b", "n", "x", 1)]
        assert [each.tenant async for each in templates.all(tenant="b")] == ["b"]

    async def test_changes_are_told(self, templates: TemplateStore) -> None:
        changes = aiter(templates.changes())
        first = asyncio.ensure_future(anext(changes))
        heard, saves = None, 0
        while heard is None:
            # Whoever begins to listen hears what is saved from then on: save until it is heard.
            saves += 1
            await templates.save(a_draft(f"source {saves}"))
            done, _ = await asyncio.wait([first], timeout=0.05)
            heard = first.result() if done else None
        assert (heard.id, heard.deleted) == ("steps", False)
        await delete(templates)
        while not (heard := await anext(changes)).deleted:
            pass
        assert heard.id == "steps"

    async def test_saves_at_once_leave_no_gap(self, templates: TemplateStore) -> None:
        saved = await asyncio.gather(*(templates.save(a_draft(f"source {number}")) for number in range(10)))
        assert sorted(each.revision for each in saved) == list(range(1, 11))
