// Draws where in a picture the spikes of a sample are: the input as a film with ON and OFF colours, what it adds up to,
// the maps of layers that stand in a grid; and the kernels of the first convolution.

const white_light = [255, 255, 255], on_light = [0x00, 0x72, 0xb2], off_light = [0xd5, 0x5e, 0x00], ink_light = [29, 41, 57];
const between_tiles = [223, 228, 234];
const play_ms = 3000;  // of a whole sample

/** The share `part` of the way from white to a colour. */
function shaded(colour, part) {
  return white_light.map((white, k) => Math.round(white + (colour[k] - white) * Math.min(1, part)));
}

/** A canvas of so many dots, each `scale` pixels wide on the page. */
function picture_of_dots(width, height, scale) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  canvas.style.width = `${width * scale}px`;
  return canvas;
}

/** `at(x, y)` gives the colour of a dot. */
function paint(canvas, at) {
  const context = canvas.getContext('2d'), image = context.createImageData(canvas.width, canvas.height);
  for (let y = 0, place = 0; y < canvas.height; ++y) {
    for (let x = 0; x < canvas.width; ++x, place += 4) {
      image.data.set([...at(x, y), 255], place);
    }
  }
  context.putImageData(image, 0, 0);
}

function figure_of(canvas, caption) {
  const figure = document.createElement('figure'), text = document.createElement('figcaption');
  text.textContent = caption;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', caption);
  figure.append(canvas, text);
  return figure;
}

/** Spikes of every neuron from step `begin` on and before `end`. */
function counts_between(raster, begin, end) {
  const counts = new Uint32Array(raster.neurons);
  for (let step = Math.max(0, begin); step < Math.min(end, raster.spikes.length); ++step) {
    for (const neuron of raster.spikes[step]) {
      ++counts[neuron];
    }
  }
  return counts;
}

/** Channels of a place are neighbours; of two, the first is OFF. */
function input_colour(grid, counts, full) {
  return (x, y) => {
    const first = (y * grid.width + x) * grid.channels;
    if (grid.channels === 2) {
      const off = counts[first], on = counts[first + 1];
      return on + off === 0 ? white_light
        : shaded(off_light.map((c, k) => (c * off + on_light[k] * on) / (on + off)), (on + off) / full);
    }
    let sum = 0;
    for (let c = 0; c < grid.channels; ++c) {
      sum += counts[first + c];
    }
    return shaded(ink_light, sum / full);
  };
}

/** Spikes of the place that has most. */
function most_of_a_place(grid, counts) {
  let most = 1;
  for (let place = 0; place < counts.length; place += grid.channels) {
    most = Math.max(most, counts.subarray(place, place + grid.channels).reduce((a, b) => a + b, 0));
  }
  return most;
}

/** Tiles with a line of one dot between them, in rows that make about a square. */
function tiles_of(count, width, height) {
  const columns = Math.max(1, Math.min(count, Math.round(Math.sqrt(2 * count * height / width))));
  const rows = Math.ceil(count / columns);
  return { columns, width: columns * (width + 1) - 1, height: rows * (height + 1) - 1 };
}

function maps_figure(raster, grid) {
  const tiles = tiles_of(grid.channels, grid.width, grid.height);
  const counts = counts_between(raster, 0, raster.spikes.length), most = counts.reduce((a, b) => Math.max(a, b), 0);
  const canvas = picture_of_dots(tiles.width, tiles.height, Math.max(1, Math.min(6, Math.floor(420 / tiles.width))));
  paint(canvas, (x, y) => {
    const dx = x % (grid.width + 1), dy = y % (grid.height + 1);
    const map = Math.floor(y / (grid.height + 1)) * tiles.columns + Math.floor(x / (grid.width + 1));
    if (dx === grid.width || dy === grid.height || map >= grid.channels) {
      return between_tiles;
    }
    return shaded(ink_light, counts[(dy * grid.width + dx) * grid.channels + map] / Math.max(1, most));
  });
  const maps = grid.channels === 1 ? 'one map' : `${grid.channels} maps`;
  return figure_of(canvas, `${raster.name}: ${maps} of ${grid.width} × ${grid.height}, spikes of all steps; ` +
                           `darkest: ${most}`);
}

/** Shows a sample's input over time; returns what ends it. */
function film_of(raster, grid, dt) {
  const by_id = (id) => document.getElementById(id), steps = raster.spikes.length;
  const canvas = picture_of_dots(grid.width, grid.height, Math.max(1, Math.min(10, Math.floor(300 / grid.width))));
  let begun = null;
  const draw_step = () => {
    const end = Number(by_id('maps-place').value) + 1, shown = Math.min(end, Number(by_id('maps-window').value));
    paint(canvas, input_colour(grid, counts_between(raster, end - shown, end), 1));
    by_id('maps-clock').textContent = `${Number((end * dt).toPrecision(6))} of ${Number((steps * dt).toPrecision(6))} ms`;
  };
  const stop = () => {
    begun = null;
    by_id('maps-play').textContent = 'Play';
  };
  const tick = (now) => {
    if (begun === null) {
      return;
    }
    const step = Math.floor(steps * (now - begun) / play_ms);
    by_id('maps-place').value = Math.min(step, steps - 1);
    draw_step();
    if (step >= steps) {
      stop();
    } else {
      requestAnimationFrame(tick);
    }
  };
  by_id('maps-place').max = steps - 1;
  by_id('maps-place').value = Math.floor(steps / 6);  // amid the first of three saccades
  by_id('maps-place').oninput = draw_step;
  by_id('maps-window').onchange = draw_step;
  by_id('maps-play').onclick = () => {
    if (begun !== null) {
      stop();
      return;
    }
    const at = Number(by_id('maps-place').value);
    begun = performance.now() - (at >= steps - 1 ? 0 : at / steps * play_ms);
    by_id('maps-play').textContent = 'Pause';
    requestAnimationFrame(tick);
  };
  draw_step();
  return { figure: figure_of(canvas, `${raster.name}, the last steps`), stop };
}

function fill_windows(steps) {
  const select = document.getElementById('maps-window');
  const few = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].filter((n) => n < steps);
  const wanted = few.filter((n) => n <= Math.max(1, steps / 15)).at(-1);
  select.replaceChildren(...few.map((n) => new Option(n === 1 ? '1 step' : `${n} steps`, n, n === wanted, n === wanted)),
                         new Option('all', steps, few.length === 0, few.length === 0));
}

/** What shows the pictures of a sample, whose rasters have grids. */
function start_maps(data) {
  const grids = new Map(data.grids.map((grid) => [grid.name, grid]));
  let film = null;
  return (sample) => {
    const [input, ...layers] = sample.rasters, grid = grids.get(input?.name);
    film?.stop();
    document.getElementById('maps').hidden = !grid;
    if (!grid) {
      return;
    }
    fill_windows(input.spikes.length);
    film = film_of(input, grid, sample.dt);
    document.getElementById('maps-polarity').hidden = grid.channels !== 2;
    const all = picture_of_dots(grid.width, grid.height, Math.max(1, Math.min(10, Math.floor(300 / grid.width))));
    const counts = counts_between(input, 0, input.spikes.length);
    paint(all, input_colour(grid, counts, most_of_a_place(grid, counts)));
    const spikes = counts.reduce((a, b) => a + b, 0);
    document.getElementById('maps-pictures').replaceChildren(
      film.figure, figure_of(all, `${input.name}, all steps: ${spikes} spikes`),
      ...layers.filter((layer) => grids.has(layer.name)).map((layer) => maps_figure(layer, grids.get(layer.name))));
  };
}

/** A tile for each output channel, the kernels of its inputs side by side; blue above 0, vermilion below. */
function draw_kernels(data) {
  document.getElementById('kernels').replaceChildren(...data.kernels.map((k) => {
    const wide = k.inputs * (k.width + 1) - 1, tiles = tiles_of(k.outputs, wide + 1, k.height + 1);
    const canvas = picture_of_dots(tiles.columns * (wide + 2) - 2, Math.ceil(k.outputs / tiles.columns) * (k.height + 2) - 2,
                                   Math.max(2, Math.min(8, Math.floor(560 / (tiles.columns * (wide + 2))))));
    const most = k.weights.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-30);
    paint(canvas, (x, y) => {
      const column = Math.floor(x / (wide + 2)), dx = x % (wide + 2), dy = y % (k.height + 2);
      const output = Math.floor(y / (k.height + 2)) * tiles.columns + column;
      const input = Math.floor(dx / (k.width + 1)), kx = dx % (k.width + 1);
      if (dx >= wide || dy >= k.height || kx === k.width || output >= k.outputs) {
        return between_tiles;
      }
      const weight = k.weights[((output * k.inputs + input) * k.height + dy) * k.width + kx];
      return shaded(weight > 0 ? on_light : off_light, Math.abs(weight) / most);
    });
    const inputs = k.inputs === 2 ? ', OFF and ON side by side' : k.inputs > 1 ? `, ${k.inputs} inputs side by side` : '';
    return figure_of(canvas, `${k.name}: ${k.outputs} kernels of ${k.width} × ${k.height}${inputs}; ` +
                             `blue above 0, vermilion below, darkest: ${Number(most.toPrecision(3))}`);
  }));
}
