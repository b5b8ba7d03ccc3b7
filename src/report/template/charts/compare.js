// Draws a comparison of gradients. The data is JSON in #data.

const quantities = [
  { key: 'cosine', title: 'Cosine', range: [-0.05, 1.05] },
  { key: 'sign_agreement', title: 'Same sign', range: [-0.05, 1.05] },
  { key: 'norm_ratio', title: 'Norm over that of full BPTT', range: null },
];

function parameters_of(data) {
  return [...new Set(data.matches.map((match) => match.parameter))];
}

// How well each rule does on all parameters together as samples get longer.
function draw_by_length(data, { key, title, range }) {
  const traces = data.rules.map((rule, i) => {
    const own = data.matches.filter((match) => match.rule === rule && match.parameter === 'all')
      .sort((a, b) => a.steps - b.steps);
    return { x: own.map((match) => match.steps), y: own.map((match) => match[key]), name: plain(rule),
             line: { color: layer_colour(i), width: 2 }, marker: { size: 6 } };
  });
  const steps = { type: 'log', tickvals: data.lengths, ticktext: data.lengths.map(String) };
  return draw_lines(`chart-length-${key}`, title, traces, axis('steps', steps),
                    axis('', range ? { range } : { rangemode: 'tozero' }), key === 'cosine' ? {} : { showlegend: false });
}

// Every parameter of the longest samples.
function draw_by_parameter(data) {
  const steps = Math.max(...data.lengths), names = parameters_of(data);
  const value = (rule, parameter) => data.matches.find((match) =>
    match.rule === rule && match.parameter === parameter && match.steps === steps)?.cosine ?? null;
  const trace = {
    type: 'heatmap', x: data.rules.map((rule) => plain(rule)), y: names.map((name) => plain(name)),
    z: names.map((name) => data.rules.map((rule) => value(rule, name))), zmin: -1, zmax: 1, xgap: 1, ygap: 1,
    colorscale: [[0, vermilion], [0.5, '#f4f7fa'], [1, blue]], hovertemplate: '%{y}, %{x}: %{z:.4f}<extra></extra>',
    colorbar: { thickness: 10, outlinewidth: 0, tickfont: { size: 11.5, color: soft } },
  };
  const notes = names.flatMap((name) => data.rules.map((rule) => ({ rule, name, cosine: value(rule, name) })))
    .filter(({ cosine }) => cosine !== null)
    .map(({ rule, name, cosine }) => ({ x: plain(rule), y: plain(name), text: cosine.toFixed(3), showarrow: false,
                                        font: { size: 12, color: Math.abs(cosine) > 0.6 ? '#fff' : ink } }));
  const place = document.getElementById('chart-parameters');
  place.style.height = `${120 + 30 * names.length}px`;
  return draw('chart-parameters', [trace], layout(`Cosine of each parameter, ${steps} steps`, {
    xaxis: axis('', { showgrid: false, ticks: '' }), yaxis: axis('', { autorange: 'reversed', showgrid: false, ticks: '' }),
    annotations: notes,
  }));
}

async function main() {
  show_trouble();
  const data = JSON.parse(document.getElementById('data').textContent);
  try {
    await load_library();
    await Promise.all([...quantities.map((quantity) => draw_by_length(data, quantity)), draw_by_parameter(data)]);
  } catch (error) {
    report_trouble(error.message);
  }
  document.documentElement.dataset.state = 'ready';
}

watch_errors();
document.addEventListener('DOMContentLoaded', main);
