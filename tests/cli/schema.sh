# The schema takes the shipped configs and refuses a few broken ones.
nightmill schema >schema.json || exit
cat >judge.py <<'END'
import copy, glob, json, os, jsonschema, yaml
schema = json.load(open("schema.json"))
jsonschema.Draft202012Validator.check_schema(schema)
judge = jsonschema.Draft202012Validator(schema)
for path in sorted(glob.glob(os.environ["ROOT"] + "/configs/*.yaml")):
    config = yaml.safe_load(open(path))
    found = ["%s: %s" % ("/".join(map(str, e.path)), e.message) for e in judge.iter_errors(config)]
    print(os.path.basename(path), "; ".join(found) or "fits")

def broken(what, change):
    config = yaml.safe_load(open(os.environ["ROOT"] + "/configs/thumbnails.yaml"))
    change(config)
    print(what, "fits" if judge.is_valid(config) else "refused")

size = lambda config: config["stages"][0]["thumbnail"]["sizes"][0]
broken("unknown option:", lambda c: c.update(colour="red"))
broken("no stages:", lambda c: c.pop("stages"))
broken("width as a word:", lambda c: size(c).update(width="wide"))
broken("width of nothing:", lambda c: size(c).update(width=0))
broken("unknown fit:", lambda c: size(c).update(fit="stretch"))
broken("two executors:", lambda c: c["executor"].update(threads={}))
broken("unknown stage:", lambda c: c["stages"].append({"thumbnial": {}}))
END
"$PYTHON" judge.py
