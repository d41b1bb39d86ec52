"""run.py PEER bulk DATASET FILE OUT        cleans one file, as a whole process
run.py PEER tick OUT REPEAT DATASET=FILE…   cleans a tick's files again and again, prints the median in ms"""
import importlib
import statistics
import sys
import time

peer, mode, *rest = sys.argv[1:]
clean = importlib.import_module(f"{peer}_clean").clean
if mode == "bulk":
    dataset, source, out = rest
    clean(dataset, source, f"{out}/silver.csv", f"{out}/rejected.jsonl")
else:
    out, repeat, *files = rest
    times = []
    for _ in range(int(repeat)):
        start = time.perf_counter()
        for pair in files:
            dataset, source = pair.split("=", 1)
            clean(dataset, source, f"{out}/silver.csv", f"{out}/rejected.jsonl")
        times.append((time.perf_counter() - start) * 1000)
    print(statistics.median(times))
