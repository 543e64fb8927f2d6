"""Decides by aurelio's semantic-router, embedding left out.

usage: aurelio.py FOLDER

The folder holds entries.json, entries.f32 and prompts.f32 as go run ./bench
writes them. After a first line that names the version, every line read is a
number of prompts to decide; the answer is a line of JSON with the median time
of one decision. It ends with its input.

Vectors are looked up instead of made, in the form that the library's encoders
give them: lists of floats. Decisions are awaited inside one event loop, which
spares the library the two thread switches of its synchronous call.
"""

import asyncio
import json
import pathlib
import statistics
import sys
import time

import numpy as np
import semantic_router
from semantic_router import IndexedRouter, Route
from semantic_router.encoders import DenseEncoder


class Given(DenseEncoder):
    """An encoder that knows the vectors of all texts."""

    vectors: dict

    def __call__(self, docs):
        return [self.vectors[text] for text in docs]

    async def acall(self, docs):
        return self(docs)


def load(folder: pathlib.Path):
    about = json.loads((folder / "entries.json").read_text())
    dimension = about["dimension"]

    def vectors(name):
        return np.fromfile(folder / name, dtype="<f4").reshape(-1, dimension).tolist()

    known = dict(zip(about["utterances"], vectors("entries.f32")))
    known.update(zip(about["prompts"], vectors("prompts.f32")))
    by_route: dict[str, list[str]] = {}
    for route, utterance in zip(about["routes"], about["utterances"]):
        by_route.setdefault(route, []).append(utterance)
    routes = [Route(name=name, utterances=texts) for name, texts in by_route.items()]
    return IndexedRouter(encoder=Given(name="given", vectors=known), routes=routes), about["prompts"]


async def decide(router, prompts) -> float:
    took = []
    for prompt in prompts:
        start = time.perf_counter_ns()
        await router.acall(prompt)
        took.append(time.perf_counter_ns() - start)
    return statistics.median(took) / 1000


def answer(**fields) -> None:
    print(json.dumps(fields), flush=True)


def main() -> None:
    router, prompts = load(pathlib.Path(sys.argv[1]))
    answer(version=f"semantic-router {semantic_router.__version__}")
    at = 0
    for line in sys.stdin:
        count = int(line)
        chosen = [prompts[(at + i) % len(prompts)] for i in range(count)]
        at += count
        answer(p50_us=asyncio.run(decide(router, chosen)))


if __name__ == "__main__":
    main()
