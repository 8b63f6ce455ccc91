"""`python -m benchmarks` lists the benchmarks; `python -m benchmarks NAME [--json FILE]` runs one."""

import argparse
import importlib
import os
import sys
from pathlib import Path

from benchmarks.report import write_json, write_table

NAMES = {
    "embedding": "pictures a second through the Celery pipeline, against a bare loop",
    "serving": "the similar endpoint and shelf, against a plain view and a plain page of 12 cards",
    "for_you": "an answer for a visitor folded in from last events: in process, and the endpoint against a plain view",
    "importing": "a data set folder (--folder) through the import and two workers, with kills on the way",
    "accuracy": "every strategy on real data sets, beside published figures; needs RECOMMENDER_DATA_DIR",
    "training": "fitting and ranking for all users, against the implicit library called directly",
    "exact_index": "one query of the exact vector index, against reading the matrix's float32 bytes once",
    "neighbours": "all products' nearest 200, against BLAS's product of the same matrices",
    "ann_index": "approximate vector indexes at recall .99, against hnswlib; with a filter that leaves 5 %",
    "index_growth": "building, memory, recall and time of each vector index with 1,000, 10,000 and 100,000 products",
    "photo_search": "search by photo, against decoding and inference alone",
    "freshness": "from a save until a new product stands in a shelf and is found by its photo",
    "web_process": "start and memory of one web process, with 10,000 products",
    "soak": "minutes of visitors at half of the peak, trainings beside them: faults, losses, latencies, memory",
    "foreign_files": "a folder (--folder) of hostile files through every image door of a running shop: answers, memory",
    "events": "events a second through the service, against a bare bulk insert",
}


def main(arguments: list[str]) -> int:
    """Run one benchmark and return its exit status."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="?", choices=sorted(NAMES), help="which one; without it they are listed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the result there")
    parser.add_argument("--quick", action="store_true", help="a small run that proves the benchmark, not its number")
    options, rest = parser.parse_known_args(arguments)
    if options.name is None:
        for name, what in NAMES.items():
            print(f"{name:12} {what}")
        return 0
    benchmark = importlib.import_module(f"benchmarks.{options.name}")
    own = argparse.ArgumentParser(prog=f"python -m benchmarks {options.name}")
    getattr(benchmark, "add_arguments", lambda _: None)(own)
    report = benchmark.run(quick=options.quick, **vars(own.parse_args(rest)))
    getattr(benchmark, "write_table", write_table)(report, sys.stdout)
    if options.json:
        write_json(report, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
