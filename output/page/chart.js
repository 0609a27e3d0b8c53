/* --- trends -------------------------------------------------------------- */

const SVG = 'http://www.w3.org/2000/svg';

function shape(tag, attributes, ...children) {
	const e = document.createElementNS(SVG, tag);
	for (const [name, value] of Object.entries(attributes))
		e.setAttribute(name, value);
	e.append(...children);
	return e;
}

function slope(bytes) {
	return change(Math.round(bytes)) + (trend.slope_per === 'second' ?
		'/s' : ' a step');
}

const pointsOf = (r) => D.points.slice(r * trend.bytes.length,
	(r + 1) * trend.bytes.length);

/* The positions of the snapshots, from 0 to 1: by time where all have one. */
const moments = (() => {
	const all = (D.times || []).map((time) => Date.parse(time));
	const first = all[0], span = all[all.length - 1] - first;
	return all.map((t, i) => span > 0 && all.every((x) => x >= first) ?
		(t - first) / span : i / (all.length - 1));
})();

function line(points, width, height, pad) {
	const most = Math.max(...points, 1);
	const xy = points.map((p, i) => [pad + moments[i] * (width - 2 * pad),
		height - pad - p / most * (height - 2 * pad)]);
	return [xy, xy.map((p) => p.map((v) => v.toFixed(1)).join(',')).join(' ')];
}

function sparkline(points) {
	const [, path] = line(points, 90, 20, 2);
	return shape('svg', { class: 'spark', viewBox: '0 0 90 20', width: 90,
		height: 20, 'aria-hidden': 'true' },
	shape('polyline', { points: path }));
}

/* "09:22:33", or the snapshot's number. */
function clock(i) {
	const m = /T(\d\d:\d\d:\d\d)/.exec(D.times[i]);
	return m ? m[1] : 'snapshot ' + (i + 1);
}

/* The axis starts at 0, so that small values have small bars. */
function chart(points) {
	const width = 640, height = 150, pad = 14;
	const [xy, path] = line(points, width, height, pad);
	const floor = height - pad;
	const svg = shape('svg', { class: 'chart', role: 'img',
		viewBox: '0 0 ' + width + ' ' + height,
		'aria-label': points.map((p) => size(p)).join(', ') },
	shape('polygon', { points: xy[0][0] + ',' + floor + ' ' + path + ' ' +
		xy[xy.length - 1][0] + ',' + floor }),
	shape('polyline', { points: path }));
	xy.forEach(([x, y], i) => svg.append(shape('circle',
		{ cx: x, cy: y, r: 3.5 }, shape('title', {},
			size(points[i]) + ', ' +
			(D.times[i] || 'snapshot ' + (i + 1))))));
	const ends = [0, points.length - 1].map((i) => make('span', '',
		make('b', '', size(points[i])), ' ' + clock(i)));
	return make('div', 'trend', svg, make('div', 'ends', ...ends));
}
