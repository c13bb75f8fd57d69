"""What a model's server says when it will not answer: in words, as advice to a person, and as what it lacks and will not be asked for again.

    >>> Dialect().fit({"response_format": {"type": "json_schema"}, "temperature": 0})
    {'response_format': {'type': 'json_schema'}, 'temperature': 0}
    >>> advice(401, "invalid_api_key", 0, "gpt-4o-mini").split(":")[0]
    'the key is wrong for this address'
"""

NO_CREDIT = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")


class Dialect:
    """What this server does not understand, learned from its refusals and shared by all workers.

    A JSON schema becomes JSON mode, then nothing; `max_completion_tokens` and `max_tokens` stand for each other; other options that it
    names are left out.
    """

    FORMATS = ("json_schema", "json_object", "text")

    def __init__(self):
        self.format, self.renamed, self.dropped = 0, {}, set()

    def fit(self, options):
        """The options as this server takes them."""
        fitted = {self.renamed.get(name, name): value for name, value in options.items() if name not in self.dropped}
        if self.format and "response_format" in fitted:
            del fitted["response_format"]
            if self.FORMATS[self.format] != "text":
                fitted["response_format"] = {"type": self.FORMATS[self.format]}
        return fitted

    def learn(self, sent, said, parameter):
        """Is there something left to try after a refusal (status 400 or 422) of `sent`? `said` is the server's message, in lower case."""
        if self.fit(sent) != sent:
            return True  # another worker has learned it meanwhile
        asked = sent.get("response_format", {}).get("type")
        if asked in ("json_schema", "json_object") and any(word in f"{parameter} {said}" for word in ("response_format", "schema", "json_object", "grammar")):
            self.format = max(self.format, self.FORMATS.index(asked) + 1)
            return True
        for name, other in (("max_completion_tokens", "max_tokens"), ("max_tokens", "max_completion_tokens")):
            if name in sent and (parameter == name or name in said) and other not in self.renamed:
                self.renamed[name] = other
                return True
        optional = [name for name in sent if name not in ("messages", "prompt", "echo", "logprobs") and not name.startswith("max_")]
        refused = next((name for name in optional if name == parameter or f"'{name}'" in said), None)
        if refused and any(word in said for word in ("support", "unrecogni", "unknown", "not permitted", "extra", "unexpected")):
            self.dropped.add(refused)
            return True
        return False


def said(error):
    """(status, code, message, parameter) of a refusal, whatever shape its body has."""
    body = error.body if isinstance(error.body, dict) else {}
    inner = body.get("error") if isinstance(body.get("error"), dict) else body
    message = inner.get("message") or inner.get("detail") or (inner.get("error") if isinstance(inner.get("error"), str) else "") or error.body or ""
    return (error.status_code, str(inner.get("code") or inner.get("type") or ""), " ".join(str(message).split())[:300], str(inner.get("param") or ""))


def advice(status, code, wait, model):
    """What a person can do after a refusal."""
    if code in NO_CREDIT or status == 402:
        return "the account has no credit left: add some, then run again; what has come is kept"
    if status == 429:
        return f"it asks to wait {wait / 60:.0f} minutes: run again then, it goes on where it stopped"
    if status == 401:
        return "the key is wrong for this address: set the right OPENAI_API_KEY (notebook 0_start) and run again"
    if status == 404 or code == "model_not_found":
        return f"check the model's name ({model!r}) and the address, and run again"
    return "the account may not do this: ask the provider, or choose another model, and run again"
