// A drawing by mouse, finger or keys, that is noised to a time and flows on.

import { Drawing, base64, bytes, paint } from './drawing.js';

export function begin(bench) {
  const { find } = bench;
  const pad = find('pad');
  // Bytes of one image of one channel, painted with a soft brush.
  let ink = null;
  let last = null;
  let cursor = null;

  bench.began.push(() => {
    if (ink && ink.length === bench.shape[1] * bench.shape[2]) return;
    ink = new Uint8Array(bench.shape[1] * bench.shape[2]);
    draw();
  });

  function draw() { paint(pad, ink, [1, bench.shape[1], bench.shape[2]], 1); }

  function dab(x, y) {
    const [, height, width] = bench.shape;
    const radius = height / 16;
    for (let row = Math.floor(y - radius - 1); row <= y + radius + 1; row += 1) {
      for (let column = Math.floor(x - radius - 1); column <= x + radius + 1; column += 1) {
        if (row < 0 || column < 0 || row >= height || column >= width) continue;
        const far = Math.hypot(row + 0.5 - y, column + 0.5 - x);
        const value = Math.round(255 * Math.max(0, Math.min(1, radius - far + 0.5)));
        const index = row * width + column;
        ink[index] = Math.max(ink[index], value);
      }
    }
  }

  function stroke(x, y) {
    const from = last ?? [x, y];
    const count = Math.max(1, Math.ceil(Math.hypot(x - from[0], y - from[1]) * 2));
    for (let i = 0; i <= count; i += 1) dab(from[0] + (x - from[0]) * i / count, from[1] + (y - from[1]) * i / count);
    last = [x, y];
    draw();
  }

  const at = event => {
    const box = pad.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width * bench.shape[2], (event.clientY - box.top) / box.height * bench.shape[1]];
  };
  pad.addEventListener('pointerdown', event => {
    if (!ink) return;
    pad.setPointerCapture(event.pointerId);
    last = null;
    stroke(...at(event));
  });
  pad.addEventListener('pointermove', event => { if (ink && event.buttons > 0) stroke(...at(event)); });
  pad.addEventListener('pointerup', edit);
  pad.addEventListener('keydown', event => {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (!ink || !(event.key in moves || event.key === ' ')) return;
    event.preventDefault();
    cursor ??= [bench.shape[2] / 2, bench.shape[1] / 2];
    if (event.key in moves) {
      cursor = cursor.map((value, axis) => Math.max(0, Math.min(bench.shape[2 - axis], value + moves[event.key][axis])));
    }
    last = null;
    if (event.key === ' ' || event.shiftKey) { stroke(...cursor); edit(); } else {
      draw();
      const context = pad.getContext('2d');
      context.fillStyle = '#f09a5e';
      context.fillRect(Math.floor(cursor[0]), Math.floor(cursor[1]), 1, 1);
    }
  });
  find('clear').addEventListener('click', () => {
    ink?.fill(0);
    draw();
    for (const id of ['noised', 'flowed']) find(id).getContext('2d').clearRect(0, 0, 9999, 9999);
  });
  find('take').addEventListener('click', () => {
    if (!bench.shown) return;
    ink = bench.shown.slice(0, bench.shape[1] * bench.shape[2]);
    draw();
    edit();
  });

  const flow = new Drawing({
    name: 'edit',
    begin() {},
    frame(news) {
      if (news.frame === 0) paint(find('noised'), bytes(news.pixels), bench.shape, 1);
      paint(find('flowed'), bytes(news.pixels), bench.shape, 1);
    },
    done() {},
    refused(error) { find('status').textContent = error; },
  });

  /// The drawing as bytes of an image; null where there is none.
  function drawn() {
    if (!ink || !ink.some(value => value > 0)) return null;
    const image = new Uint8Array(bench.shape.reduce((a, b) => a * b, 1));
    for (let channel = 0; channel < bench.shape[0]; channel += 1) image.set(ink, channel * ink.length);
    return image;
  }

  function edit() {
    const image = drawn();
    if (image) flow.start({ ...bench.asked(), frames: 12, from: find('from').value, image: base64(image) });
  }
  bench.moved.push(edit);
  find('from').addEventListener('input', event => {
    document.querySelector('output[for=from]').textContent = event.target.value;
    edit();
  });
  return drawn;
}
