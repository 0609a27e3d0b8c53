#!/bin/bash
# The JSON of every command is as docs/heapsnap-1.schema.json has it, which
# knows no key that is not written and misses none that is; the same for files
# whose facts are not known.
. "${0%/*}/../lib.sh"

data=$ROOT/tests/data
cd "$TMP" || exit 1

names=()

# valid NAME ARGUMENT...: the JSON of this command line is valid.
valid() {
	heapsnap "${@:2}" -f json >"report.${#names[@]}" 2>/dev/null
	names+=("$1")
}

# A line for each of report.0 and so on: what is wrong with it.
validate() {
	python3 - "$ROOT/docs/heapsnap-1.schema.json" "${#names[@]}" <<-'END'
		import json, jsonschema, sys
		schema = json.load(open(sys.argv[1]))
		jsonschema.Draft7Validator.check_schema(schema)

		def check(report):
		    kinds = [d for d in schema["definitions"].values() if
		             d["properties"].get("kind") == {"const": report["kind"]}]
		    assert len(kinds) == 1, report["kind"]
		    # By its kind: an error of "none of several" says nothing.
		    jsonschema.validate(report, dict(
		        kinds[0], definitions=schema["definitions"]))
		    jsonschema.validate(report, schema)

		for i in range(int(sys.argv[2])):
		    try:
		        check(json.load(open("report.%d" % i)))
		        print()
		    except Exception as e:
		        where = list(getattr(e, "absolute_path", []))
		        print(type(e).__name__, where, getattr(e, "message", e))
	END
}

python3 -c 'import jsonschema' 2>/dev/null ||
	skip_all 'there is no jsonschema for python3'

valid 'a diff' diff "$data/searchd-before.heap" "$data/searchd-after.heap"
valid 'a diff without difference' diff "$data/searchd-after.heap" \
	"$data/searchd-after.heap"
valid 'a report' report "$data/searchd-after.heap"
valid 'a trend' diff "$data/searchd-before.heap" "$data/searchd-after.heap" \
	"$data/searchd-after.heap"
for by in function line file module thread; do
	valid "a diff by $by" diff "$data/searchd-before.heap" \
		"$data/searchd-after.heap" --by $by
done
for file in "$data"/jemalloc-*.heap; do
	valid "a report of ${file##*/}" report "$file"
done
valid 'what was allocated' report "$data/jemalloc-5.3.1-accum.heap" --alloc

# As another process of the service would have it.
sed 's/^# heapsnap pid .*/# heapsnap pid 25862/' "$data/searchd-after.heap" \
	>"$TMP/other.heap"
valid 'two as one' merge "$data/searchd-before.heap" "$TMP/other.heap"

MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim leaker
valid 'a snapshot' -p "$V_PID" -n 1 --no-save
valid 'two snapshots' -p "$V_PID" -i 0s --no-save
valid 'where the memory is' stats -p "$V_PID"
valid 'and what became more' stats -p "$V_PID" -i 0s --arenas
valid 'what is in the heap' inspect -p "$V_PID"
valid 'what came into it' inspect -p "$V_PID" -i 0s
valid 'what there is to look at' list
valid 'a check' check -p "$V_PID"
valid 'a check of each thread' check -p "$V_PID" -v
stop_victim

validate >wrong 2>wrong.err || fail "the schema can be used: $(cat wrong.err)"
mapfile -t wrong <wrong
for i in "${!names[@]}"; do
	is "${wrong[i]-not looked at}" '' "${names[i]}"
done
done_testing
