"""The load: one raw-socket HTTP client that costs next to nothing, wrk, and the few calls of our API that fill a record."""
import base64
import hashlib
import json
import os
import re
import socket
import struct
import subprocess
import time

from servers import program_of

BLOCK_BYTES = 16 << 20


class Connection:
    """HTTP/1.1 with keep-alive; bodies leave by sendfile."""

    def __init__(self, port, receive_bytes=None):
        self.port = port
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A limit of Python's own would make the socket non-blocking, and sendfile needs a blocking one.
        for side in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self.socket.setsockopt(socket.SOL_SOCKET, side, struct.pack("ll", 600, 0))
        self.rest = b""

    def close(self):
        self.socket.close()

    def send_head(self, method, path, headers, body=b""):
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *(f"{key}: {value}" for key, value in headers.items())]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + body)

    def send_file(self, file, offset, length):
        end = offset + length
        while offset < end:
            offset += os.sendfile(self.socket.fileno(), file.fileno(), offset, min(end - offset, BLOCK_BYTES))

    def more(self):
        bytes_read = self.socket.recv(1 << 18)
        if not bytes_read:
            raise RuntimeError("the server closed the connection")
        self.rest += bytes_read

    def head(self):
        while True:
            while b"\r\n\r\n" not in self.rest:
                self.more()
            text, self.rest = self.rest.split(b"\r\n\r\n", 1)
            lines = text.decode("latin1").split("\r\n")
            status = int(lines[0].split()[1])
            if status != 100:
                break
        headers = dict((key.strip().lower(), value.strip()) for key, value in (line.split(":", 1) for line in lines[1:] if ":" in line))
        return status, headers

    def answer(self, method="GET"):
        status, headers = self.head()
        if method == "HEAD" or status in (204, 304):
            return status, headers, b""
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return status, headers, self.chunked_body()
        length = int(headers.get("content-length", 0))
        while len(self.rest) < length:
            self.more()
        body, self.rest = self.rest[:length], self.rest[length:]
        return status, headers, body

    def chunked_body(self):
        parts = []
        while True:
            while b"\r\n" not in self.rest:
                self.more()
            line, self.rest = self.rest.split(b"\r\n", 1)
            length = int(line.split(b";")[0], 16)
            while len(self.rest) < length + 2:
                self.more()
            parts.append(self.rest[:length])
            self.rest = self.rest[length + 2:]
            if length == 0:
                return b"".join(parts)

    def ask(self, method, path, headers=None, body=b""):
        headers = dict(headers or {})
        if body or method in ("POST", "PUT", "PATCH"):
            headers.setdefault("Content-Length", len(body))
        self.send_head(method, path, headers, body)
        return self.answer(method)


def get(port, path, headers=None):
    connection = Connection(port)
    try:
        return connection.ask("GET", path, headers)
    finally:
        connection.close()


def download_seconds(port, path, bytes_expected, headers=None, copy=True):
    """Reads one long answer. Without `copy` the kernel throws the bytes away (MSG_TRUNC), so that only the server works."""
    connection = Connection(port, receive_bytes=4 << 20)
    begun = time.monotonic()
    connection.send_head("GET", path, {**(headers or {}), "Connection": "close"})
    status, answered = connection.head()
    length = int(answered.get("content-length", -1))
    if status not in (200, 206) or length < bytes_expected:
        raise RuntimeError(f"GET {path}: {status}, {length} bytes announced, {bytes_expected} expected")
    left = length - len(connection.rest)
    buffer = bytearray(1 << 20)
    flags = 0 if copy else socket.MSG_TRUNC
    while left > 0:
        count = connection.socket.recv_into(buffer, min(left, len(buffer)), flags)
        if count == 0:
            raise RuntimeError(f"GET {path}: the connection broke {left} bytes before the end")
        left -= count
    seconds = time.monotonic() - begun
    connection.close()
    return seconds


WRK = """
local requests = {{}}
local thread_count = 0
function setup(thread)
  thread:set("number", thread_count)
  thread_count = thread_count + 1
end
function init(args)
  math.randomseed(4711 + number)
  for path, range in string.gmatch([[{lines}]], "(%S+) (%S+)\\n") do
    local headers = {{}}
    if range ~= "-" then headers["Range"] = "bytes=" .. range end
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
end
function request() return requests[math.random(#requests)] end
"""


def wrk(server, wishes, folder, seconds, connections=32, threads=2):
    """Asks for the wishes, pairs of a path and a range or None, in random order; the same order for every server."""
    script = os.path.join(folder, f"wrk-{server.port}.lua")
    with open(script, "w") as out:
        out.write(WRK.format(lines="".join(f"{path} {span or '-'}\n" for path, span in wishes)))
    before = server.cpu_seconds()
    command = [program_of("wrk"), "-t", threads, "-c", connections, "-d", f"{seconds}s", "--latency", "-s", script, f"http://127.0.0.1:{server.port}"]
    said = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True).stdout
    cpu = server.cpu_seconds() - before
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    if refused:
        raise RuntimeError(f"{server.name} refused {refused.group(1)} requests:\n{said}")
    count = int(re.search(r"(\d+) requests in", said).group(1))
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said).group(1))
    return {"per_second": rate, "per_cpu_second": count / max(cpu, 0.01)}


def base64_text(text):
    return base64.b64encode(text.encode()).decode()


class Api:
    """Our JSON API and tus, as much of it as filling a record needs."""

    def __init__(self, server, token):
        self.server = server
        self.authorization = {"Authorization": f"Bearer {token}"}
        self.connection = Connection(server.port)
        self.used_at = time.monotonic()

    def fresh(self):
        """A connection that the server has not closed for idleness."""
        if time.monotonic() - self.used_at > 5:
            self.connection.close()
            self.connection = Connection(self.server.port)
        self.used_at = time.monotonic()
        return self.connection

    def json(self, method, path, body=None, wanted=(200, 201, 204)):
        payload = b"" if body is None else json.dumps(body).encode()
        headers = {**self.authorization, **({"Content-Type": "application/json"} if body is not None else {})}
        status, _, answer = self.fresh().ask(method, path, headers, payload)
        if status not in wanted:
            raise RuntimeError(f"{method} {path}: {status} {answer[:600].decode(errors='replace')}")
        return json.loads(answer) if answer else None

    def draft(self, kind, metadata):
        return self.json("POST", "/api/v1/records", {"kind": kind, "metadata": metadata})["id"]

    def announce(self, record, path, length, body=b""):
        """Begins an upload; a small file may travel along."""
        words = f"record {base64_text(record)},path {base64_text(path)}"
        headers = {**self.authorization, "Tus-Resumable": "1.0.0", "Upload-Length": length, "Upload-Metadata": words}
        if body:
            headers["Content-Type"] = "application/offset+octet-stream"
        status, answered, said = self.fresh().ask("POST", "/api/v1/uploads", headers, body)
        if status != 201:
            raise RuntimeError(f"POST /api/v1/uploads: {status} {said[:600].decode(errors='replace')}")
        return answered["location"]

    def put_small(self, record, path, body):
        self.announce(record, path, len(body), body)

    def put_file(self, record, path, source, length, piece_bytes=64 << 20):
        """Sends `length` bytes, the source over and over when it is shorter."""
        location = self.announce(record, path, length)
        tus_append(self.connection, location, source, length, piece_bytes, self.authorization)
        self.used_at = time.monotonic()

    def release(self, record):
        self.json("POST", f"/api/v1/records/{record}/register")
        self.json("POST", f"/api/v1/records/{record}/release")

    def wait_for_labour(self, record, may_fail=("convert",), seconds=900):
        """Until no job of the record waits or runs. Files that are no volume cannot be converted, which is no fault here."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            jobs = self.json("GET", f"/api/v1/records/{record}/jobs")
            jobs = [job for job in jobs if job["standing"] != "needless" and (job["standing"] != "failed" or job["kind"] not in may_fail)]
            failed = [job for job in jobs if job["standing"] == "failed"]
            if failed:
                raise RuntimeError(f"a job of {record} failed: {json.dumps(failed)}")
            if not jobs:
                return
            time.sleep(0.3)
        raise RuntimeError(f"the jobs of {record} did not end: {json.dumps(jobs)}")


def tus_append(connection, location, source, length, piece_bytes, headers):
    if "://" in location:
        location = "/" + location.split("://", 1)[1].split("/", 1)[1]
    with open(source, "rb") as file:
        source_bytes = os.path.getsize(source)
        offset = 0
        while offset < length:
            count = min(piece_bytes, length - offset)
            start = offset % source_bytes
            if start + count > source_bytes:
                count = source_bytes - start
            connection.send_head("PATCH", location, {**headers, "Tus-Resumable": "1.0.0", "Upload-Offset": offset, "Content-Type": "application/offset+octet-stream", "Content-Length": count})
            connection.send_file(file, start, count)
            status, answered, said = connection.answer("PATCH")
            if status != 204:
                raise RuntimeError(f"PATCH {location}: {status} {said[:600].decode(errors='replace')}")
            offset = int(answered["upload-offset"])


def sha256_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
