// Draws an attack: success by budget, predicted and actual changes, and examples. The data is JSON in #data.

const budgets_of = (data) => data.points.map((point) => point.budget);

function budget_line(data, key, name, colour, dash = 'solid') {
  return { x: budgets_of(data), y: data.points.map((point) => point[key]), name,
           line: { color: colour, width: 2, dash }, marker: { size: 6 } };
}

function draw_success(data) {
  const traces = [budget_line(data, 'success', 'success', vermilion),
                  budget_line(data, 'accuracy', 'accuracy after', blue)];
  return draw_lines('chart-success', 'Success of those attacked, accuracy over all', traces,
                    axis(`budget (${data.settings.norm})`), axis('', { range: [-0.05, 1.05] }));
}

function draw_change(data) {
  const traces = [budget_line(data, 'predicted', 'predicted', blue, 'dash'),
                  budget_line(data, 'actual', 'actual', vermilion)];
  return draw_lines('chart-change', 'Mean change of the loss', traces, axis(`budget (${data.settings.norm})`), axis(''));
}

function draw_samples(data) {
  const groups = [[true, 'fooled', vermilion], [false, 'held', blue]];
  const traces = groups.map(([success, name, colour]) => {
    const samples = data.attacked.filter((s) => s.attacked && s.success === success && s.predicted !== null);
    return { x: samples.map((s) => s.predicted), y: samples.map((s) => s.loss_after - s.loss_before), name,
             mode: 'markers', type: 'scatter', marker: { size: 6, color: colour, opacity: 0.6 } };
  });
  return draw('chart-samples', traces, layout('Change of the loss, a point a sample', {
    xaxis: axis('predicted'), yaxis: axis('actual'), ...legend_row }));
}

// ---- examples ----

const names = (data, index) => (index < data.classes.length ? data.classes[index] : String(index));

function canvas_of(rows, columns, colour_at) {
  const canvas = document.createElement('canvas');
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext('2d'), image = context.createImageData(columns, rows);
  for (let k = 0; k < rows * columns; k += 1) {
    image.data.set([...colour_at(k), 255], 4 * k);
  }
  context.putImageData(image, 0, 0);
  canvas.style.width = `${Math.max(112, Math.min(360, 4 * columns))}px`;
  canvas.style.height = `${Math.max(112, Math.min(240, 4 * rows))}px`;
  return canvas;
}

function figure_of(canvas, text) {
  const figure = document.createElement('figure'), caption = document.createElement('figcaption');
  caption.textContent = text;
  figure.append(canvas, caption);
  return figure;
}

const shade = (x) => { const v = Math.round(255 * (1 - x)); return [v, v, v]; };
// White to blue where it grew, to vermilion where it shrank.
const change = (x) => {
  const end = x > 0 ? [0, 114, 178] : [213, 94, 0], share = Math.min(1, Math.abs(x));
  return end.map((c) => Math.round(255 + (c - 255) * share));
};

// Spikes as a picture with a row a channel: 1 where one is.
function raster_of(example, spikes) {
  const values = new Float32Array(example.rows * example.columns);
  spikes.forEach(([step, channel]) => { values[channel * example.rows + step] = 1; });
  return values;
}

function pictures_of(example) {
  if (example.before.length > 0) {
    return { rows: example.rows, columns: example.columns, before: example.before, after: example.after };
  }
  return { rows: example.columns, columns: example.rows, before: raster_of(example, example.spikes_before),
           after: raster_of(example, example.spikes_after) };
}

function show_example(data, example) {
  const { rows, columns, before, after } = pictures_of(example);
  const all = [...before, ...after], low = Math.min(0, ...all), high = Math.max(1e-12, ...all);
  const moved = Array.from(after, (x, k) => x - before[k]), most = Math.max(1e-12, ...moved.map(Math.abs));
  const { sample } = example, element = document.createElement('div');
  element.className = 'pictures';
  element.append(
    figure_of(canvas_of(rows, columns, (k) => shade((before[k] - low) / (high - low))), `told: ${names(data, sample.before)}`),
    figure_of(canvas_of(rows, columns, (k) => shade((after[k] - low) / (high - low))), `told: ${names(data, sample.after)}`),
    figure_of(canvas_of(rows, columns, (k) => change(moved[k] / most)),
              `change, size ${Number(sample.size).toPrecision(3)}`));
  document.getElementById('example-list').append(element);
}

async function main() {
  show_trouble();
  const data = JSON.parse(document.getElementById('data').textContent);
  try {
    data.examples.forEach((example) => show_example(data, example));
    await load_library();
    await Promise.all([draw_success(data), draw_change(data), draw_samples(data)]);
  } catch (error) {
    report_trouble(error.message);
  }
  document.documentElement.dataset.state = 'ready';
}

watch_errors();
document.addEventListener('DOMContentLoaded', main);
