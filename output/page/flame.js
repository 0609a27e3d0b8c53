/* --- the flame graph's tree ---------------------------------------------- */

/* Functions as called from each other: the table distinguishes lines, this tree
 * does not. Arrays by node; node 0 is the whole. */
class Tree {
	constructor(capacity) {
		this.n = 1;
		this.name = new Int32Array(capacity);
		this.frame = new Int32Array(capacity);
		this.parent = new Int32Array(capacity).fill(-1);
		this.first = new Int32Array(capacity).fill(-1);
		this.next = new Int32Array(capacity).fill(-1);
		this.now = new Float64Array(capacity);
		this.was = new Float64Array(capacity);
		this.variance = new Float64Array(capacity);
		this.width = new Float64Array(capacity);
		/* By parent and name: open addressing. A Map takes ten times
		 * as long. */
		this.mask = 1;
		while (this.mask < 2 * capacity)
			this.mask *= 2;
		this.known = new Int32Array(this.mask--);
		this.sorted = new Map();
	}

	child(parent, frame) {
		const name = D.frames[frame * FRAME];
		let at = Math.imul(parent, 0x9e3779b1) ^
			Math.imul(name, 0x85ebca6b);
		at ^= at >>> 15;
		for (;; at++) {
			at &= this.mask;
			const known = this.known[at];
			if (known === 0)
				break;
			if (this.parent[known] === parent &&
			    this.name[known] === name)
				return known;
		}
		const node = this.n++;
		this.known[at] = node;
		this.name[node] = name;
		this.frame[node] = frame;
		this.parent[node] = parent;
		this.next[node] = this.first[parent];
		this.first[parent] = node;
		return node;
	}

	count(node, row) {
		const at = row * ROW, before = D.rows[at + 1];
		const after = D.rows[at + 2], error = D.rows[at + 5];
		this.was[node] += before;
		this.now[node] += after;
		this.variance[node] += error * error;
		/* What vanished has a box, too. */
		this.width[node] += state.grown ? after - before :
			Math.max(before, after);
	}

	/* A function's numbers include its callees. */
	finish() {
		const t = this;
		for (let i = t.n - 1; i > 0; i--) {
			const p = t.parent[i];
			t.now[p] += t.now[i];
			t.was[p] += t.was[i];
			t.variance[p] += t.variance[i];
			t.width[p] += t.width[i];
		}
		t.known = null;
		t.most = 0;
		for (let i = 0; i < t.n; i++)
			t.most = Math.max(t.most, Math.abs(t.change(i)));
		return t;
	}

	change(i) {
		return this.now[i] - this.was[i];
	}

	children(i) {
		let list = this.sorted.get(i);
		if (!list) {
			list = [];
			for (let c = this.first[i]; c >= 0; c = this.next[c])
				list.push(c);
			list.sort((a, b) => this.width[b] - this.width[a]);
			this.sorted.set(i, list);
		}
		return list;
	}
}

function shown(row) {
	return !state.grown || D.rows[row * ROW + 2] > D.rows[row * ROW + 1];
}

/* The innermost node of the data's tree that is no wrapper of malloc. */
function callerNode(row) {
	let i = D.rows[row * ROW];
	for (let n = D.rows[row * ROW + 6]; n > 0; n--)
		i = D.parents[i];
	return i;
}

function buildUpright() {
	const t = new Tree(D.of.length + 1), at = new Int32Array(D.of.length);
	const leaves = Int32Array.from({ length: nRows }, (_, r) => callerNode(r));
	const needed = new Uint8Array(D.of.length);
	for (const i of leaves)
		needed[i] = 1;
	for (let i = D.of.length - 1; i > 0; i--)
		needed[D.parents[i]] |= needed[i];
	for (let i = 1; i < D.of.length; i++)
		if (needed[i])
			at[i] = t.child(at[D.parents[i]], D.of[i]);
	for (let r = 0; r < nRows; r++)
		if (shown(r))
			t.count(at[leaves[r]], r);
	return t.finish();
}

/* From its caller outwards: walks every stack the other way. */
function buildInverted() {
	let capacity = 2;
	for (let r = 0; r < nRows; r++)
		for (let i = callerNode(r); i > 0; i = D.parents[i])
			capacity++;
	const t = new Tree(capacity);
	for (let r = 0; r < nRows; r++) {
		if (!shown(r))
			continue;
		let node = 0;
		for (let i = callerNode(r); i > 0; i = D.parents[i])
			node = t.child(node, D.of[i]);
		t.count(node, r);
	}
	return t.finish();
}

const trees = new Map();
let tree;

function pickTree() {
	const key = (state.inv ? 2 : 0) + (state.grown ? 1 : 0);
	if (!trees.has(key))
		trees.set(key, state.inv ? buildInverted() : buildUpright());
	tree = trees.get(key);
}

/* --- drawing it ---------------------------------------------------------- */

const canvas = $('flame'), pen = canvas.getContext('2d');
let boxes = [];    /* {node, x, y, w}, as drawn */
let zoomed = 0;    /* the node with the whole width */
let selected = -1; /* by keyboard */
let hovered = -1;
let colors, charWidth;

function rgb(name) {
	const value = getComputedStyle(document.documentElement)
		.getPropertyValue(name).trim();
	return [1, 3, 5].map((i) => parseInt(value.slice(i, i + 2), 16));
}

function readColors() {
	colors = {};
	for (const c of ['box', 'box-own', 'box-ink', 'box-grown', 'box-shrunk',
		'match', 'focus', 'paper'])
		colors[c] = rgb('--' + c);
}

const css = (c) => 'rgb(' + c.join(',') + ')';

function mix(a, b, part) {
	return a.map((v, i) => Math.round(v + (b[i] - v) * part));
}

function fill(node) {
	if (nameHits && node && nameHits[tree.name[node]])
		return colors.match;
	if (!diff)
		return node && !(flagsOf(tree.frame[node]) & LIBRARY) ?
			colors['box-own'] : colors.box;
	const n = tree.change(node);
	if (!tree.most || Math.abs(n) < 2 * Math.sqrt(tree.variance[node]))
		return colors.box;
	return mix(colors.box, colors[n < 0 ? 'box-shrunk' : 'box-grown'],
		Math.sqrt(Math.abs(n) / tree.most));
}

function label(node) {
	return node ? text(tree.name[node]) : 'all';
}

/* Draws the children of @node from @c on, which are too small to be seen, as
 * one faint box. */
function addRest(node, c, x, depth, scale) {
	const kin = tree.children(node);
	let sum = 0;
	for (let i = kin.indexOf(c); i < kin.length; i++)
		sum += Math.max(tree.width[kin[i]], 0);
	if (sum * scale >= LEAST)
		boxes.push({ node: SMALL, x, y: depth * LINE, w: sum * scale,
			above: false });
}

/* The boxes that are wide enough to be seen: the zoomed one's ancestors, then
 * itself and its descendants. */
function layOut(width) {
	const above = [];
	for (let i = tree.parent[zoomed]; i >= 0; i = tree.parent[i])
		above.unshift(i);
	boxes = above.map((node, d) => ({ node, x: 0, y: d * LINE, w: width,
		above: true }));
	const scale = tree.width[zoomed] > 0 ? width / tree.width[zoomed] : 0;
	const todo = [[zoomed, 0, above.length]];
	let deepest = above.length;
	while (todo.length) {
		const [node, x, depth] = todo.pop();
		const w = tree.width[node] * scale;
		boxes.push({ node, x, y: depth * LINE, w: node === zoomed ?
			width : w, above: false });
		deepest = Math.max(deepest, depth);
		let left = x;
		for (const c of tree.children(node)) {
			const cw = tree.width[c] * scale;
			if (cw < LEAST) {
				addRest(node, c, left, depth + 1, scale);
				deepest = Math.max(deepest, depth + 1);
				break;
			}
			todo.push([c, left, depth + 1]);
			left += cw;
		}
	}
	return deepest + 1;
}

function drawBox(b) {
	if (b.node === SMALL) {
		pen.globalAlpha = 0.45;
		pen.fillStyle = css(colors.box);
		pen.fillRect(b.x, b.y, Math.max(b.w - 0.6, 0.4), LINE - 1);
		return;
	}
	const color = fill(b.node);
	pen.globalAlpha = b.above ? 0.55 : 1;
	pen.fillStyle = css(color);
	pen.fillRect(b.x, b.y, Math.max(b.w - 0.6, 0.4), LINE - 1);
	if (b.node === hovered || b.node === selected) {
		pen.globalAlpha = 1;
		pen.strokeStyle = css(b.node === selected ? colors.focus :
			colors['box-ink']);
		pen.lineWidth = b.node === selected ? 2 : 1;
		pen.strokeRect(b.x + 1, b.y + 1, Math.max(b.w - 2.6, 0.5),
			LINE - 3);
	}
	const fits = Math.floor((b.w - 8) / charWidth);
	if (fits >= 3) {
		let s = label(b.node);
		if (s.length > fits)
			s = s.slice(0, fits - 1) + '…';
		pen.fillStyle = css(colors['box-ink']);
		pen.fillText(s, b.x + 4, b.y + LINE / 2);
	}
}

function draw() {
	const width = canvas.parentElement.clientWidth - 12;
	const ratio = window.devicePixelRatio || 1;
	const rows = layOut(width);
	/* A canvas has a largest size; deeper nodes are not drawn. */
	const height = Math.min(rows * LINE, Math.floor(16000 / ratio));
	canvas.style.height = height + 'px';
	canvas.width = Math.round(width * ratio);
	canvas.height = Math.round(height * ratio);
	pen.setTransform(ratio, 0, 0, ratio, 0, 0);
	pen.font = '12px ' + getComputedStyle(document.documentElement)
		.getPropertyValue('--mono');
	pen.textBaseline = 'middle';
	charWidth = pen.measureText('m'.repeat(50)).width / 50;
	boxes.forEach(drawBox);
}

function boxAt(event) {
	const r = canvas.getBoundingClientRect();
	const x = event.clientX - r.left, y = event.clientY - r.top;
	return boxes.find((b) => b.node !== SMALL && x >= b.x &&
		x < b.x + b.w && y >= b.y && y < b.y + LINE);
}

/* --- zoom and selection --------------------------------------------------- */

function pathOf(node) {
	const path = [];
	for (let i = node; i > 0; i = tree.parent[i])
		path.unshift(tree.name[i]);
	return path;
}

/* Follows the path as far as this tree has it. */
function findPath(path) {
	let node = 0;
	for (const name of path) {
		const next = tree.children(node).find(
			(c) => tree.name[c] === name);
		if (next === undefined)
			break;
		node = next;
	}
	return node;
}

function zoom(node) {
	zoomed = node;
	state.zoom = pathOf(node);
	$('reset').disabled = node === 0;
	writeState();
	draw();
}

/* One line on a node: for the tooltip, and for screen readers. */
function facts(node) {
	const now = tree.now[node], delta = tree.change(node);
	const error = Math.sqrt(tree.variance[node]);
	let s = size(now) + (diff ? ' now' : '');
	const share = percent(now, tree.now[0]);
	if (share)
		s += ', ' + share;
	if (diff) {
		s += '; ' + (delta ? sign(delta) + size(delta) : 'no change');
		if (error && delta)
			s += plusMinus(error, delta);
		if (delta && Math.abs(delta) < 2 * error)
			s += ', within noise';
	}
	return s;
}

function select(node) {
	selected = node;
	const name = label(node);
	$('selected').textContent = (name.length > 300 ?
		name.slice(0, 300) + '…' : name) + ': ' + facts(node);
	draw();
	const b = boxes.find((x) => x.node === node), box = $('flame-box');
	if (b && (b.y < box.scrollTop ||
		  b.y + LINE > box.scrollTop + box.clientHeight))
		box.scrollTop = b.y - box.clientHeight / 2;
}

function move(key) {
	if (selected < 0)
		return select(zoomed);
	if (key === 'ArrowUp' && selected !== 0)
		return select(tree.parent[selected]);
	if (key === 'ArrowDown') {
		const c = tree.children(selected)[0];
		return c === undefined ? undefined : select(c);
	}
	if (selected === 0)
		return undefined;
	const kin = tree.children(tree.parent[selected]);
	const next = kin[kin.indexOf(selected) +
		(key === 'ArrowRight' ? 1 : -1)];
	return next === undefined ? undefined : select(next);
}

canvas.addEventListener('keydown', (e) => {
	if (e.ctrlKey || e.metaKey || e.altKey)
		return;
	if (e.key.startsWith('Arrow'))
		move(e.key);
	else if (e.key === 'Enter' || e.key === ' ')
		zoom(selected < 0 ? zoomed : selected);
	else if (e.key === 'Escape' || e.key === 'Backspace')
		zoom(e.key === 'Escape' ? 0 : Math.max(tree.parent[zoomed], 0));
	else if (e.key === 'Home')
		select(0);
	else
		return;
	e.preventDefault();
});

canvas.addEventListener('click', (e) => {
	const b = boxAt(e);
	if (b) {
		selected = b.node;
		zoom(b.node);
		select(b.node);
	}
});

function showTip(e, node) {
	const f = tree.frame[node], tip = $('tip');
	const name = label(node);
	tip.replaceChildren(make('b', '', name.length > 600 ?
		name.slice(0, 600) + '…' : name));
	if (node) {
		const more = flagsOf(f) & INLINED ? ' (inlined)' : '';
		tip.append(make('i', '', placeOf(f) + more));
	}
	tip.append(facts(node));
	tip.hidden = false;
	const r = tip.getBoundingClientRect();
	tip.style.left = Math.max(8, Math.min(e.clientX + 14,
		innerWidth - r.width - 8)) + 'px';
	tip.style.top = (e.clientY + 22 + r.height > innerHeight ?
		e.clientY - r.height - 12 : e.clientY + 18) + 'px';
}

canvas.addEventListener('mousemove', (e) => {
	const b = boxAt(e), node = b ? b.node : -1;
	if (node !== hovered) {
		hovered = node;
		draw();
	}
	if (b)
		showTip(e, node);
	else
		$('tip').hidden = true;
});
canvas.addEventListener('mouseleave', () => {
	hovered = -1;
	$('tip').hidden = true;
	draw();
});
