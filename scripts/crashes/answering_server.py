"""A chat server in this process whose every answer is another text, and which counts what it was asked."""

import asyncio
import json
import random
import threading
from collections import Counter


class AnsweringServer:
    """Answers `<prompt> #<number>`, numbers counting the answers to that prompt; some requests get a 500 instead.

    Its counters are written on its own thread; they are read when no client runs.
    """

    def __init__(self, seed, latency_ms=(5, 40), error_share=0.0):
        self.random = random.Random(seed)
        self.latency_ms = latency_ms
        self.error_share = error_share
        self.answers = Counter()
        self.requests = 0
        self.watcher = None
        self.loop = asyncio.new_event_loop()
        self.port = None
        ready = threading.Event()
        threading.Thread(target=self._serve, args=(ready,), daemon=True).start()
        ready.wait()

    @property
    def base_url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    def reset(self):
        self.answers.clear()
        self.requests = 0

    def watch(self, count):
        """An event that is set when `count` requests more have come."""
        event = threading.Event()
        self.watcher = (self.requests + count, event)
        return event

    def _serve(self, ready):
        asyncio.set_event_loop(self.loop)

        async def main():
            server = await asyncio.start_server(self._connection, "127.0.0.1", 0, backlog=4096)
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            await server.serve_forever()

        self.loop.run_until_complete(main())

    async def _connection(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
                )
                request = json.loads(await reader.readexactly(length))
                status, body = self._answer(request["messages"][-1]["content"])
                await asyncio.sleep(self.random.uniform(*self.latency_ms) / 1000)
                writer.write(
                    b"HTTP/1.1 %d X\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % (status, len(body))
                    + body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, prompt):
        self.requests += 1
        if self.watcher and self.requests >= self.watcher[0]:
            self.watcher[1].set()
        if self.random.random() < self.error_share:
            return 500, b'{"error":{"message":"try again","type":"server_error"}}'
        self.answers[prompt] += 1
        text = f"{prompt} #{self.answers[prompt]}"
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
        return 200, json.dumps({"object": "chat.completion", "model": "m", "choices": [choice], "usage": usage}).encode()
