// Images on the arc from one noise to another.

import { Drawing, bytes, paint } from './drawing.js';
import { short } from './format.js';

const count = 9;

export function begin(bench, noises) {
  const { find } = bench;
  const ends = ['first', 'second'].map(name => ({ kind: find(`${name}-kind`), seed: find(`${name}-seed`) }));
  let pixels = null;
  let isWanted = false;

  noises.found.push(() => {
    for (const { kind } of ends) {
      const chosen = kind.value;
      kind.replaceChildren(new Option('seed', 'seed'),
        ...noises.list.slice(-20).reverse().map(noise => new Option(noise.title, `kept:${noise.name}`)));
      kind.value = chosen;
      if (kind.selectedIndex < 0) kind.value = 'seed';
    }
  });
  for (const { kind, seed } of ends) kind.addEventListener('change', () => { seed.hidden = kind.value !== 'seed'; });

  const drawing = new Drawing({
    name: 'between',
    begin() { find('between-part').hidden = false; },
    frame(news) {
      pixels = bytes(news.pixels);
      show();
    },
    done(news) {
      find('row').dataset.done = `${news.rows[0].evaluations}`;
      find('between-text').textContent = `${count} images, ${news.rows[0].evaluations} evaluations each, ${short(news.rows[0].seconds)} s.`;
    },
    refused(error) { find('between-text').textContent = error; },
  });

  function show() {
    if (!pixels) return;
    paint(find('row'), pixels, bench.shape, matchMedia('(max-width: 40rem)').matches ? 5 : count);
    const size = bench.shape.reduce((a, b) => a * b, 1);
    const index = Number(find('share').value);
    find('share-text').textContent = (index / (count - 1)).toFixed(2);
    paint(find('one'), pixels.slice(index * size, (index + 1) * size), bench.shape, 1);
  }
  find('share').addEventListener('input', show);

  function draw() {
    const [noise, to] = ends.map(({ kind, seed }) => (kind.value === 'seed' ? `seed:${seed.value || 0}` : kind.value));
    drawing.start({ ...bench.asked(), count, frames: 12, noise, to });
  }
  find('draw-between').addEventListener('click', () => { isWanted = true; draw(); });
  bench.moved.push(() => { if (isWanted) draw(); });
}
