"""Client programs as child processes whose output lines are events."""

import queue
import subprocess
import threading
import time

from support.wire import WAIT, Missing


class LineProcess:
    """A program whose output (stdout and stderr) is read line by line as it comes."""

    def __init__(self, *command, **options):
        self.command = [str(word) for word in command]
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **options,
        )
        self.lines, self.seen = queue.Queue(), []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.decode(errors="replace").rstrip("\n"))
        self.lines.put(None)

    def line_with(self, start, limit=WAIT):
        """The rest of the next line that begins with `start`; raises Missing."""
        deadline = time.monotonic() + limit
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise self.missing(start) from None
            if line is None:
                self.lines.put(None)  # it has ended: whoever asks again is not kept waiting
                raise self.missing(start)
            self.seen.append(line)
            if line.startswith(start):
                return line[len(start) :]

    def missing(self, start):
        return Missing(f"no line {start!r} from {self.command}; it said {self.seen}")

    def end(self, limit=WAIT):
        """The exit code, once the program has ended by itself."""
        return self.process.wait(limit)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()
