"""Uploaded files of the model service: upload, list, retrieve, content, delete.

    >>> from .state import State
    >>> state = State()
    >>> file = add(state, "5_train.jsonl", b'{"messages": []}', "fine-tune")
    >>> file["object"], file["bytes"], read(state, file["id"])
    ('file', 16, b'{"messages": []}')
"""
import json
import time

from gi_helpers import store

from . import shelf
from .messages import Response
from .shelf import Problem

PURPOSES = ("assistants", "batch", "fine-tune", "vision", "user_data")
LARGEST = 512 * 1024 * 1024  # bytes, OpenAI's own limit; the server takes less in one body


def add(state, name, content, purpose, id=None, made=None):
    """Keep a file and give its file object. `id` and `made` (epoch seconds) are fresh unless given."""
    made = time.time() if made is None else made
    id = id or shelf.new_id("file-")
    shown = {"id": id, "object": "file", "bytes": len(content), "created_at": int(made), "filename": name, "purpose": purpose,
             "status": "processed"}
    store.write_bytes(content, _content(state, id))
    shelf.keep(state, "files", {"id": id, "made": made, "shown": shown})
    return shown


def read(state, id):
    """The bytes of a file; raises Problem 404 when there is no such file."""
    get(state, id)
    return store.read_bytes(_content(state, id))


def get(state, id):
    """The file object; raises Problem 404 when there is no such file."""
    record = shelf.find(state, "files", id)
    if record is None:
        raise Problem(404, f"No such File object: {id}", param="id")
    return record["shown"]


def _content(state, id):
    return shelf.home(state, "files", f"{id}.data")


def upload(request, state):
    """POST /v1/files"""
    try:
        fields, files = request.multipart()
    except ValueError as problem:
        raise Problem(400, f"Could not parse multipart form: {problem}.") from None
    purpose, file = fields.get("purpose"), files.get("file")
    if not purpose:
        raise shelf.missing("purpose")
    if purpose not in PURPOSES:
        raise Problem(400, f"'{purpose}' is not one of {list(PURPOSES)} - 'purpose'", "invalid_value", "purpose")
    if file is None:
        raise shelf.missing("file")
    if purpose in ("fine-tune", "batch") and not file.filename.lower().endswith(".jsonl"):
        raise Problem(400, f"Invalid file format for {purpose}: {file.filename!r}. Must be .jsonl", "invalid_file_format", "file")
    if not file.data:
        raise Problem(400, "File is empty.", "empty_file", "file")
    if len(file.data) > LARGEST:
        raise Problem(413, "The file is larger than 512 MB.", "file_too_large", "file")
    if purpose == "fine-tune":
        _must_be_json(file.data)
    return add(state, file.filename, file.data, purpose)


def _must_be_json(content):
    """Refuse a training file that is no JSON lines at all, as OpenAI does at once; what the lines hold is judged by the job."""
    for number, line in enumerate(content.splitlines(), 1):
        try:
            good = not line.strip() or isinstance(json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8")), dict)
        except (ValueError, RecursionError):
            good = False
        if not good:
            raise Problem(400, "Expected file to have JSONL format, where every line is a valid JSON dictionary. "
                               f"Line {number} is not a dictionary (HINT: line starts with: {line[:20].decode('utf-8', 'replace')!r}).", "invalid_file_format", "file")


def listing(request, state):
    """GET /v1/files, the newest first; purpose and order=asc are obeyed."""
    found = [record["shown"] for record in shelf.every(state, "files")]
    if request.arg("purpose"):
        found = [file for file in found if file["purpose"] == request.arg("purpose")]
    if request.arg("order") == "asc":
        found.reverse()
    return shelf.ends(shelf.page(found, request, 10_000, 10_000), empty="")


def content(request, state, id):
    """GET /v1/files/{id}/content"""
    return Response(200, read(state, id), {"Content-Type": "application/octet-stream"})


def delete(request, state, id):
    """DELETE /v1/files/{id}"""
    get(state, id)
    for file in (shelf.home(state, "files", f"{id}.json"), _content(state, id)):
        file.unlink(missing_ok=True)
    return {"id": id, "object": "file", "deleted": True}
