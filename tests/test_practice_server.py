"""The practice server: how it starts, stops, listens and misbehaves on purpose."""
import collections
import gzip
import http.client
import json
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from gi_helpers.errors import NeedsFixing
from gi_helpers.practice import start
from gi_helpers.practice.messages import Request
from gi_helpers.practice.server import BODY_LIMIT
from gi_helpers.practice.state import State

API = "/wiki/yo/w/api.php?action=query&meta=siteinfo&siprop=general|namespaces&format=json&formatversion=2"


@pytest.fixture
def practice():
    with start() as server:
        yield server


def ask(practice, path, headers=None, body=None, method=None):
    """(status, headers, body) of one request on a connection of its own."""
    line = http.client.HTTPConnection("127.0.0.1", practice.port, timeout=20)
    try:
        line.request(method or ("POST" if body is not None else "GET"), path, body=body, headers=headers or {})
        reply = line.getresponse()
        return reply.status, reply.headers, reply.read()
    finally:
        line.close()


def raw(practice, text, wait=5):
    """Everything the server sends back to these bytes until it closes or is silent."""
    with socket.create_connection(("127.0.0.1", practice.port), timeout=wait) as line:
        line.sendall(text)
        line.shutdown(socket.SHUT_WR)
        parts = []
        while part := line.recv(65536):
            parts.append(part)
        return b"".join(parts)


def test_it_says_what_it_is(practice):
    assert json.loads(ask(practice, "/practice")[2]) == {"practice": True}
    status, headers, page = ask(practice, "/")
    assert status == 200 and headers["X-Practice"] == "yes" and "rehearsal on your own computer" in page.decode()
    assert ask(practice, "/elsewhere")[0] == 404
    assert practice.wiki("yo") == practice.url + "/wiki/yo/w/api.php"
    assert practice.news("ha") == practice.url + "/news/ha" and practice.openai == practice.url + "/v1"


def test_one_connection_carries_many_requests_and_each_answer_says_its_length(practice):
    line = http.client.HTTPConnection("127.0.0.1", practice.port, timeout=10)
    line.connect()
    first = line.sock
    for _ in range(20):
        line.request("GET", API)
        reply = line.getresponse()
        body = reply.read()
        assert reply.version == 11 and int(reply.headers["Content-Length"]) == len(body) and json.loads(body)["query"]["general"]["lang"] == "yo"
    assert line.sock is first
    line.request("HEAD", API)
    reply = line.getresponse()
    assert reply.read() == b"" and int(reply.headers["Content-Length"]) > 1000
    line.close()


def test_answers_are_gzipped_for_those_who_ask(practice):
    plain = ask(practice, API)
    packed = ask(practice, API, {"Accept-Encoding": "br, gzip;q=0.8"})
    assert plain[1]["Content-Encoding"] is None and packed[1]["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed[2]) == plain[2] and len(packed[2]) < len(plain[2]) / 2
    assert ask(practice, API, {"Accept-Encoding": "gzip;q=0"})[1]["Content-Encoding"] is None


def test_chunked_bodies_are_put_together(practice):
    text = "action=expandtemplates&format=json&formatversion=2&prop=wikitext&text=%7B%7Bnumber%7C1948%7D%7D".encode()
    pieces = [text[:11], text[11:40], text[40:]]
    body = b"".join(f"{len(piece):x};note=1\r\n".encode() + piece + b"\r\n" for piece in pieces) + b"0\r\nX-Trailer: 1\r\n\r\n"
    head = (b"POST /wiki/yo/w/api.php HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\n")
    assert b'{"expandtemplates": {"wikitext": "1948"}}' in raw(practice, head + body)
    assert b" 400 " in raw(practice, head + b"zz\r\nnonsense").split(b"\r\n")[0]


def test_multipart_forms_are_read_to_the_byte():
    data = bytes(range(256)) * 3 + b"\r\n--almost\r\n"
    body = (b'--AB\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n'
            b'--AB\r\nContent-Disposition: form-data; name="file"; filename="\xe1\xbb\x8d.jsonl"\r\nContent-Type: application/jsonl\r\n\r\n' + data + b"\r\n--AB--\r\n")
    fields, files = Request("POST", "/v1/files", headers={"content-type": 'multipart/form-data; boundary="AB"'}, body=body).multipart()
    assert fields == {"purpose": "fine-tune"} and files["file"].data == data and files["file"].content_type == "application/jsonl"
    with pytest.raises(ValueError, match="no end"):
        Request("POST", "/v1/files", headers={"content-type": "multipart/form-data; boundary=AB"}, body=body[:200]).multipart()


def test_a_body_that_is_too_large_is_refused_before_it_is_read(practice):
    answer = raw(practice, f"POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: {BODY_LIMIT + 1}\r\n\r\n".encode() + b"x" * 100)
    assert answer.startswith(b"HTTP/1.1 413") and b"at most 64 MB" in answer
    assert ask(practice, "/practice")[0] == 200


def test_latency_is_added_to_each_answer():
    with start(latency=0.15) as practice:
        began = time.perf_counter()
        ask(practice, API)
        assert time.perf_counter() - began >= 0.15


def test_a_stopped_server_closes_its_connections_and_its_port():
    practice = start()
    line = http.client.HTTPConnection("127.0.0.1", practice.port, timeout=5)
    line.request("GET", "/practice")
    line.getresponse().read()
    practice.stop()
    practice.stop()
    with pytest.raises((OSError, http.client.HTTPException)):
        line.request("GET", "/practice")
        line.getresponse()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", practice.port), timeout=1).close()


def test_a_busy_port_is_one_sentence(practice):
    with pytest.raises(NeedsFixing, match=f"cannot use port {practice.port} .*choose another port"):
        start(practice.port)
    with pytest.raises(NeedsFixing, match="99999 is no port"):
        start(99999)
    child = subprocess.run([sys.executable, "-m", "gi_helpers.practice", "--port", str(practice.port)], capture_output=True, text=True, timeout=20)
    assert child.returncode == 1 and child.stdout == ""
    assert child.stderr.count("\n") == 1 and child.stderr.startswith(f"Please fix: the practice server cannot use port {practice.port}")


def test_the_child_says_its_address_and_ends_when_its_stdin_closes(tmp_path):
    with subprocess.Popen([sys.executable, "-m", "gi_helpers.practice", "--until-closed", "--state", str(tmp_path)],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        name, url = child.stdout.readline().split()
        assert name == "practice" and url.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(url + "/practice") as reply:
            assert json.loads(reply.read()) == {"practice": True}
        child.stdin.close()
        assert child.wait(5) == 0


def test_starting_imports_no_heavy_library():
    code = ("import sys; from gi_helpers.practice import start; p = start(); import urllib.request as u;"
            f"u.urlopen(p.url + {API!r}).read(); p.stop(); print([m for m in ('pandas', 'numpy', 'requests', 'openai') if m in sys.modules])")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


# ---------------------------------------------------------------- faults

def test_faults_come_in_their_shares_and_the_same_way_every_time():
    shares = {"429": 0.2, "500": 0.1, "cut": 0.05, "bad_json": 0.125}
    deals = []
    for _ in range(2):
        state = State(faults=shares)
        requests = [Request("POST", "/v1/chat/completions") for _ in range(400)]
        deals.append([state.fault_for(request) for request in requests])
        assert [state.fault_for(request) for request in requests] == deals[-1]  # asking again changes nothing
    counts = collections.Counter(deals[0])
    assert deals[0] == deals[1] and (counts["429"], counts["500"], counts["cut"], counts["bad_json"]) == (80, 40, 20, 50)
    every = State(faults={"429": 1})
    assert {every.fault_for(Request("GET", "/v1/models")) for _ in range(50)} == {"429"}
    assert every.fault_for(Request("GET", "/practice")) is None


def test_faults_can_be_kept_to_one_half():
    state = State(faults={"500": 1, "only": ["news"]})
    assert [state.fault_for(Request("GET", path)) for path in ("/news/yo", "/v1/models", "/wiki/yo/w/api.php")] == ["500", None, None]


@pytest.mark.parametrize("path, body", [(API, b"You are making too many requests.\n"), ("/v1/models", None)])
def test_429_says_when_to_come_back(path, body):
    with start(faults={"429": 1}) as practice:
        status, headers, text = ask(practice, path)
    assert status == 429 and headers["Retry-After"] == "1"
    if body:
        assert text == body
    else:
        problem = json.loads(text)["error"]
        assert problem["code"] == "rate_limit_exceeded" and problem["message"]


def test_500_has_the_body_of_each_half():
    with start(faults={"500": 1}) as practice:
        assert ask(practice, "/news/yo")[0] == 500
        status, _, text = ask(practice, "/v1/models")
        assert status == 500 and json.loads(text)["error"]["type"] == "server_error"


def test_a_cut_answer_is_shorter_than_it_says():
    with start(faults={"cut": 1}) as practice:
        with pytest.raises(http.client.IncompleteRead) as cut:
            ask(practice, API)
        assert len(cut.value.partial) > 100 and cut.value.expected > 100


def test_a_hanging_request_gets_no_answer_and_stop_does_not_wait_for_it():
    with start(faults={"hang": 1, "hang_s": 0.2}) as practice:
        with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
            ask(practice, API)
        assert practice.state.counts["fault hang"] == 1 and practice.state.log[-1]["status"] == 0
    practice = start(faults={"hang": 1})
    line = http.client.HTTPConnection("127.0.0.1", practice.port, timeout=20)
    line.request("GET", API)
    time.sleep(0.1)
    began = time.perf_counter()
    practice.stop()
    with pytest.raises((http.client.HTTPException, OSError)):
        line.getresponse()
    assert time.perf_counter() - began < 5


def test_bad_json_spoils_the_wikis_answer():
    with start(faults={"bad_json": 1}) as practice:
        status, _, body = ask(practice, API)
    assert status == 200
    with pytest.raises(ValueError):
        json.loads(body)


def test_faults_can_be_switched_while_it_runs(tmp_path):
    with start(state=tmp_path) as practice:
        assert ask(practice, API)[0] == 200
        (tmp_path / "faults.json").write_text('{"500": 1}', encoding="utf-8")
        assert ask(practice, API)[0] == 500
        (tmp_path / "faults.json").unlink()
        assert ask(practice, API)[0] == 200


def test_every_request_is_in_the_log(practice):
    ask(practice, API, {"User-Agent": "team (contact: a@example.org)"})
    ask(practice, "/v1/nothing", body=b"{}")
    wiki, openai = json.loads(ask(practice, "/practice/requests")[2])[:2]
    assert (wiki["api"], wiki["status"], wiki["agent"], wiki["uri"]) == ("wiki", 200, "team (contact: a@example.org)", API)
    assert (openai["api"], openai["method"]) == ("openai", "POST") and openai["at"] >= wiki["at"]
