"""A job in a folder of its own that is run, killed and run again; and what must be true after each of them."""

import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

JOB = """return {{ input = "in.txt", output = "out.jsonl", model = "m", concurrency = {slots}, dedupe = {dedupe},
  retry = {{ attempts = 50, base_s = 0.01, cap_s = 0.05 }},
  prompt = function(item) return item.text end,
  parse = function(reply, item, ctx) return {{ id = ctx.id, text = reply.text }} end }}
"""


class Broken(Exception):
    """The promise does not hold."""


def require(condition, words):
    if not condition:
        raise Broken(words)


class Trial:
    def __init__(self, server, items, slots, dedupe=False):
        self.server, self.items, self.slots, self.dedupe = server, items, slots, dedupe
        self.kills = 0
        self.known = {}
        self.folder = Path(tempfile.mkdtemp(prefix="jobrun-kills-"))
        server.reset()
        (self.folder / "job.lua").write_text(JOB.format(slots=slots, dedupe="true" if dedupe else "false"))
        (self.folder / "in.txt").write_text("".join(item + "\n" for item in items))

    def path(self, name):
        return str(self.folder / name)

    def command(self, *arguments):
        return [os.environ["JOBRUN"], "job.lua", "--base-url", self.server.base_url, "--progress", "none", *arguments]

    def start(self, *arguments, prefix=()):
        return subprocess.Popen(
            [*prefix, *self.command(*arguments)], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True, env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8"})

    def answers(self):
        """The journal's answers: id to (item, text). A copy is read, so that the next run finds it as the kill left it."""
        with tempfile.TemporaryDirectory() as copy:
            for suffix in ("", "-wal", "-journal"):
                if os.path.exists(self.path("out.jsonl.journal") + suffix):
                    shutil.copy(self.path("out.jsonl.journal") + suffix, copy + "/journal" + suffix)
            if not os.path.exists(copy + "/journal"):
                return {}
            database = sqlite3.connect(copy + "/journal")
            try:
                tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
                rows = database.execute("SELECT id, item_index, body FROM answer") if tables else []
                return {id: (item, text_of(body)) for id, item, body in rows}
            finally:
                database.close()

    def look(self):
        """After each end of a run: nothing that was in the journal is gone or another, and all of it was served."""
        now = self.answers()
        for id, answer in self.known.items():
            require(now.get(id) == answer, f"answer {id} was {answer} and is {now.get(id)}")
        for item, text in now.values():
            prompt, _, number = text.rpartition(" #")
            require(prompt == self.items[item - 1], f"item {item} has an answer to {prompt}")
            require(int(number) <= self.server.answers[prompt], f"{text} was never served")
        texts = Counter(text for _, text in now.values())
        require(not texts or max(texts.values()) == 1, "an answer is in the journal twice")
        if self.dedupe:
            prompts = Counter(text.rpartition(" #")[0] for text in texts)
            require(not prompts or max(prompts.values()) == 1, f"bought although stored: {prompts.most_common(1)}")
        # A row that a hook made of an answer is evidence that the program took it for stored.
        if not self.dedupe:
            for line in (self.folder / "out.jsonl.part").read_text().split("\n")[:-1] if self.has_part else []:
                require(json.loads(line)["text"] in texts, f"a row of an answer that is not in the journal: {line}")
        self.known = now

    @property
    def has_part(self):
        return (self.folder / "out.jsonl.part").exists()

    @property
    def beyond(self):
        """Answers that were bought beyond what the job needs."""
        return self.server.answers.total() - (len(set(self.items)) if self.dedupe else len(self.items))

    def check_end(self):
        """After a run that ended by itself."""
        self.look()
        require(not self.has_part, "the output's part is left")
        output = (self.folder / "out.jsonl").read_text()
        rows = [json.loads(line) for line in output.splitlines()]
        require([row["id"] for row in rows] == list(range(1, len(self.items) + 1)), "items are missing, twice or out of order")
        for row in rows:
            require(row["text"].rpartition(" #")[0] == self.items[row["id"] - 1], f"a wrong answer: {row}")
        stored = {text for _, text in self.known.values()}
        used = [row["text"] for row in rows]
        require(set(used) <= stored, "a row is no answer of the journal")
        require(self.dedupe or len(set(used)) == len(used), "an answer was used for two items")
        require(self.beyond <= self.kills * self.slots, f"{self.beyond} answers too many after {self.kills} kills")
        requests = self.server.requests
        status, errors = run_to_end(self.start("--offline"))
        require(status == 0 and self.server.requests == requests, f"--offline: {status} {errors}")
        again = [json.loads(line)["text"] for line in (self.folder / "out.jsonl").read_text().splitlines()]
        require(set(again) <= stored and len(again) == len(rows), "--offline has other answers")

    def remove(self):
        shutil.rmtree(self.folder)


def text_of(body):
    return json.loads(body)["choices"][0]["message"]["content"]


def run_to_end(process, seconds=100):
    """Its exit status and what it said; a run that hangs is an error."""
    try:
        _, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        raise Broken(f"the run hangs: {process.communicate()[1]}") from None
    return process.returncode, errors
