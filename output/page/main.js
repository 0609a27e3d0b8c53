/* --- what was measured ---------------------------------------------------- */

const nouns = (n) => ' ' + D.noun + (n === 1 ? '' : 's');

function figure(value, what, className, bytes) {
	const b = make('b', className, value);
	if (bytes !== undefined)
		b.dataset.bytes = bytes;
	return make('div', 'figure', b, make('span', '', what));
}

/* None where they are not counted. */
function objectsFigure(n, mark) {
	return n === null ? [] : [figure(mark + count(n), 'objects')];
}

function drawFigures() {
	const t = D.head.totals, box = $('figures');
	const error = t.bytes_se || 0;
	let grown = 0, shrunk = 0;
	for (let r = 0; r < nRows; r++) {
		grown += num(r, 2) > num(r, 1);
		shrunk += num(r, 2) < num(r, 1);
	}
	const plus = error ? plusMinus(error, t.bytes) : '';
	if (!diff) {
		box.append(figure(size(t.bytes), D.what + plus, '', t.bytes),
			...objectsFigure(t.objects, ''),
			figure(count(nRows), nouns(nRows).trim()));
		return;
	}
	box.append(figure(change(t.grown_bytes), 'grown, ' + count(grown) +
			nouns(grown),
		t.grown_bytes ? 'grown' : '', t.grown_bytes),
	figure(change(-t.shrunk_bytes), 'shrunk, ' + count(shrunk) +
			nouns(shrunk),
		t.shrunk_bytes ? 'shrunk' : '', -t.shrunk_bytes),
	figure(change(t.bytes), 'net' + plus,
		changeClass(t.bytes, error), t.bytes),
	...objectsFigure(t.objects, sign(t.objects)));
	if (trend)
		box.append(figure(slope(trend.slope_bytes), 'trend: ' +
			trend.verdict + ', grew in ' + trend.steps_grown +
			' of ' + trend.steps + ' steps'));
	const s = seconds();
	if (s && !trend)
		box.append(figure(change(Math.round(t.bytes / s)) + '/s',
			'over ' + (s < 120 ? s.toFixed(1) + ' s' :
				Math.round(s / 60) + ' min')));
}

function seconds() {
	const a = Date.parse(D.head.before.taken_at);
	const b = Date.parse(D.head.after.taken_at);
	return b > a ? (b - a) / 1000 : 0;
}

/* "2026-11-23 06:04:17 UTC"; the day alone once, if it is that of @other. */
function when(iso, other) {
	const m = /^(\S+)T(\S+)Z$/.exec(iso);
	if (!m)
		return iso;
	if (iso > other && other.startsWith(m[1] + 'T'))
		return m[2] + ' UTC';
	return m[1] + ' ' + m[2] + (other ? '' : ' UTC');
}

function drawSentence() {
	$('sentence').textContent = D.sentence;
	for (const [share, bytes, place] of D.lines)
		$('lines').append(make('li', '', share.toFixed(0) + '%  ' +
			change(bytes) + '  ' + place));
}

function drawFacts() {
	const s = diff ? D.head.after : D.head.snapshot, list = [];
	const from = diff && D.head.before.taken_at;
	if (from && s.taken_at)
		list.push(when(from, s.taken_at) + ' to ' +
			when(s.taken_at, from));
	else if (s.taken_at)
		list.push(when(s.taken_at, ''));
	if (s.jemalloc_version)
		list.push('jemalloc ' + s.jemalloc_version.split('-')[0]);
	list.push(s.sample_period > 1 ?
		'sampled every ' + size(s.sample_period, 0) :
		'every allocation recorded');
	if (s.capture.pause_us !== null)
		list.push('no thread stopped for longer than ' + duration(
			Math.max(s.capture.pause_us,
				diff ? D.head.before.capture.pause_us : 0)));
	$('facts').textContent = list.join(' · ');
	$('legend').textContent = diff ? '' : 'Width is what is ' + D.what + '; the ' +
		'program’s own code is amber, libraries are grey.';
}

/* What is not as it should be with the files. */
function drawWarnings() {
	const all = D.head.kind === 'trend' ? D.head.snapshots : diff ?
		[D.head.before, D.head.after] : [D.head.snapshot];
	const texts = new Set(all.flatMap((s) => s.warnings));
	for (const text of texts)
		$('warnings').append(make('p', '', text));
}

function drawTrend() {
	if (!trend)
		return;
	$('trend').append(chart(trend.bytes));
	$('trend').hidden = false;
}

/* The memory breakdown: kinds of its rows, and the colours of its parts. The
 * part that is not resident and the one that is counted twice are negative, and
 * have none. */
const [PART, DETAIL, DEDUCED, TOTAL, BESIDE, NOTE] = [0, 1, 2, 3, 4, 5];
const ABSENT = 5;

const color = (kind, part) => kind !== PART ? 'transparent' :
	'var(--seg' + (part < ABSENT ? part + 1 : part - 1) + ')';

function breakdownBar(name, parts, at, most) {
	const div = make('div');
	for (const row of parts) {
		const seg = make('i'), bytes = row[at];
		seg.style.width = Math.max(bytes, 0) / most * 100 + '%';
		seg.style.background = color(row[0], row[1]);
		seg.title = row[2] + ': ' + size(bytes);
		div.append(seg);
	}
	return make('div', 'bar', make('span', '', name), div);
}

function breakdownRow([kind, part, title, was, now]) {
	const names = ['part', 'detail', 'deduced', 'total', 'beside'];
	const key = make('i', 'key'), row = make('tr', names[kind]);
	const cell = (n) => n === null ? '' : (n < 0 ? '-' : '') + size(n);
	key.style.background = color(kind, part);
	row.append(make('td', '', key, title));
	if (now !== null)
		row.dataset.bytes = now;
	if (D.breakdown.diff)
		row.append(make('td', 'was', cell(was)));
	row.append(make('td', '', cell(now)));
	if (D.breakdown.diff)
		row.append(make('td', '', was === null ? '' : sign(now - was) +
			size(now - was)));
	return row;
}

function drawBreakdown() {
	const rows = D.breakdown.rows, two = D.breakdown.diff;
	const parts = rows.filter(([kind]) => kind === PART);
	const sum = (at) => parts.reduce(
		(bytes, row) => bytes + Math.max(row[at], 0), 0);
	const most = Math.max(sum(4), two ? sum(3) : 0);
	if (!rows.length)
		return;
	if (two)
		$('bars').append(breakdownBar('before', parts, 3, most));
	$('bars').append(breakdownBar(two ? 'after' : 'now', parts, 4, most));
	$('diagnosis').textContent = D.head.diagnosis || '';
	if (two) {
		const names = make('tr');
		names.append(make('th'), make('th', 'was', 'before'),
			make('th', '', 'after'), make('th', '', 'change'));
		$('breakdown-table').append(names);
	}
	for (const row of rows)
		if (row[0] === NOTE)
			$('hints').append(make('p', '', row[2]));
		else
			$('breakdown-table').append(breakdownRow(row));
	if (D.head.limit)
		$('hints').append(make('p', '', D.head.limit.text));
	for (const hint of D.head.hints || [])
		$('hints').append(make('p', '', hint.text));
	$('breakdown').hidden = false;
}

/* --- the whole page ------------------------------------------------------- */

/* Of a diff: by how much the rows that match grew and shrank. */
function drawMatchedChange() {
	const hits = nodeHits();
	let grown = 0, shrunk = 0, n = 0;
	for (let r = 0; r < nRows; r++) {
		if (!shown(r) || !hits[num(r, 0)] || !changed(r))
			continue;
		const bytes = num(r, 2) - num(r, 1);
		grown += Math.max(bytes, 0);
		shrunk += Math.min(bytes, 0);
		n++;
	}
	const list = [];
	if (grown)
		list.push(change(grown) + ', ' + percent(grown,
			D.head.totals.grown_bytes) + ' of the growth');
	if (shrunk)
		list.push(change(shrunk) + ', ' + percent(-shrunk,
			D.head.totals.shrunk_bytes) + ' of what shrank');
	$('matched').textContent = n ? 'matches ' + (list.join('; ') ||
		'what did not change') : 'no match';
	$('matched').dataset.bytes = grown + shrunk;
}

function drawMatched() {
	if (!nameHits) {
		$('matched').textContent = '';
		return;
	}
	if (diff) {
		drawMatchedChange();
		return;
	}
	let sum = 0;
	const todo = [0];
	while (todo.length) {
		const node = todo.pop();
		if (node && nameHits[tree.name[node]])
			sum += tree.width[node];
		else
			for (let c = tree.first[node]; c >= 0; c = tree.next[c])
				todo.push(c);
	}
	$('matched').textContent = sum ? 'matches ' + size(sum) + ', ' +
		percent(sum, tree.width[0]) : 'no match';
	$('matched').dataset.bytes = sum;
}

function refresh() {
	$('search').value = state.q;
	$('grown').checked = state.grown;
	$('inverted').checked = state.inv;
	if (diff)
		$('legend').textContent = (state.grown ? 'Width is growth, ' +
			'of what grew' : 'Width is what is ' + D.what +
			' now or was before, whichever is more') +
			'; red grew, blue shrank, grey is within the noise.';
	search();
	pickTree();
	selected = hovered = -1;
	$('selected').textContent = '';
	zoomed = findPath(state.zoom);
	$('reset').disabled = zoomed === 0;
	draw();
	drawMatched();
	list();
}

function setState(patch) {
	Object.assign(state, patch);
	writeState();
	refresh();
}

$('grown').addEventListener('change',
	(e) => setState({ grown: e.target.checked }));
$('inverted').addEventListener('change',
	(e) => setState({ inv: e.target.checked, zoom: [] }));
$('search').addEventListener('input', (e) => {
	/* While the user types: updates what is cheap at once. */
	state.q = e.target.value;
	search();
	draw();
	drawMatched();
	clearTimeout(search.timer);
	search.timer = setTimeout(() => {
		writeState();
		list();
	}, 120);
});
$('reset').addEventListener('click', () => zoom(0));
$('more').addEventListener('click', drawMore);
document.addEventListener('keydown', (e) => {
	if (e.key === '/' && e.target !== $('search')) {
		e.preventDefault();
		$('search').focus();
	}
});
window.addEventListener('resize', draw);
window.addEventListener('hashchange', () => {
	readState();
	refresh();
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
	readColors();
	draw();
});

if (!diff)
	$('grown-label').hidden = true;
$('noun').textContent = D.noun[0].toUpperCase() + D.noun.slice(1) + 's';
readColors();
readState();
drawSentence();
drawFacts();
drawWarnings();
drawFigures();
drawTrend();
drawBreakdown();
refresh();
