"""The rehearsal's web server: standard library only, on this machine only.

One server answers for three: Wikipedia (`/wiki/<code>/w/api.php`, module wiki), a news site (`/news/<code>`, module news) and
the OpenAI API (`/v1/...`, module openai_api). It can also misbehave on purpose, see state.

    >>> import urllib.request
    >>> with Practice() as practice:
    ...     urllib.request.urlopen(practice.url + "/practice").read()
    b'{"practice": true}'
"""
import gzip
import http.server
import os
import re
import socket
import socketserver
import threading
import time

from gi_helpers.errors import NeedsFixing

from .messages import Request, Response, error, html_response, json_response
from .state import State, api_of, codes

BODY_LIMIT = 64 * 1024 * 1024  # bytes; OpenAI takes 512 MB, a rehearsal does not need it


# ---------------------------------------------------------------- answering

ABOUT = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>GlobalInstruct practice server</title></head><body>
<h1>GlobalInstruct practice server</h1>
<p>This is a rehearsal on your own computer. It stands in for Wikipedia, for a news site and for a model service, so that a team can
walk through all notebooks without network, key or cost. Nothing you do here leaves this machine, and no score from here is real.</p>
<ul>{languages}<li>model API: <code>/v1</code></li></ul></body></html>
"""


def _nowhere():
    return Response(404, "There is no such page on the practice server.\n")


def answer(request, state):
    """Send a request to the part it is for."""
    if request.path == "/practice":
        return json_response({"practice": True})
    if request.path == "/practice/requests":
        return json_response(list(state.log))
    if request.path == "/robots.txt":
        from . import news
        return news.robots(state)
    if request.path == "/":
        return html_response(ABOUT.replace("{languages}", "".join(
            f'<li>{code}: <a href="/wiki/{code}/w/api.php?action=query&amp;meta=siteinfo&amp;format=json">wiki</a>, <a href="/news/{code}">news</a></li>'
            for code in codes(state))))
    api = api_of(request.path)
    if api == "wiki":
        from . import wiki as half
    elif api == "news":
        from . import news as half
    elif api == "openai":
        from . import openai_api as half
    else:
        return _nowhere()
    return half.answer(request, state) or (error(404, f"Invalid URL ({request.method} {request.path})") if api == "openai" else _nowhere())


def faulty(request, state):
    """The answer of a dealt fault, or None when the request is to be answered as usual. "hang", "cut" and "bad_json" come later."""
    kind = state.fault_for(request)
    if not kind:
        return None
    state.count("faults")
    state.count(f"fault {kind}")
    openai = api_of(request.path) == "openai"
    if kind == "429" and openai:
        return error(429, "Rate limit reached (practised on purpose). Please try again in 1s.", "rate_limit_exceeded", "requests", Retry_After=1)
    if kind == "429":
        return Response(429, "You are making too many requests.\n", {"Retry-After": "1"})
    if kind == "500" and openai:
        return error(500, "The server had an error while processing your request (practised on purpose).", None, "server_error")
    if kind == "500":
        return Response(500, "Internal Server Error (practised on purpose)\n")
    return None


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else every answer on a kept connection waits some 40 ms
    wbufsize = 1 << 16              # head and body leave in one piece

    def _any(self):
        started = time.perf_counter()
        state = self.server.state
        request = None
        try:
            body = self._body()
            request = Request(self.command, self.path, headers=self.headers, body=body, client=self.client_address[0])
            response = self._respond(request, state)
        except _Refused as refused:
            self.close_connection = True
            response = error(*refused.args)
        except (ConnectionError, TimeoutError):
            raise
        except Exception as problem:  # a mistake of ours must reach the client as an answer, not as a dropped line
            response = error(500, f"{type(problem).__name__} on the practice server: {problem}", "practice_error", "server_error")
        if response is None:  # it hung
            self.close_connection = True
            self._log(request, Response(0), started)
            return
        self._send(request, response)
        if self.close_connection and response.status == 413:
            self._drain()
        if request is not None:
            self._log(request, response, started)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = _any

    def _respond(self, request, state):
        api = api_of(request.path)
        if api:
            state.count(api)
            state.wait(state.latency)
        response = faulty(request, state)
        if request.fault == "hang":
            state.wait(float(state.settings().get("hang_s", 15)))
            return None
        return response or answer(request, state)

    def _body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit():
            raise _Refused(400, f"Content-Length must be a number, not {length!r}.")
        if int(length) > BODY_LIMIT:
            raise _Refused(413, f"The practice server takes at most {BODY_LIMIT // 2**20} MB at once.", "request_too_large")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionError("the client stopped in the middle of its body")
        return body

    def _chunks(self):
        parts, total = [], 0
        while True:
            try:
                size = int(self.rfile.readline(1024).split(b";")[0].strip(), 16)
            except ValueError:
                raise _Refused(400, "The chunked body is damaged.") from None
            if size == 0:
                break
            total += size
            if total > BODY_LIMIT:
                raise _Refused(413, f"The practice server takes at most {BODY_LIMIT // 2**20} MB at once.", "request_too_large")
            part = self.rfile.read(size)
            if len(part) < size:
                raise ConnectionError("the client stopped in the middle of its body")
            parts.append(part)
            self.rfile.readline(8)
        while self.rfile.readline(1024).strip():  # trailers
            pass
        return b"".join(parts)

    def _drain(self):
        # Read on for a moment, or the client sees a broken pipe instead of the 413.
        self.wfile.flush()
        self.connection.settimeout(1)
        until = time.monotonic() + 5
        try:
            while time.monotonic() < until and self.rfile.read1(1 << 16):
                pass
        except OSError:
            pass

    def _send(self, request, response):
        body = response.body
        headers = dict(response.headers)
        if len(body) > 400 and "Content-Encoding" not in headers and _takes_gzip(self.headers.get("Accept-Encoding", "")):
            body = gzip.compress(body, compresslevel=5, mtime=0)
            headers["Content-Encoding"] = "gzip"
            headers["Vary"] = "Accept-Encoding"
        self.send_response(response.status)
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Practice", "yes")
        cut = request is not None and request.fault == "cut"
        self.close_connection = self.close_connection or cut
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and response.status not in (204, 304):
            self.wfile.write(body[:len(body) // 2] if cut else body)

    def _log(self, request, response, started):
        self.server.state.log.append({
            "api": api_of(request.path), "method": request.method, "uri": self.path, "agent": request.headers.get("User-Agent", ""),
            "status": response.status, "fault": request.fault or "", "ms": round((time.perf_counter() - started) * 1000, 1),
            "at": round(time.time(), 3), "gzip": "gzip" in request.headers.get("Accept-Encoding", "")})

    def version_string(self):
        return "GlobalInstructPractice"

    def log_message(self, *args):
        pass


class _Refused(Exception):
    """(status, message, code): the request itself cannot be read."""


def _takes_gzip(accepted):
    found = re.search(r"\bgzip\b\s*(?:;\s*q\s*=\s*([0-9.]+))?", accepted)
    return bool(found) and float(found[1] or 1) > 0


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = os.name != "nt"  # on Windows it would let two servers share a port

    def __init__(self, address, state):
        self.state = state
        self.open = set()
        super().__init__(address, _Handler)

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)  # HTTPServer's own asks the network for this machine's name
        self.server_name, self.server_port = self.server_address[:2]

    def process_request(self, request, client_address):
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self.open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        pass  # a client that went away is no news


class Practice:
    """A running practice server. `.url`, `.openai`, `.wiki(code)`, `.news(code)`, `.state`, `.stop()`; also a context manager."""

    def __init__(self, port=0, latency=0, faults=None, state=None, texts=None):
        self.state = State(state, texts, faults, latency)
        try:
            self._server = _Server(("127.0.0.1", port), self.state)
        except OverflowError:
            raise NeedsFixing(f"{port} is no port; choose a number from 1024 to 65535, or 0 for any free one") from None
        except OSError as problem:
            raise NeedsFixing(f"the practice server cannot use port {port} ({problem.strerror or problem}); stop the program that uses it, "
                              "or choose another port, or 0 for any free one") from None
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self.openai = f"{self.url}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True, name="practice server")
        self._thread.start()

    def wiki(self, code):
        """The address of the api.php of a language."""
        return f"{self.url}/wiki/{code}/w/api.php"

    def news(self, code):
        """The front page of the news site of a language."""
        return f"{self.url}/news/{code}"

    def stop(self):
        """Close the door and every open connection; a second call does nothing."""
        if self.state.stopping.is_set():
            return
        self.state.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self._server.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self._thread.join(5)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
