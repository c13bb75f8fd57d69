"""A stand-in for the Hugging Face Hub on this machine: the few calls that an upload makes, with one repository in memory."""
import base64
import hashlib
import http.server
import json
import threading
import urllib.parse

LARGE = (".parquet", ".safetensors")  # the Hub takes these by another way


class Hub:
    """`tokens` is {token: role}; `files` is {path: bytes} of what was committed. `break_after` commits the connection is cut once; `public` is for a repository that is there."""

    def __init__(self, tokens=None, break_after=None, public=False, forbid_create=False):
        self.tokens, self.files, self.commits, self.calls, self.large = tokens or {"hf_writer": "write"}, {}, [], [], {}
        self.private, self.break_after, self.forbid_create = (False if public else None), break_after, forbid_create

    def __enter__(self):
        hub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                hub.answer(self, b"")

            def do_POST(self):
                hub.answer(self, self.rfile.read(int(self.headers.get("Content-Length") or 0)))

            def do_PUT(self):
                hub.large[self.path.rpartition("/")[2]] = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                reply(self, 200, {})

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request, body):
        path = urllib.parse.urlsplit(request.path).path
        self.calls.append((request.command, path))
        role = self.tokens.get((request.headers.get("authorization") or "").removeprefix("Bearer "))
        if role is None:
            return reply(request, 401, {"error": "Invalid credentials"})
        if path == "/api/whoami-v2":
            return reply(request, 200, {"name": "team", "type": "user", "auth": {"accessToken": {"role": role}}})
        if path == "/api/repos/create":
            asked = json.loads(body)
            name = f"{asked.get('organization') or 'team'}/{asked['name']}"
            if role == "read" or self.forbid_create:
                return reply(request, 403, {"error": "You don't have the rights"})
            if self.private is not None:
                return reply(request, 409, {"error": "You already created this repo", "url": f"{self.url}/datasets/{name}"})
            # Older clients say private, newer ones visibility.
            self.private, self.kind = bool(asked.get("private")) or asked.get("visibility") == "private", asked.get("type", "model")
            return reply(request, 200, {"url": f"{self.url}/datasets/{name}", "name": name})
        if self.private is None:
            return reply(request, 404, {"error": "Repository not found"})
        if "/preupload/" in path:
            return reply(request, 200, {"files": [{"path": one["path"], "uploadMode": "lfs" if one["path"].endswith(LARGE) else "regular", "shouldIgnore": False, "oid": None} for one in json.loads(body)["files"]]})
        if path.endswith("/info/lfs/objects/batch"):
            return reply(request, 200, {"transfer": "basic", "objects": [
                {**one, "actions": {"upload": {"href": f"{self.url}/large/{one['oid']}"}} if one["oid"] not in self.large else {}} for one in json.loads(body)["objects"]]})
        if "/commit/" in path:
            return self.commit(request, body)
        if "/tree/" in path:
            return reply(request, 200, [{"type": "file", "path": name, "size": len(content), "oid": git_hash(content), **self.large_part(content, name)}
                                        for name, content in self.files.items()])
        return reply(request, 200, {"id": "team/set", "_id": "1", "sha": "0" * 40, "private": self.private, "tags": [], "siblings": []})

    def large_part(self, content, name):
        """What the Hub says more of a large file: its SHA-256, since the git hash is that of a pointer."""
        return {"oid": "0" * 40, "lfs": {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}} if name.endswith(LARGE) else {}

    def commit(self, request, body):
        if self.break_after is not None and len(self.commits) >= self.break_after:
            self.break_after = None
            return reply(request, 400, {"error": "cut"})
        lines = [json.loads(line) for line in body.splitlines() if line.strip()]
        for line in lines:
            if line["key"] == "file":
                self.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            elif line["key"] == "lfsFile":
                self.files[line["value"]["path"]] = self.large[line["value"]["oid"]]
        self.commits += [line["value"]["path"] for line in lines if line["key"] != "header"]
        return reply(request, 200, {"commitUrl": f"https://huggingface.co/datasets/team/set/commit/{'1' * 40}", "commitOid": "1" * 40, "success": True, "hookOutput": ""})


def git_hash(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def reply(request, status, content):
    body = json.dumps(content).encode()
    request.send_response(status)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)
