"""run.py PEER bulk DATASET FILE OUT        cleans one file, as a whole process
run.py PEER tick OUT REPEAT DATASET=FILE…   cleans a tick's files again and again, prints the median in ms
run.py PEER gold WAY LAKE WORK TICKS        takes in the silver of LAKE, then WORK/ticks/<n>/{orders,customers}.csv of each
                                            tick; leaves gold in WORK/gold and prints the milliseconds of each tick (JSON)
run.py PEER retail BRONZE OUT DAY…          makes these days of the stores of BRONZE, and the metrics of all that were made"""
import importlib
import json
import statistics
import sys
import time

peer, mode, *rest = sys.argv[1:]
module = importlib.import_module(f"{peer}_{mode}" if mode in ("gold", "retail") else f"{peer}_clean")
if mode == "bulk":
    dataset, source, out = rest
    module.clean(dataset, source, f"{out}/silver.csv", f"{out}/rejected.jsonl")
elif mode == "tick":
    out, repeat, *files = rest
    times = []
    for _ in range(int(repeat)):
        start = time.perf_counter()
        for pair in files:
            dataset, source = pair.split("=", 1)
            module.clean(dataset, source, f"{out}/silver.csv", f"{out}/rejected.jsonl")
        times.append((time.perf_counter() - start) * 1000)
    print(statistics.median(times))
elif mode == "retail":
    bronze, out, *days = rest
    module.run(bronze, out, days)
else:
    way, lake, work, ticks = rest
    gold = module.Gold(lake, way, work)
    times = []
    for tick in range(int(ticks)):
        start = time.perf_counter()
        folder = f"{work}/ticks/{tick}"
        gold.tick(f"{folder}/orders.csv", f"{folder}/customers.csv", f"{work}/gold")
        times.append((time.perf_counter() - start) * 1000)
    print(json.dumps(times))
