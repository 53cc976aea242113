"""Starts the servers that are compared, watches their processor time and memory, and ends them again."""
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
HERE = os.path.dirname(os.path.abspath(__file__))


class Skipped(Exception):
    """A row that cannot run here; the words say what is missing."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def program_of(name, *places):
    found = shutil.which(name) or next((place for place in places if os.access(place, os.X_OK)), None)
    if not found:
        raise Skipped(f"{name} is not installed")
    return found


def status_of(pid):
    """Resident bytes of a process: all of them, and those that are its own (not pages of files)."""
    fields = {}
    try:
        with open(f"/proc/{pid}/status") as status:
            for line in status:
                key, _, value = line.partition(":")
                fields[key] = value
    except OSError:
        return 0, 0
    kib = lambda key: int(fields.get(key, "0 kB").split()[0]) * 1024
    return kib("VmRSS"), kib("RssAnon")


def cpu_seconds_of(pid):
    with open(f"/proc/{pid}/stat", "rb") as stat:
        fields = stat.read().rpartition(b")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


class Server:
    """One server with its child processes, which share its session."""

    def __init__(self, name, command, port, log, **options):
        self.name, self.port, self.log = name, port, log
        with open(log, "ab") as words:
            self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=words, stderr=words, start_new_session=True, **options)
        self.wait_until_it_listens()

    def wait_until_it_listens(self, seconds=120):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.5).close()
                return
            except OSError:
                time.sleep(0.05)
        with open(self.log, errors="replace") as words:
            said = words.read()[-2000:]
        self.stop()
        raise RuntimeError(f"{self.name} does not listen:\n{said}")

    def pids(self):
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    with open(f"/proc/{entry}/stat", "rb") as stat:
                        fields = stat.read().rpartition(b")")[2].split()
                except OSError:
                    continue
                if int(fields[3]) == self.process.pid:
                    yield int(entry), (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    def cpu_seconds(self):
        return sum(seconds for _, seconds in self.pids())

    def resident_bytes(self):
        pairs = [status_of(pid) for pid, _ in self.pids()]
        return sum(whole for whole, _ in pairs), sum(own for _, own in pairs)

    def stop(self):
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, sign)
                self.process.wait(20)
                return
            except ProcessLookupError:
                return
            except subprocess.TimeoutExpired:
                continue

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class MemoryWatch:
    """Samples the resident memory of a server until the block ends."""

    def __init__(self, server):
        self.server, self.whole, self.own = server, 0, 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.sample, daemon=True)

    def sample(self):
        while not self.ended.is_set():
            whole, own = self.server.resident_bytes()
            self.whole, self.own = max(self.whole, whole), max(self.own, own)
            self.ended.wait(0.05)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def science3d(program, data, log, *options):
    """Our server as anyone would start it: embedded defaults, workers in the process."""
    port = free_port()
    environment = {**os.environ, "SCIENCE3D_SERVER_LOG_FILTER": "warn"}
    command = [program, "serve", "--data", data, "--listen", f"127.0.0.1:{port}", *options]
    return Server("science3d", command, port, log, env=environment)


NGINX = """{user} worker_processes {workers}; daemon off; pid {state}/nginx.pid; error_log {state}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nodelay on; keepalive_requests 100000000; keepalive_timeout 65; {cache}
  default_type application/octet-stream; types {{ text/html html; application/json json; }}
  client_body_temp_path {state}/body; proxy_temp_path {state}/proxy; fastcgi_temp_path {state}/fcgi; uwsgi_temp_path {state}/uwsgi; scgi_temp_path {state}/scgi;
  server {{ listen 127.0.0.1:{port} reuseport; root {root}; }}
}}
"""
NGINX_CACHE = "open_file_cache max=20000 inactive=60s; open_file_cache_valid 60s;"


def nginx(root, state):
    """sendfile on, one worker per processor; its open-file cache is off as by default, BENCH_NGINX_CACHE=1 turns it on."""
    executable = program_of("nginx", "/usr/sbin/nginx")
    os.makedirs(state, exist_ok=True)
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""
    cache = NGINX_CACHE if os.environ.get("BENCH_NGINX_CACHE") == "1" else ""
    path = os.path.join(state, "nginx.conf")
    with open(path, "w") as conf:
        conf.write(NGINX.format(user=user, workers=os.cpu_count() or 1, state=state, port=port, root=root, cache=cache))
    return Server("nginx", [executable, "-c", path, "-p", state], port, os.path.join(state, "log"))


def tus_server(folder, log):
    peers = os.environ.get("BENCH_PEERS", "")
    if not os.path.isdir(os.path.join(peers, "node", "node_modules", "@tus", "server")):
        raise Skipped("@tus/server is not installed")
    os.makedirs(folder, exist_ok=True)
    port = free_port()
    return Server("@tus/server", [program_of("node"), os.path.join(HERE, "tus_peer.mjs"), folder, port], port, log)


def say(words):
    print(words, file=sys.stderr, flush=True)
