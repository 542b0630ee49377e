"""Compares jobrun with aiohttp and wrk against one server process, in one go.

Started by scripts/bench, which builds and installs what is missing. Every client is a process of its own; its CPU
time and its peak memory are those of the whole process, start-up included, as wait4 gives them. The exit status is
not zero if a client failed or its count does not match the server's.
"""

import argparse
import json
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from collections import namedtuple
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
JOBRUN = ROOT / ".build/release/jobrun"
PYTHON = ROOT / ".venv-bench/bin/python"

Scenario = namedtuple("Scenario", "name delay_ms connections")
SCENARIOS = [Scenario("zero latency", 0, 64), Scenario("100 ms latency", 100, 1000)]
# The same text of 200 pieces, streamed in so many writes of the server that are so many milliseconds apart, against one
# piece that comes when the stream's last write would. `o`: with OpenAI's obfuscation.
PIECES = 200
Stream = namedtuple("Stream", "writes gap mark")
STREAMS = [
    Stream(1, 0, ""), Stream(1, 0, "o"), Stream(10, 1, ""), Stream(10, 100, ""), Stream(200, 0, ""), Stream(200, 1, ""),
    Stream(200, 10, ""),
]  # fmt: skip
STREAM_CONNECTIONS = 64
Report = namedtuple("Report", "requests connections first_byte_ns cpu_us")
Run = namedtuple("Run", "items cpu_us rate makespan memory_mib server_busy")
StreamCost = namedtuple("StreamCost", "cpu kernel")
Cost = namedtuple("Cost", "start_ns duration_ns user_us system_us memory_kib")


def streamed(stream):
    """The server's port for a stream."""
    return f"0:{PIECES}/{stream.writes}/{stream.gap}{stream.mark}"


def unstreamed(stream):
    """The server's port for the same text in one piece."""
    return f"{(stream.writes - 1) * stream.gap}:{PIECES}/0/0"


class Failure(Exception):
    """A client failed, or the numbers do not fit together."""


class Server:
    """The server process; each delay has a port of its own, and so has each form of a stream."""

    def __init__(self, program, delays):
        self.process = subprocess.Popen(
            [program, *map(str, delays)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.delays = delays
        self.ports = [int(port) for port in self.process.stdout.readline().split()]

    def url(self, delay):
        return f"http://127.0.0.1:{self.ports[self.delays.index(delay)]}/v1"

    def report(self, delay):
        """What came to this delay's port since the last report of any."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        numbers = [int(number) for number in self.process.stdout.readline().split()]
        index = self.delays.index(delay) * 4
        return Report(*numbers[index : index + 4])

    def stop(self):
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.wait()


class Bench:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        for name in ("server", "measure"):
            subprocess.run(["cc", "-O2", "-o", folder / name, HERE / f"{name}.c"], check=True)
        ports = sorted({scenario.delay_ms for scenario in SCENARIOS})
        if options.stream or options.all:
            ports += sorted({unstreamed(stream) for stream in STREAMS}) + [streamed(stream) for stream in STREAMS]
        self.server = Server(folder / "server", ports)
        self.runs = 0

    def measure(self, name, command):
        """Runs a command; gives its cost and what it printed."""
        environment = dict(os.environ, OPENAI_API_KEY="sk-bench")
        result = subprocess.run(
            [self.folder / "measure", self.folder / "cost", *command],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        if result.returncode != 0:
            raise Failure(f"{name} failed with status {result.returncode}:\n{result.stdout[-2000:]}")
        return Cost(*map(int, (self.folder / "cost").read_text().split())), result.stdout

    def items(self, count, line_bytes=0):
        """A file of so many items; with `line_bytes`, every line has that size."""
        path = self.folder / f"items-{count}-{line_bytes}.jsonl"
        if not path.exists():
            with open(path, "w") as file:
                for number in range(1, count + 1):
                    text = f"Sentence number {number}, to be translated as it stands."
                    line = json.dumps({"id": number, "text": text})
                    if line_bytes:
                        line = json.dumps({"id": number, "text": text + " " * (line_bytes - 1 - len(line))})
                    file.write(line + "\n")
        return path

    def output(self):
        self.runs += 1
        return self.folder / f"output-{self.runs}.jsonl"

    def jobrun(self, scenario, count, line_bytes=0, stream=False):
        """Runs all items through jobrun's whole pipeline; gives the cost and the server's report."""
        folder = self.folder / "job"
        folder.mkdir(exist_ok=True)
        job = (HERE / "job.lua").read_text()
        (folder / "job.lua").write_text(job.replace("\nreturn {", "\nreturn {\n  stream = true,") if stream else job)
        output = self.output()
        command = [
            JOBRUN, "run", folder / "job.lua", "--base-url", self.server.url(scenario.delay_ms),
            "--concurrency", str(scenario.connections), "--input", self.items(count, line_bytes),
            "--output", output, "--progress", "none", "-q",
        ]  # fmt: skip
        return self.counted("jobrun", command, scenario, count, output)

    def aiohttp(self, scenario, count):
        output = self.output()
        command = [
            PYTHON, HERE / "aiohttp_client.py", self.server.url(scenario.delay_ms), self.items(count), output,
            str(scenario.connections),
        ]  # fmt: skip
        return self.counted("aiohttp", command, scenario, count, output)

    def counted(self, name, command, scenario, count, output):
        self.server.report(scenario.delay_ms)
        cost, _ = self.measure(name, command)
        report = self.server.report(scenario.delay_ms)
        with open(output, "rb") as file:
            rows = sum(1 for _ in file)
        for path in self.folder.glob(output.name + "*"):
            path.unlink()
        if report.requests != count or rows != count:
            raise Failure(f"{name}: {count} items, but {report.requests} requests at the server and {rows} rows")
        return count, cost, report

    def wrk(self, scenario, count):
        """wrk runs for a time, not for a count: a fixed one, whatever the number of items."""
        seconds = 2 if self.options.quick else 5
        command = [
            "wrk", "-t1", f"-c{scenario.connections}", f"-d{seconds}", "--timeout", "10s", "-s", HERE / "hooks.lua",
            self.server.url(scenario.delay_ms) + "/chat/completions",
        ]  # fmt: skip
        self.server.report(scenario.delay_ms)
        cost, text = self.measure("wrk", command)
        report = self.server.report(scenario.delay_ms)
        answered, failed = map(int, re.search(r"wrk: (\d+) requests, (\d+) failed", text).groups())
        # What was in flight at the end reached the server, but counts for nobody.
        if failed or not answered <= report.requests <= answered + scenario.connections:
            raise Failure(f"wrk: {answered} answers, {failed} failed, but {report.requests} requests at the server")
        return answered, cost, report

    def compare(self, scenario):
        """Runs the clients in turn, several times, because machines are noisy; prints medians."""
        print(f"\n{scenario.name}, {scenario.connections} connections, medians of {self.options.rounds} rounds")
        print(f"{'client':8} {'items':>8} {'CPU µs/item':>12} {'items/s':>9} {'peak MiB':>9} ", end="")
        print(f"{'makespan/ideal':>15} " if scenario.delay_ms else "", f"{'server busy':>11}", sep="")
        rounds = [{name: self.run(name, scenario) for name in self.options.only} for _ in range(self.options.rounds)]
        for name in self.options.only:
            row = Run(*map(statistics.median, zip(*(results[name] for results in rounds))))
            print(f"{name:8} {row.items:8.0f} {row.cpu_us:12.1f} {row.rate:9.0f} {row.memory_mib:9.1f} ", end="")
            if scenario.delay_ms:
                print(f"{row.makespan / (row.items * scenario.delay_ms / 1000 / scenario.connections):15.2f} ", end="")
            print(f"{row.server_busy:11.0%}", flush=True)
        for peer in ("aiohttp", "wrk"):
            if {"jobrun", peer} <= set(self.options.only):
                cpu = statistics.median(results["jobrun"].cpu_us / results[peer].cpu_us for results in rounds)
                rate = statistics.median(results["jobrun"].rate / results[peer].rate for results in rounds)
                print(f"jobrun/{peer}: CPU per item {cpu:.2f}, items per second {rate:.2f}")

    def run(self, name, scenario):
        count, cost, report = getattr(self, name)(scenario, self.options.items)
        seconds = cost.duration_ns / 1e9
        return Run(
            items=count, cpu_us=(cost.user_us + cost.system_us) / count, rate=count / seconds, makespan=seconds,
            memory_mib=cost.memory_kib / 1024, server_busy=report.cpu_us / 1e6 / seconds,
        )  # fmt: skip

    def stream(self):
        """Streams, each in turn with the same text in one piece after the same time."""
        print(f"\nstreams of {PIECES} pieces, {STREAM_CONNECTIONS} connections, medians of {self.options.rounds} rounds")
        print(f"{'writes of the server':28} {'items':>6} {'CPU µs/item':>12} {'of it kernel':>12} {'unstreamed':>11} {'ratio':>6}")
        for stream in STREAMS:
            last = (stream.writes - 1) * stream.gap
            count = min(self.options.items, 20_000 if last < 100 else 5_000 if last < 500 else 640)
            rounds = []
            for _ in range(self.options.rounds):
                whole = self.stream_cost(unstreamed(stream), count, stream=False)
                rounds.append((whole, self.stream_cost(streamed(stream), count, stream=True)))
            whole, cpu, kernel = map(statistics.median, zip(*((a.cpu, b.cpu, b.kernel) for a, b in rounds)))
            ratio = statistics.median(own.cpu / whole.cpu for whole, own in rounds)
            name = f"{stream.writes}, {stream.gap} ms apart" if stream.writes > 1 else "1"
            name += ", obfuscated" if stream.mark else ""
            print(f"{name:28} {count:6} {cpu:12.1f} {kernel:12.1f} {whole:11.1f} {ratio:6.2f}", flush=True)

    def stream_cost(self, port, count, stream):
        """CPU time of an item, and the kernel's part of it, in µs."""
        _, cost, _ = self.jobrun(Scenario(port, port, STREAM_CONNECTIONS), count, stream=stream)
        return StreamCost((cost.user_us + cost.system_us) / count, cost.system_us / count)

    def memory(self):
        count = self.options.items * 10
        _, cost, _ = self.jobrun(SCENARIOS[0], count, line_bytes=100)
        print(f"\nmemory: {count} items of 100 bytes, {SCENARIOS[0].connections} connections")
        print(f"peak {cost.memory_kib / 1024:.1f} MiB, {cost.duration_ns / 1e9:.1f} s")

    def startup(self, times=20):
        version, first = [], []
        for _ in range(times):
            cost, _ = self.measure("jobrun", [JOBRUN, "--version"])
            version.append(cost.duration_ns / 1e6)
            _, cost, report = self.jobrun(SCENARIOS[0], 1)
            first.append((report.first_byte_ns - cost.start_ns) / 1e6)
        print(f"\nstart-up, median of {times}")
        print(f"jobrun --version {statistics.median(version):.1f} ms")
        print(f"first request on the wire {statistics.median(first):.1f} ms")


def parse_arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.split("\n")[0])
    parser.add_argument("--items", type=int, help="items of each run (100000; --memory takes ten times as many)")
    parser.add_argument("--rounds", type=int, default=3, help="times each client runs, in turn with the others (3)")
    parser.add_argument("--quick", action="store_true", help="a tenth of the items, wrk for 2 s: a trial, not a result")
    parser.add_argument("--only", default="jobrun,aiohttp,wrk", help="clients, separated by commas")
    parser.add_argument("--memory", action="store_true", help="instead: peak memory of jobrun with many items")
    parser.add_argument("--stream", action="store_true", help="instead: streams against the same text unstreamed")
    parser.add_argument("--startup", action="store_true", help="instead: time to start, time to the first request")
    parser.add_argument("--all", action="store_true", help="everything")
    options = parser.parse_args()
    options.items = options.items or (10_000 if options.quick else 100_000)
    options.only = options.only.split(",")
    unknown = set(options.only) - {"jobrun", "aiohttp", "wrk"}
    if unknown:
        parser.error(f"no client {', '.join(sorted(unknown))}: choose from jobrun, aiohttp, wrk")
    return options


def main():
    options = parse_arguments()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(f"{os.cpu_count()} cores, {platform.system()} {platform.release()}, {options.items} items")
    with tempfile.TemporaryDirectory(prefix="jobrun-bench-") as folder:
        bench = Bench(options, Path(folder))
        try:
            if options.all or not (options.memory or options.startup or options.stream):
                for scenario in SCENARIOS:
                    bench.compare(scenario)
            if options.all or options.stream:
                bench.stream()
            if options.all or options.memory:
                bench.memory()
            if options.all or options.startup:
                bench.startup()
        except Failure as failure:
            sys.exit(f"scripts/bench: {failure}")
        finally:
            bench.server.stop()


main()
