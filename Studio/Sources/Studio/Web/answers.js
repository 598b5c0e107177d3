// What a classifier reads in the image that is shown, and how likely the run finds it.

import { ask, base64 } from './drawing.js';
import { short } from './format.js';

export function begin(bench) {
  const { find } = bench;
  const opinion = find('opinion');
  const likelihood = find('likelihood');
  let asked = 0;

  /// Asks of the image that is shown now; an answer that comes after another image is shown is not shown.
  async function question(path, element, waiting, then) {
    if (!bench.shown) return;
    const number = asked;
    const { run, label, checkpoint, weights } = bench.asked();
    element.hidden = false;
    element.textContent = waiting;
    try {
      const answer = await ask(path, { run, label, checkpoint, weights, image: base64(bench.shown) });
      if (number === asked) then(answer);
    } catch (error) {
      if (number === asked) element.textContent = error.message;
    }
  }

  find('way').addEventListener('shown', () => {
    asked += 1;
    opinion.hidden = true;
    likelihood.hidden = true;
  });

  find('ask-opinion').addEventListener('click', () => question('/inside/opinion', opinion, 'Reading …', answer => {
    const most = Math.max(...answer.classes.map(one => one.probability));
    const bars = answer.classes.map(one => {
      const row = document.createElement('div');
      row.className = one.probability === most ? 'bar-row most' : 'bar-row';
      const meter = Object.assign(document.createElement('meter'), { min: 0, max: 1, value: one.probability });
      meter.setAttribute('aria-label', `${one.name}: ${(100 * one.probability).toFixed(1)} %`);
      row.append(Object.assign(document.createElement('span'), { textContent: one.name }), meter,
        Object.assign(document.createElement('span'), { textContent: `${(100 * one.probability).toFixed(1)} %` }));
      return row;
    });
    const note = Object.assign(document.createElement('p'), {
      className: 'muted',
      textContent: `Read by the classifier of ${answer.reader}, which reads ${(100 * answer.accuracy).toFixed(2)} % of the test images right.`,
    });
    opinion.replaceChildren(...bars, note);
  }));

  find('ask-likelihood').addEventListener('click', () => question(
    '/inside/likelihood', likelihood, 'Following it to its noise …', answer => {
      const error = answer.standard_error === undefined ? '' : ` ± ${short(answer.standard_error)}`;
      likelihood.textContent = `${short(answer.bits_per_dimension)}${error} bits/dim of the image at t = ${bench.time.toFixed(2)}, `
        + `${answer.is_given_label ? 'given the label' : 'without a label'}, no guidance `
        + `(${answer.evaluations} evaluations, ${short(answer.seconds)} s).`;
    }));
}
