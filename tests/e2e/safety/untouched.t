#!/bin/bash
# What a process never touched is not made for it by our reading: the kernel would map
# pages of zeros, or read them back from swap. jemalloc's root, 2 MiB in its bss (256 KiB
# where it was built for addresses of 48 bits, as Debian 13's), is read to find its
# records, and a process uses some words of it.
. "${0%/*}/../lib.sh"

# present: pages in memory, or of zeros, of the bss behind the data of libjemalloc;
# bit 63 of an entry (proc_pid_pagemap(5)).
present() {
	perl -e '
		open my $maps, "<", "/proc/$ARGV[0]/maps" or die "maps: $!";
		while (<$maps>) {
			my ($from, $to) = /^(\w+)-(\w+) rw/;
			last if $ours && $from && / 00:00 0\s*$/ && $from eq $end;
			$ours ||= /libjemalloc/;
			$end = (split /[- ]/)[1];
		}
		my ($first, $last) = map { hex() / 4096 } /^(\w+)-(\w+)/;
		open my $pagemap, "<:raw", "/proc/$ARGV[0]/pagemap" or die "pagemap: $!";
		seek $pagemap, $first * 8, 0;
		read $pagemap, my $entries, ($last - $first) * 8;
		print scalar(grep { $_ >> 63 } unpack "Q*", $entries), " ", $last - $first' \
		"$1"
}

MALLOC_CONF=prof:true start_victim leaker
tell leak 1000 100
undisturbed_before "$V_PID"
read -r before pages < <(present "$V_PID")
between "$pages" 64 4096 'the bss has the root'
run heapsnap -p "$V_PID" -n 1 --no-save -f json
is $status 0 'a snapshot' || diag "$err"
is "$(jq '.. | objects | select(has("parts")) | .parts.metadata > 0' <<<"$out" |
	head -n 1)" true 'with what jemalloc has for itself'
read -r after _ < <(present "$V_PID")
between "$after" "$before" $((before + 8)) 'no page came into being'
assert_undisturbed "$V_PID"
stop_victim
done_testing
