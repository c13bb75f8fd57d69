"""What comes in and what goes out: one request and one answer of the practice server.

    >>> request = Request("POST", "/v1/files?limit=2", headers={"Content-Type": "application/json"}, body=b'{"a": 1}')
    >>> request.path, request.arg("limit"), request.json(), request.headers["content-type"]
    ('/v1/files', '2', {'a': 1}, 'application/json')
    >>> json_response({"kí": "ni"}).body.decode()
    '{"kí": "ni"}'
"""
import dataclasses
import email.message
import email.parser
import json
import urllib.parse


def _message(headers):
    """Headers as an object that finds a name in any case."""
    if isinstance(headers, email.message.Message):
        return headers
    message = email.message.Message()
    for name, value in dict(headers or {}).items():
        message[name] = str(value)
    return message


@dataclasses.dataclass
class File:
    """One uploaded file of a multipart form."""
    filename: str
    data: bytes
    content_type: str = "application/octet-stream"


@dataclasses.dataclass
class Request:
    """What a client asks. `path` is decoded and without its query; `query` maps a name to a list of strings."""
    method: str
    path: str
    query: dict = None
    headers: object = None
    body: bytes = b""
    client: str = "127.0.0.1"
    fault: str = None  # dealt by State.fault_for
    turn: int = 0      # its number among the wiki API's requests

    def __post_init__(self):
        self.headers = _message(self.headers)
        path, _, query = self.path.partition("?")
        self.path = urllib.parse.unquote(path)
        if self.query is None:
            self.query = urllib.parse.parse_qs(query, keep_blank_values=True)

    def arg(self, name, default=None):
        """The last value of a query parameter, as a string."""
        return self.query.get(name, [default])[-1]

    def form(self):
        """The fields of an urlencoded body: name -> list of strings. Empty when the body is something else."""
        if not self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            return {}
        return urllib.parse.parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    def json(self):
        """The body as JSON; raises ValueError when it is none."""
        return json.loads(self.body)

    def multipart(self):
        """(fields, files) of a multipart/form-data body: name -> string, name -> File. Raises ValueError when it is none."""
        boundary = self.headers.get_param("boundary")
        if self.headers.get_content_type() != "multipart/form-data" or not boundary:
            raise ValueError("the body is not multipart/form-data with a boundary")
        fields, files = {}, {}
        line = b"\r\n--" + boundary.encode("latin-1")
        parts = (b"\r\n" + self.body).split(line)
        if len(parts) < 3 or not parts[-1].startswith(b"--"):
            raise ValueError("the multipart body has no end")
        for part in parts[1:-1]:
            head, found, data = part.partition(b"\r\n\r\n")
            if not found:
                raise ValueError("a part of the multipart body has no headers")
            about = email.parser.Parser().parsestr(head.decode("utf-8", "replace").strip("\r\n") + "\r\n\r\n")  # file names may hold any letter
            name = about.get_param("name", header="content-disposition")
            filename = about.get_filename()
            if filename is None:
                fields[name] = data.decode("utf-8", "replace")
            else:
                files[name] = File(filename, data, about.get_content_type())
        return fields, files


@dataclasses.dataclass
class Response:
    """What the server answers. Content-Length, gzip and the connection are the server's business."""
    status: int = 200
    body: bytes = b""
    headers: dict = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        if isinstance(self.body, str):
            self.body = self.body.encode("utf-8")
        self.headers = {"Content-Type": "text/plain; charset=utf-8", **self.headers}


def json_response(obj, status=200, **headers):
    """`obj` as JSON; header names are written with underscores: `Retry_After=1`."""
    named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
    body = json.dumps(obj, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return Response(status, body, {"Content-Type": "application/json; charset=utf-8", **named})


def html_response(html, status=200, **headers):
    """A web page; header names as in json_response."""
    named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
    return Response(status, html.encode("utf-8"), {"Content-Type": "text/html; charset=utf-8", **named})


def error(status, message, code=None, type="invalid_request_error", param=None, **headers):
    """An error body in the shape of the OpenAI API: {"error": {message, type, param, code}}."""
    return json_response({"error": {"message": message, "type": type, "param": param, "code": code}}, status, **headers)
