// The field in a plane through an image's way, as arrows.

import { Drawing } from './drawing.js';
import { short } from './format.js';

export function begin(bench) {
  const { find } = bench;
  const part = find('plane-part');
  const canvas = find('plane');
  const text = find('plane-text');
  const other = find('other');
  let scene = null;
  let fields = [];

  // The label next to the one that is drawn.
  const labels = [...other.options].map(option => option.value).filter(value => /^\d+$/.test(value));
  if (labels.length > 1) other.value = labels[1];

  const drawing = new Drawing({
    path: '/inside/plane',
    name: 'plane',
    plane(news) {
      scene = { ...news, asked: bench.asked(), against: other.value };
      fields = [];
      show();
    },
    arrows(news) {
      fields[news.index] = news;
      show();
    },
    done() { canvas.dataset.done = `${fields.length}`; },
    refused(error) {
      scene = null;
      canvas.getContext('2d').clearRect(0, 0, canvas.width, canvas.height);
      text.textContent = error;
    },
  });

  function start() {
    if (!part.open) return;
    delete canvas.dataset.done;
    drawing.start({ ...bench.asked(), other: other.value });
  }

  part.addEventListener('toggle', start);
  other.addEventListener('change', start);
  // What forms above comes first.
  bench.moved.push(() => drawing.stop());
  bench.ended.push(start);
  find('way').addEventListener('shown', show);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', show);

  const named = label => (label === 'none' ? 'without a label' : `of label ${label}`);

  function show() {
    if (!scene || !part.open) return;
    const context = canvas.getContext('2d');
    const size = canvas.width;
    const style = getComputedStyle(canvas);
    const color = name => style.getPropertyValue(name);
    const x = value => (value - scene.left) / (scene.right - scene.left) * size;
    const y = value => (scene.top - value) / (scene.top - scene.bottom) * size;
    context.clearRect(0, 0, size, size);
    context.lineCap = 'round';
    context.lineJoin = 'round';

    function line(points, stroke, width, dash = []) {
      context.beginPath();
      points.forEach((point, index) => context[index ? 'lineTo' : 'moveTo'](x(point.x), y(point.y)));
      context.setLineDash(dash);
      context.lineWidth = width;
      context.strokeStyle = stroke;
      context.stroke();
      context.setLineDash([]);
    }

    function dot(point, fill, radius) {
      context.beginPath();
      context.arc(x(point.x), y(point.y), radius, 0, 2 * Math.PI);
      context.fillStyle = fill;
      context.fill();
    }

    const time = bench.time ?? 1;
    const nearest = scene.times.reduce((best, value, index) => (Math.abs(value - time) < Math.abs(scene.times[best] - time) ? index : best), 0);
    const field = fields[nearest];
    let longest = 0;
    if (field) {
      longest = Math.max(...field.arrows.map(arrow => Math.hypot(arrow.right, arrow.up)), 1e-12);
      const cell = size / Math.sqrt(field.arrows.length);
      for (const arrow of field.arrows) {
        const length = Math.hypot(arrow.right, arrow.up) / longest * cell * 0.85;
        const angle = Math.atan2(-arrow.up, arrow.right);
        const [fromX, fromY] = [x(arrow.x), y(arrow.y)];
        const [toX, toY] = [fromX + length * Math.cos(angle), fromY + length * Math.sin(angle)];
        const head = Math.min(10, length * 0.45);
        context.beginPath();
        context.moveTo(fromX, fromY);
        context.lineTo(toX, toY);
        for (const side of [-1, 1]) {
          context.moveTo(toX, toY);
          context.lineTo(toX - head * Math.cos(angle + side * 0.5), toY - head * Math.sin(angle + side * 0.5));
        }
        context.lineWidth = 2;
        context.strokeStyle = color('--muted');
        context.stroke();
      }
    }
    if (scene.other) {
      line(scene.other, color('--s1'), 3, [8, 8]);
      dot(scene.other.at(-1), color('--s1'), 8);
    }
    line(scene.way, color('--s0'), 4);
    dot(scene.way[0], color('--ink'), 6);
    dot(scene.way.at(-1), color('--s0'), 8);
    dot(scene.way[nearest], color('--ink'), 9);
    dot(scene.way[nearest], color('--surface'), 5);

    const { label } = scene.asked;
    const third = scene.other ? `the end ${named(scene.against)} (dashed)` : 'the point where the way is furthest from the straight line';
    text.textContent = `The plane through the noise (small point), the end ${named(label)} (line) and ${third}. `
      + `The ring is the image at t = ${scene.times[nearest].toFixed(2)}. `
      + (field
        ? `An arrow is the velocity ${named(label)}, guidance ${scene.guidance}, at a point beside the image parallel to the plane, as far as it lies in the plane; `
          + `the longest is ${short(longest)} a unit of time. What points out of the plane is not seen. `
        : 'Its arrows are being computed … ')
      + `From noise to end it is ${short(scene.length)}; the way bends ${short(scene.bend)} away from a straight line.`;
    canvas.setAttribute('aria-label', text.textContent);
  }
}
