// Sorting, filtering and the live state of the list of runs.

import { ago, grouped, short } from './format.js';

const table = document.getElementById('runs');
if (table) begin();
else setInterval(async () => { if ((await news()).length > 0) location.reload(); }, 3000);

async function news() {
  try {
    const response = await fetch('/runs.json');
    return response.ok ? await response.json() : [];
  } catch { return []; }
}

function begin() {
  const body = table.tBodies[0];
  const filter = document.getElementById('filter');
  const text = document.getElementById('find');
  const state = document.getElementById('by-state');
  const shown = document.getElementById('shown');
  filter.hidden = false;

  function sieve() {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of body.rows) {
      const content = row.textContent.toLowerCase();
      row.hidden = !(words.every(word => content.includes(word)) && (!state.value || row.dataset.state === state.value));
      if (!row.hidden) count += 1;
    }
    shown.textContent = `${count} of ${body.rows.length} runs`;
  }
  text.addEventListener('input', sieve);
  state.addEventListener('change', sieve);
  sieve();

  [...table.tHead.rows[0].cells].forEach((head, column) => {
    if (!head.dataset.sort) return;
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener('click', () => {
      const isDown = head.getAttribute('aria-sort') === 'ascending';
      for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', isDown ? 'descending' : 'ascending');
      const value = row => head.dataset.sort === 'number'
        ? Number(row.cells[column].dataset.value ?? Infinity) : row.cells[column].textContent.trim();
      const rows = [...body.rows].sort((a, b) => {
        const [x, y] = [value(a), value(b)];
        return (typeof x === 'number' ? x - y || 0 : x.localeCompare(y, 'en', { numeric: true })) * (isDown ? -1 : 1);
      });
      body.append(...rows);
    });
  });

  async function refresh() {
    const runs = await news();
    if (runs.length === 0) return;
    const rows = new Map([...body.rows].map(row => [row.dataset.run, row]));
    // What came or went changes the list's form: the page is the server's.
    const isChosen = body.querySelector('input:checked') !== null;
    if (!isChosen && (runs.length !== rows.size || runs.some(run => !rows.has(run.name)))) {
      location.reload();
      return;
    }
    for (const run of runs) {
      const row = rows.get(run.name);
      if (!row) continue;
      row.dataset.state = run.state;
      const cell = name => row.querySelector(`[data-cell=${name}]`);
      const badge = cell('state').querySelector('.state');
      badge.textContent = badge.dataset.state = run.state;
      cell('step').dataset.value = run.step;
      cell('step').querySelector('span').textContent = `${grouped(run.step)} / ${grouped(run.steps)}`;
      cell('step').querySelector('progress').value = run.steps > 0 ? run.step / run.steps : 0;
      cell('loss').dataset.value = run.loss ?? Infinity;
      cell('loss').textContent = short(run.loss);
      cell('held').dataset.value = run.held_out_loss ?? Infinity;
      cell('held').textContent = short(run.held_out_loss);
      const seconds = run.age ?? null;
      cell('ago').dataset.value = seconds ?? Infinity;
      cell('ago').textContent = ago(seconds);
    }
  }
  setInterval(() => { if (!document.hidden) refresh(); }, 2000);
}
