"""A server that answers every request with the same bytes, whatever they are: Google as nobody should trust it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Body = Callable[[Callable[[bytes], object]], None]


@dataclass(slots=True)
class Impostor:
    """What it says from now on; `send` writes the body, in as many pieces as it likes."""

    url: str = ""
    status: int = 200
    body: bytes = b"{}"
    encoding: str = ""
    send: Body | None = None
    asked: list[str] = field(default_factory=list)


@contextmanager
def running_impostor() -> Iterator[Impostor]:
    """Listens on a free port of this machine."""
    impostor = Impostor()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            impostor.asked.append(self.path)
            self.send_response(impostor.status)
            self.send_header("Content-Type", "application/json; charset=UTF-8")
            if impostor.encoding:
                self.send_header("Content-Encoding", impostor.encoding)
            if impostor.send:
                self.close_connection = True
                self.end_headers()
                with suppress(OSError):
                    impostor.send(self.wfile.write)
                return
            self.send_header("Content-Length", str(len(impostor.body)))
            self.end_headers()
            self.wfile.write(impostor.body)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the screen."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        impostor.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield impostor
        server.shutdown()
    thread.join(5)
