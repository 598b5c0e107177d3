// A chart of lines over steps, drawn as SVG in the size of its place.

import { short, grouped } from './format.js';

const namespace = 'http://www.w3.org/2000/svg';
const margin = { left: 46, right: 8, top: 8, bottom: 20 };

function element(name, attributes, text) {
  const made = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

/// About `count` round numbers that cover a range.
export function ticks(low, high, count) {
  const raw = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(x => x * power).find(x => x >= raw) ?? raw;
  const found = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step * 1e-9; value += step) found.push(value);
  return found;
}

export class LineChart {
  /// place: an element to fill; lines: [{ x: [], y: [], low: [], high: [], name }]
  constructor(place, name) {
    this.place = place;
    this.name = name;
    this.lines = [];
    this.isLogarithmic = false;
    this.pointer = null;
    this.svg = element('svg', { role: 'img', 'aria-label': name });
    this.svg.addEventListener('pointermove', event => { this.pointer = event.offsetX; this.draw(); });
    this.svg.addEventListener('pointerleave', () => { this.pointer = null; this.draw(); });
    new ResizeObserver(() => this.draw()).observe(place);
    place.replaceChildren(this.svg);
  }

  show(lines) {
    this.lines = lines;
    if (this.isWaiting) return;
    this.isWaiting = true;
    requestAnimationFrame(() => { this.isWaiting = false; this.draw(); });
  }

  ranges() {
    let [left, right] = [Infinity, -Infinity];
    const values = [];
    for (const line of this.lines) {
      line.x.forEach((x, index) => {
        const y = line.y[index];
        if (y === null || (this.isLogarithmic && y <= 0)) return;
        left = Math.min(left, x);
        right = Math.max(right, x);
        values.push(y);
      });
    }
    if (values.length === 0) return null;
    values.sort((a, b) => a - b);
    // The first steps of a training are far above the rest; they are cut off.
    let high = this.isLogarithmic ? values.at(-1) : values[Math.min(values.length - 1, Math.floor(values.length * 0.985))];
    let low = values[0];
    if (high - low < Math.abs(high) * 1e-6) [low, high] = [low - Math.abs(low) * 0.1 - 1e-9, high + Math.abs(high) * 0.1 + 1e-9];
    else if (!this.isLogarithmic) [low, high] = [low - (high - low) * 0.06, high + (high - low) * 0.06];
    return { left, right: Math.max(right, left + 1), low, high };
  }

  draw() {
    const { width, height } = this.svg.getBoundingClientRect();
    if (width < 20) return;
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    const parts = [];
    const range = this.ranges();
    if (!range) {
      parts.push(element('text', { x: width / 2, y: height / 2, 'text-anchor': 'middle' }, 'nothing yet'));
      this.svg.replaceChildren(...parts);
      return;
    }
    const scaled = this.isLogarithmic ? Math.log10 : value => value;
    const [low, high] = [scaled(range.low), scaled(range.high)];
    const right = width - margin.right;
    const bottom = height - margin.bottom;
    const atX = x => margin.left + (x - range.left) / (range.right - range.left) * (right - margin.left);
    const atY = y => Math.max(margin.top - 4,
      bottom - (scaled(y) - low) / (high - low || 1) * (bottom - margin.top));
    const levels = this.isLogarithmic && high - low > 1
      ? ticks(low, high, 4).filter(Number.isInteger).map(power => 10 ** power)
      : ticks(range.low, range.high, height > 200 ? 5 : 4);
    for (const level of levels) {
      const y = atY(level);
      parts.push(element('line', { class: 'tick', x1: margin.left, x2: right, y1: y, y2: y }));
      parts.push(element('text', { x: margin.left - 6, y: y + 4, 'text-anchor': 'end' }, short(Number(level.toPrecision(6))).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')));
    }
    for (const step of ticks(range.left, range.right, Math.max(2, width / 110))) {
      parts.push(element('text', { x: atX(step), y: height - 4, 'text-anchor': 'middle' }, grouped(step)));
    }
    this.lines.forEach((line, index) => this.drawLine(parts, line, index, atX, atY));
    this.drawPointer(parts, range, atX, atY, width, bottom);
    this.svg.replaceChildren(...parts);
  }

  drawLine(parts, line, index, atX, atY) {
    const isDrawn = value => value !== null && value !== undefined && (!this.isLogarithmic || value > 0);
    if (line.low) {
      const up = [], down = [];
      line.x.forEach((x, i) => {
        if (!isDrawn(line.low[i]) || !isDrawn(line.high[i])) return;
        up.push(`${atX(x).toFixed(1)} ${atY(line.high[i]).toFixed(1)}`);
        down.unshift(`${atX(x).toFixed(1)} ${atY(line.low[i]).toFixed(1)}`);
      });
      if (up.length > 1) parts.push(element('path', { class: 'band', d: `M${up.join('L')}L${down.join('L')}Z` }));
    }
    let path = '';
    let isUp = true;
    line.x.forEach((x, i) => {
      if (!isDrawn(line.y[i])) { isUp = true; return; }
      path += `${isUp ? 'M' : 'L'}${atX(x).toFixed(1)} ${atY(line.y[i]).toFixed(1)}`;
      isUp = false;
    });
    parts.push(element('path', { class: `line s${index}${line.isFaint ? ' faint' : ''}`, d: path }));
    if (line.x.length < 60 && line.hasPoints) {
      line.x.forEach((x, i) => {
        if (isDrawn(line.y[i])) parts.push(element('circle', { class: `point s${index}`, cx: atX(x), cy: atY(line.y[i]), r: 3.5 }));
      });
    }
  }

  drawPointer(parts, range, atX, atY, width, bottom) {
    if (this.pointer === null) return;
    const step = range.left + (this.pointer - margin.left) / (width - margin.right - margin.left) * (range.right - range.left);
    const texts = [];
    let shown = null;
    for (const line of this.lines) {
      if (line.x.length === 0 || line.isFaint) continue;
      let best = 0;
      line.x.forEach((x, i) => { if (Math.abs(x - step) < Math.abs(line.x[best] - step)) best = i; });
      shown ??= line.x[best];
      texts.push(`${line.name ? line.name + ' ' : ''}${short(line.y[best])}`);
    }
    if (shown === null) return;
    const x = atX(shown);
    parts.push(element('line', { class: 'cross', x1: x, x2: x, y1: margin.top, y2: bottom }));
    parts.push(element('text', {
      x: x > width / 2 ? x - 6 : x + 6, y: margin.top + 10, 'text-anchor': x > width / 2 ? 'end' : 'start',
    }, `step ${grouped(shown)}: ${texts.join(', ')}`));
  }
}
