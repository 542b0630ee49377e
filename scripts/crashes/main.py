"""See scripts/kill-loop."""

import argparse
import random
import sys
import time

from answering_server import AnsweringServer
from trial import Broken, Trial, require, run_to_end

# Slots, whether the input repeats itself, whether identical requests share an answer, the share of errors.
VARIANTS = [
    (8, False, False, 0.0), (1, False, False, 0.0), (64, False, False, 0.0), (8, True, False, 0.05),
    (64, True, True, 0.0), (8, True, True, 0.05), (64, False, False, 0.05), (1, True, False, 0.0),
]


def inputs(slots, repeats):
    count = {1: 40, 8: 400}.get(slots, 2500)
    return [f"prompt {number % (count // 3) if repeats else number}" for number in range(count)]


def kill_at_random(trial, rng):
    """Runs the command and kills it at some instant. Returns whether it ended by itself."""
    came = trial.server.watch(rng.randint(1, 3 * trial.slots + 10))
    process = trial.start()
    if rng.random() < 0.3:
        # Anywhere, the opening and the ending of the journal among it.
        time.sleep(rng.uniform(0, 0.25))
    else:
        # While answers come in and are committed.
        while process.poll() is None and not came.wait(0.02):
            pass
        time.sleep(rng.choice([0, rng.uniform(0, 0.003), rng.uniform(0, 0.05)]))
    process.kill()
    status, errors = run_to_end(process)
    if status == -9:
        return False
    require(status == 0, f"a run ended with {status}: {errors}")
    return True


def kill_loop(kills, seed):
    rng = random.Random(seed)
    server = AnsweringServer(seed)
    done = jobs = items = beyond = answers = 0
    began = time.monotonic()
    while done < kills:
        slots, repeats, dedupe, errors = VARIANTS[jobs % len(VARIANTS)]
        server.error_share = errors
        trial = Trial(server, inputs(slots, repeats), slots, dedupe)
        ended = False
        while not ended and done < kills:
            ended = kill_at_random(trial, rng)
            if not ended:
                trial.kills += 1
                done += 1
                trial.look()
        if not ended:
            status, errors = run_to_end(trial.start())
            require(status == 0, f"the last run ended with {status}: {errors}")
        trial.check_end()
        jobs += 1
        items += len(trial.items)
        beyond += trial.beyond
        answers += len(trial.known)
        print(
            f"{slots:3} slots{', repeats' if repeats else ''}{', dedupe' if dedupe else ''}: {trial.kills} kills, "
            f"{len(trial.items)} items, {server.answers.total()} answers bought, {len(trial.known)} in the journal, "
            f"{trial.beyond} beyond need (allowed: {trial.kills * slots})", flush=True)
        trial.remove()
    print(
        f"{done} kills in {jobs} jobs of {items} items, {time.monotonic() - began:.0f} s: no answer of a journal lost or "
        f"changed, each item once and in order; {beyond} answers bought beyond need")


def main():
    parser = argparse.ArgumentParser(prog="scripts/kill-loop")
    parser.add_argument("kills", type=int, nargs="?", default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--enumerate", action="store_true", help="kill and fail at each system call instead")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    try:
        if options.enumerate:
            from crash_points import enumerate_all

            enumerate_all(options.seed)
        else:
            kill_loop(options.kills, options.seed)
    except Broken as broken:
        sys.exit(f"BROKEN: {broken}")


main()
