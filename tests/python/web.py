"""A web server for tests, which counts what is asked of it and misbehaves as it is told."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Web:
    """Files on a web server. `fault(number, handler)` is true if it has answered that request itself."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.address = f"http://127.0.0.1:{server.server_address[1]}"
        self.files: dict[str, bytes] = {}
        self.tags: dict[str, str] = {}
        self.asked: list[tuple[str, str, int]] = []
        self.fault: Callable[[int, Any], bool | None] = lambda number, handler: None
        self.lock = threading.Lock()

    @property
    def gets(self) -> int:
        return sum(method == "GET" for method, *_ in self.asked)

    @property
    def given(self) -> int:
        """The bytes that were given away."""
        return sum(size for *_, size in self.asked)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    web: Web

    def do_GET(self) -> None:
        web, name = self.web, self.path.partition("?")[0].lstrip("/")
        content = web.files.get(name)
        if content is None:
            self.answer(404, b"")
            return
        status, extra, part = 200, {}, content
        if asked := re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", "")):
            begin, end = int(asked[1]), min(int(asked[2]) + 1, len(content))
            if begin >= len(content):
                self.answer(416, b"")
                return
            status, part = 206, content[begin:end]
            extra["Content-Range"] = f"bytes {begin}-{end - 1}/{len(content)}"
        with web.lock:
            number = len(web.asked)
            web.asked.append((self.command, name, len(part) if self.command == "GET" else 0))
        if web.fault(number, self):
            self.close_connection = True
            return
        self.answer(status, part, {"ETag": web.tags.get(name, f'"{name}"'), **extra})

    do_HEAD = do_GET

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Last-Modified", "Tue, 01 Dec 2026 10:00:00 GMT")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[Web]:
    """A server with no files yet."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    handler.web = Web(server)  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield handler.web  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
