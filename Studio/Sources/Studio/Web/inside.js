// What the field does: the image on its way, where it is heading, its velocity; and what can be asked of it.

import { begin as askings } from './answers.js';
import { begin as between } from './between.js';
import { Drawing, Player, bytes, controls, paint, signed } from './drawing.js';
import { short } from './format.js';
import { begin as inversion } from './inversion.js';
import { begin as pad } from './pad.js';
import { begin as plane } from './plane.js';

const place = document.getElementById('inside');
if (place) begin();

function begin() {
  const form = document.getElementById('controls');
  const find = id => document.getElementById(id);
  let stills = [];
  const player = new Player(show);

  const bench = {
    find,
    run: place.dataset.run,
    /// Channels, height and width.
    shape: [1, 28, 28],
    /// Bytes of the image that is shown on its way.
    shown: null,
    /// The label, as a request has it; the controls as parameters of a drawing of one image.
    asked: () => ({ run: place.dataset.run, count: 1, ...parameters() }),
    /// Told when the controls were moved.
    moved: [],
    /// Told when the first picture of the way is there, and when all are.
    began: [],
    ended: [],
  };

  const drawing = new Drawing({
    name: 'way',
    begin(news) {
      bench.shape = news.shape;
      stills = [];
      player.reset(news.rows[0].frames);
    },
    frame(news) {
      stills[news.frame] = {
        pixels: bytes(news.pixels), end: bytes(news.end), velocity: bytes(news.velocity), time: news.time,
        largest: news.largest_velocity,
      };
      if (news.frame === 0) {
        place.dataset.firstPicture = news.waited.toFixed(1);
        for (const then of bench.began) then();
      }
      player.arrived(news.frame, news.time);
    },
    done(news) {
      place.dataset.took = news.took.toFixed(1);
      find('status').textContent = `${news.rows[0].evaluations} evaluations, ${short(news.rows[0].seconds)} s.`;
      for (const then of bench.ended) then();
    },
    refused(error) { find('status').textContent = error; },
  });

  function show(frame) {
    const still = stills[Math.min(frame, stills.length - 1)];
    if (!still) return;
    bench.shown = still.pixels;
    paint(find('way'), still.pixels, bench.shape, 1);
    paint(find('end'), still.end, bench.shape, 1);
    paint(find('velocity'), still.velocity, bench.shape, 1, 0, signed);
    player.say(still.time);
    bench.time = still.time;
    find('velocity').setAttribute('aria-label', `The velocity of each pixel, at most ${short(still.largest)}`);
    find('way').dispatchEvent(new Event('shown'));
  }

  const parameters = controls(form, () => {
    drawing.start({ ...bench.asked(), look: 'yes', frames: 50 });
    for (const then of bench.moved) then();
  });

  bench.drawn = pad(bench);
  askings(bench);
  plane(bench);
  const noises = inversion(bench);
  between(bench, noises);
  drawing.start({ ...bench.asked(), look: 'yes', frames: 50 });
}
