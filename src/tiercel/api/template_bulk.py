"""Many stored templates (1.x) at once: taken out as an archive, brought in, saved for a namespace, deleted."""

import io
import zipfile
from collections.abc import Iterator, Sequence

import msgspec
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.responses import Response

from tiercel.api.answers import json_answer, no_content
from tiercel.api.call import MAX_TEXT, Call
from tiercel.api.problems import ApiError, Detail
from tiercel.api.routing import BYTES, JSON, MULTIPART, YAML, route
from tiercel.api.templates import SearchQuery, TemplateShown, draft_of, fits, shown
from tiercel.definition import split
from tiercel.ports.clock import Clock
from tiercel.ports.templates import StoredTemplate, TemplateDraft, TemplateStore
from tiercel.services.templates import Templates

_ENDINGS = (".yml", ".yaml")


class Named(msgspec.Struct, frozen=True):
    """Which template is meant."""

    namespace: str
    id: str


class Count(msgspec.Struct, frozen=True):
    """How many were deleted."""

    count: int


class UpdateQuery(msgspec.Struct, frozen=True):
    delete: bool = False


class TemplateBulkRoutes:
    """The routes of many templates."""

    def __init__(self, *, store: TemplateStore, templates: Templates, clock: Clock) -> None:
        self._store = store
        self._templates = templates
        self._clock = clock

    # Out -------------------------------------------------------------------------------------------------------------

    @route(
        "GET",
        "/templates/export/by-query",
        operation="exportTemplatesByQuery",
        query=SearchQuery,
        answers=bytes,
        gives=BYTES,
    )
    async def export_by_query(self, call: Call) -> Response:
        """Download all templates that a search finds, as a ZIP file"""
        return _archive(await self._found(call))

    @route(
        "POST",
        "/templates/export/by-ids",
        operation="exportTemplatesByIds",
        accepts=(JSON,),
        body=list[Named],
        answers=bytes,
        gives=BYTES,
    )
    async def export_by_ids(self, call: Call) -> Response:
        """Download templates by their names, as a ZIP file"""
        return _archive(await self._named(call))

    # In --------------------------------------------------------------------------------------------------------------

    @route("POST", "/templates/import", operation="importTemplates", accepts=(MULTIPART,), answers=None)
    async def bring_in(self, call: Call) -> Response:
        """Save the templates of a YAML file, or of the YAML files of a ZIP file: all of them, or none"""
        await self._save([draft_of(call, text, at=self._clock.now()) for text in await _texts(call)])
        return no_content()

    @route(
        "POST",
        "/templates/{namespace}",
        operation="updateTemplatesInNamespace",
        query=UpdateQuery,
        accepts=(YAML,),
        answers=list[TemplateShown],
    )
    async def update(self, call: Call) -> Response:
        """Save the templates of a text, parted by ---; with `delete` the namespace has no others after that"""
        namespace = call.path["namespace"]
        drafts = [draft_of(call, text, at=self._clock.now()) for text in split(await call.text())]
        strangers = [draft.id for draft in drafts if draft.namespace != namespace]
        if strangers:
            message = f"these templates are of another namespace than {namespace}: {', '.join(strangers)}"
            raise ApiError("invalid-entity", message, errors=[Detail(message)])
        saved = await self._save(drafts)
        if call.query(UpdateQuery).delete:
            kept = {draft.id for draft in drafts}
            await self._delete([one for one in await self._of(call, namespace) if one.id not in kept])
        return json_answer([shown(template) for template in saved])

    # Away ------------------------------------------------------------------------------------------------------------

    @route(
        "DELETE",
        "/templates/delete/by-query",
        operation="deleteTemplatesByQuery",
        query=SearchQuery,
        answers=Count,
    )
    async def delete_by_query(self, call: Call) -> Response:
        """Delete all templates that a search finds"""
        call.all_that_is_meant()
        return json_answer(Count(await self._delete(await self._found(call))))

    @route(
        "DELETE",
        "/templates/delete/by-ids",
        operation="deleteTemplatesByIds",
        accepts=(JSON,),
        body=list[Named],
        answers=Count,
    )
    async def delete_by_ids(self, call: Call) -> Response:
        """Delete templates by their names"""
        return json_answer(Count(await self._delete(await self._named(call))))

    # Which -----------------------------------------------------------------------------------------------------------

    async def _found(self, call: Call) -> list[StoredTemplate]:
        query = call.query(SearchQuery)
        return [each async for each in self._store.all(tenant=call.tenant) if fits(each, query)]

    async def _of(self, call: Call, namespace: str) -> list[StoredTemplate]:
        return [each async for each in self._store.all(tenant=call.tenant) if each.namespace == namespace]

    async def _named(self, call: Call) -> list[StoredTemplate]:
        named = set(await call.json(list[Named]))
        return [each async for each in self._store.all(tenant=call.tenant) if Named(each.namespace, each.id) in named]

    async def _save(self, drafts: Sequence[TemplateDraft]) -> list[StoredTemplate]:
        saved = [await self._store.save(draft) for draft in drafts]
        for template in saved:
            self._templates.put(template)
        return saved

    async def _delete(self, found: Sequence[StoredTemplate]) -> int:
        at = self._clock.now()
        gone = [
            await self._store.delete(tenant=one.tenant, namespace=one.namespace, template_id=one.id, at=at)
            for one in found
        ]
        for template in filter(None, gone):
            self._templates.put(template)
        return len(found)


def _archive(found: Sequence[StoredTemplate]) -> Response:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for template in found:
            archive.writestr(f"{template.namespace}.{template.id}.yml", template.source)
    headers = {"Content-Disposition": 'attachment; filename="templates.zip"'}
    return Response(packed.getvalue(), media_type=BYTES, headers=headers)


async def _texts(call: Call) -> list[str]:
    """The sources in the file that was sent. Raises ApiError where there is none, or it cannot be read."""
    try:
        async with call.request.form(max_files=1) as form:
            sent = form.get("fileUpload")
            if not isinstance(sent, UploadFile):
                raise ApiError("invalid-entity", "there is no file: send it as the part `fileUpload`")
            name, body = sent.filename or "", await sent.read()
    except MultiPartException as error:
        raise ApiError("invalid-format", f"the body is no multipart/form-data: {error.message}") from error
    try:
        bodies = list(_unpacked(body)) if name.endswith(".zip") else [body]
        return [text for each in bodies for text in split(each.decode())]
    except (zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise ApiError("invalid-format", f"{name} cannot be read: {error}") from error


def _unpacked(body: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        entries = [entry for entry in archive.infolist() if entry.filename.endswith(_ENDINGS)]
        if sum(entry.file_size for entry in entries) > MAX_TEXT:
            raise ApiError("payload-too-large", f"the files of the archive have more than {MAX_TEXT} bytes together")
        yield from map(archive.read, entries)
