// Draws what mismatch is predicted to cost, and what it costs. The data is JSON in #data.

const most_bars = 16;
const reference_sigma = 0.1;

function curve(data, key, name, mode) {
  const colour = mode === 'lines' ? blue : vermilion;
  return { x: data.points.map((point) => point.sigma), y: data.points.map((point) => point[key]), name, mode,
           line: { color: colour, width: 2 }, marker: { size: 8, color: colour } };
}

function draw_by_sigma(data, key, title) {
  const log = { type: 'log', exponentformat: 'power' };
  const traces = [curve(data, `predicted_${key}`, 'predicted', 'lines'), curve(data, key, 'devices', 'markers')];
  return draw_lines(`chart-${key}`, title, traces, axis('sigma, of each number', { type: 'log' }), axis('', log));
}

function draw_parts(id, title, parts) {
  const shown = parts.slice(0, most_bars).reverse(), scale = reference_sigma ** 2;
  const trace = { type: 'bar', orientation: 'h', y: shown.map((part) => plain(part.name, 24)),
                  x: shown.map((part) => part.curvature * scale), marker: { color: blue },
                  hovertemplate: '%{y}: %{x:.3~g}<extra></extra>' };
  return draw(id, [trace], layout(title, { xaxis: axis('change of the loss'), yaxis: axis('', { tickfont: { size: 10.5 } }),
                                           bargap: 0.25 }));
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
    { x: sizes, y: square, name: 'square of the step', mode: 'lines', line: { color: grey, dash: 'dash' } },
  ];
  const slope = smooth.slope === null ? '' : `, slope ${smooth.slope.toFixed(2)}`;
  return draw_lines('chart-smooth', `|change of the gradient - H v|${slope}`, traces, axis('step', { type: 'log' }),
                    axis('', { type: 'log', exponentformat: 'power' }));
}

async function main() {
  show_trouble();
  const data = JSON.parse(document.getElementById('data').textContent);
  try {
    await load_library();
    await Promise.all([
      draw_by_sigma(data, 'mean', 'Mean change of the loss'), draw_by_sigma(data, 'deviation', 'Its standard deviation'),
      draw_parts('chart-parameters', 'By parameter', data.parameters), draw_parts('chart-neurons', 'By neuron', data.neurons),
      draw_smooth(data),
    ]);
  } catch (error) {
    report_trouble(error.message);
  }
  document.documentElement.dataset.state = 'ready';
}

watch_errors();
document.addEventListener('DOMContentLoaded', main);
