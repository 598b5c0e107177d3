// Drawings that form: one stream of events at a time, a newer one takes the place of an older.

/// Bytes of a base64 text.
export function bytes(text) {
  const characters = atob(text);
  const found = new Uint8Array(characters.length);
  for (let i = 0; i < characters.length; i += 1) found[i] = characters.charCodeAt(i);
  return found;
}

/// A base64 text of bytes.
export function base64(data) {
  let text = '';
  for (let i = 0; i < data.length; i += 8192) text += String.fromCharCode(...data.subarray(i, i + 8192));
  return btoa(text);
}

/// Asks the server something; with values, as a form. What it refuses is thrown, in its words.
export async function ask(path, values = null) {
  const kept = values && Object.entries(values).filter(([, value]) => value !== undefined);
  let response;
  try {
    response = await fetch(path, {
      method: kept ? 'POST' : 'GET', body: kept && new URLSearchParams(kept), headers: { accept: 'application/json' },
    });
  } catch { throw new Error('the studio does not answer'); }
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

// What this page calls itself, so that the server drops its older requests.
const page = crypto.getRandomValues(new Uint32Array(2)).join('-');

export class Drawing {
  /// told: { path, name, done(news), refused(error), and one for each other event, such as begin(news) and frame(news) }
  constructor(told) {
    this.told = told;
    this.events = null;
  }

  start(parameters) {
    this.stop();
    const query = new URLSearchParams(parameters);
    query.set('page', page + (this.told.name ?? ''));
    const asked = performance.now();
    const address = `${this.told.path ?? '/sample/events'}?${query}`;
    const events = new EventSource(address);
    this.events = events;
    const on = (name, then) => events.addEventListener(name, event => {
      if (this.events === events) then(JSON.parse(event.data));
    });
    for (const name of Object.keys(this.told).filter(name => !['path', 'name', 'done', 'refused'].includes(name))) {
      on(name, news => this.told[name]({ ...news, waited: performance.now() - asked }));
    }
    on('done', news => { this.stop(); this.told.done({ ...news, took: performance.now() - asked }); });
    on('refused', news => { this.stop(); this.told.refused(news.error); });
    on('dropped', () => this.stop());
    events.onerror = async () => {
      if (this.events !== events) return;
      // A refused request has no stream; what it has to say comes by an ordinary one.
      this.stop();
      try {
        const response = await fetch(address, { headers: { accept: 'application/json' } });
        if (response.ok) { response.body?.cancel(); this.told.refused('the connection was lost'); }
        else this.told.refused((await response.json()).error);
      } catch { this.told.refused('the studio does not answer'); }
    };
  }

  stop() {
    this.events?.close();
    this.events = null;
  }
}

addEventListener('pagehide', () => dispatchEvent(new Event('leave')));

/// Paints images of (channels, height, width) side by side, row by row.
export function paint(canvas, pixels, shape, columns, gap = 1, color = null) {
  const [channels, height, width] = shape;
  const size = channels * height * width;
  const count = Math.round(pixels.length / size);
  const across = Math.max(1, Math.min(columns, count));
  const down = Math.ceil(count / across);
  canvas.width = across * (width + gap) - gap;
  canvas.height = down * (height + gap) - gap;
  const context = canvas.getContext('2d');
  const image = context.createImageData(canvas.width, canvas.height);
  const data = image.data;
  for (let index = 0; index < count; index += 1) {
    const left = (index % across) * (width + gap);
    const top = Math.floor(index / across) * (height + gap);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const from = index * size + y * width + x;
        const to = ((top + y) * canvas.width + left + x) * 4;
        const value = channel => pixels[from + (channels === 3 ? channel * height * width : 0)];
        const rgb = color ? color(value(0)) : [value(0), value(1), value(2)];
        data[to] = rgb[0];
        data[to + 1] = rgb[1];
        data[to + 2] = rgb[2];
        data[to + 3] = 255;
      }
    }
  }
  context.putImageData(image, 0, 0);
}

/// Signed values: 128 is none, above is warm, below is cold.
export function signed(value) {
  const part = (value - 127.5) / 127.5;
  const strength = Math.min(1, Math.abs(part) ** 0.7);
  return part > 0 ? [245 * strength, 140 * strength, 60 * strength] : [110 * strength, 125 * strength, 255 * strength];
}

/// Controls of a drawing: their values as parameters, and their numbers beside them.
export function controls(form, changed) {
  const outputs = () => {
    for (const output of form.querySelectorAll('output[for]')) {
      const input = form.elements[output.htmlFor.toString()];
      if (input) output.textContent = Number(input.value).toString();
    }
  };
  form.addEventListener('input', () => { outputs(); changed(); });
  form.addEventListener('submit', event => event.preventDefault());
  form.elements.dice?.addEventListener('click', () => {
    form.elements.seed.value = crypto.getRandomValues(new Uint32Array(1))[0] % 1000000;
    outputs();
    changed();
  });
  outputs();
  return () => {
    const values = Object.fromEntries(new FormData(form));
    if (values.vary === '') { delete values.vary; delete values.values; }
    return values;
  };
}

/// The slider of time over what has formed.
export class Player {
  constructor(shown) {
    this.slider = document.getElementById('time');
    this.text = document.getElementById('time-text');
    this.shown = shown;
    this.follows = true;
    this.slider.addEventListener('input', () => {
      this.follows = Number(this.slider.value) === Number(this.slider.max);
      this.halt();
      shown(Number(this.slider.value));
    });
    document.getElementById('replay').addEventListener('click', () => this.replay());
  }

  reset(frames) {
    this.halt();
    this.follows = true;
    this.slider.max = frames - 1;
    this.slider.value = 0;
  }

  arrived(frame, time) {
    if (!this.follows || this.timer) return;
    this.slider.value = frame;
    this.say(time);
    this.shown(frame);
  }

  say(time) { this.text.textContent = `t = ${time.toFixed(2)}`; }

  replay() {
    this.halt();
    this.slider.value = 0;
    this.shown(0);
    const pace = Math.max(30, Math.min(120, 1800 / Math.max(1, Number(this.slider.max))));
    this.timer = setInterval(() => {
      const next = Number(this.slider.value) + 1;
      if (next > Number(this.slider.max)) { this.halt(); return; }
      this.slider.value = next;
      this.shown(next);
    }, pace);
  }

  halt() {
    clearInterval(this.timer);
    this.timer = null;
  }
}
