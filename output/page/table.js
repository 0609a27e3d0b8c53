/* --- the table ----------------------------------------------------------- */

const num = (r, i) => D.rows[r * ROW + i];
const columns = [
	{ id: 'change', title: diff ? 'Change' : 'Bytes',
	  of: (r) => num(r, 2) - num(r, 1) },
	{ id: 'error', title: '±', wide: true, narrow: true,
	  of: (r) => num(r, 5) },
];
if (D.head.totals.objects !== null)
	columns.push({ id: 'objects', title: 'Objects', wide: true,
		narrow: true, of: (r) => num(r, 4) - num(r, 3) });
if (diff)
	columns.push({ id: 'now', title: 'Now', wide: true,
		of: (r) => num(r, 2) },
	{ id: 'was', title: 'Was', wide: true, of: (r) => num(r, 1) });
if (trend)
	columns.push({ id: 'trend', title: 'Trend', wide: true,
		of: (r) => D.trends[2 * r] });
columns.push({ id: 'stack', title: D.noun[0].toUpperCase() + D.noun.slice(1),
	name: true });

function frames(r) {
	const list = [];
	for (let i = num(r, 0); i > 0; i = D.parents[i])
		list.push(D.of[i]);
	return list;
}

const wrappers = (r) => num(r, 6);

/* The first of the program's own functions is the most telling, without those
 * that it allocates through. */
function headline(r) {
	const list = frames(r).slice(wrappers(r));
	const own = list.find((f) => !(flagsOf(f) & LIBRARY));
	return own === undefined ? list[0] : own;
}

/* The function that it calls for memory; undefined: malloc itself. */
function through(r) {
	return wrappers(r) ? frames(r)[wrappers(r) - 1] : undefined;
}

/* Sorts and compares strings; cached, as it never changes. */
let names = null;

function nameKeys() {
	if (!names) {
		names = new Array(nRows);
		for (let r = 0; r < nRows; r++) {
			const f = headline(r);
			names[r] = f === undefined ? '' : nameOf(f);
		}
	}
	return names;
}

/* Rows that are the same before and after are hidden; in a trend they may have
 * differed between. */
function changed(r) {
	if (!diff)
		return true;
	if (trend) {
		const points = pointsOf(r);
		if (points.some((p) => p !== points[0]))
			return true;
	}
	return num(r, 1) !== num(r, 2) || num(r, 3) !== num(r, 4);
}

let listed = [], drawn = 0;

function list() {
	const column = columns.find((c) => c.id === state.sort) || columns[0];
	const hits = frameHits && nodeHits();
	listed = [];
	for (let r = 0; r < nRows; r++)
		if (shown(r) && (!hits || hits[num(r, 0)]) &&
		    changed(r))
			listed.push(r);
	const up = state.up ? -1 : 1;
	if (column.name) {
		const keys = nameKeys();
		listed.sort((a, b) => up * (keys[a] < keys[b] ? -1 :
			keys[a] > keys[b] ? 1 : a - b));
	} else {
		const keys = Float64Array.from({ length: nRows },
			(_, r) => column.of(r));
		listed.sort((a, b) => up * (keys[b] - keys[a]) || a - b);
	}
	let sum = 0;
	for (const r of listed)
		sum += num(r, 2) - num(r, 1);
	$('count').textContent = count(listed.length) + ', ' + change(sum);
	$('count').dataset.bytes = sum;
	$('stacks').tBodies[0].replaceChildren();
	drawn = 0;
	drawMore();
	drawHead();
}

function marked(s, cut) {
	if (cut && s.length > cut)
		s = s.slice(0, cut) + '…';
	return state.q && matcher(state.q)(s) ? make('mark', '', s) : s;
}

function expand(cell, r) {
	const old = cell.querySelector('ol');
	const button = cell.querySelector('button');
	button.setAttribute('aria-expanded', !old);
	if (old)
		return old.remove();
	const ol = make('ol', 'frames');
	if (trend)
		ol.append(make('li', '', slope(D.trends[2 * r]) + ', ' +
			D.trends[2 * r + 1], chart(pointsOf(r))));
	frames(r).forEach((f, i) => {
		const faint = flagsOf(f) & LIBRARY || i < wrappers(r);
		const li = make('li', faint ? 'library' : '',
			marked(nameOf(f)));
		if (flagsOf(f) & INLINED)
			li.append(' (inlined)');
		li.append(' ', make('small', '', marked(placeOf(f))));
		ol.append(li);
	});
	return cell.append(ol);
}

function stackCell(r) {
	const f = headline(r), wrapper = through(r);
	const button = make('button', 'stack');
	button.type = 'button';
	button.setAttribute('aria-expanded', 'false');
	if (f === undefined)
		button.append('(no stack)');
	else
		button.append(marked(nameOf(f), 300), '  ',
			make('small', '', marked(placeOf(f), 300)));
	if (wrapper !== undefined)
		button.append(make('small', '', '  through ',
			marked(nameOf(wrapper), 300)));
	const cell = make('td', '', button);
	button.addEventListener('click', () => expand(cell, r));
	return cell;
}

/* In a trend the verdict covers more snapshots than the two ends. */
function rowClass(r, bytes, error) {
	return trend && /noise|flat/.test(D.trends[2 * r + 1]) ? 'noise' :
		changeClass(bytes, error);
}

function row(r) {
	const tr = make('tr'), bytes = num(r, 2) - num(r, 1);
	const delta = num(r, 4) - num(r, 3), error = num(r, 5);
	const values = {
		change: change(bytes),
		error: error ? plusMinus(error, bytes).slice(3) : '',
		objects: (diff ? sign(delta) : '') + count(delta),
		now: size(num(r, 2)),
		was: size(num(r, 1)),
	};
	tr.dataset.bytes = bytes;
	for (const c of columns) {
		if (c.name) {
			tr.append(stackCell(r));
			continue;
		}
		const td = make('td', c.wide ? 'wide' : '',
			c.id === 'trend' ? sparkline(pointsOf(r)) : values[c.id]);
		if (c.id === 'change' || c.id === 'trend')
			td.className += ' ' + rowClass(r, bytes, error);
		tr.append(td);
	}
	return tr;
}

function drawMore() {
	const part = document.createDocumentFragment();
	const end = Math.min(drawn + PAGE, listed.length);
	for (; drawn < end; drawn++)
		part.append(row(listed[drawn]));
	$('stacks').tBodies[0].append(part);
	const rest = listed.length - drawn;
	$('more').hidden = rest === 0;
	$('more').textContent = 'Show more (' + count(rest) + ' left)';
}

function drawHead() {
	const tr = $('stacks').tHead.rows[0];
	const focused = document.activeElement.dataset.column;
	tr.replaceChildren(...columns.map((c) => {
		const b = make('button', '', c.title);
		const th = make('th', (c.wide ? 'wide ' : '') +
			(c.narrow ? 'narrow' : ''), b);
		th.scope = 'col';
		b.type = 'button';
		b.dataset.column = c.id;
		if (c.id === state.sort) {
			const down = state.up === Boolean(c.name);
			th.setAttribute('aria-sort', down ? 'descending' :
				'ascending');
			b.append(down ? ' ↓' : ' ↑');
		}
		b.addEventListener('click', () => {
			state.up = state.sort === c.id && !state.up;
			state.sort = c.id;
			writeState();
			list();
		});
		return th;
	}));
	if (focused)
		tr.querySelector('[data-column=' + focused + ']').focus();
}
