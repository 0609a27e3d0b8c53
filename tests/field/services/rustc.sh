# shellcheck shell=bash disable=SC2034
PACKAGES='rustc'
HOW='compiling 6,000 functions, again and again'
start() {
	awk 'BEGIN { for (i = 0; i < 6000; i++)
		printf "pub fn f%d(v: &[u64]) -> Vec<String> { v.iter().map(" \
			"|x| format!(\"{} %d\", x * %d)).collect() }\n", i, i, i }' \
		>"$DIR/lib.rs"
	cat >"$DIR/again" <<'END'
#!/bin/sh
# One compiler after the other would be one process after the other.
exec /usr/bin/rustc --crate-type lib -C opt-level=2 \
	-C codegen-units=1 --emit obj -o "$1/lib.o" "$1/lib.rs"
END
	chmod +x "$DIR/again"
	serve "$DIR/again" "$DIR"
	wait_for grep -q librustc_driver "/proc/$PID/maps"
}
load() {
	:
}
errors() {
	grep -c '^error' "$DIR/service.out"
}
