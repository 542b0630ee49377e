"""Makes each call that changes the journal or the output kill the run or fail, one after the other, and goes on."""

import errno
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from answering_server import AnsweringServer
from trial import Broken, Trial, require, run_to_end

SLOTS, ITEMS = 2, 6
KILLS = ["kill", "torn"]
ERRORS = [errno.EIO, errno.ENOSPC, errno.EDQUOT]


class Points:
    """A library that numbers the calls; see crash_points.c."""

    def __init__(self, folder):
        self.library = folder + "/crash_points.so"
        source = str(Path(__file__).with_name("crash_points.c"))
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", self.library, source], check=True)

    def run(self, trial, number, how, *arguments):
        """The run's status, its words, and the call that was changed; None where the run made fewer calls."""
        log = trial.path("calls")
        Path(log).unlink(missing_ok=True)
        variables = {
            "CRASH_PATHS": trial.path("out."), "CRASH_LOG": log, "CRASH_AT": str(number), "CRASH_HOW": str(how),
            "LD_PRELOAD": self.library}
        prefix = ["env", *(f"{name}={value}" for name, value in variables.items())]
        status, words = run_to_end(trial.start(*arguments, prefix=prefix))
        calls = Path(log).read_text().splitlines()
        return status, words, calls[number - 1].split(" ", 1)[1] if number <= len(calls) else None


def check_failed(status, words, how, call):
    """An error of the disk: the run ended by itself, as it should."""
    file = call.rpartition("/")[2]
    require(status in (0, 73, 74), f"{status}: {words}")
    if call.startswith("rename"):
        require(status == 73, f"a rename failed, and the status is {status}: {words}")
    if "answer could not be stored" in words or "answers could not be stored" in words:
        require(os.strerror(how) in words, f"no cause: {words}")
        require(call.startswith("fdatasync") or how == errno.EIO, f"room may come, and the run gave up: {words}")
    if status == 74:
        advice = ["run the same command again", "go on with:", "cannot keep a journal"]
        require(any(text in words for text in advice), f"no advice: {words}")
    elif status == 73:
        require(os.strerror(how) in words, f"no cause: {words}")


def one(server, points, number, how, begins_with_a_crash):
    """Returns the call that was changed and the status, or None where there is no such call."""
    trial = Trial(server, [f"prompt {n}" for n in range(ITEMS)], SLOTS)
    try:
        call, words = None, ""
        if begins_with_a_crash:
            # The first run dies with some answers in its log; the second one is what the call belongs to.
            points.run(trial, 62, "kill")
            trial.kills += 1
            trial.look()
        status, words, call = points.run(trial, number, how)
        if call is None:
            require(status == 0, f"{status}: {words}")
            trial.check_end()
            return None
        trial.kills += 1
        if how in KILLS:
            require(status == -9 or how == "torn" and status == 0, f"{status}: {words}")
        else:
            check_failed(status, words, how, call)
        trial.look()
        again, words_again = run_to_end(trial.start())
        require(again == 0, f"the next run ended with {again}: {words_again}")
        trial.check_end()
        return call.replace(trial.path(""), ""), status, words
    except Broken as broken:
        raise Broken(f"{how} at call {number} ({call}), second run: {begins_with_a_crash}: {broken}\n{words}") from None
    finally:
        trial.remove()


def enumerate_all(seed):
    server = AnsweringServer(seed, latency_ms=(1, 4))
    with tempfile.TemporaryDirectory() as folder:
        points = Points(folder)
        broken = 0
        for begins_with_a_crash in (False, True):
            for how in KILLS + ERRORS:
                number, statuses = 1, Counter()
                while True:
                    try:
                        result = one(server, points, number, how, begins_with_a_crash)
                        if result is None:
                            break
                        statuses[result[1]] += 1
                        if os.environ.get("VERBOSE"):
                            print(number, how, *result, file=sys.stderr)
                    except Broken as error:
                        broken += 1
                        print(f"BROKEN: {error}", flush=True)
                    number += 1
                name = errno.errorcode.get(how, how)
                run = "going on after a crash" if begins_with_a_crash else "first run"
                print(f"{run}, {name}: {number - 1} calls; statuses {dict(statuses)}", flush=True)
        require(not broken, f"{broken} of them")
