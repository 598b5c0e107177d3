// Images that are drawn while one moves the sliders.

import { Drawing, Player, bytes, controls, paint } from './drawing.js';
import { short } from './format.js';

const place = document.getElementById('sample');
if (place) begin();

function begin() {
  const form = document.getElementById('controls');
  const rows = document.getElementById('rows');
  const status = document.getElementById('status');
  const command = document.getElementById('command');
  const vary = form.elements.vary;
  const values = form.elements.values;
  const usual = {
    guidance: '1,3,5', steps: '3,10,30', solver: 'euler,midpoint,heun', weights: 'averaged,raw',
    checkpoint: [...form.elements.checkpoint.options].slice(1).map(option => option.value).filter((_, i, all) =>
      i % Math.ceil(all.length / 5) === 0).reverse().join(','),
    guidance_kind: [...form.elements.guidance_kind.options].map(option => option.value).join(','),
    time_grid: [...form.elements.time_grid.options].map(option => option.value).filter(name => name !== 'list').join(','),
  };
  let shape = [1, 28, 28];
  let drawn = [];
  let waiting = null;

  const player = new Player(show);

  const drawing = new Drawing({
    begin(news) {
      shape = news.shape;
      drawn = news.rows.map(row => ({ ...row, stills: [] }));
      const same = rows.children.length === drawn.length;
      if (!same) rows.replaceChildren(...drawn.map(() => row()));
      drawn.forEach((row, index) => {
        row.element = rows.children[index];
        row.element.querySelector('.title').textContent = row.title || `checkpoint of step ${row.checkpoint}`;
        row.element.querySelector('.cost').textContent = '';
        row.element.querySelector('canvas').setAttribute('aria-label',
          `Images of ${row.title || 'the run'}, labels ${news.labels.map(label => label ?? 'none').join(', ')}`);
      });
      player.reset(Math.max(...drawn.map(row => row.frames)));
    },
    frame(news) {
      const row = drawn[news.row];
      row.stills[news.frame] = { pixels: bytes(news.pixels), time: news.time };
      row.element.querySelector('.cost').textContent =
        `${news.evaluations} ${news.evaluations === 1 ? 'evaluation' : 'evaluations'}, ${short(news.seconds)} s`
        + (news.together > 1 ? `, with ${news.together - 1} other${news.together > 2 ? 's' : ''}` : '');
      if (news.frame === 0 && news.row === 0) {
        clearTimeout(waiting);
        status.textContent = '';
        place.dataset.firstPicture = news.waited.toFixed(1);
      }
      if (news.row === drawn.length - 1 || row.frames <= news.frame + 1) player.arrived(news.frame, news.time);
    },
    done(news) {
      const frames = drawn.reduce((sum, row) => sum + row.frames, 0);
      place.dataset.took = news.took.toFixed(1);
      place.dataset.frames = frames;
      status.textContent = `First picture after ${short(Number(place.dataset.firstPicture))} ms, `
        + `${short(frames / news.took * 1000)} pictures a second, all after ${short(news.took / 1000)} s.`;
      command.textContent = news.rows.map(row => row.command).join('\n');
    },
    refused(error) {
      clearTimeout(waiting);
      status.textContent = error;
    },
  });

  function row() {
    const made = document.createElement('div');
    made.className = 'row';
    const head = document.createElement('h3');
    head.append(Object.assign(document.createElement('div'), { className: 'title' }),
      Object.assign(document.createElement('span'), { className: 'cost' }));
    const canvas = document.createElement('canvas');
    canvas.setAttribute('role', 'img');
    made.append(head, canvas);
    return made;
  }

  /// The stills of a place of the slider, of each row the nearest that there is.
  function show(frame) {
    for (const row of drawn) {
      const still = row.stills[Math.min(frame, row.stills.length - 1)];
      if (!still) continue;
      const wide = matchMedia('(max-width: 40rem)').matches ? 4 : 8;
      paint(row.element.querySelector('canvas'), still.pixels, shape, wide);
      player.say(still.time);
    }
  }

  const parameters = controls(form, changed);

  function changed() {
    values.disabled = vary.value === '';
    const asked = { run: place.dataset.run, ...parameters() };
    const { vary: _, values: __, ...plain } = asked;
    for (const format of ['png', 'npz']) {
      document.getElementById(format).href = `/sample/file?${new URLSearchParams({ ...plain, format })}`;
    }
    drawing.start(asked);
    clearTimeout(waiting);
    // A program that is compiled already answers before anybody wonders.
    waiting = setTimeout(() => { status.textContent = 'Reading the weights and compiling what draws …'; }, 600);
  }

  vary.addEventListener('change', () => { values.value = usual[vary.value] ?? ''; values.disabled = vary.value === ''; changed(); });
  document.getElementById('copy').addEventListener('click', async event => {
    try {
      await navigator.clipboard.writeText(command.textContent);
      status.textContent = 'Copied.';
    } catch {
      getSelection().selectAllChildren(command);
      status.textContent = 'Press Ctrl-C to copy what is selected.';
    }
    event.target.focus();
  });
  changed();
}
