// An image followed to its noise, and back under the label of the controls.

import { Drawing, ask, base64, bytes, paint } from './drawing.js';
import { short } from './format.js';

/// Gives the noises that were found: { list: [{ title, name }], found: told of each }.
export function begin(bench) {
  const { find } = bench;
  const noises = { list: [], found: [] };
  let current = null;
  let newest = 0;

  const back = new Drawing({
    name: 'again',
    begin() {},
    frame(news) { paint(find('again'), bytes(news.pixels), bench.shape, 1); },
    done(news) {
      const { label, guidance } = bench.asked();
      find('again-text').textContent =
        `what comes back ${label === 'none' ? 'without a label' : `under label ${label}`}, guidance ${guidance}`;
      find('again').dataset.done = `${label} ${news.rows[0].evaluations}`;
    },
    refused(error) { find('follow-text').textContent = error; },
  });

  function comeBack() {
    if (current) back.start({ ...bench.asked(), frames: 12, noise: `kept:${current}` });
  }
  bench.moved.push(comeBack);

  async function follow(image, title, label) {
    newest += 1;
    const number = newest;
    find('follow-text').textContent = 'Following it to its noise …';
    paint(find('original'), image, bench.shape, 1);
    find('original-text').textContent = title;
    const { run, checkpoint, weights } = bench.asked();
    try {
      const answer = await ask('/inside/noise', { run, label, checkpoint, weights, image: base64(image) });
      if (number !== newest) return;
      current = answer.noise;
      paint(find('noise'), bytes(answer.pixels), bench.shape, 1);
      find('noise-text').textContent = `its noise: mean ${answer.mean.toFixed(3)}, deviation ${answer.deviation.toFixed(3)}`;
      find('follow-text').textContent = `Followed back ${label === 'none' ? 'without a label' : `as label ${label}`} without guidance: `
        + `${answer.evaluations} evaluations, ${short(answer.seconds)} s. What images are drawn from has mean 0 and deviation 1.`;
      noises.list.push({ title, name: answer.noise });
      for (const then of noises.found) then();
      comeBack();
    } catch (error) {
      if (number === newest) find('follow-text').textContent = error.message;
    }
  }

  const ownLabel = () => find('own-label')?.value ?? 'none';

  find('follow-test').addEventListener('click', async () => {
    try {
      const image = await ask(`/inside/image?${new URLSearchParams({ run: bench.run, number: find('number').value || 0 })}`);
      const label = image.label === undefined ? 'none' : `${image.label}`;
      if (find('own-label')) find('own-label').value = label;
      const name = image.class_name === undefined ? '' : `, ${image.class_name}`;
      follow(bytes(image.pixels), `test image ${image.number}${name}`, label);
    } catch (error) { find('follow-text').textContent = error.message; }
  });
  find('follow-way').addEventListener('click', () => {
    if (bench.shown) follow(bench.shown, `x at t = ${bench.time.toFixed(2)}`, ownLabel());
  });
  find('follow-pad').addEventListener('click', () => {
    const image = bench.drawn();
    if (image) follow(image, 'your drawing', ownLabel());
    else find('follow-text').textContent = 'Draw something first.';
  });
  return noises;
}
