/* --- what was measured ---------------------------------------------------- */

function figure(value, what, className, bytes) {
	const b = make('b', className, value);
	if (bytes !== undefined)
		b.dataset.bytes = bytes;
	return make('div', 'figure', b, make('span', '', what));
}

function drawFigures() {
	const t = D.head.totals, box = $('figures');
	let error = 0, grown = 0, shrunk = 0;
	for (let r = 0; r < nRows; r++) {
		error += num(r, 5) ** 2;
		grown += num(r, 2) > num(r, 1);
		shrunk += num(r, 2) < num(r, 1);
	}
	const plus = error ? ' ± ' + size(Math.sqrt(error)) : '';
	if (!diff) {
		box.append(figure(size(t.bytes), 'live' + plus, '', t.bytes),
			figure(count(t.objects), 'objects'),
			figure(count(nRows), 'stacks'));
		return;
	}
	box.append(figure(change(t.grown_bytes), 'grown, ' + count(grown) +
			(grown === 1 ? ' stack' : ' stacks'),
		t.grown_bytes ? 'grown' : '', t.grown_bytes),
	figure(change(-t.shrunk_bytes), 'shrunk, ' + count(shrunk) +
			(shrunk === 1 ? ' stack' : ' stacks'),
		t.shrunk_bytes ? 'shrunk' : '', -t.shrunk_bytes),
	figure(change(t.bytes), 'net' + plus,
		changeClass(t.bytes, Math.sqrt(error)), t.bytes),
	figure(sign(t.objects) + count(t.objects), 'objects'));
	const s = seconds();
	if (s)
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
		list.push('no thread stopped for longer than ' +
			count(s.capture.pause_us) + ' µs');
	$('facts').textContent = list.join(' · ');
	$('legend').textContent = diff ? '' : 'Width is what is live; the ' +
		'program’s own code is amber, libraries are grey.';
}

/* Resident memory, taken apart by jemalloc's own numbers (jemalloc(3),
 * stats.*). */
function parts(l) {
	if ([l.allocated, l.active, l.metadata, l.resident, l.rss].includes(
		null))
		return null;
	return [l.allocated, l.active - l.allocated,
		l.resident - l.active - l.metadata, l.metadata,
		l.rss - l.resident, l.rss];
}

function drawLedger() {
	const after = parts((diff ? D.head.after : D.head.snapshot).ledger);
	const before = diff ? parts(D.head.before.ledger) : null;
	if (!after || (diff && !before))
		return;
	const titles = ['allocated', 'unused within pages in use',
		'freed pages that jemalloc keeps', 'jemalloc’s own data',
		after[4] < 0 || (before && before[4] < 0) ?
			'outside of jemalloc, or not resident' :
			'outside of jemalloc', 'resident (RSS)'];
	const most = Math.max(...[after, before || after].map(
		(p) => p.slice(0, 5).reduce((a, v) => a + Math.max(v, 0), 0)));
	const bar = (name, p) => {
		const div = make('div');
		for (let i = 0; i < 5; i++) {
			const seg = make('i');
			seg.style.width = Math.max(p[i], 0) / most * 100 + '%';
			seg.style.background = 'var(--seg' + (i + 1) + ')';
			seg.title = titles[i] + ': ' + size(p[i]);
			div.append(seg);
		}
		return make('div', 'bar', make('span', '', name), div);
	};
	if (before)
		$('bars').append(bar('before', before));
	$('bars').append(bar(diff ? 'after' : 'now', after));
	titles.forEach((title, i) => {
		const key = make('i', 'key');
		if (i < 5)
			key.style.background = 'var(--seg' + (i + 1) + ')';
		const tr = make('tr', '', make('td', '', key, title));
		const cell = (n) => (n < 0 ? '-' : '') + size(n);
		if (before)
			tr.append(make('td', 'was', cell(before[i])));
		tr.append(make('td', '', cell(after[i])));
		if (before)
			tr.append(make('td', '', sign(after[i] - before[i]) +
				size(after[i] - before[i])));
		$('ledger-table').append(tr);
	});
	$('ledger').hidden = false;
}

/* --- all together --------------------------------------------------------- */

function drawMatched() {
	if (!nameHits) {
		$('matched').textContent = '';
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
			'of stacks that grew' : 'Width is what is live now') +
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
	/* While one types: what is cheap at once. */
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
readColors();
readState();
drawFacts();
drawFigures();
drawLedger();
refresh();
