"""Our program for one run of the benchmark: started when the first row asks for it, filled through its own API."""
import os
import subprocess

from client import Api
from servers import nginx, say, science3d

EMAIL = "bench@example.org"


def new_house(program, data, log, *options):
    """A server on an empty data folder, with an account and a token that may do everything."""
    make_account(program, data)
    token = make_token(program, data)
    server = science3d(program, data, log, *options)
    return server, Api(server, token)


def command(program, *words, said=None):
    quiet = {**os.environ, "SCIENCE3D_SERVER_LOG_FILTER": "warn"}
    done = subprocess.run([program, *words], input=said, capture_output=True, text=True, env=quiet)
    if done.returncode != 0:
        raise RuntimeError(f"science3d {' '.join(words)}: {done.stderr[-1000:]}")
    return done.stdout


def make_account(program, data):
    command(program, "admin", "--data", data, "user", "add", EMAIL, "--name", "Bench, Ada", "--password-stdin", said="correct horse battery staple\n")


def make_token(program, data):
    return command(program, "admin", "--data", data, "token", "create", EMAIL, "--scope", "release").strip().splitlines()[-1]


class House:
    """The one server that most rows share, and nginx on the very files that it serves."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.data = os.path.join(folder, "data")
        self._server = self._api = self._nginx = None

    def open(self):
        if not self._server:
            self._server, self._api = new_house(self.program, self.data, os.path.join(self.folder, "science3d.log"))
        return self._server, self._api

    def nginx(self):
        """Serves everything below the work folder, so that addresses are paths in it."""
        if not self._nginx:
            self._nginx = nginx(self.folder, os.path.join(self.folder, "nginx"))
        return self._nginx

    def stored(self, ending):
        """The path, below the work folder, of the newest stored file or folder whose path ends like this."""
        store = os.path.join(self.data, "store")
        found = [os.path.join(where, name) for where, folders, files in os.walk(store) for name in folders + files]
        found = [path for path in found if path.endswith(ending)]
        if not found:
            raise RuntimeError(f"nothing in {store} ends with {ending}")
        return os.path.relpath(max(found, key=os.path.getmtime), self.folder)

    def close(self):
        for server in (self._server, self._nginx):
            if server:
                server.stop()
        say(f"load average at the end: {os.getloadavg()[0]:.1f}")
