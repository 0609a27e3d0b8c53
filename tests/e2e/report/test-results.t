#!/bin/bash
# The formats for what runs tests: markdown below 2 KB, JUnit's XML and SARIF, both
# by their schemas; what is an error in them is what --fail-above does not allow.
# Names that were made to do harm do none.
. "${0%/*}/../lib.sh"

data=$ROOT/tests/data
before=$data/searchd-before.heap
after=$data/searchd-after.heap
leaver=$VICTIMS/leaver
export TMPDIR=$TMP
cd "$TMP" || exit 1

"$ROOT/tests/e2e/report/hostile_heap.sh" >hostile.heap
python3 - >many.heap <<'PY'
print("heap_v2/1\n  t*: 0: 0 [0: 0]")
for i in range(300):
    print("@ %#x 0x9001\n  t*: 1: %d [0: 0]\n  t0: 1: %d [0: 0]" % (
        0x1000 + i * 16, 1000 + i, 1000 + i))
print("\nMAPPED_LIBRARIES:\n00001000-0000a000 r-xp 00000000 fe:00 7 /srv/%s" %
      ("a`|" * 70))
PY

# --- junit -------------------------------------------------------------------

junit() {
	ok "$2: by the schema" xmllint --noout --schema \
		"$data/schemas/junit.xsd" "$1"
}
# xpath FILE EXPRESSION
xpath() {
	xmllint --xpath "$2" "$1"
}

run heapsnap diff "$before" "$after" -o growth.xml
is "$status$err" 0 'junit: .xml is the format'
junit growth.xml 'junit of a diff'
is "$(xpath growth.xml 'string(//testcase[1]/@name)')" search::Cache::put \
	'junit: a test for each stack that grew'
is "$(xpath growth.xml 'count(//testcase) = count(//failure)')" true \
	'junit: without a limit each failed'
like "$(xpath growth.xml 'string(//testcase[1]/failure)')" \
	$'\nsearch::Cache::put  /srv/searchd/src/cache/cache.cc:214\n' \
	'junit: with its stack'
run heapsnap diff "$before" "$after" --fail-above 1G -o allowed.xml
is "$status" 0 'junit: a limit that is kept'
junit allowed.xml 'junit within a limit'
is "$(xpath allowed.xml 'count(//testcase) > 0')" true 'junit: has tests'
is "$(xpath allowed.xml 'concat(count(//failure), " ",
	//testsuites/@failures)')" '0 0' 'junit: none of them failed'
run heapsnap diff "$before" "$after" --fail-above 1M -o above.xml
is "$status" 1 'junit: a limit that is not'
is "$(xpath above.xml 'count(//failure) = number(//testsuites/@failures)')" \
	true 'junit: they failed, and are counted'
run heapsnap diff "$after" "$after" --fail-above 1M -f junit
is "$status" 0 'junit: what stayed'
echo "$out" >same.xml
junit same.xml 'junit of what stayed'
is "$(xpath same.xml 'string(//testcase/@name)')" 'nothing grew for sure' \
	'junit: one test that passed'
heapsnap report -q hostile.heap -f junit >hostile.xml
junit hostile.xml 'junit of hostile names'
is "$(xpath hostile.xml 'count(//testcase)')" 10 'junit: names break nothing'

# --- sarif -------------------------------------------------------------------

sarif() {
	ok "$2: by the schema" python3 -c 'import json, jsonschema, sys
schema = json.load(open(sys.argv[1]))
jsonschema.Draft4Validator(schema).validate(json.load(open(sys.argv[2])))' \
		"$data/schemas/sarif-2.1.0-rtm.5.json" "$1"
}

run heapsnap diff "$before" "$after" -o growth.sarif
is "$status$err" 0 'sarif: .sarif is the format'
sarif growth.sarif 'sarif of a diff'
is "$(jq -c '.runs[0].results[0] | [.level, .message.text,
	(.locations[0].physicalLocation |
		.artifactLocation.uri, .region.startLine)]' growth.sarif)" \
	'["warning","search::Cache::put: +169.7 ± 10.6 MiB in +43,433 objects","file:///srv/searchd/src/cache/cache.cc",214]' \
	'sarif: where, how much'
heapsnap diff "$before" "$after" -f json >growth.json
is "$(jq '.runs[0].results[0].stacks[0].frames | length' growth.sarif)" \
	"$(jq '.stacks[0].frames | length' growth.json)" 'sarif: the whole stack'
is "$(jq '.runs[0].results[0].properties.bytes' growth.sarif)" \
	"$(jq '.stacks[0].bytes' growth.json)" 'sarif: exact numbers'
like "$(cat growth.sarif)" 'file:///usr/include/c%2B%2B/12' 'sarif: file names are URIs'
heapsnap diff "$before" "$after" --fail-above 1G -o allowed.sarif.json
sarif allowed.sarif.json 'sarif within a limit'
is "$(jq -r '[.runs[0].results[].level] | unique[]' allowed.sarif.json)" note \
	'sarif: what is allowed is a note'
run heapsnap diff "$before" "$after" --fail-above 1M -o above.sarif
is "$status $(jq -r '[.runs[0].results[].level] | unique[]' above.sarif)" \
	'1 error' 'sarif: what is not is an error'
heapsnap diff "$after" "$after" -f sarif >same.sarif
sarif same.sarif 'sarif of what stayed'
is "$(jq '.runs[0].results | length' same.sarif)" 0 'sarif: no result'
heapsnap report -q hostile.heap -f sarif >hostile.sarif
sarif hostile.sarif 'sarif of hostile names'
is "$(jq '.runs[0].results | length' hostile.sarif)" 10 \
	'sarif: names break nothing'

# --- markdown ----------------------------------------------------------------

# markdown FILE NAME: it is below 2 KB, and each row of its table has two cells
# in which all that is from outside is code.
markdown() {
	ok "$2: short, and its table is one" python3 - "$1" <<'PY'
import re, sys
data = open(sys.argv[1], "rb").read()
assert len(data) < 2048, len(data)
text = data.decode()
rows = [l for l in text.split("\n") if l.startswith("|")]
assert len(rows) > 2, text
for row in rows:
    cells = re.split(r"(?<!\\)\|", row)[1:-1]
    assert len(cells) == 2, row
for row in rows[2:]:
    stack = re.split(r"(?<!\\)\|", row)[2].strip()
    for code in stack.split(" ← "):
        fence = re.match("`+", code).group()
        inner = code[len(fence):-len(fence)]
        assert code.endswith(fence), code
        assert fence not in re.findall("`+", inner), code
PY
}

run heapsnap diff "$before" "$after" -o growth.md
is "$status$err" 0 'markdown: .md is the format'
markdown growth.md 'markdown of a diff'
is "$(head -5 growth.md)" "\`heap growth of searchd (pid 25861) on web3 in 10.0 s: \
+178.6 MiB ± 11.6 MiB, +17.9 MiB/s; 90% of the growth from search::Cache::put \
(cache.cc:214)\`

| growth | stack |
|--:|:--|
| +169.7 ± 10.6 MiB in +43,433 objects | \`search::Cache::put cache.cc:214\` ← \
\`search::Session::query session.cc:88\` ← \
\`search::Server::handle_keepalive keepalive_handler.cc:1033\` |" \
	'markdown: a sentence and a table'
run heapsnap diff "$before" "$after" -f markdown --fail-above 1M
like "$out" $'\n\\*\\*Above the limit\\*\\*: `significant growth of .* is above 1M`\n' \
	'markdown: above a limit'
run heapsnap diff "$before" "$after" -f markdown --fail-above 1G
like "$out" $'\nWithin the limit\\.\n' 'markdown: within it'
run heapsnap diff "$after" "$after" -f markdown
like "$out" $'\nnothing grew for sure$' 'markdown: what stayed'
heapsnap report -q many.heap -o many.md
markdown many.md 'markdown of many stacks'
like "$(cat many.md)" $'\n[0-9]+ more stacks: [0-9.]+ KiB\n' \
	'markdown: how many are not shown'
heapsnap report -q hostile.heap -o hostile.md
markdown hostile.md 'markdown of hostile names'
is "$(tr -d '\n' <hostile.md | LC_ALL=C.UTF-8 grep -c '[[:cntrl:]]')" 0 \
	'markdown: nothing a terminal obeys'
run heapsnap diff "$before" "$after" -f markdown --top 1
is "$(grep -c '^| +' <<<"$out")" 1 'markdown: --top'

# --- what a program leaves ---------------------------------------------------

for format in xml sarif md; do
	run heapsnap run --fail-above 1K -o left.$format "$leaver" leak
	is "$status" 1 "run: $format, above the limit"
	run heapsnap run --fail-above 0 -o none.$format "$leaver"
	is "$status" 0 "run: $format, nothing is left"
done
junit left.xml 'junit of a run'
is "$(xpath left.xml 'string(//testcase/@name)')" leak_test 'junit: a leak'
like "$(xpath left.xml 'string(//failure/@message)')" \
	'^4\.0 MiB in 4,096 objects$' 'junit: how much'
junit none.xml 'junit of nothing'
is "$(xpath none.xml 'concat(//testsuites/@tests, " ", count(//failure))')" \
	'1 0' 'junit: a test that passed'
sarif left.sarif 'sarif of a run'
is "$(jq -r '.runs[0].results[0] | .level + " " + .message.text' left.sarif)" \
	'error leak_test: 4.0 MiB in 4,096 objects' 'sarif: a leak'
sarif none.sarif 'sarif of nothing'
markdown left.md 'markdown of a run'
like "$(cat none.md)" $'\nnothing is left$' 'markdown: nothing is left'
done_testing
