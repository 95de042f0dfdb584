"""The side of a child process, as in ../children/serve.ts: requests come as lines of JSON, answers go as such."""
import gc
import json
import os
import sys
import time


def resident():
    """Bytes of this process in real memory."""
    try:
        with open('/proc/self/statm') as file:
            return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')
    except OSError:
        import resource
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == 'darwin' else 1024)


def serve(tasks):
    """Answers until there are no more requests. `tasks` makes each ready, by name: a function to call, or (function, note)."""
    call, note, key = None, None, None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if key != (request['task'], request['settings']):
                call = key = None
                gc.collect()
                if request['task'] not in tasks:
                    answer(missing=f"has no '{request['task']}'")
                    continue
                made = tasks[request['task']](**request['settings'])
                call, note = made if isinstance(made, tuple) else (made, None)
                key = (request['task'], request['settings'])
            began = time.perf_counter()
            for _ in range(request['calls']):
                call()
            took = 1000 * (time.perf_counter() - began)
            answer(milliseconds=took, resident=resident(), **({'note': note()} if note else {}))
        except Exception as error:
            answer(error=f'{type(error).__name__}: {error}'.split('\n')[0])


def refuse(reason):
    """Answers every request with why it cannot be done."""
    for _ in sys.stdin:
        answer(missing=reason)


def answer(**line):
    print(json.dumps(line), flush=True)
