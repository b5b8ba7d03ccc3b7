// Draws how well a gradient predicts. The data is JSON in #data.

function points_of(data, direction, width) {
  return data.points.filter((point) => point.direction === direction && point.width === width);
}

function widths_of(data) {
  return [...new Set(data.points.map((point) => point.width))];
}

function own_width(data) {
  return widths_of(data).reduce((a, b) => (Math.abs(Math.log(b)) < Math.abs(Math.log(a)) ? b : a));
}

const size_axis = () => axis('size of the perturbation', { type: 'log' });

function line_of(points, key, name, colour, dash = 'solid') {
  return { x: points.map((point) => point.size), y: points.map((point) => point[key]), name,
           line: { color: colour, width: 2, dash }, marker: { size: 6 } };
}

// Predicted solid, actual dashed.
function draw_change(data, direction) {
  const traces = widths_of(data).flatMap((width, i) => {
    const points = points_of(data, direction, width), colour = layer_colour(i);
    return [line_of(points, 'predicted', `${width}: predicted`, colour),
            line_of(points, 'actual', `${width}: actual`, colour, 'dash')];
  });
  const title = direction === 'gradient' ? 'Mean change of the loss along the gradient' : 'Mean change at random';
  return draw_lines(`chart-change-${direction}`, title, traces, size_axis(),
                    axis('', direction === 'gradient' ? { type: 'log', exponentformat: 'power' } : {}));
}

const quantities = [
  { key: 'correlation', title: 'Correlation of predicted and actual', range: [-1.05, 1.05] },
  { key: 'sign_agreement', title: 'Share of equal signs', range: [-0.05, 1.05] },
  { key: 'ratio', title: 'Actual over predicted (least squares)', range: null },
  { key: 'unchanged', title: 'Share of samples without a changed spike', range: [-0.05, 1.05] },
];

// Along the gradient solid, at random dotted.
function draw_quantity(data, { key, title, range }) {
  const traces = widths_of(data).flatMap((width, i) => [
    line_of(points_of(data, 'gradient', width), key, `${width}, gradient`, layer_colour(i)),
    line_of(points_of(data, 'random', width), key, `${width}, random`, layer_colour(i), 'dot'),
  ]);
  return draw_lines(`chart-${key}`, title, traces, size_axis(), axis('', range ? { range } : {}));
}

function draw_layers(data, key, title) {
  const points = points_of(data, 'gradient', own_width(data));
  const names = points[0].layers.map((layer) => layer.layer);
  const traces = names.map((name, i) => ({
    x: points.map((point) => point.size), y: points.map((point) => point.layers[i][key]), name: plain(name),
    line: { color: layer_colour(i), width: 2 }, marker: { size: 6 },
  }));
  return draw_lines(`chart-layers-${key}`, title, traces, size_axis(), axis('', { rangemode: 'tozero' }));
}

function draw_smooth({ smooth }) {
  if (smooth.left_out) {
    document.getElementById('chart-smooth').textContent = `Left out: ${smooth.left_out}.`;
    return null;
  }
  const { sizes, differences } = smooth, last = sizes.length - 1;
  const square = sizes.map((size) => differences[last] * (size / sizes[last]) ** 2);
  const traces = [
    { x: sizes, y: differences, name: 'difference', line: { color: blue, width: 2 }, marker: { size: 6 } },
    { x: sizes, y: square, name: 'square of the size', mode: 'lines', line: { color: grey, dash: 'dash' } },
  ];
  const slope = smooth.slope === null ? '' : `, slope ${smooth.slope.toFixed(2)}`;
  return draw_lines('chart-smooth', `|actual - predicted| on the relaxation${slope}`, traces, size_axis(),
                    axis('', { type: 'log', exponentformat: 'power' }));
}

async function main() {
  show_trouble();
  const data = JSON.parse(document.getElementById('data').textContent);
  try {
    await load_library();
    await Promise.all([
      draw_change(data, 'gradient'), draw_change(data, 'random'), ...quantities.map((q) => draw_quantity(data, q)),
      draw_layers(data, 'changed', 'Changed spikes, over those before'),
      draw_layers(data, 'first_still', 'First layer in which nothing changes'), draw_smooth(data),
    ]);
  } catch (error) {
    report_trouble(error.message);
  }
  document.documentElement.dataset.state = 'ready';
}

watch_errors();
document.addEventListener('DOMContentLoaded', main);
