// What the field does: the image on its way, where it is heading, its velocity; and a drawing that flows on.

import { Drawing, Player, bytes, controls, paint, signed } from './drawing.js';
import { short } from './format.js';

const place = document.getElementById('inside');
if (place) begin();

function begin() {
  const form = document.getElementById('controls');
  const find = id => document.getElementById(id);
  let shape = [1, 28, 28];
  let stills = [];
  const player = new Player(show);

  const drawing = new Drawing({
    name: 'way',
    begin(news) {
      shape = news.shape;
      stills = [];
      player.reset(news.rows[0].frames);
    },
    frame(news) {
      stills[news.frame] = {
        pixels: bytes(news.pixels), end: bytes(news.end), velocity: bytes(news.velocity), time: news.time,
        largest: news.largest_velocity,
      };
      if (news.frame === 0) { place.dataset.firstPicture = news.waited.toFixed(1); preparePad(); }
      player.arrived(news.frame, news.time);
    },
    done(news) {
      find('status').textContent = `${news.rows[0].evaluations} evaluations, ${short(news.rows[0].seconds)} s.`;
    },
    refused(error) { find('status').textContent = error; },
  });

  function show(frame) {
    const still = stills[Math.min(frame, stills.length - 1)];
    if (!still) return;
    paint(find('way'), still.pixels, shape, 1);
    paint(find('end'), still.end, shape, 1);
    paint(find('velocity'), still.velocity, shape, 1, 0, signed);
    player.say(still.time);
    find('velocity').setAttribute('aria-label', `The velocity of each pixel, at most ${short(still.largest)}`);
  }

  const parameters = controls(form, () => { look(); edit(); });

  function asked() {
    const values = { run: place.dataset.run, count: 1, ...parameters() };
    if (values.label === 'all') values.label = '0';
    return values;
  }

  function look() { drawing.start({ ...asked(), look: 'yes', frames: 50 }); }

  // The pad: bytes of one image of one channel, painted with a soft brush.
  const pad = find('pad');
  let ink = null;
  let last = null;
  let cursor = null;

  function preparePad() {
    if (ink && ink.length === shape[1] * shape[2]) return;
    ink = new Uint8Array(shape[1] * shape[2]);
    drawPad();
  }

  function drawPad() { paint(pad, ink, [1, shape[1], shape[2]], 1); }

  function dab(x, y) {
    const radius = shape[1] / 16;
    for (let row = Math.floor(y - radius - 1); row <= y + radius + 1; row += 1) {
      for (let column = Math.floor(x - radius - 1); column <= x + radius + 1; column += 1) {
        if (row < 0 || column < 0 || row >= shape[1] || column >= shape[2]) continue;
        const far = Math.hypot(row + 0.5 - y, column + 0.5 - x);
        const value = Math.round(255 * Math.max(0, Math.min(1, radius - far + 0.5)));
        const index = row * shape[2] + column;
        ink[index] = Math.max(ink[index], value);
      }
    }
  }

  function stroke(x, y) {
    const from = last ?? [x, y];
    const count = Math.max(1, Math.ceil(Math.hypot(x - from[0], y - from[1]) * 2));
    for (let i = 0; i <= count; i += 1) dab(from[0] + (x - from[0]) * i / count, from[1] + (y - from[1]) * i / count);
    last = [x, y];
    drawPad();
  }

  const at = event => {
    const box = pad.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width * shape[2], (event.clientY - box.top) / box.height * shape[1]];
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
    cursor ??= [shape[2] / 2, shape[1] / 2];
    if (event.key in moves) cursor = cursor.map((value, axis) => Math.max(0, Math.min(shape[2 - axis], value + moves[event.key][axis])));
    last = null;
    if (event.key === ' ' || event.shiftKey) { stroke(...cursor); edit(); } else {
      drawPad();
      const context = pad.getContext('2d');
      context.fillStyle = '#f09a5e';
      context.fillRect(Math.floor(cursor[0]), Math.floor(cursor[1]), 1, 1);
    }
  });
  find('clear').addEventListener('click', () => {
    ink?.fill(0);
    drawPad();
    for (const id of ['noised', 'flowed']) find(id).getContext('2d').clearRect(0, 0, 9999, 9999);
  });
  find('take').addEventListener('click', () => {
    const still = stills.at(-1);
    if (!still) return;
    ink = still.pixels.slice(0, shape[1] * shape[2]);
    drawPad();
    edit();
  });

  const flow = new Drawing({
    name: 'edit',
    begin() {},
    frame(news) {
      if (news.frame === 0) paint(find('noised'), bytes(news.pixels), shape, 1);
      paint(find('flowed'), bytes(news.pixels), shape, 1);
    },
    done() {},
    refused(error) { find('status').textContent = error; },
  });

  function edit() {
    if (!ink || !ink.some(value => value > 0)) return;
    const image = new Uint8Array(shape.reduce((a, b) => a * b, 1));
    for (let channel = 0; channel < shape[0]; channel += 1) image.set(ink, channel * ink.length);
    flow.start({
      ...asked(), frames: 12, from: find('from').value, image: btoa(String.fromCharCode(...image)),
    });
  }
  find('from').addEventListener('input', event => {
    document.querySelector('output[for=from]').textContent = event.target.value;
    edit();
  });

  look();
}
