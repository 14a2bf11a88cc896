#!/usr/bin/python3
"""Checks the JSON Schema of `nightmill schema`: sound itself, takes every config that is shipped, refuses wrong ones.

usage: tests/schema_check.py [NIGHTMILL]"""

import copy
import glob
import json
import os
import subprocess
import sys

import jsonschema
import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

GOOD = """
name: good
source: { files: { roots: [in] } }
stages:
  - thumbnail:
      sizes: [{ name: small, width: 64, height: 64 }]
      to: "out/{name}-{size}.{ext}"
executor: { threads: { workers: 2 } }
"""


def first_size(config):
    return config["stages"][0]["thumbnail"]["sizes"][0]


# What is changed in GOOD, and whether that is still a config.
CHANGES = [
    ("nothing", lambda c: None, True),
    ("a bare word", lambda c: c.update(executor="sequential"), True),
    ("no options", lambda c: c.update(executor={"sequential": None}), True),
    ("a list of one", lambda c: c["source"]["files"].update(roots="in"), True),
    ("a duration", lambda c: c.update(max_time="1h30m"), True),
    ("a percentage", lambda c: c.update(on_error={"halt": "0.5%", "retries": 0}), True),
    ("a variable", lambda c: first_size(c).update(width="${WIDTH}"), True),
    ("a key of one's own", lambda c: c.update({"x-mine": [1]}), True),
    ("an unknown option", lambda c: c.update(colour="red"), False),
    ("no name", lambda c: c.pop("name"), False),
    ("no stages", lambda c: c.update(stages=[]), False),
    ("an unknown stage", lambda c: c["stages"].append({"thumbnial": {}}), False),
    ("two executors", lambda c: c["executor"].update(forked={}), False),
    ("a bare word that needs options", lambda c: c.update(source="files"), False),
    ("a width of nothing", lambda c: first_size(c).update(width=0), False),
    ("a width as a word", lambda c: first_size(c).update(width="wide"), False),
    ("an unknown fit", lambda c: first_size(c).update(fit="stretch"), False),
    ("a duration without a unit", lambda c: c.update(max_time="30 fortnights"), False),
    ("too many retries", lambda c: c.update(on_error={"retries": 101}), False),
]


def main():
    program = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else os.path.join(ROOT, "nightmill")
    schema = json.loads(subprocess.run([program, "schema"], check=True, capture_output=True).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    judge = jsonschema.Draft202012Validator(schema)
    failed = 0
    configs = sorted(glob.glob(os.path.join(ROOT, "configs", "*.yaml")))
    for path in configs:
        with open(path, encoding="utf-8") as file:
            config = yaml.safe_load(file)
        for error in judge.iter_errors(config):
            failed += 1
            where = ".".join(str(part) for part in error.path)
            print(f"{os.path.relpath(path, ROOT)}: {where}: {error.message}")
    for what, change, fits in CHANGES:
        config = copy.deepcopy(yaml.safe_load(GOOD))
        change(config)
        if judge.is_valid(config) != fits:
            failed += 1
            print(f"{what}: should be {'accepted' if fits else 'refused'}")
    print(f"{len(configs)} configs and {len(CHANGES)} changes checked, {failed} failed")
    return 1 if failed or not configs else 0


if __name__ == "__main__":
    sys.exit(main())
