"""The Croissant description of a dataset: machine-readable metadata after the MLCommons Croissant 1.0 specification. Part of `publish`."""

CONTEXT = {
    "@language": "en", "@vocab": "https://schema.org/", "citeAs": "cr:citeAs", "column": "cr:column", "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/", "data": {"@id": "cr:data", "@type": "@json"}, "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/", "equivalentProperty": "cr:equivalentProperty", "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract", "field": "cr:field", "fileObject": "cr:fileObject", "fileProperty": "cr:fileProperty", "fileSet": "cr:fileSet",
    "format": "cr:format", "includes": "cr:includes", "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key", "md5": "cr:md5",
    "parentField": "cr:parentField", "path": "cr:path", "rai": "http://mlcommons.org/croissant/RAI/", "recordSet": "cr:recordSet",
    "references": "cr:references", "regex": "cr:regex", "repeated": "cr:repeated", "replace": "cr:replace", "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/", "separator": "cr:separator", "source": "cr:source", "subField": "cr:subField", "transform": "cr:transform",
}


def croissant(entry, licence_url):
    """The description as a dict, from a registry entry (see `publish.entry`): files with SHA-256, and a record set for each file of rows."""
    rows = [file for file in entry["files"] if file["path"].endswith(".jsonl") and file["rows"]]
    return {
        "@context": CONTEXT, "@type": "sc:Dataset", "name": entry["id"], "conformsTo": "http://mlcommons.org/croissant/1.0",
        "description": ("PRACTICE: a rehearsal, not a real dataset. " if entry["practice"] else "") + entry["description"], "license": licence_url,
        "url": entry.get("homepage") or "https://github.com/globalinstruct/globalinstruct", "version": entry["version"], "datePublished": entry["created"], "inLanguage": entry["language"]["iso639_3"],
        "citeAs": entry["citation"] or entry["title"],
        "distribution": [{"@type": "cr:FileObject", "@id": file["path"], "name": file["path"], "contentUrl": file["path"], "encodingFormat": "application/jsonlines",
                          "sha256": file["sha256"]} for file in rows],
        "recordSet": [_records(file) for file in rows],
    }


def _records(file):
    name = file["path"].removesuffix(".jsonl").replace("/", "-")
    return {"@type": "cr:RecordSet", "@id": name, "name": name, "field": [_field(f"{name}/{column}", file["path"], column) for column in file["columns"]]}


def _field(name, path, column):
    if column != "messages":
        return {"@type": "cr:Field", "@id": name, "name": name, "dataType": "sc:Text", "source": _source(path, column)}
    # A list of {"role", "content"}: a repeated field whose parts are taken out of each element of the column. As one text it cannot be read.
    return {"@type": "cr:Field", "@id": name, "name": name, "repeated": True, "subField": [
        {"@type": "cr:Field", "@id": f"{name}/{part}", "name": f"{name}/{part}", "dataType": "sc:Text",
         "source": {**_source(path, column), "transform": {"jsonPath": f"$.{part}"}}} for part in ("role", "content")]}


def _source(path, column):
    return {"fileObject": {"@id": path}, "extract": {"column": column}}
