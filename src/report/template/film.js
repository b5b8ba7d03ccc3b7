// The film of an episode: the world at a moment, and beside it the spikes, the policy and the value along the episode.

const film_width = 600, film_height = 400, film_left = 92, film_right = 590;

/** A pen of 600 x 400 points on a canvas of any size. */
function pen_of(canvas) {
  const pen = canvas.getContext('2d');
  pen.setTransform(canvas.width / film_width, 0, 0, canvas.height / film_height, 0, 0);
  pen.clearRect(0, 0, film_width, film_height);
  return pen;
}

function decisions_of(film) {
  return film.actions.length;
}

/** From the place along the episode [decisions] to that on the strip. */
function along(film, place) {
  return film_left + (film_right - film_left) * place / Math.max(decisions_of(film), 1);
}

function draw_raster(pen, film, raster, color, top, height) {
  pen.fillStyle = color;
  const row = height / raster.neurons, size = Math.max(Math.min(row, 3), 1.2);
  raster.steps.forEach((step, i) => {
    pen.fillRect(along(film, (step + 0.5) / film.frame) - 0.6, top + row * raster.channels[i], 1.2, size);
  });
}

function draw_curves(pen, film, rows, colors, top, height) {
  const all = rows.flat(), low = Math.min(...all), high = Math.max(...all), span = high > low ? high - low : 1;
  rows.forEach((values, k) => {
    const points = values.map((x, i) => [along(film, i + 0.5), top + height * (1 - (x - low) / span)]);
    line_on(pen, points, colors[k % colors.length], 1.3);
  });
  text_on(pen, short_film_number(high), 6, top + 26, soft, 10);
  text_on(pen, short_film_number(low), 6, top + height, soft, 10);
}

function short_film_number(x) {
  return String(Number(x.toPrecision(3)));
}

function label_lane(pen, text, top, height) {
  text_on(pen, plain_text(text, 13), 6, top + 12, ink, 12);
  line_on(pen, [[film_left, top + height + 3], [film_right, top + height + 3]], line, 1);
}

function plain_text(text, longest) {
  return text.length > longest ? text.slice(0, longest - 1) + '…' : text;
}

/** Lanes from the top: a raster for each layer, the policy, the value. */
function lanes_of(film) {
  const neurons = film.rasters.reduce((sum, raster) => sum + raster.neurons, 0), room = film_height - 30 - 70 - 70;
  const gap = 10;
  let top = 8;
  const lanes = film.rasters.map((raster, k) => {
    const height = Math.max(room * raster.neurons / Math.max(neurons, 1) - gap, 6);
    const lane = { name: raster.name, top, height,
                   draw: (pen) => draw_raster(pen, film, raster, layer_colour(k), lane.top, height) };
    top += height + gap;
    return lane;
  });
  const transposed = film.policy[0].map((_, k) => film.policy.map((row) => row[k]));
  const curves = [[film.discrete ? 'policy' : 'mean, spread', transposed, layer_colours], ['value', [film.values], [vermilion]]];
  curves.forEach(([name, rows, colors]) => {
    const lane_top = top;
    lanes.push({ name, top: lane_top, height: 58,
                 draw: (pen) => draw_curves(pen, film, rows, colors, lane_top, 58) });
    top += 70;
  });
  return lanes;
}

/** The strip without its cursor, drawn once. */
function strip_picture(film, like) {
  const picture = document.createElement('canvas');
  picture.width = like.width;
  picture.height = like.height;
  const pen = pen_of(picture);
  lanes_of(film).forEach((lane) => {
    label_lane(pen, lane.name, lane.top, lane.height);
    lane.draw(pen);
  });
  return picture;
}

function sum_before(film, place) {
  return film.rewards.slice(0, place).reduce((sum, x) => sum + x, 0);
}

function start_film(film) {
  const by_id = (id) => document.getElementById(id);
  const world = by_id('world'), strip = by_id('strip'), last = decisions_of(film);
  const picture = strip_picture(film, strip), draw_world = worlds[film.environment] ?? draw_numbers;
  let now = 0, playing = false, before = 0;

  function draw_moment() {
    const place = Math.min(Math.floor(now), last), action = film.actions[place];
    draw_world(pen_of(world), film.states[place], action, film.settings);
    const pen = pen_of(strip);
    pen.drawImage(picture, 0, 0, film_width, film_height);
    line_on(pen, [[along(film, now), 4], [along(film, now), film_height - 4]], vermilion, 1.5);
    by_id('place').value = place;
    const value = place < last ? `, value ${film.values[place].toFixed(2)}` : ', the end';
    by_id('clock').textContent =
      `decision ${place} of ${last}, return so far ${short_film_number(sum_before(film, place))}${value}`;
    document.documentElement.dataset.place = String(place);
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
    now = Math.min(last, now + Math.max(0, time - before) / 1000 * Number(by_id('speed').value));
    before = time;
    draw_moment();
    if (now >= last) {
      set_playing(false);
    } else {
      requestAnimationFrame(step);
    }
  }

  by_id('place').max = last;
  by_id('play').addEventListener('click', () => set_playing(!playing));
  by_id('place').addEventListener('input', () => {
    set_playing(false);
    now = Number(by_id('place').value);
    draw_moment();
  });
  strip.addEventListener('click', (event) => {
    const x = event.offsetX / strip.clientWidth * film_width;
    now = Math.max(0, Math.min(last, (x - film_left) / (film_right - film_left) * last));
    draw_moment();
  });
  now = Math.floor(last / 2);
  draw_moment();
}
