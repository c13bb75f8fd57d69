"""JSON schemas of structured answers: are they as OpenAI wants them, and what fits one.

    >>> pair = {"type": "object", "properties": {"question": {"type": "string"}, "sure": {"type": "boolean"}},
    ...         "required": ["question", "sure"], "additionalProperties": False}
    >>> strict_fault(pair), strict_fault({"type": "object", "properties": {"a": {"type": "string"}}})
    (None, "In context=(), 'additionalProperties' is required to be supplied and to be false.")
    >>> fitted({"question": "Kí ni èyí?", "more": 1}, pair)
    {'question': 'Kí ni èyí?', 'sure': False}
"""

DEEPEST = 12  # a schema that holds itself stops here
JSON_TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float), "null": type(None)}


def strict_fault(schema, root=None, place=(), seen=()):
    """What OpenAI would refuse in a schema with "strict": true, as a sentence; None when it is fine."""
    root = schema if root is None else root
    if not isinstance(schema, dict):
        return f"In context={place!r}, schema must be a JSON object."
    if not place and schema.get("type") != "object":
        return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{schema.get('type')}\"'."
    if "$ref" in schema:
        target = _follow(schema, root)
        if target is None:
            return f"In context={place!r}, reference {schema['$ref']!r} cannot be found."
        return None if schema["$ref"] in seen else strict_fault(target, root, place or ("$ref",), (*seen, schema["$ref"]))
    if _kind(schema) == "object":
        properties = schema.get("properties") or {}
        if schema.get("additionalProperties") is not False:
            return f"In context={place!r}, 'additionalProperties' is required to be supplied and to be false."
        for name in properties:
            if name not in schema.get("required", ()):
                return (f"In context={place!r}, 'required' is required to be supplied and to be an array including every key in "
                        f"properties. Missing '{name}'.")
    for where, part in _parts(schema):
        fault = strict_fault(part, root, place + where, seen)
        if fault:
            return fault
    return None


def _parts(schema):
    for name, part in (schema.get("properties") or {}).items():
        yield ("properties", name), part
    if "items" in schema:
        yield ("items",), schema["items"]
    for number, part in enumerate(schema.get("anyOf") or ()):
        yield ("anyOf", str(number)), part


def _follow(schema, root):
    found = root
    for step in str(schema["$ref"]).removeprefix("#").strip("/").split("/"):
        if step:
            found = found.get(step) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else None


def _kind(schema):
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    return kind or ("object" if "properties" in schema else "array" if "items" in schema else None)


def filler(schema, text="practice", root=None, depth=0):
    """The smallest value that fits a schema; its strings are `text`."""
    root = schema if root is None else root
    if depth > DEEPEST or not isinstance(schema, dict):
        return None
    if "$ref" in schema:
        return filler(_follow(schema, root) or {}, text, root, depth + 1)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for several in ("anyOf", "oneOf", "allOf"):
        if schema.get(several):
            return filler(schema[several][-1 if depth > 4 else 0], text, root, depth + 1)  # a tree ends at its last kind, mostly null
    kind = _kind(schema)
    if kind == "object":
        wanted = schema.get("required") or (list(schema.get("properties") or {}) if depth < 3 else [])
        return {name: filler((schema.get("properties") or {}).get(name, {"type": "string"}), text, root, depth + 1) for name in wanted}
    if kind == "array":
        many = max(schema.get("minItems", 0), depth < 4)
        return [filler(schema.get("items") or {"type": "string"}, text, root, depth + 1) for _ in range(many)]
    if kind in ("integer", "number"):
        lowest = schema.get("minimum", schema.get("exclusiveMinimum", 0) + ("exclusiveMinimum" in schema))
        return max(0, lowest) if schema.get("maximum", 0) >= 0 else schema["maximum"]
    if kind in ("boolean", "null"):
        return False if kind == "boolean" else None
    return _string(schema, text)


def _string(schema, text):
    known = {"date": "2026-01-01", "date-time": "2026-01-01T00:00:00Z", "time": "00:00:00Z", "email": "practice@example.org",
             "uri": "https://example.org/practice", "uuid": "00000000-0000-4000-8000-000000000000", "ipv4": "127.0.0.1"}
    text = known.get(schema.get("format"), text)
    return text.ljust(schema.get("minLength", 0), "-")[:schema.get("maxLength", len(text) + schema.get("minLength", 0))]


def fitted(value, schema, root=None, depth=0):
    """`value` made to fit a schema: what is missing is filled, what is not asked for is left out."""
    root = schema if root is None else root
    if "$ref" in schema and depth < DEEPEST:
        return fitted(value, _follow(schema, root) or {}, root, depth + 1)
    if schema.get("anyOf"):
        kinds = [part for part in schema["anyOf"] if _suits(value, part, root)]
        return fitted(value, kinds[0], root, depth + 1) if kinds else filler(schema, root=root)
    if not _suits(value, schema, root):
        return filler(schema, root=root)
    if isinstance(value, dict) and schema.get("properties"):
        properties = schema["properties"]
        names = [name for name in properties if name in value or name in schema.get("required", ())]
        more = {} if schema.get("additionalProperties") is False else {name: one for name, one in value.items() if name not in properties}
        return {name: fitted(value[name], properties[name], root, depth + 1) if name in value else filler(properties[name], root=root)
                for name in names} | more
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        return [fitted(one, schema["items"], root, depth + 1) for one in value]
    return value


def _suits(value, schema, root):
    if "$ref" in schema:
        schema = _follow(schema, root) or {}
    if "enum" in schema:
        return value in schema["enum"]
    if "const" in schema:
        return value == schema["const"]
    kinds = schema.get("type", _kind(schema))
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if isinstance(value, bool) and "boolean" not in kinds:
        return kinds == [None]
    return kinds == [None] or any(isinstance(value, JSON_TYPES.get(kind, object)) for kind in kinds)
