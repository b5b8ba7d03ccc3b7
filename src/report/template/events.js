// Plays events: those of the last moments before the clock are drawn at their pixels, the latest one on top.
'use strict';

const blue = [0x00, 0x72, 0xb2], vermilion = [0xd5, 0x5e, 0x00];
const by_id = (id) => document.getElementById(id);

/** Times since the first event [us], and packed pixels, in the order of time. */
function decode(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const view = new DataView(bytes.buffer), count = bytes.length / 8;
  const events = { count, t: new Uint32Array(count), x: new Uint16Array(count), y: new Uint16Array(count) };
  for (let i = 0; i < count; ++i) {
    events.t[i] = view.getUint32(8 * i, true);
    events.x[i] = view.getUint16(8 * i + 4, true);
    events.y[i] = view.getUint16(8 * i + 6, true);
  }
  return events;
}

/** How many events are before that time. */
function count_before(events, t) {
  let low = 0, high = events.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (events.t[middle] < t) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

function start() {
  const canvas = by_id('picture'), context = canvas.getContext('2d');
  const events = decode(by_id('events').textContent.trim());
  const last = events.count > 0 ? events.t[events.count - 1] : 0, first = Number(canvas.dataset.first);
  const image = context.createImageData(canvas.width, canvas.height);
  let now = 0, playing = false, before = 0;

  function draw() {
    const begin = count_before(events, now - Number(by_id('window').value) + 1), end = count_before(events, now + 1);
    image.data.fill(255);
    for (let i = begin; i < end; ++i) {
      const colour = events.y[i] & 0x8000 ? blue : vermilion;
      image.data.set(colour, 4 * ((events.y[i] & 0x7fff) * canvas.width + events.x[i]));
    }
    context.putImageData(image, 0, 0);
    by_id('place').value = last > 0 ? Math.round(1e6 * now / last) : 0;
    by_id('clock').textContent = `${((first + now) / 1e6).toFixed(4)} s, ${end - begin} events`;
    document.documentElement.dataset.shown = String(end - begin);
  }

  function set_playing(value) {
    playing = value;
    by_id('play').textContent = playing ? 'Pause' : 'Play';
    if (playing) {
      now = now >= last ? 0 : now;
      before = performance.now();
      requestAnimationFrame(step);
    }
  }

  function step(time) {
    if (!playing) {
      return;
    }
    now = Math.min(last, now + Math.max(0, time - before) * 1000 * Number(by_id('speed').value));
    before = time;
    draw();
    if (now >= last) {
      set_playing(false);
    } else {
      requestAnimationFrame(step);
    }
  }

  by_id('play').addEventListener('click', () => set_playing(!playing));
  by_id('place').addEventListener('input', () => {
    now = Number(by_id('place').value) / 1e6 * last;
    draw();
  });
  by_id('window').addEventListener('change', draw);
  now = Math.min(last, Number(by_id('window').value));
  draw();
}

try {
  start();
} catch (error) {
  document.documentElement.dataset.errors = String(error);
  by_id('trouble').hidden = false;
  by_id('trouble').textContent = `The events cannot be played: ${error}`;
}
