// A run while it learns: curves and figures from the server's events, and the film of its pictures.

import { LineChart } from './chart.js';
import { duration, grouped, short } from './format.js';

const live = document.getElementById('live');
const run = live.dataset.run;
const find = id => document.getElementById(id);
const charts = Object.fromEntries([...live.querySelectorAll('[data-chart]')].map(figure =>
  [figure.dataset.chart, new LineChart(figure.querySelector('.plot'), figure.querySelector('figcaption span').textContent)]));

// Columns of stretches of steps; neighbours are joined when there are more than a screen has room for.
const most = 1200;
let records;

function forget() {
  records = {
    step: [], loss: [], lowest_loss: [], highest_loss: [], learning_rate: [], gradient_norm: [], steps_per_second: [],
    held_out: [], distance: [],
  };
}

forget();

const joins = {
  step: (a, b) => b, learning_rate: (a, b) => b, lowest_loss: (a, b) => Math.min(a, b), highest_loss: (a, b) => Math.max(a, b),
};

function join() {
  for (const [name, column] of Object.entries(records)) {
    if (name === 'held_out' || name === 'distance') continue;
    const joined = [];
    for (let i = 0; i < column.length; i += 2) {
      const [a, b] = [column[i], column[i + 1]];
      joined.push(b === undefined || b === null ? a : a === null ? b : (joins[name] ?? ((x, y) => (x + y) / 2))(a, b));
    }
    records[name] = joined;
  }
}

function add(news) {
  if (news.is_anew) forget();
  for (const name of Object.keys(records)) records[name].push(...news[name]);
  while (records.step.length > most) join();
  show();
}

/// The running mean that a curve of noisy losses is read by.
function smoothed(values) {
  const window = Math.max(1, Math.round(values.length / 60));
  let [sum, count] = [0, 0];
  const kept = [];
  return values.map(value => {
    kept.push(value);
    if (value !== null) { sum += value; count += 1; }
    if (kept.length > window) {
      const left = kept.shift();
      if (left !== null) { sum -= left; count -= 1; }
    }
    return count > 0 ? sum / count : null;
  });
}

function show() {
  const x = records.step;
  charts.loss.show([{ x, y: smoothed(records.loss), low: records.lowest_loss, high: records.highest_loss }]);
  const held = records.held_out;
  const steps = held.map(item => item.step);
  const hasAverage = held.some(item => item.averaged !== undefined && item.averaged !== null);
  charts['held-out'].show([
    { x: steps, y: held.map(item => item.averaged ?? item.raw ?? null), name: hasAverage ? 'averaged weights' : '', hasPoints: true },
    ...(hasAverage ? [{ x: steps, y: held.map(item => item.raw ?? null), name: 'raw', hasPoints: true }] : []),
  ]);
  const distances = records.distance;
  document.querySelector('[data-chart=distance]').hidden = distances.length === 0;
  charts.distance.show([{ x: distances.map(item => item.step), y: distances.map(item => item.value ?? null), hasPoints: true }]);
  charts['learning-rate'].show([{ x, y: records.learning_rate }]);
  charts['gradient-norm'].show([{ x, y: smoothed(records.gradient_norm) }]);
  charts.speed.show([{ x, y: smoothed(records.steps_per_second) }]);
  const lastHeld = held.at(-1);
  find('last-loss').textContent = short(smoothed(records.loss).at(-1) ?? null);
  find('last-held').textContent = short(lastHeld?.averaged ?? lastHeld?.raw ?? null);
}

let pictures = [];

function stand(standing) {
  const state = find('state');
  state.textContent = state.dataset.state = standing.state;
  find('step').textContent = grouped(standing.step);
  find('steps').textContent = grouped(standing.steps);
  find('speed').textContent = short(standing.steps_per_second);
  find('left').textContent = duration(standing.seconds_left);
  find('note').textContent = standing.note ?? '';
  document.title = `${standing.state === 'training' ? `${Math.floor(standing.step / Math.max(1, standing.steps) * 100)} % ` : ''}${run} – flow matching studio`;
  const progress = find('progress');
  progress.max = Math.max(1, standing.steps);
  progress.value = standing.step;
  for (const form of document.querySelectorAll('form[data-for]')) {
    form.hidden = !form.dataset.for.split(' ').includes(standing.state);
  }
  project(standing.pictures);
}

// The film.
const scrub = find('scrub');
const play = find('play');
let playing = null;

function project(steps) {
  const wasLast = pictures.length === 0 || Number(scrub.value) === pictures.length - 1;
  if (steps.length === pictures.length && steps.at(-1) === pictures.at(-1)) return;
  pictures = steps;
  find('film').hidden = steps.length === 0;
  scrub.max = Math.max(0, steps.length - 1);
  if (wasLast) turn(steps.length - 1);
  // The next turns need not wait for the network.
  for (const step of steps.slice(-60)) new Image().src = address(step);
}

const address = step => `/picture?run=${encodeURIComponent(run)}&step=${step}`;

function turn(index) {
  const step = pictures[index];
  if (step === undefined) return;
  scrub.value = index;
  const still = find('still');
  still.src = address(step);
  still.alt = `Images drawn at step ${step}`;
  find('scrub-step').textContent = `step ${grouped(step)}`;
}

scrub.addEventListener('input', () => turn(Number(scrub.value)));
play.addEventListener('click', () => {
  if (playing !== null) { halt(); return; }
  play.textContent = 'Pause';
  play.setAttribute('aria-pressed', 'true');
  if (Number(scrub.value) >= pictures.length - 1) turn(0);
  playing = setInterval(() => {
    if (Number(scrub.value) >= pictures.length - 1) { halt(); return; }
    turn(Number(scrub.value) + 1);
  }, 350);
});

function halt() {
  clearInterval(playing);
  playing = null;
  play.textContent = 'Play';
  play.setAttribute('aria-pressed', 'false');
}

find('log').addEventListener('change', event => {
  for (const name of ['loss', 'held-out', 'distance']) charts[name].isLogarithmic = event.target.checked;
  show();
});

const events = new EventSource(`/run/events?run=${encodeURIComponent(run)}`);
events.addEventListener('records', event => add(JSON.parse(event.data)));
events.addEventListener('standing', event => stand(JSON.parse(event.data)));
addEventListener('pagehide', () => events.close());
