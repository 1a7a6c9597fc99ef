# Turn the output of the benchmarks into docs/performance.md.

/^Benchmark/ {
	sub(/^Benchmark/, "", $1)
	sub(/-[0-9]+$/, "", $1)
	for (i = 3; i < NF; i += 2) all[$1 ":" $(i + 1)] = all[$1 ":" $(i + 1)] " " $i
}

# v is the median of a metric over the runs, or "" if it was not measured.
function v(metric,    values, n, i, j, t) {
	n = split(all[metric], values, " ")
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && values[j] + 0 < values[j - 1] + 0; j--) {
			t = values[j]; values[j] = values[j - 1]; values[j - 1] = t
		}
	return n ? values[int((n + 1) / 2)] : ""
}

function num(x) { return x >= 1000 ? thousands(x) : x >= 100 ? sprintf("%.0f", x) : x >= 10 ? sprintf("%.1f", x) : sprintf("%.2f", x) }
function thousands(x) { return x >= 1000000 ? sprintf("%d,%03d,%03d", int(x / 1000000), int(x / 1000) % 1000, x % 1000) : x >= 1000 ? sprintf("%d,%03d", int(x / 1000), x % 1000) : sprintf("%d", x) }
function show(x, unit) { return x == "" ? "not measured" : unit == "" ? x : num(x) " " unit }
function peer(name, x, unit) { return name == "" || x == "" ? "not installed" : name ": " num(x) " " unit }
function ratio_of(r) { return r < 0.1 ? "1/" num(1 / r) : num(r) }
function per(x) { return x == "" ? "" : 1e9 / x }

# row prints ours, a peer's and the ratio of the two. limit is what ours must
# stay below, or above if it is negative; "" where there is no aim.
function row(what, x, unit, name, y, limit, aim, note,    met) {
	ratio = x == "" || y == "" || y == 0 ? "-" : ratio_of(x / y)
	met = limit == "" ? "-" : x == "" ? "not measured" : (limit < 0 ? x >= -limit : x <= limit) ? "yes" : "**no**"
	printf "| %s | %s | %s | %s | %s | %s |\n", what, show(x, unit), name == "-" ? "-" : peer(name, y, unit), ratio, aim == "" ? "-" : aim, met
	if (met == "**no**") misses = misses "- **" what "**: " (note == "" ? "no cause known; look at the load of the machine first." : note) "\n"
}

END {
	print "# Performance\n"
	print "Written by `make bench`, which measures everything below in one run; your figures will differ.\n"
	print "Machine: " cores " cores, " cpu "; " go "; " date "; load average " load "."
	print "Other work on the machine makes times longer and rates lower; the ratios, and processor time, suffer less.\n"
	print "| what | ours | beside it | ratio | aim | met? |"
	print "|---|---|---|---|---|---|"

	busy = "clients and daemons share the cores; on a machine that has other work to do its processor time is the figure to look at, or a ratio to what was measured beside it."

	s = v("NATS:start-ms")
	row("start to `hello`, empty store", v("Start:empty-hello-ms"), "ms", nats, s, 150, "< 150 ms")
	row("the same, 10,000 entries, after a stop", v("Start:existing-hello-ms"), "ms", nats, s, 150, "< 150 ms")
	row("the same, after `kill -9`", v("Start:killed-hello-ms"), "ms", nats, s, 150, "< 150 ms")
	row("the same, after `kill -9` of it and its peer", v("Start:peers-killed-hello-ms"), "ms", nats, s, 150, "< 150 ms")
	row("the same, 100,000 entries", v("Room:start-hello-ms"), "ms", nats, s, 150, "< 150 ms")
	row("start to ready for every request, 100,000 entries", v("Room:start-ready-ms"), "ms", "-", "", "", "")

	row("anonymous memory at rest, empty store", v("Room:rest-MB"), "MB", nats, v("NATS:rest-MB"), 60, "< 60 MB")
	row("the same, after 100,000 entries were written", v("Room:full-MB"), "MB", nats ", as many messages stored", v("NATS:full-MB"), 60, "< 60 MB")
	row("the same, started again with 100,000 entries", v("Room:restarted-MB"), "MB", "-", "", 60, "< 60 MB")
	row("its greatest while they were written", v("Room:peak-MB"), "MB", "-", "", "", "")

	row("connect, authenticate, reply, close (TCP, one process)", v("Request:tcp-oneshot-ms"), "ms", "-", "", 1, "< 1 ms")
	row("connect, reply, close (Unix socket, one process)", v("Request:socket-oneshot-ms"), "ms", "-", "", 1, "< 1 ms")
	row("`intercom expense balance`, the whole process", v("ClientProcess:process-ms"), "ms", "a Go program that does nothing", v("ClientProcess:bare-ms"), 10, "< 10 ms", busy)
	row("its processor time", v("ClientProcess:process-cpu-ms"), "ms", "-", "", "", "")
	row("its package initialization", v("ClientProcess:init-ms"), "ms", "-", "", 4, "< 4 ms")
	row("size of `intercom`, stripped", v("ClientProcess:size-MB"), "MB", "-", "", 10, "< 10 MB", \
		"`text/template` (`--template`) calls methods by name, so the linker must keep every exported method: 2.1 MB. The rest is mostly the runtime, gojq, and the CBOR and YAML codecs.")

	row("`ping` on an open connection, p50", v("Request:ping-us"), "us", nats " PING", v("NATS:ping-us"), 60, "< 60 us", busy)
	row("the same, p99", v("Request:ping-p99-us"), "us", "-", "", "", "")
	row("its processor time in the daemon", v("Request:ping-cpu-us"), "us", "-", "", "", "")
	row("the same p50, beside an echo inside one process", v("Request:ping-us"), "us", "WebSocket library alone", v("Request:echo-us"), "", "")

	size[1] = 1000; size[2] = 10000; size[3] = 100000
	for (n = 1; n <= 3; n++) {
		k = size[n]
		row("`expense balance` over the bridge, " thousands(k) " entries", v("Room:balance-" k "-ms"), "ms", ledger, v("Room:ledger-" k "-ms"), 1, "< 1 ms")
		if (n < 3) row("the same", v("Room:balance-" k "-ms"), "ms", hledger, v("Room:hledger-" k "-ms"), "", "")
	}
	size[1] = 10000; size[2] = 100000; size[3] = 1000000; aim[1] = ""; aim[2] = 0.3; aim[3] = 3
	for (n = 1; n <= 3; n++) {
		k = size[n]
		x = v("Cold:ours-" k "-cpu-s")
		row("balances of a file of " thousands(k) " entries, cold, processor time", x, "s", ledger, v("Cold:ledger-" k "-cpu-s"), aim[n], n > 1 ? "< " aim[n] " s" : "")
		row("the same", x, "s", "the plainest pass in Go, encoding/json", v("Cold:plain-" k "-cpu-s"), "", "")
		if (n < 3) row("the same", x, "s", hledger, v("Cold:hledger-" k "-cpu-s"), "", "")
		if (n < 3) row("the same", x, "s", beancount, v("Cold:beancount-" k "-cpu-s"), "", "")
		row("its greatest memory", v("Cold:ours-" k "-MB"), "MB", ledger, v("Cold:ledger-" k "-MB"), "", "")
	}
	size[1] = 0; size[2] = 10000; size[3] = 100000
	for (n = 1; n <= 3; n++) {
		k = size[n]
		f = v("Room:fsync-" k "-ms")
		row("`expense add` over the bridge, one at a time, at " thousands(k) " entries", v("Room:add-" k "-ms"), "ms", "4 kB and fsync", f, f + 2, "< 2 ms + fsync", \
			"0.9 to 1.3 ms of processor time in the daemon at any size, with twenty programs on two cores; the same runs took 1.0 to 1.4 ms. More is what else the machine did.")
	}
	f = v("Room:fsync-0-ms")
	row("append an event, synced, one at a time", per(v("Commit:ns/op")), "/s", "4 kB and fsync", f ? 1000 / f : "", -1000, ">= 1,000/s, idle disk", \
		"each costs an fsync and about 0.38 ms of processor time (a profile on a busy machine). The aim is for an idle disk and machine; there it has not been measured yet.")
	row("append events, 64 writers", per(v("CommitConcurrent:ns/op")), "/s", "-", "", -5000, ">= 5,000/s", \
		"one goroutine decides, signs and folds for all: 0.13 to 0.2 ms of processor time an event with twenty programs on two cores, of it 18% signing, 18% SHAKE128 for the hashes of the ids and rows (6 us for each id and each row that changes), 15% reading rows. Signing several events of one commit beside their fold was tried, and brought nothing that could be told from noise there.")
	row("append through the bridge, 128 requests at once", v("Room:fill-per-s"), "/s", nats ", not signed, not synced", v("NATS:stored-per-s"), "", "")
	row("its processor time in the daemon", v("Room:fill-cpu-us"), "us", "-", "", "", "")
	lines = "a request takes up to 500 lines, in one commit; the next lines are read while it is under way, but not sent, since a refused line keeps those after it away. The daemon needs 0.14 to 0.2 ms of processor time an entry, in one goroutine: 18% signing (40 us), 14% SHAKE128, 17% the fold, 9% reading the JSON, 6% dividing. A key costs some 0.1 ms more: two searches for who read the same row before, each over all levels of the store."
	row("`expense add --from -`, 20,000 lines", v("Lines:lines-per-s"), "/s", "-", "", -10000, ">= 10,000/s", lines)
	row("its processor time in the daemon", v("Lines:lines-cpu-us"), "us", "-", "", "", "")
	row("the same with keys", v("Lines:keyed-per-s"), "/s", "-", "", "", "")
	row("its processor time in the daemon", v("Lines:keyed-cpu-us"), "us", "-", "", "", "")

	row("take in and apply, in process", v("IngestExpense:events/s"), "/s", "-", "", -5000, ">= 5,000/s", \
		"see its processor time in the next row: where that is within its aim, the machine was busy with other work.")
	row("its processor time", v("IngestExpense:cpu-us/event"), "us", "-", "", 130, "<= 130 us")
	row("a late joiner fetches 20,000 entries", v("Replicate:join-per-s"), "/s", "-", "", -5000, ">= 5,000/s", \
		"see its processor time in the next row: where that is within its aim, the machine was busy with other work.")
	row("its processor time an entry", v("Replicate:join-cpu-us"), "us", "-", "", 130, "<= 130 us", \
		"95 to 153 us in four runs beside other work, more in the run of this page; of it 40% is storing and folding, 16% SHAKE128 for hashes, and 17% makes the original's message of each entry for a client that is connected and does not follow: the one that asks when all is there.")
	row("that of the one who serves it", v("Replicate:serve-cpu-us"), "us", "-", "", "", "")
	row("20,000 entries are there and applied after", v("Replicate:join-s"), "s", "-", "", "", "")
	row("announced live, while the other writes", v("Replicate:live-per-s"), "/s", "written at the same time", v("Replicate:live-written-per-s"), "", "")
	row("its processor time an entry", v("Replicate:live-cpu-us"), "us", "-", "", "", "")

	row("bytes on disk an entry, at 100,000", v("Room:disk-B"), "B", nats ", 300 B", v("NATS:disk-B"), 600, "<= 600 B", \
		"of 577 B at 100,000 (measured table by table at 20,000): the event 331 B, of that 286 its signature and its envelope without the 79 bytes that its key says, and 33 of its key; two rows of the app 52 and 46 B, its index 46 B, its entry of the journal 39 B; the rest are the tables' own indexes and filters..")

	row("message from a client to a client of another daemon, 200 B, p50, no proof of work", v("Message:p50-ms"), "ms", nats ", there and back", v("NATSMessage:p50-ms"), 0.4, "<= 0.4 ms", busy)
	row("the same", v("Message:p50-ms"), "ms", mosquitto ", QoS 0, there and back", v("Mosquitto:p50-ms"), "", "")
	row("the same, p99", v("Message:p99-ms"), "ms", "-", "", "", "")
	row("the same with the default proof of work, 12 bits, p50", v("Message:pow-p50-ms"), "ms", "-", "", 1.5, "<= 1.5 ms", busy)
	row("the same, p99", v("Message:pow-p99-ms"), "ms", "-", "", "", "")
	size[1] = "200B"; size[2] = "4kB"; aim[1] = 20000; aim[2] = 10000; shown[1] = "200 B"; shown[2] = "4 kB"
	for (n = 1; n <= 2; n++) {
		k = size[n]
		row("messages, " shown[n] ", many at once, none lost, no rate limit", v("Message:" k "-per-s"), "/s", nats ", not signed", v("NATSMessage:" k "-per-s"), -aim[n], ">= " thousands(aim[n]) "/s", busy)
		row("the same", v("Message:" k "-per-s"), "/s", mosquitto ", QoS 0, not signed", v("Mosquitto:" k "-per-s"), "", "")
		row("its processor time in both daemons", v("Message:" k "-cpu-us"), "us", "-", "", "", "")
		row("the same with the default proof of work", v("Message:pow-" k "-per-s"), "/s", "-", "", "", "")
		row("its processor time in both daemons", v("Message:pow-" k "-cpu-us"), "us", "-", "", "", "")
	}
	row("channel of 10 daemons, 200 B, deliveries, none lost", v("ChannelOfTen:deliveries-per-s"), "/s", "-", "", -10000, ">= 10,000/s", busy)
	row("gaps that were told meanwhile", v("ChannelOfTen:gaps"), "", "-", "", "", "")

	if (misses != "") print "\n## Misses and their causes\n\n" misses
	else print ""
	print "## How it is measured\n"
	print "- Every daemon and client is a process of its own, built as `make build` builds it, with folders of its own. Benchmarks: `daemon/bench*_test.go`, `ledger/bench*_test.go`; processor time is what the kernel counts, memory is `RssAnon`."
	print "- Times are medians: 7 starts, 20,000 pings, 1,000 connections, 40 processes, 2,000 balances, 200 entries added. Bare fsyncs and additions take turns, in the same folder."
	print "- An entry is an expense of one member of eight, split in three: about 300 bytes, and a signature of 64. ledger and hledger read a journal of the same entries, and their balances are compared with ours; hledger is left out at 100,000 to keep the run short."
	print "- A message goes from a client of one daemon to a client of another, both over their bridges. Singly: the medians of 3,000, each sent when the one before was there. Many: 200,000 of 200 B with up to 1,000 under way, 50,000 of 4 kB with 500. The channel of 10: 20,000 messages of one to nine others, all in daemons of their own. One that is lost fails the benchmark. mosquitto drops what a client does not take at once, so it gets 100 at a time."
	print "- Cold balances are of a file in each program's own format, the same entries, read by a new process: ours of `expense export --format jsonl`. All must agree to the cent; one run each, at most four minutes."
	print "- The peers do less: nats-server and mosquitto do not sign messages, nats-server does not sync each, ledger and hledger keep nothing open. No ratio is a race; it says what the difference costs."
	print "- The collector's target is 112 MiB while there are writes, 48 MiB a second after. With 48 MiB always, writing grew dearer with the run, since Badger's buffers for tables count as up to 50 MiB, touched or not: 0.5 ms of processor time an entry in the first 5,000, 1.1 ms after 20,000, 2.2 ms before 100,000, half of it the collector's. With 112 MiB it is 0.5 ms throughout, at most 97 MB of anonymous memory, and 43 MB three seconds after (one run of each, on a busy machine)."
	print "- Frames of events are made for clients that are there. Half of a late joiner's processor time went into frames that nobody read (254 us an entry before, 120 us after, one after the other on a busy machine)."
	print "- One run, no repeats until it looks good. For one figure: `go test ./daemon -run '^$' -bench Room -benchtime 1x`."
}
