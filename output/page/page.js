/*
 * The page's data is in #data: "head" is the report of -f json without its
 * stacks; "sentence" and "lines" (share in percent, bytes, place) are what the
 * text report begins with; "breakdown": its rows of where the memory is (kind,
 * part, label, bytes before and after; enum breakdown_row_kind,
 * heap_breakdown_part); "noun" is the word for a row, like "stack"; "what", like
 * "live"; "strings"; "frames": five numbers a frame (name, file, line, module, flags:
 * 1 inlined, 2 library); "parents" and "of": the tree of all stacks, parents
 * before children, node 0 is the root; "rows": seven numbers a stack (innermost
 * node, bytes before and after, objects before and after, standard error, how
 * many of its innermost frames are wrappers of malloc). Of several snapshots also
 * "times", when they were taken, "points", the bytes in each, and "trends", slope
 * and verdict, stack by stack. Strings from outside become text nodes or are
 * drawn, nothing else.
 */
const D = JSON.parse(document.getElementById('data').textContent);
const $ = (id) => document.getElementById(id);
const diff = D.head.kind !== 'report', trend = D.head.trend;
const FRAME = 5, ROW = 7, INLINED = 1, LIBRARY = 2;
const LINE = 20, LEAST = 0.6, SMALL = -2, PAGE = 100;
const nRows = D.rows.length / ROW;

/* --- numbers ------------------------------------------------------------- */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

function sign(n) {
	return n < 0 ? '-' : n > 0 ? '+' : '';
}

function size(n, digits = 1) {
	let value = Math.abs(n), unit = 0;
	if (value >= 1024)
		for (; value >= 1023.95; unit++)
			value /= 1024;
	return (unit ? value.toFixed(digits) : Math.round(value)) + ' ' + UNITS[unit];
}

/* A standard error, in the unit that the number has unless it would be less
 * than 0.1 there. */
function plusMinus(error, n) {
	let unit = 0;
	for (let v = Math.abs(n); v >= 1023.95; unit++)
		v /= 1024;
	const value = error / 1024 ** unit;
	return ' ± ' + (unit && value >= 0.1 && value < 1023.95 ?
		value.toFixed(1) + ' ' + UNITS[unit] : size(error));
}

function duration(us) {
	return us < 1000 ? us + ' µs' : us < 1000000 ?
		(us / 1000).toFixed(1) + ' ms' : (us / 1e6).toFixed(1) + ' s';
}

function change(n) {
	return (n < 0 || diff ? sign(n) : '') + size(n);
}

function count(n) {
	return Math.abs(n).toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

function objects(n) {
	return count(n) + (Math.abs(n) === 1 ? ' object' : ' objects');
}

function percent(part, whole) {
	return whole > 0 ? (100 * part / whole).toFixed(1) + '%' : '';
}

/* --- text ---------------------------------------------------------------- */

function make(tag, className, ...children) {
	const e = document.createElement(tag);
	if (className)
		e.className = className;
	e.append(...children);
	return e;
}

const text = (i) => D.strings[i];
const nameOf = (f) => text(D.frames[f * FRAME]);
const flagsOf = (f) => D.frames[f * FRAME + 4];

function placeOf(f) {
	const at = f * FRAME, line = D.frames[at + 2];
	const file = text(D.frames[at + 1]);
	return file ? file + (line ? ':' + line : '') : text(D.frames[at + 3]);
}

function changeClass(bytes, error) {
	if (!diff || !bytes)
		return '';
	if (Math.abs(bytes) < 2 * error)
		return 'noise';
	return bytes > 0 ? 'grown' : 'shrunk';
}

/* --- what the address keeps ---------------------------------------------- */

const state = {
	q: '', grown: false, inv: false, zoom: [], sort: 'change', up: false,
};

function readState() {
	const p = new URLSearchParams(location.hash.slice(1));
	state.q = p.get('q') || '';
	state.grown = diff && p.has('grown');
	state.inv = p.has('inverted');
	state.zoom = (p.get('zoom') || '').split('.').filter(Boolean)
		.map(Number);
	state.sort = p.get('sort') || 'change';
	state.up = p.has('up');
}

function writeState() {
	const p = new URLSearchParams();
	if (state.q)
		p.set('q', state.q);
	if (state.grown)
		p.set('grown', '1');
	if (state.inv)
		p.set('inverted', '1');
	if (state.zoom.length)
		p.set('zoom', state.zoom.join('.'));
	if (state.sort !== 'change')
		p.set('sort', state.sort);
	if (state.up)
		p.set('up', '1');
	const hash = p.toString();
	if (hash !== location.hash.slice(1))
		history.replaceState(null, '', hash ? '#' + hash : '#');
}

/* --- search -------------------------------------------------------------- */

let frameHits = null, nameHits = null;

function matcher(q) {
	const re = /^\/(.+)\/$/.exec(q);
	if (re) {
		try {
			const r = new RegExp(re[1], 'i');
			return (s) => r.test(s);
		} catch (e) {
			/* Half-typed: taken as it is. */
		}
	}
	const low = q.toLowerCase();
	return (s) => s.toLowerCase().includes(low);
}

function search() {
	frameHits = nameHits = null;
	if (!state.q)
		return;
	const hits = D.strings.map(matcher(state.q));
	frameHits = new Uint8Array(D.frames.length / FRAME);
	nameHits = new Uint8Array(D.strings.length);
	for (let f = 0, at = 0; f < frameHits.length; f++, at += FRAME)
		if (hits[D.frames[at]] || hits[D.frames[at + 1]] ||
		    hits[D.frames[at + 3]]) {
			frameHits[f] = 1;
			nameHits[D.frames[at]] = 1;
		}
}

/* Whether a node of the data's tree, or one above it, matches. */
function nodeHits() {
	const hit = new Uint8Array(D.of.length);
	for (let i = 1; i < hit.length; i++)
		hit[i] = frameHits[D.of[i]] | hit[D.parents[i]];
	return hit;
}
