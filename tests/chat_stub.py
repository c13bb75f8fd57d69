"""A small chat server for tests: `with Stub(reply) as stub`, where reply(request, number) gives what to answer.

An answer is a str (the content), a dict (merged into the completion), (status, body dict, headers dict), or one of "hang", "cut", "damaged" in
a Fault. `stub.seen` are the bodies of all requests, `stub.usage` what it charged.
"""
import http.server
import json
import threading
import time


class Fault(str):
    """A way to misbehave: Fault("hang"), Fault("endless"), Fault("cut"), Fault("damaged")."""


def completion(content, asked=100, said=50, **more):
    """The body of a chat completion."""
    choice = {"index": 0, "finish_reason": more.pop("finish_reason", "stop"), "message": {"role": "assistant", "content": content}}
    return {"id": "x", "object": "chat.completion", "model": "stub", "choices": [choice],
            "usage": {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}, **more}


def refusal(status, code, message="no", param=None, **headers):
    """An error as OpenAI sends it."""
    return status, {"error": {"message": message, "type": "error", "param": param, "code": code}}, headers


class Stub:
    """The server; `.url` ends in /v1. `latency` seconds pass before each answer."""

    def __init__(self, reply=lambda body, number: "ok", latency=0.0):
        self.reply, self.latency, self.seen, self.lock = reply, latency, [], threading.Lock()
        self.charged, self.now, self.most, self.opened = [], 0, 0, threading.Event()

        stub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_GET(self):
                if self.path.endswith("/models"):
                    return self.send(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in ("stub-b", "stub-a")]})
                self.send(404, {"error": {"message": "no such page"}})

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with stub.lock:
                    stub.seen.append(body)
                    number = len(stub.seen)
                    stub.now += 1
                    stub.most = max(stub.most, stub.now)
                stub.opened.set()
                try:
                    time.sleep(stub.latency)
                    self.answer(stub.reply(body, number))
                finally:
                    with stub.lock:
                        stub.now -= 1

            def answer(self, what):
                if isinstance(what, Fault):
                    return self.misbehave(what)
                if isinstance(what, tuple):
                    return self.send(*what)
                body = completion(what) if isinstance(what, str) else what
                with stub.lock:
                    stub.charged.append(body["usage"])
                self.send(200, body)

            def misbehave(self, what):
                if what == "hang":
                    time.sleep(1.5)
                elif what == "endless":
                    self.drip()
                elif what == "damaged":
                    return self.send(200, '{"choices": [{"mess')
                else:
                    self.send_response(200)
                    self.send_header("Content-Length", "5000")
                    self.end_headers()
                    self.wfile.write(b'{"choices"')
                self.close_connection = True

            def drip(self):
                """Blanks for ever, as some servers send while they think."""
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                try:
                    while True:
                        self.wfile.write(b" " * 1000)
                        self.wfile.flush()
                        time.sleep(0.01)
                except OSError:
                    self.close_connection = True

            def send(self, status, body, headers=None):
                content = body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", "Content-Length": len(content), **(headers or {})}.items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 256

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def spent(self, price):
        """Dollars that it charged, at (in, out) for a million tokens."""
        return sum(one["prompt_tokens"] * price[0] + one["completion_tokens"] * price[1] for one in self.charged) / 1e6

    def counts(self):
        """How often each last message was sent."""
        found = {}
        for body in self.seen:
            text = body["messages"][-1]["content"]
            found[text] = found.get(text, 0) + 1
        return found
