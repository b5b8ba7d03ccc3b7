// Draws what a network does on many devices. The data is JSON in #data.

function figures_of(data) {
  return data.devices.map((device) => device[data.of]);
}

// A level of the whole chart, across or upright.
function level(value, dash, upright) {
  const along = upright ? { x0: value, x1: value, y0: 0, y1: 1, yref: 'paper' } : { y0: value, y1: value, x0: 0, x1: 1, xref: 'paper' };
  return { type: 'line', ...along, line: { color: vermilion, width: 1.5, dash } };
}

function levels(data, upright) {
  const own = level(data.ideal[data.of], 'dash', upright);
  return data.bar === undefined ? [own] : [own, level(data.bar, 'dot', upright)];
}

function draw_histogram(data) {
  const trace = { type: 'histogram', x: figures_of(data), nbinsx: 24, marker: { color: blue }, hovertemplate: '%{y} devices at %{x}<extra></extra>' };
  return draw('chart-histogram', [trace], layout(`Devices by ${data.of}`, {
    xaxis: axis(data.of), yaxis: axis('devices'), bargap: 0.06, shapes: levels(data, true),
  }));
}

function draw_sorted(data) {
  const sorted = [...figures_of(data)].sort((a, b) => a - b);
  const trace = { x: sorted.map((_, i) => i + 1), y: sorted, name: data.of, line: { color: blue, width: 2 } };
  return draw_lines('chart-sorted', 'From the lowest to the highest', [trace], axis('devices'), axis(data.of),
                    { shapes: levels(data, false), showlegend: false });
}

function rates_of(data, layer) {
  return data.devices.map((device) => device.rates[layer]);
}

function draw_rates(data) {
  const traces = data.layers.map((name, i) => ({
    type: 'box', y: rates_of(data, i), name: plain(name, 18), boxpoints: 'all', jitter: 0.6, pointpos: 0,
    marker: { size: 3.5, color: layer_colour(i) }, line: { width: 1.2 }, fillcolor: 'rgba(0,0,0,0)',
  }));
  const own = {
    x: data.layers.map((name) => plain(name, 18)), y: data.ideal.rates, name: 'without mismatch', mode: 'markers',
    marker: { symbol: 'line-ew-open', size: 42, color: vermilion, line: { width: 2 } },
  };
  return draw('chart-rates', [...traces, own], layout('Spikes of a neuron and step', {
    xaxis: axis(''), yaxis: axis(''), showlegend: false,
  }));
}

function draw_rate_figure(data) {
  const traces = data.layers.map((name, i) => ({
    x: rates_of(data, i).map((rate) => rate / data.ideal.rates[i]), y: figures_of(data), mode: 'markers', name: plain(name, 18),
    marker: { size: 6, color: layer_colour(i) },
  }));
  return draw_lines('chart-rate-figure', `By the rate, over that without mismatch`, traces, axis('rate, over its own'), axis(data.of),
                    { hovermode: 'closest' });
}

async function main() {
  show_trouble();
  const data = JSON.parse(document.getElementById('data').textContent);
  try {
    await load_library();
    await Promise.all([draw_histogram(data), draw_sorted(data), draw_rates(data), draw_rate_figure(data)]);
  } catch (error) {
    report_trouble(error.message);
  }
  document.documentElement.dataset.state = 'ready';
}

watch_errors();
document.addEventListener('DOMContentLoaded', main);
